import { ok } from '../../../../../base/result.ts';
import { defineTarget } from '../../extension.ts';

/** Models: xt_TRACE.c under nf_tables: sets meta nftrace. */
export const TRACE = defineTarget<object>({
  name: 'TRACE', models: 'net/netfilter/xt_TRACE.c, nf_tables_trace.c (v6.1)', notModelled: '', tables: ['raw'], options: [],
  parse: () => ok({}),
  save: () => '',
  list: () => '',
  nft: () => 'meta nftrace set 1',
  compile: () => (c) => {
    c.skb.nfTrace = true;
    return 'continue';
  },
});
