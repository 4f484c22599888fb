import { err, ok } from '../../../../../base/result.ts';
import type { UdpDatagram } from '../../../../wire/packet.ts';
import { defineMatch, ipOf, type PacketContext } from '../../extension.ts';
import { explainPorts, listPorts, nftPorts, onePort, parsePorts, PORT_OPTIONS, portsMatch, savePorts, withoutWhole, type PortOptions } from '../ports.ts';

const datagram = (c: PacketContext): UdpDatagram | undefined => {
  const p = ipOf(c);
  return p?.payload.kind === 'udp' ? p.payload : undefined;
};

/** Models: xt_tcpudp.c, udp_mt. */
export const udp = defineMatch<PortOptions>({
  name: 'udp', models: 'net/netfilter/xt_tcpudp.c (v6.1), libxt_udp.c 1.8.9', notModelled: '',
  options: PORT_OPTIONS,
  parse(given, { protocol }) {
    if (protocol !== 17) return err("UDP match requires '-p udp'");
    const ports = parsePorts(given, 17);
    return ports.ok ? ok(withoutWhole(ports.value)) : ports;
  },
  save: (o) => savePorts(o).join(' '),
  list: (o, numeric) => ['udp', ...listPorts(o, numeric, 17)].join(' '),
  nft(o) {
    const out = nftPorts(o, 'udp');
    return { text: out.join(' '), native: out.length > 0 };
  },
  compile: (o) => (c) => {
    const t = datagram(c);
    return t !== undefined && portsMatch(o, t.srcPort, t.dstPort);
  },
  destinationPort: (o) => onePort(o),
  explain(o, s) {
    if (s.net.kind !== 'ipv4' || s.net.payload.kind !== 'udp') return 'not a UDP datagram';
    return explainPorts(o, s.net.payload.srcPort, s.net.payload.dstPort);
  },
});
