import { err, ok } from '../../../../../base/result.ts';
import { defineTarget, ipOf } from '../../extension.ts';
import { parseUint } from '../../options.ts';

interface TtlOptions {
  readonly op: 'set' | 'dec' | 'inc';
  readonly value: number;
}
const WORDS = { set: 'set to', dec: 'decrement by', inc: 'increment by' } as const;

/** Models: xt_HL.c, ttl_tg. */
export const TTL = defineTarget<TtlOptions>({
  name: 'TTL', models: 'net/netfilter/xt_HL.c (v6.1), libipt_TTL.c 1.8.9', notModelled: '', tables: ['mangle'],
  options: [
    { name: 'ttl-set', argument: 'value', help: 'Set TTL to <value 0-255>' }, { name: 'ttl-dec', argument: 'value', help: 'Decrement TTL by <value 1-255>' },
    { name: 'ttl-inc', argument: 'value', help: 'Increment TTL by <value 1-255>' },
  ],
  parse(given) {
    const g = given[0];
    if (g === undefined || given.length > 1) return err('TTL: You must specify an action');
    const value = parseUint(g.value, 255);
    if (value === undefined || (value === 0 && g.name !== 'ttl-set')) return err(`TTL: bad value for option "--${g.name}", or out of range (0-255).\n`);
    return ok({ op: g.name === 'ttl-set' ? 'set' : g.name === 'ttl-dec' ? 'dec' : 'inc', value });
  },
  save: (o) => `--ttl-${o.op} ${o.value}`,
  list: (o) => `TTL ${WORDS[o.op]} ${o.value}`,
  nft: () => 'xt target TTL',
  compile: (o) => (c) => {
    const p = ipOf(c);
    if (p === undefined) return 'continue';
    const ttl = o.op === 'set' ? o.value : Math.max(0, Math.min(255, o.op === 'dec' ? p.ttl - o.value : p.ttl + o.value));
    if (ttl !== p.ttl) c.skb.net = { ...p, ttl };
    return 'continue';
  },
});
