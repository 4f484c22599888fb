import { err, ok } from '../../../../../base/result.ts';
import { defineMatch, ipOf } from '../../extension.ts';
import { parseUint } from '../../options.ts';

interface TtlOptions {
  readonly op: 'eq' | 'ne' | 'gt' | 'lt';
  readonly value: number;
}
const SIGN = { eq: '==', ne: '!=', gt: '>', lt: '<' } as const;

/** Models: ipt_ttl (xt_hl.c). */
export const ttl = defineMatch<TtlOptions>({
  name: 'ttl', models: 'net/netfilter/xt_hl.c (v6.1), libipt_ttl.c 1.8.9', notModelled: '',
  options: [
    { name: 'ttl-eq', argument: 'value', invert: true, help: 'Match time to live value' },
    { name: 'ttl-lt', argument: 'value', help: 'Match TTL < value' },
    { name: 'ttl-gt', argument: 'value', help: 'Match TTL > value' },
  ],
  parse(given) {
    const g = given[0];
    if (g === undefined || given.length > 1) return err('TTL match: You must specify one of `--ttl-eq\', `--ttl-lt\', `--ttl-gt');
    const value = parseUint(g.value, 255);
    if (value === undefined) return err(`ttl: bad value for option "--${g.name}", or out of range (0-255).\n`);
    return ok({ op: g.name === 'ttl-lt' ? 'lt' : g.name === 'ttl-gt' ? 'gt' : g.invert ? 'ne' : 'eq', value });
  },
  save: (o) => `${o.op === 'ne' ? '! ' : ''}--ttl-${o.op === 'ne' ? 'eq' : o.op} ${o.value}`,
  list: (o) => `TTL match TTL ${SIGN[o.op]} ${o.value}`,
  nft: (o) => ({ text: `ip ttl ${o.op === 'eq' ? '' : `${o.op === 'ne' ? '!=' : o.op} `}${o.value}` }),
  compile: (o) => (c) => {
    const p = ipOf(c);
    if (p === undefined) return false;
    switch (o.op) {
      case 'eq': return p.ttl === o.value;
      case 'ne': return p.ttl !== o.value;
      case 'gt': return p.ttl > o.value;
      case 'lt': return p.ttl < o.value;
    }
  },
  explain(o, s) {
    if (s.net.kind !== 'ipv4') return undefined;
    const { ttl: now } = s.net;
    const hit = o.op === 'eq' ? now === o.value : o.op === 'ne' ? now !== o.value : o.op === 'gt' ? now > o.value : now < o.value;
    return hit ? undefined : `TTL is ${now}`;
  },
});
