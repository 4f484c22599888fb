import { err, ok } from '../../../../../base/result.ts';
import { defineMatch, ipOf, type PacketContext } from '../../extension.ts';
import { parsePortRange, portList, portRangeText } from '../../options.ts';
import { nftProtocol } from '../../services.ts';

interface MultiportOptions {
  readonly which: 'sports' | 'dports' | 'ports';
  readonly ranges: readonly { readonly min: number; readonly max: number }[];
  readonly invert: boolean;
}

const MAX = 15; // XT_MULTI_PORTS: a range counts twice

function portsOf(c: PacketContext): readonly [number, number] | undefined {
  const t = ipOf(c)?.payload;
  if (t?.kind === 'tcp' || t?.kind === 'udp') return [t.srcPort, t.dstPort];
  if (t?.kind === 'data' && t.bytes.length >= 4) {
    const b = t.bytes;
    return [((b[0] ?? 0) << 8) | (b[1] ?? 0), ((b[2] ?? 0) << 8) | (b[3] ?? 0)];
  }
  return undefined;
}

/** Models: xt_multiport.c revision 1. */
export const multiport = defineMatch<MultiportOptions>({
  name: 'multiport', models: 'net/netfilter/xt_multiport.c (v6.1), libxt_multiport.c 1.8.9', notModelled: '',
  options: [
    { name: 'sports', aliases: ['source-ports'], argument: 'port[,port:port,port...]', invert: true, help: 'match source port(s)' },
    { name: 'dports', aliases: ['destination-ports'], argument: 'port[,port:port,port...]', invert: true, help: 'match destination port(s)' },
    { name: 'ports', argument: 'port[,port:port,port]', invert: true, help: 'match both source and destination port(s)' },
  ],
  parse(given, { protocol }) {
    const g = given[0];
    if (g === undefined) return err('multiport expection an option');
    if (given.length > 1) return err('multiport: only one of --sports, --dports, --ports');
    if (protocol === undefined || ![6, 17, 33, 132, 136].includes(protocol)) return err("multiport needs `-p tcp', `-p udp', `-p udplite', `-p sctp' or `-p dccp'");
    const ranges: { readonly min: number; readonly max: number }[] = [];
    let slots = 0;
    for (const word of g.value.split(',')) {
      const r = parsePortRange(word, protocol, false);
      if (!r.ok) return r;
      slots += word.includes(':') ? 2 : 1;
      ranges.push({ min: r.value.min, max: r.value.max });
    }
    if (slots > MAX) return err('too many ports specified');
    const which = g.name === 'sports' ? 'sports' : g.name === 'dports' ? 'dports' : 'ports';
    return ok({ which, ranges, invert: g.invert });
  },
  save: (o) => `${o.invert ? '! ' : ''}--${o.which} ${o.ranges.map((r) => portRangeText(r)).join(',')}`,
  list: (o, numeric, protocol) => `multiport ${o.which} ${o.invert ? ' !' : ''}${o.ranges.map((r) => portList(r, numeric, protocol)).join(',')}`,
  nft(o, protocol) {
    const l4 = nftProtocol(protocol ?? 6);
    const texts = o.ranges.map((r) => portRangeText(r, '-'));
    if (o.which === 'ports') {
      return { text: `${l4} sport . ${l4} dport { ${texts.map((t) => `0-65535 . ${t}, ${t} . 0-65535`).join(', ')} }` };
    }
    return { text: `${l4} ${o.which === 'sports' ? 'sport' : 'dport'} ${o.invert ? '!= ' : ''}${texts.length > 1 ? `{ ${texts.join(', ')} }` : texts.join('')}` };
  },
  compile: (o) => (c) => {
    const ports = portsOf(c);
    if (ports === undefined) return false;
    const has = (port: number): boolean => o.ranges.some((r) => port >= r.min && port <= r.max);
    const hit = (o.which !== 'dports' && has(ports[0])) || (o.which !== 'sports' && has(ports[1]));
    return hit !== o.invert;
  },
  explain(o, s) {
    const t = s.net.kind === 'ipv4' ? s.net.payload : undefined;
    if (t?.kind !== 'tcp' && t?.kind !== 'udp') return undefined;
    const has = (port: number): boolean => o.ranges.some((r) => port >= r.min && port <= r.max);
    const hit = (o.which !== 'dports' && has(t.srcPort)) || (o.which !== 'sports' && has(t.dstPort));
    return hit === o.invert ? `ports are ${t.srcPort} to ${t.dstPort}` : undefined;
  },
});
