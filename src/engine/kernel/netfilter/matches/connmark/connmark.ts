import { ok } from '../../../../../base/result.ts';
import { defineMatch } from '../../extension.ts';
import { badInteger, found, hex, markText, parseMark, required } from '../../options.ts';

interface ConnmarkOptions {
  readonly value: number;
  readonly mask: number;
  readonly invert: boolean;
}

/** Models: xt_connmark.c, connmark_mt. */
export const connmark = defineMatch<ConnmarkOptions>({
  name: 'connmark', models: 'net/netfilter/xt_connmark.c (v6.1), libxt_connmark.c 1.8.9', notModelled: '', conntrack: true,
  options: [{ name: 'mark', argument: 'value[/mask]', invert: true, help: 'Match ctmark value with optional mask' }],
  parse(given) {
    const g = found(given, 'mark');
    if (g === undefined) return required('connmark', 'mark');
    const m = parseMark(g.value);
    return m === undefined ? badInteger('connmark', 'mark') : ok({ ...m, invert: g.invert });
  },
  save: (o) => `${o.invert ? '! ' : ''}--mark ${markText(o.value, o.mask)}`,
  list: (o) => `connmark match ${o.invert ? '!' : ''} ${markText(o.value, o.mask)}`,
  nft(o) {
    if (o.mask >>> 0 === 0xffffffff) return { text: `ct mark ${o.invert ? '!= ' : ''}${hex(o.value)}` };
    return { text: `ct mark and ${hex(o.mask)} ${o.invert ? '!=' : '=='} ${hex(o.value)}` };
  },
  compile: ({ value, mask, invert }) => (c) => c.skb.ct !== undefined && ((c.skb.ct.mark & mask) >>> 0 === value >>> 0) !== invert,
});
