import { defineMatch, ipOf, type PacketContext } from '../../extension.ts';
import { listPorts, nftPorts, parsePorts, PORT_OPTIONS, portsMatch, savePorts, type PortOptions } from '../ports.ts';

function ports(c: PacketContext): readonly [number, number] | undefined {
  const p = ipOf(c);
  if (p === undefined || p.protocol !== 132 || p.payload.kind !== 'data' || p.offset !== 0 || p.payload.bytes.length < 4) return undefined;
  const b = p.payload.bytes;
  return [((b[0] ?? 0) << 8) | (b[1] ?? 0), ((b[2] ?? 0) << 8) | (b[3] ?? 0)];
}

/** Models: xt_sctp.c without chunk types. */
export const sctp = defineMatch<PortOptions>({
  name: 'sctp', models: 'net/netfilter/xt_sctp.c (v6.1), libxt_sctp.c 1.8.9', notModelled: '--chunk-types',
  options: PORT_OPTIONS,
  parse: (given) => parsePorts(given, 132),
  save: (o) => savePorts(o).join(' '),
  list: (o, numeric) => ['sctp', ...listPorts(o, numeric, 132)].join(' '),
  nft: (o) => ({ text: nftPorts(o, 'sctp').join(' ') }),
  compile: (o) => (c) => {
    const t = ports(c);
    return t !== undefined && portsMatch(o, t[0], t[1]);
  },
});
