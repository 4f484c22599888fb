import { defineTarget } from '../../extension.ts';
import type { NatRange } from '../../nat/range.ts';
import { found, required } from '../../options.ts';
import { flagWords, nftFlags, parseTo, PERSISTENT, RANDOM, RANDOM_FULLY, toText } from '../shared/nat-options.ts';

/** Models: xt_nat.c xt_dnat_target_v2: binds the connection of a first packet; nat/nat-core.ts translates. */
export const DNAT = defineTarget<NatRange>({
  name: 'DNAT', models: 'net/netfilter/xt_nat.c (v6.1), libxt_NAT.c 1.8.9', notModelled: 'shifted port ranges (base port)', conntrack: true,
  tables: ['nat'], hooks: ['PREROUTING', 'OUTPUT'],
  options: [
    { name: 'to-destination', argument: '[<ipaddr>[-<ipaddr>]][:port[-port]]', help: 'Address to map destination to.' }, RANDOM, RANDOM_FULLY, PERSISTENT,
  ],
  parse(given, context) {
    const g = found(given, 'to-destination');
    return g === undefined ? required('DNAT', 'to-destination') : parseTo(g.value, given, context);
  },
  save: (o) => [`--to-destination ${toText(o)}`, ...flagWords(o, '--')].join(' '),
  list: (o) => [`to:${toText(o)}`, ...flagWords(o, '')].join(' '),
  nft: (o) => [`dnat to ${toText(o)}`, ...nftFlags(o)].join(' '),
  compile: (o) => (c) => {
    if (c.skb.ct !== undefined) c.nat.setup(c.skb.ct, o, 'dst');
    return 'accept';
  },
});
