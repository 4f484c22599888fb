import { err, ok } from '../../../../../base/result.ts';
import { defineTarget } from '../../extension.ts';
import { badInteger, found, hex, parseUint } from '../../options.ts';
import { listXmark, parseXmark, XMARK_OPTIONS } from '../MARK/MARK.ts';

interface ConnmarkOptions {
  readonly mode: 'set' | 'save' | 'restore';
  /** set: value and mask of the connection's mark. */
  readonly value: number;
  readonly ctmask: number;
  readonly nfmask: number;
}
const NOT = (n: number): number => ~n >>> 0;

/** Models: xt_connmark.c, connmark_tg. */
export const CONNMARK = defineTarget<ConnmarkOptions>({
  name: 'CONNMARK', models: 'net/netfilter/xt_connmark.c (v6.1), libxt_CONNMARK.c 1.8.9', notModelled: 'shifts of revision 2', conntrack: true,
  options: [
    ...XMARK_OPTIONS,
    { name: 'save-mark', help: 'Copy nfmark to ctmark using masks' },
    { name: 'restore-mark', help: 'Copy ctmark to nfmark using masks' },
    { name: 'nfmask', argument: 'mask', help: 'Mask for nfmark' },
    { name: 'ctmask', argument: 'mask', help: 'Mask for ctmark' },
    { name: 'mask', argument: 'mask', help: 'Mask for both' },
  ],
  parse(given) {
    const set = given.find((g) => XMARK_OPTIONS.some((o) => o.name === g.name));
    if (set !== undefined) {
      const x = parseXmark('CONNMARK', set.name, set.value);
      return x.ok ? ok({ mode: 'set', value: x.value.value, ctmask: x.value.mask, nfmask: 0 }) : x;
    }
    const mode = found(given, 'save-mark') !== undefined ? 'save' : found(given, 'restore-mark') !== undefined ? 'restore' : undefined;
    if (mode === undefined) return err("CONNMARK target: No operation specified");
    const mask = (name: string): number | undefined => {
      const g = found(given, name) ?? found(given, 'mask');
      return g === undefined ? 0xffffffff : parseUint(g.value);
    };
    const nfmask = mask('nfmask');
    const ctmask = mask('ctmask');
    if (nfmask === undefined) return badInteger('CONNMARK', 'nfmask');
    return ctmask === undefined ? badInteger('CONNMARK', 'ctmask') : ok({ mode, value: 0, ctmask, nfmask });
  },
  save: (o) => (o.mode === 'set' ? `--set-xmark ${hex(o.value)}/${hex(o.ctmask)}` : `--${o.mode}-mark --nfmask ${hex(o.nfmask)} --ctmask ${hex(o.ctmask)}`),
  list(o) {
    if (o.mode === 'set') return `CONNMARK ${listXmark({ value: o.value, mask: o.ctmask })}`;
    if (o.nfmask === o.ctmask) return `CONNMARK ${o.mode}${o.nfmask === 0xffffffff ? '' : ` mask ${hex(o.nfmask)}`}`;
    return o.mode === 'save' ? `CONNMARK save nfmask ${hex(o.nfmask)} ctmask ~${hex(o.ctmask)}` : `CONNMARK restore ctmask ${hex(o.ctmask)} nfmask ~${hex(o.nfmask)}`;
  },
  nft(o) {
    if (o.mode !== 'set') {
      if (o.nfmask !== o.ctmask) return 'xt target CONNMARK';
      const mask = o.nfmask === 0xffffffff ? '' : ` and ${hex(o.nfmask)}`;
      return o.mode === 'save' ? `ct mark set mark${mask}` : `meta mark set ct mark${mask}`;
    }
    if (o.ctmask === 0xffffffff) return `ct mark set ${hex(o.value)}`;
    if (o.value === 0) return `ct mark set ct mark and ${hex(NOT(o.ctmask))}`;
    if (o.value === o.ctmask) return `ct mark set ct mark or ${hex(o.value)}`;
    if (o.ctmask === 0) return `ct mark set ct mark xor ${hex(o.value)}`;
    return `ct mark set ct mark xor ${hex(o.value)} and ${hex(NOT(o.ctmask))}`;
  },
  compile: (o) => (c) => {
    const { ct } = c.skb;
    if (ct === undefined) return 'continue';
    if (o.mode === 'set') c.ns.conntrack.setMark(ct, ((ct.mark & ~o.ctmask) ^ o.value) >>> 0);
    else if (o.mode === 'save') c.ns.conntrack.setMark(ct, ((ct.mark & ~o.ctmask) ^ (c.skb.mark & o.nfmask)) >>> 0);
    else c.skb.mark = ((c.skb.mark & ~o.nfmask) ^ (ct.mark & o.ctmask)) >>> 0;
    return 'continue';
  },
});
