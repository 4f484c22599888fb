import { err, ok } from '../../../../../base/result.ts';
import type { NetDevice } from '../../../net-device.ts';
import { defineMatch, type PacketContext } from '../../extension.ts';

interface Name {
  readonly name: string;
  readonly prefix: boolean;
  readonly invert: boolean;
}
interface PhysdevOptions {
  readonly in: Name | undefined;
  readonly out: Name | undefined;
  /** Present with its `!`. */
  readonly isIn: boolean | undefined;
  readonly isOut: boolean | undefined;
  readonly isBridged: boolean | undefined;
}

function words(o: PhysdevOptions): string {
  const out: string[] = [];
  const flag = (name: string, invert: boolean | undefined): void => {
    if (invert !== undefined) out.push(`${invert ? '! ' : ''}--physdev-${name}`);
  };
  const name = (which: string, n: Name | undefined): void => {
    if (n !== undefined) out.push(`${n.invert ? '! ' : ''}--physdev-${which} ${n.name}${n.prefix ? '+' : ''}`);
  };
  flag('is-in', o.isIn);
  name('in', o.in);
  flag('is-out', o.isOut);
  name('out', o.out);
  flag('is-bridged', o.isBridged);
  return out.join(' ');
}

const nameMatches = (n: Name, dev: NetDevice | undefined): boolean =>
  (n.prefix ? (dev?.name ?? '').startsWith(n.name) : (dev?.name ?? '') === n.name) !== n.invert;

function physdevMatches(o: PhysdevOptions, c: PacketContext): boolean {
  const { nfBridge } = c.skb;
  if (nfBridge === undefined) {
    // Not a bridged frame: positive tests fail, negative ones hold.
    return o.isBridged !== false && o.isIn !== false && o.isOut !== false && (o.in === undefined || o.in.invert) && (o.out === undefined || o.out.invert);
  }
  const { physIn, physOut } = nfBridge;
  const bridged = physOut !== undefined;
  if (o.isBridged !== undefined && bridged === o.isBridged) return false;
  if (o.isIn !== undefined && (physIn !== undefined) === o.isIn) return false;
  if (o.isOut !== undefined && (physOut !== undefined) === o.isOut) return false;
  if (o.in !== undefined && !nameMatches(o.in, physIn)) return false;
  return o.out === undefined || nameMatches(o.out, physOut);
}

/** Models: xt_physdev.c. */
export const physdev = defineMatch<PhysdevOptions>({
  name: 'physdev', models: 'net/netfilter/xt_physdev.c (v6.1), libxt_physdev.c 1.8.9', notModelled: '',
  options: [
    { name: 'physdev-in', argument: 'inputname[+]', invert: true, help: 'bridge port name' },
    { name: 'physdev-out', argument: 'outputname[+]', invert: true, help: 'bridge port name' },
    { name: 'physdev-is-in', invert: true, help: 'arrived on a bridge device' },
    { name: 'physdev-is-out', invert: true, help: 'will leave on a bridge device' },
    { name: 'physdev-is-bridged', invert: true, help: 'it\'s a bridged packet' },
  ],
  parse(given) {
    if (given.length === 0) return err('PHYSDEV: no physdev option specified');
    const name = (which: string): Name | undefined => {
      const g = given.find((x) => x.name === which);
      return g === undefined ? undefined : { name: g.value.replace(/\+$/, ''), prefix: g.value.endsWith('+'), invert: g.invert };
    };
    const flag = (which: string): boolean | undefined => given.find((x) => x.name === which)?.invert;
    return ok({ in: name('physdev-in'), out: name('physdev-out'), isIn: flag('physdev-is-in'), isOut: flag('physdev-is-out'), isBridged: flag('physdev-is-bridged') });
  },
  save: words,
  list: (o) => `PHYSDEV match ${words(o)}`,
  nft: () => ({ text: 'xt match physdev' }),
  compile: (o) => (c) => physdevMatches(o, c),
  explain(o, s) {
    const bridged = s.physOut !== undefined;
    if (o.isBridged !== undefined && bridged === o.isBridged) return bridged ? `bridged out by ${s.physOut ?? ''}` : 'not bridged';
    if (o.isIn !== undefined && (s.physIn !== undefined) === o.isIn) return `in port is ${s.physIn ?? 'none'}`;
    return o.isOut !== undefined && bridged === o.isOut ? `out port is ${s.physOut ?? 'none'}` : undefined;
  },
});
