import { defineTarget } from '../../extension.ts';
import type { NatRange } from '../../nat/range.ts';
import { found, required } from '../../options.ts';
import { flagWords, nftFlags, parseTo, PERSISTENT, RANDOM, RANDOM_FULLY, toText } from '../shared/nat-options.ts';

/** Models: xt_nat.c xt_snat_target_v2: binds the connection of a first packet; nat/nat-core.ts translates. */
export const SNAT = defineTarget<NatRange>({
  name: 'SNAT', models: 'net/netfilter/xt_nat.c (v6.1), libxt_NAT.c 1.8.9', notModelled: 'shifted port ranges (base port)', conntrack: true,
  tables: ['nat'], hooks: ['POSTROUTING', 'INPUT'],
  options: [
    { name: 'to-source', argument: '[<ipaddr>[-<ipaddr>]][:port[-port]]', help: 'Address to map source to.' }, RANDOM, RANDOM_FULLY, PERSISTENT,
  ],
  parse(given, context) {
    const g = found(given, 'to-source');
    return g === undefined ? required('SNAT', 'to-source') : parseTo(g.value, given, context);
  },
  save: (o) => [`--to-source ${toText(o)}`, ...flagWords(o, '--')].join(' '),
  list: (o) => [`to:${toText(o)}`, ...flagWords(o, '')].join(' '),
  nft: (o) => [`snat to ${toText(o)}`, ...nftFlags(o)].join(' '),
  compile: (o) => (c) => {
    if (c.skb.ct !== undefined) c.nat.setup(c.skb.ct, o, 'src');
    return 'accept';
  },
});
