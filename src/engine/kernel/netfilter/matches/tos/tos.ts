import { err, ok } from '../../../../../base/result.ts';
import { defineMatch, ipOf } from '../../extension.ts';
import { found, required } from '../../options.ts';
import { hex } from '../../options.ts';
import { parseTos, tosName } from './values.ts';

interface TosOptions {
  readonly value: number;
  readonly mask: number;
  readonly invert: boolean;
}

/** Models: xt_dscp.c, tos_mt. */
export const tos = defineMatch<TosOptions>({
  name: 'tos', models: 'net/netfilter/xt_dscp.c (v6.1), libxt_tos.c 1.8.9', notModelled: '',
  options: [{ name: 'tos', argument: 'value[/mask]|symbol', invert: true, help: 'Match Type of Service/Priority value' }],
  parse(given) {
    const g = found(given, 'tos');
    if (g === undefined) return required('tos', 'tos');
    const t = parseTos(g.value);
    return t === undefined ? err(`tos: bad value for option "--tos" near "${g.value}"`) : ok({ ...t, invert: g.invert });
  },
  save: (o) => `${o.invert ? '! ' : ''}--tos ${hex(o.value)}/${hex(o.mask)}`,
  list(o, numeric) {
    const name = numeric ? undefined : tosName(o);
    return `tos match${o.invert ? '!' : ''}${name === undefined ? `${hex(o.value)}/${hex(o.mask)}` : ` ${name}`}`;
  },
  nft: () => ({ text: 'xt match tos' }),
  compile: (o) => (c) => {
    const p = ipOf(c);
    return p !== undefined && ((p.tos & o.mask) === o.value) !== o.invert;
  },
  explain: (o, s) => (s.net.kind === 'ipv4' && ((s.net.tos & o.mask) === o.value) === o.invert ? `TOS is ${hex(s.net.tos)}` : undefined),
});
