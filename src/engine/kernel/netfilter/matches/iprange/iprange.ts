import { err, ok, type Result } from '../../../../../base/result.ts';
import { parseIpv4 } from '../../../../wire/addresses.ts';
import { defineMatch, ipOf, type Given } from '../../extension.ts';
import { dotted, found } from '../../options.ts';

interface Range {
  readonly min: number;
  readonly max: number;
  readonly invert: boolean;
}
interface IprangeOptions {
  readonly src: Range | undefined;
  readonly dst: Range | undefined;
}

function parse(g: Given | undefined): Result<Range | undefined, string> {
  if (g === undefined) return ok(undefined);
  const [low = '', high] = g.value.split('-');
  const min = parseIpv4(low);
  const max = high === undefined ? min : parseIpv4(high);
  if (min === undefined || max === undefined) return err(`iprange: Bad IP address \`${g.value}'\n`);
  return ok({ min, max, invert: g.invert });
}
const within = (r: Range | undefined, a: number): boolean => r === undefined || (a >= r.min && a <= r.max) !== r.invert;
const text = (r: Range): string => `${dotted(r.min)}-${dotted(r.max)}`;

/** Models: xt_iprange.c. */
export const iprange = defineMatch<IprangeOptions>({
  name: 'iprange', models: 'net/netfilter/xt_iprange.c (v6.1), libxt_iprange.c 1.8.9', notModelled: '',
  options: [
    { name: 'src-range', argument: 'ip[-ip]', invert: true, help: 'Match source IP in the specified range' },
    { name: 'dst-range', argument: 'ip[-ip]', invert: true, help: 'Match destination IP in the specified range' },
  ],
  parse(given) {
    const src = parse(found(given, 'src-range'));
    const dst = parse(found(given, 'dst-range'));
    if (!src.ok) return src;
    if (!dst.ok) return dst;
    if (given.length === 0) return err('iprange match: You must specify `--src-range\' or `--dst-range\'');
    return ok({ src: src.value, dst: dst.value });
  },
  save(o) {
    const out: string[] = [];
    if (o.src !== undefined) out.push(`${o.src.invert ? '! ' : ''}--src-range ${text(o.src)}`);
    if (o.dst !== undefined) out.push(`${o.dst.invert ? '! ' : ''}--dst-range ${text(o.dst)}`);
    return out.join(' ');
  },
  list(o) {
    const out: string[] = [];
    if (o.src !== undefined) out.push(`source IP range ${o.src.invert ? '! ' : ''}${text(o.src)}`);
    if (o.dst !== undefined) out.push(`destination IP range ${o.dst.invert ? '! ' : ''}${text(o.dst)}`);
    return out.join(' ');
  },
  nft(o) {
    const out: string[] = [];
    if (o.src !== undefined) out.push(`ip saddr ${o.src.invert ? '!= ' : ''}${text(o.src)}`);
    if (o.dst !== undefined) out.push(`ip daddr ${o.dst.invert ? '!= ' : ''}${text(o.dst)}`);
    return { text: out.join(' ') };
  },
  compile: (o) => (c) => {
    const p = ipOf(c);
    return p !== undefined && within(o.src, p.src) && within(o.dst, p.dst);
  },
  explain(o, s) {
    if (s.net.kind !== 'ipv4') return undefined;
    if (!within(o.src, s.net.src)) return `source is ${dotted(s.net.src)}`;
    return within(o.dst, s.net.dst) ? undefined : `destination is ${dotted(s.net.dst)}`;
  },
});
