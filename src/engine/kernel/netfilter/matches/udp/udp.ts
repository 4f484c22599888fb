import { err, ok } from '../../../../../base/result.ts';
import type { UdpDatagram } from '../../../../wire/packet.ts';
import { defineMatch, ipOf, type PacketContext } from '../../extension.ts';
import { inPortRange, nftRange, parsePortRange, portList, portRangeText, type PortRange } from '../../options.ts';

interface UdpOptions {
  readonly sport: PortRange | undefined;
  readonly dport: PortRange | undefined;
}

const whole = (r: PortRange | undefined): PortRange | undefined => (r !== undefined && r.min === 0 && r.max === 65535 && !r.invert ? undefined : r);
const datagram = (c: PacketContext): UdpDatagram | undefined => {
  const p = ipOf(c);
  return p?.payload.kind === 'udp' ? p.payload : undefined;
};

/** Models: xt_tcpudp.c, udp_mt. */
export const udp = defineMatch<UdpOptions>({
  name: 'udp', models: 'net/netfilter/xt_tcpudp.c (v6.1), libxt_udp.c 1.8.9', notModelled: '',
  options: [
    { name: 'sport', aliases: ['source-port'], argument: 'port[:port]', invert: true, help: 'match source port(s)' },
    { name: 'dport', aliases: ['destination-port'], argument: 'port[:port]', invert: true, help: 'match destination port(s)' },
  ],
  parse(given, { protocol }) {
    if (protocol !== 17) return err("UDP match requires '-p udp'");
    let sport: PortRange | undefined;
    let dport: PortRange | undefined;
    for (const g of given) {
      const range = parsePortRange(g.value, 17, g.invert);
      if (!range.ok) return range;
      if (g.name === 'sport') sport = range.value;
      else dport = range.value;
    }
    return ok({ sport: whole(sport), dport: whole(dport) });
  },
  save(o) {
    const out: string[] = [];
    if (o.sport !== undefined) out.push(`${o.sport.invert ? '! ' : ''}--sport ${portRangeText(o.sport)}`);
    if (o.dport !== undefined) out.push(`${o.dport.invert ? '! ' : ''}--dport ${portRangeText(o.dport)}`);
    return out.join(' ');
  },
  list(o, numeric) {
    const out = ['udp'];
    const port = (letter: string, r: PortRange): string => `${letter}pt${r.min === r.max ? '' : 's'}:${r.invert ? '!' : ''}${portList(r, numeric, 17)}`;
    if (o.sport !== undefined) out.push(port('s', o.sport));
    if (o.dport !== undefined) out.push(port('d', o.dport));
    return out.join(' ');
  },
  nft(o) {
    const out: string[] = [];
    if (o.sport !== undefined) out.push(`udp sport ${nftRange(o.sport)}`);
    if (o.dport !== undefined) out.push(`udp dport ${nftRange(o.dport)}`);
    return { text: out.join(' '), native: out.length > 0 };
  },
  compile: ({ sport, dport }) => (c) => {
    const t = datagram(c);
    if (t === undefined) return false;
    return (sport === undefined || inPortRange(sport, t.srcPort)) && (dport === undefined || inPortRange(dport, t.dstPort));
  },
  explain(o, s) {
    if (s.net.kind !== 'ipv4' || s.net.payload.kind !== 'udp') return 'not a UDP datagram';
    const t = s.net.payload;
    if (o.sport !== undefined && !inPortRange(o.sport, t.srcPort)) return `source port is ${t.srcPort}`;
    return o.dport !== undefined && !inPortRange(o.dport, t.dstPort) ? `destination port is ${t.dstPort}` : undefined;
  },
});
