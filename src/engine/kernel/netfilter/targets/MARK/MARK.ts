import { err, ok } from '../../../../../base/result.ts';
import { defineTarget } from '../../extension.ts';
import { badInteger, hex, parseMark, parseUint } from '../../options.ts';

/** mark = (mark & ~mask) ^ value */
export interface Xmark {
  readonly value: number;
  readonly mask: number;
}
const NOT = (n: number): number => ~n >>> 0;

/** --set-mark, --set-xmark, --and-mark, --or-mark, --xor-mark as one formula. */
export function parseXmark(extension: string, name: string, value: string): { readonly ok: true; readonly value: Xmark } | { readonly ok: false; readonly error: string } {
  if (name === 'set-mark' || name === 'set-xmark') {
    const m = parseMark(value);
    if (m === undefined) return badInteger(extension, name);
    return ok(name === 'set-mark' ? { value: m.value, mask: (m.value | m.mask) >>> 0 } : m);
  }
  const bits = parseUint(value);
  if (bits === undefined) return badInteger(extension, name);
  if (name === 'and-mark') return ok({ value: 0, mask: NOT(bits) });
  return ok(name === 'or-mark' ? { value: bits, mask: bits } : { value: bits, mask: 0 });
}

export const XMARK_OPTIONS = [
  { name: 'set-xmark', argument: 'value[/mask]', help: 'Clear bits in mask and XOR value into nfmark' },
  { name: 'set-mark', argument: 'value[/mask]', help: 'Clear bits in mask and OR value into nfmark' },
  { name: 'and-mark', argument: 'bits', help: 'Binary AND the nfmark with bits' },
  { name: 'or-mark', argument: 'bits', help: 'Binary OR the nfmark with bits' },
  { name: 'xor-mark', argument: 'bits', help: 'Binary XOR the nfmark with bits' },
] as const;

export function listXmark(o: Xmark): string {
  if (o.value === 0) return `and ${hex(NOT(o.mask))}`;
  if (o.value === o.mask) return `or ${hex(o.value)}`;
  if (o.mask === 0) return `xor ${hex(o.value)}`;
  return o.mask === 0xffffffff ? `set ${hex(o.value)}` : `xset ${hex(o.value)}/${hex(o.mask)}`;
}

/** Models: xt_mark.c, mark_tg. */
export const MARK = defineTarget<Xmark>({
  name: 'MARK', models: 'net/netfilter/xt_mark.c (v6.1), libxt_MARK.c 1.8.9', notModelled: '',
  options: XMARK_OPTIONS,
  parse(given) {
    const [g, second] = given;
    if (g === undefined) return err('MARK: One of the --set-xmark, --{and,or,xor,set}-mark options is required');
    if (second !== undefined) return err(`MARK: option "--${g.name}" cannot be used together with "--${second.name}".\n`);
    return parseXmark('MARK', g.name, g.value);
  },
  save: (o) => `--set-xmark ${hex(o.value)}/${hex(o.mask)}`,
  list: (o) => `MARK ${listXmark(o)}`,
  nft(o) {
    if (o.mask === 0xffffffff) return `meta mark set ${hex(o.value)}`;
    if (o.value === 0) return `meta mark set mark and ${hex(NOT(o.mask))}`;
    if (o.value === o.mask) return `meta mark set mark or ${hex(o.value)}`;
    if (o.mask === 0) return `meta mark set mark xor ${hex(o.value)}`;
    return `meta mark set mark and ${hex(NOT(o.mask))} xor ${hex(o.value)}`;
  },
  compile: ({ value, mask }) => (c) => {
    c.skb.mark = ((c.skb.mark & ~mask) ^ value) >>> 0;
    return 'continue';
  },
});
