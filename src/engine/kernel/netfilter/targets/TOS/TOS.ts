import { err, ok } from '../../../../../base/result.ts';
import { defineTarget, ipOf } from '../../extension.ts';
import { parseUint } from '../../options.ts';
import { parseTos, tosName, type Tos } from '../../matches/tos/values.ts';

const byte = (n: number): string => `0x${n.toString(16).padStart(2, '0')}`;

function change(o: Tos): string {
  const name = tosName(o);
  if (name !== undefined) return ` TOS set${name}`; // as libxt_TOS.c 1.8.9 prints it
  if (o.value === 0) return `TOS and ${byte(~o.mask & 255)}`;
  if (o.value === o.mask) return `TOS or ${byte(o.value)}`;
  if (o.mask === 0) return `TOS xor ${byte(o.value)}`;
  return `TOS set ${byte(o.value)}/${byte(o.mask)}`;
}

function nft(o: Tos): string {
  const dscp = byte(o.value >> 2);
  if (o.mask === 0xff || o.mask === 0x3f) return `ip6 dscp set ${dscp}`;
  if (o.value === 0) return `ip6 dscp set ip6 dscp and ${byte((~o.mask & 255) >> 2)}`;
  return o.mask === 0 ? `ip6 dscp set ip6 dscp xor ${dscp}` : `ip6 dscp set ip6 dscp or ${dscp}`;
}

/** Models: xt_DSCP.c, tos_tg: tos = (tos & ~mask) ^ value. */
export const TOS = defineTarget<Tos>({
  name: 'TOS', models: 'net/netfilter/xt_DSCP.c (v6.1), libxt_TOS.c 1.8.9', notModelled: '', tables: ['mangle'],
  options: [
    { name: 'set-tos', argument: 'value[/mask]|symbol', help: 'Set TOS/Priority field' }, { name: 'and-tos', argument: 'bits', help: 'Binary AND the TOS value with bits' },
    { name: 'or-tos', argument: 'bits', help: 'Binary OR the TOS value with bits' }, { name: 'xor-tos', argument: 'bits', help: 'Binary XOR the TOS value with bits' },
  ],
  parse(given) {
    const g = given[0];
    if (g === undefined) return err('TOS: An action is required');
    if (g.name === 'set-tos') {
      const t = parseTos(g.value);
      return t === undefined ? err(`TOS: bad value for option "--set-tos" near "${g.value}"`) : ok(t);
    }
    const bits = parseUint(g.value, 255);
    if (bits === undefined) return err(`TOS: bad integer value for option "--${g.name}", or out of range.\n`);
    return ok(g.name === 'and-tos' ? { value: 0, mask: ~bits & 255 } : g.name === 'or-tos' ? { value: bits, mask: bits } : { value: bits, mask: 0 });
  },
  save: (o) => `--set-tos ${byte(o.value)}/${byte(o.mask)}`,
  list: (o, numeric) => (numeric ? `TOS set ${byte(o.value)}/${byte(o.mask)}` : change(o)),
  nft,
  compile: (o) => (c) => {
    const p = ipOf(c);
    if (p === undefined) return 'continue';
    const tos = ((p.tos & ~o.mask) ^ o.value) & 255;
    if (tos !== p.tos) c.skb.net = { ...p, tos };
    return 'continue';
  },
});
