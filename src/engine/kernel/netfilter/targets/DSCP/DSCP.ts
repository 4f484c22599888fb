import { err, ok } from '../../../../../base/result.ts';
import { defineTarget, ipOf } from '../../extension.ts';
import { dscpText, parseDscp } from '../../matches/dscp/dscp.ts';

/** Models: xt_DSCP.c, dscp_tg. */
export const DSCP = defineTarget<{ readonly value: number }>({
  name: 'DSCP', models: 'net/netfilter/xt_DSCP.c (v6.1), libxt_DSCP.c 1.8.9', notModelled: '', tables: ['mangle'],
  options: [{ name: 'set-dscp', argument: 'value', help: 'Set the DSCP field in packet header to value' }, { name: 'set-dscp-class', argument: 'class', help: 'Set the DSCP field in packet header to the value represented by the DiffServ class value' }],
  parse(given) {
    const g = given[0];
    if (g === undefined) return err('DSCP: Parameter --set-dscp is required');
    const value = parseDscp(g.name, g.value);
    return value === undefined ? err(`DSCP: bad value for option "--${g.name}", or out of range (0-63).\n`) : ok({ value });
  },
  save: (o) => `--set-dscp ${dscpText(o.value)}`,
  list: (o) => `DSCP set ${dscpText(o.value)}`,
  nft: (o) => `ip dscp set ${dscpText(o.value)}`,
  compile: (o) => (c) => {
    const p = ipOf(c);
    const tos = p === undefined ? 0 : (p.tos & 3) | (o.value << 2);
    if (p !== undefined && tos !== p.tos) c.skb.net = { ...p, tos };
    return 'continue';
  },
});
