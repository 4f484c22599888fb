import { err, ok } from '../../../../../base/result.ts';
import { defineMatch } from '../../extension.ts';
import { found, parseUint } from '../../options.ts';

type StatisticOptions =
  | { readonly mode: 'random'; readonly threshold: number; readonly invert: boolean }
  | { readonly mode: 'nth'; readonly every: number; readonly packet: number; readonly invert: boolean };

/** The kernel compares 31 random bits with this. */
const RANGE = 0x80000000;
const probability = (threshold: number): string => (threshold / RANGE).toFixed(11);

/**
 * Models: xt_statistic.c. Draws come from world.scripted `<machine>/<netns>/statistic` or `statistic` first (31-bit values), then from the namespace's own stream.
 * nth counts packets that reach the match, from 0.
 */
export const statistic = defineMatch<StatisticOptions>({
  name: 'statistic', models: 'net/netfilter/xt_statistic.c (v6.1), libxt_statistic.c 1.8.9', notModelled: '',
  options: [
    { name: 'mode', argument: 'mode', help: 'Match mode (random, nth)' },
    { name: 'probability', argument: 'p', invert: true, help: 'Probability' },
    { name: 'every', argument: 'n', invert: true, help: 'Match every nth packet' },
    { name: 'packet', argument: 'p', help: 'Initial counter value (0 <= p <= n-1, default 0)' },
  ],
  parse(given) {
    const mode = found(given, 'mode')?.value ?? 'random';
    if (mode !== 'random' && mode !== 'nth') return err(`Bad mode "${mode}"`);
    if (mode === 'random') {
      const g = found(given, 'probability');
      if (g === undefined) return err('--probability must be specified when using random mode');
      const p = /^[\d.]+(e-?\d+)?$/i.test(g.value) ? Number(g.value) : NaN;
      if (!(p >= 0 && p <= 1)) return err('statistic: bad value for option "--probability", or out of range (0-1).\n');
      return ok({ mode, threshold: Math.round(p * RANGE), invert: g.invert });
    }
    const g = found(given, 'every');
    if (g === undefined) return err('--every must be specified when using nth mode');
    const every = parseUint(g.value);
    if (every === undefined || every === 0) return err('statistic: bad value for option "--every", or out of range (1-4294967295).\n');
    const packetGiven = found(given, 'packet');
    if (packetGiven === undefined) return err('statistic: option "--every" also requires "--packet".\n');
    const packet = parseUint(packetGiven.value);
    if (packet === undefined) return err('statistic: bad value for option "--packet", or out of range (0-4294967295).\n');
    if (packet >= every) return err('the --packet p must be 0 <= p <= n-1');
    return ok({ mode, every, packet, invert: g.invert });
  },
  save: (o) => o.mode === 'random'
    ? `--mode random${o.invert ? ' !' : ''} --probability ${probability(o.threshold)}`
    : `--mode nth${o.invert ? ' !' : ''} --every ${o.every} --packet ${o.packet}`,
  list: (o) => o.mode === 'random'
    ? `statistic mode random${o.invert ? ' !' : ''} probability ${probability(o.threshold)}`
    : `statistic mode nth${o.invert ? ' !' : ''} every ${o.every}${o.packet === 0 ? '' : ` packet ${o.packet}`}`,
  nft: (o) => o.mode === 'random'
    ? { text: `meta random & 2147483647 ${o.invert ? '>=' : '<'} ${o.threshold}` }
    : { text: `numgen inc mod ${o.every} ${o.invert ? '!= ' : ''}${o.packet}` },
  compile(o, ns) {
    if (o.mode === 'random') {
      const { scripted } = ns.machine.world;
      const own = `${ns.machine.name}/${ns.name}/statistic`;
      return (c) => {
        const value = scripted.get(own)?.shift() ?? scripted.get('statistic')?.shift() ?? c.random.u32() >>> 1;
        c.draw = { value, bound: o.threshold };
        return (value < o.threshold) !== o.invert;
      };
    }
    let count = o.packet === 0 ? 0 : o.every - o.packet; // count = nth.packet counted up to nth.every
    return () => {
      const hit = count === 0;
      count = count === o.every - 1 ? 0 : count + 1;
      return hit !== o.invert;
    };
  },
});
