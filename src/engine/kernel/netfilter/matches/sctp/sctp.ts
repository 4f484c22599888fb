import { ok } from '../../../../../base/result.ts';
import { defineMatch, ipOf, type PacketContext } from '../../extension.ts';
import { inPortRange, nftRange, parsePortRange, portList, portRangeText, type PortRange } from '../../options.ts';

interface SctpOptions {
  readonly sport: PortRange | undefined;
  readonly dport: PortRange | undefined;
}

function ports(c: PacketContext): readonly [number, number] | undefined {
  const p = ipOf(c);
  if (p === undefined || p.protocol !== 132 || p.payload.kind !== 'data' || p.offset !== 0 || p.payload.bytes.length < 4) return undefined;
  const b = p.payload.bytes;
  return [((b[0] ?? 0) << 8) | (b[1] ?? 0), ((b[2] ?? 0) << 8) | (b[3] ?? 0)];
}

/** Models: xt_sctp.c without chunk types. */
export const sctp = defineMatch<SctpOptions>({
  name: 'sctp', models: 'net/netfilter/xt_sctp.c (v6.1), libxt_sctp.c 1.8.9', notModelled: '--chunk-types',
  options: [
    { name: 'sport', aliases: ['source-port'], argument: 'port[:port]', invert: true, help: 'match source port(s)' },
    { name: 'dport', aliases: ['destination-port'], argument: 'port[:port]', invert: true, help: 'match destination port(s)' },
  ],
  parse(given) {
    let sport: PortRange | undefined;
    let dport: PortRange | undefined;
    for (const g of given) {
      const range = parsePortRange(g.value, 132, g.invert);
      if (!range.ok) return range;
      if (g.name === 'sport') sport = range.value;
      else dport = range.value;
    }
    return ok({ sport, dport });
  },
  save(o) {
    const out: string[] = [];
    if (o.sport !== undefined) out.push(`${o.sport.invert ? '! ' : ''}--sport ${portRangeText(o.sport)}`);
    if (o.dport !== undefined) out.push(`${o.dport.invert ? '! ' : ''}--dport ${portRangeText(o.dport)}`);
    return out.join(' ');
  },
  list(o, numeric) {
    const out = ['sctp'];
    const port = (letter: string, r: PortRange): string => `${letter}pt${r.min === r.max ? '' : 's'}:${r.invert ? '!' : ''}${portList(r, numeric, 132)}`;
    if (o.sport !== undefined) out.push(port('s', o.sport));
    if (o.dport !== undefined) out.push(port('d', o.dport));
    return out.join(' ');
  },
  nft(o) {
    const out: string[] = [];
    if (o.sport !== undefined) out.push(`sctp sport ${nftRange(o.sport)}`);
    if (o.dport !== undefined) out.push(`sctp dport ${nftRange(o.dport)}`);
    return { text: out.join(' ') };
  },
  compile: ({ sport, dport }) => (c) => {
    const t = ports(c);
    return t !== undefined && (sport === undefined || inPortRange(sport, t[0])) && (dport === undefined || inPortRange(dport, t[1]));
  },
});
