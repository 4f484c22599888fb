import { err, ok, type Result } from '../../../../../base/result.ts';
import { ipv4 } from '../../../../wire/addresses.ts';
import { defineMatch, ipOf, type Given, type PacketContext } from '../../extension.ts';
import { found } from '../../options.ts';

/** rtn_names[] in the kernel's order; the address types are those of the routing table. */
const TYPES = ['UNSPEC', 'UNICAST', 'LOCAL', 'BROADCAST', 'ANYCAST', 'MULTICAST', 'BLACKHOLE', 'UNREACHABLE', 'PROHIBIT'] as const;
type AddressType = (typeof TYPES)[number];
interface Types {
  readonly types: readonly AddressType[];
  readonly invert: boolean;
}
interface AddrtypeOptions {
  readonly src: Types | undefined;
  readonly dst: Types | undefined;
  readonly limit: 'in' | 'out' | undefined;
}

function parseTypes(g: Given | undefined): Result<Types | undefined, string> {
  if (g === undefined) return ok(undefined);
  const wanted: AddressType[] = [];
  for (const word of g.value.split(',')) {
    const type = TYPES.find((t) => t === word.toUpperCase());
    if (type === undefined) return err(`addrtype: bad type "${word}"`);
    wanted.push(type);
  }
  return ok({ types: TYPES.filter((t) => wanted.includes(t)), invert: g.invert });
}

function typeOf(c: PacketContext, address: number, limit: AddrtypeOptions['limit']): string {
  const dev = limit === 'in' ? c.iif : limit === 'out' ? c.oif : undefined;
  return c.ns.fib.addressType(ipv4(address), dev).toUpperCase();
}
const matches = (t: Types | undefined, c: PacketContext, address: number, limit: AddrtypeOptions['limit']): boolean =>
  t === undefined || t.types.some((type) => type === typeOf(c, address, limit)) !== t.invert;

/** Models: xt_addrtype.c revision 1. */
export const addrtype = defineMatch<AddrtypeOptions>({
  name: 'addrtype', models: 'net/netfilter/xt_addrtype.c (v6.1), libxt_addrtype.c 1.8.9', notModelled: 'THROW, NAT, XRESOLVE',
  options: [
    { name: 'src-type', argument: 'type[,...]', invert: true, help: 'Match source address type' },
    { name: 'dst-type', argument: 'type[,...]', invert: true, help: 'Match destination address type' },
    { name: 'limit-iface-in', help: 'Match only on the packet\'s incoming device' },
    { name: 'limit-iface-out', help: 'Match only on the packet\'s outgoing device' },
  ],
  parse(given, { chain }) {
    const src = parseTypes(found(given, 'src-type'));
    const dst = parseTypes(found(given, 'dst-type'));
    if (!src.ok) return src;
    if (!dst.ok) return dst;
    if (src.value === undefined && dst.value === undefined) return err('addrtype: you must specify --src-type or --dst-type');
    const into = found(given, 'limit-iface-in') !== undefined;
    const out = found(given, 'limit-iface-out') !== undefined;
    if (into && out) return err('addrtype: option "--limit-iface-in" cannot be used together with "--limit-iface-out".\n');
    if (into && (chain === 'POSTROUTING' || chain === 'OUTPUT')) return err('addrtype: can\'t use --limit-iface-in with this chain');
    return ok({ src: src.value, dst: dst.value, limit: into ? 'in' : out ? 'out' : undefined });
  },
  save(o) {
    const out: string[] = [];
    if (o.src !== undefined) out.push(`${o.src.invert ? '! ' : ''}--src-type ${o.src.types.join(',')}`);
    if (o.dst !== undefined) out.push(`${o.dst.invert ? '! ' : ''}--dst-type ${o.dst.types.join(',')}`);
    if (o.limit !== undefined) out.push(`--limit-iface-${o.limit}`);
    return out.join(' ');
  },
  list(o) {
    const out = ['ADDRTYPE match'];
    if (o.src !== undefined) out.push(`src-type ${o.src.invert ? '!' : ''}${o.src.types.join(',')}`);
    if (o.dst !== undefined) out.push(`dst-type ${o.dst.invert ? '!' : ''}${o.dst.types.join(',')}`);
    if (o.limit !== undefined) out.push(`limit-${o.limit}`);
    return out.join(' ');
  },
  nft(o) {
    // The translation prints one of the two (libxt_addrtype.c 1.8.9).
    const [what, t] = o.src !== undefined ? ['saddr', o.src] as const : ['daddr', o.dst] as const;
    if (t === undefined) return { text: '' };
    const names = t.types.map((type) => type.toLowerCase());
    return { text: `fib ${what}${o.limit === undefined ? '' : ` . ${o.limit === 'in' ? 'iif' : 'oif'}`} type ${t.invert ? '!= ' : ''}${names.length > 1 ? `{ ${names.join(', ')} }` : names.join('')}` };
  },
  compile: (o) => (c) => {
    const p = ipOf(c);
    return p !== undefined && matches(o.src, c, p.src, o.limit) && matches(o.dst, c, p.dst, o.limit);
  },
});
