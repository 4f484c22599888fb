import { ok } from '../../../../../base/result.ts';
import { defineTarget, type PacketContext } from '../../extension.ts';

/** notrack_tg: the packet passes connection tracking by. */
export function notrack(c: PacketContext): 'continue' {
  if (c.skb.ct === undefined) c.skb.untracked = true;
  return 'continue';
}

/** Models: xt_CT.c, notrack_tg. */
export const NOTRACK = defineTarget<object>({
  name: 'NOTRACK', models: 'net/netfilter/xt_CT.c (v6.1), libxt_CT.c 1.8.9', notModelled: '', tables: ['raw'], conntrack: true, options: [], listName: 'CT',
  parse: () => ok({}),
  save: () => '',
  list: () => 'NOTRACK',
  nft: () => 'notrack',
  compile: () => notrack,
});
