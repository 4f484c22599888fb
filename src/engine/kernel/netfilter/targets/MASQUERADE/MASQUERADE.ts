import { ok } from '../../../../../base/result.ts';
import { defineTarget, ipOf } from '../../extension.ts';
import { EMPTY_RANGE, exactly, type NatRange } from '../../nat/range.ts';
import { found } from '../../options.ts';
import { flags, flagWords, nftFlags, parsePorts, portsText, RANDOM, RANDOM_FULLY } from '../shared/nat-options.ts';

/** Models: nf_nat_masquerade_ipv4: source becomes the out device's address towards the next hop. */
export const MASQUERADE = defineTarget<NatRange>({
  name: 'MASQUERADE', models: 'net/netfilter/nf_nat_masquerade.c (v6.1), libxt_MASQUERADE.c 1.8.9', notModelled: '', conntrack: true,
  tables: ['nat'], hooks: ['POSTROUTING'],
  options: [{ name: 'to-ports', argument: '<port>[-<port>]', help: 'Port (range) to map to.' }, RANDOM, RANDOM_FULLY],
  parse(given, context) {
    const g = found(given, 'to-ports');
    const base = { ...EMPTY_RANGE, ...flags(given) };
    if (g === undefined) return ok(base);
    const ports = parsePorts(g.value, context);
    return ports.ok ? ok({ ...base, ...ports.value }) : ports;
  },
  save: (o) => [...(portsText(o) === '' ? [] : [`--to-ports ${portsText(o)}`]), ...flagWords(o, '--')].join(' '),
  list: (o) => [...(portsText(o) === '' ? [] : [`masq ports: ${portsText(o)}`]), ...flagWords(o, '')].join(' '),
  nft: (o) => [`masquerade${portsText(o) === '' ? '' : ` to :${portsText(o)}`}`, ...nftFlags(o)].join(' '),
  compile: (o) => (c) => {
    const p = ipOf(c);
    const { ct, dst } = c.skb;
    if (ct === undefined || p === undefined || ct.original.src === 0) return 'accept';
    const address = c.ns.fib.selectAddress(c.oif, dst?.nexthop(p.dst) ?? p.dst, 'global');
    if (address === undefined) return 'drop'; // "ate my IP address"
    ct.masqIfindex = c.oif?.ifindex ?? 0;
    c.nat.setup(ct, exactly(address, o), 'src');
    return 'accept';
  },
});
