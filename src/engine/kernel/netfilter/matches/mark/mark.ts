import { ok } from '../../../../../base/result.ts';
import { defineMatch } from '../../extension.ts';
import { badInteger, found, hex, markText, parseMark, required } from '../../options.ts';

interface MarkOptions {
  readonly value: number;
  readonly mask: number;
  readonly invert: boolean;
}
const wide = (n: number): string => `0x${(n >>> 0).toString(16).padStart(8, '0')}`;

/** Models: xt_mark.c, mark_mt. */
export const mark = defineMatch<MarkOptions>({
  name: 'mark', models: 'net/netfilter/xt_mark.c (v6.1), libxt_mark.c 1.8.9', notModelled: '',
  options: [{ name: 'mark', argument: 'value[/mask]', invert: true, help: 'Match nfmark value with optional mask' }],
  parse(given) {
    const g = found(given, 'mark');
    if (g === undefined) return required('mark', 'mark');
    const m = parseMark(g.value);
    return m === undefined ? badInteger('mark', 'mark') : ok({ ...m, invert: g.invert });
  },
  save: (o) => `${o.invert ? '! ' : ''}--mark ${markText(o.value, o.mask)}`,
  list: (o) => `mark match ${o.invert ? '! ' : ''}${markText(o.value, o.mask)}`,
  nft(o) {
    if (o.mask >>> 0 === 0xffffffff) return { text: `meta mark ${o.invert ? '!= ' : ''}${wide(o.value)}`, native: true };
    if (o.mask === 0) return { text: `meta mark ${o.invert ? '!= ' : ''}${wide(o.value)}/0`, native: true };
    return { text: `meta mark & ${wide(o.mask)} ${o.invert ? '!=' : '=='} ${wide(o.value)}`, native: true };
  },
  compile: ({ value, mask, invert }) => (c) => ((c.skb.mark & mask) >>> 0 === value >>> 0) !== invert,
  explain: (o, s) => (((s.mark & o.mask) >>> 0 === o.value >>> 0) === o.invert ? `mark is ${hex(s.mark)}` : undefined),
});
