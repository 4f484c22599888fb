import { err, ok } from '../../../../../base/result.ts';
import { defineMatch } from '../../extension.ts';
import { found, parseUint } from '../../options.ts';

interface LimitOptions {
  /** XT_LIMIT_SCALE units per packet: 1/10000 s. */
  readonly average: number;
  readonly burst: number;
}

const SCALE = 10000;
const UNITS: readonly (readonly [string, string, number])[] = [['day', 'day', 24 * 3600], ['hour', 'hour', 3600], ['min', 'minute', 60], ['sec', 'second', 1]];

/** print_rate (libxt_limit.c): days, unless a smaller unit says it better. */
function unitOf(average: number): readonly [number, string, string] {
  let chosen = UNITS[0];
  for (const unit of UNITS.slice(1)) {
    const scaled = unit[2] * SCALE;
    if (average > scaled || Math.floor(scaled / average) < scaled % average) break;
    chosen = unit;
  }
  return chosen === undefined ? [1, 'sec', 'second'] : [Math.floor((chosen[2] * SCALE) / average), chosen[0], chosen[1]];
}

/** Models: xt_limit.c: a token bucket, refilled by elapsed time; one per rule. */
export const limit = defineMatch<LimitOptions>({
  name: 'limit', models: 'net/netfilter/xt_limit.c (v6.1), libxt_limit.c 1.8.9', notModelled: '',
  options: [
    { name: 'limit', argument: 'avg', help: 'max average match rate: default 3/hour [Packets per second unless followed by /sec /minute /hour /day postfixes]' },
    { name: 'limit-burst', argument: 'number', help: 'number to match in a burst, default 5' },
  ],
  parse(given) {
    const text = found(given, 'limit')?.value ?? '3/hour';
    const match = /^(\d+)(?:\/([a-z]+))?$/i.exec(text);
    const word = match?.[2]?.toLowerCase() ?? 'second';
    const unit = UNITS.find(([, long]) => long.startsWith(word));
    const rate = Number(match?.[1] ?? 0);
    if (match === null || unit === undefined || rate === 0) return err(`bad rate "${text}"'`);
    const average = Math.floor((SCALE * unit[2]) / rate);
    if (average === 0) return err(`Rate too fast "${text}"`);
    const burstText = found(given, 'limit-burst')?.value;
    const burst = burstText === undefined ? 5 : parseUint(burstText, 10000);
    return burst === undefined ? err('limit: bad value for option "--limit-burst", or out of range (0-10000).\n') : ok({ average, burst });
  },
  save(o) {
    const [n, short] = unitOf(o.average);
    return `--limit ${n}/${short}${o.burst === 5 ? '' : ` --limit-burst ${o.burst}`}`;
  },
  list(o) {
    const [n, short] = unitOf(o.average);
    return `limit: avg ${n}/${short} burst ${o.burst}`;
  },
  nft(o) {
    const [n, , long] = unitOf(o.average);
    return { text: `limit rate ${n}/${long}${o.burst === 5 ? '' : ` burst ${o.burst} packets`}`, native: true };
  },
  compile(o, ns) {
    const cost = (o.average / SCALE) * 1e9;
    const full = cost * o.burst;
    let credit = full;
    let before: number | undefined;
    return () => {
      const now = ns.machine.world.scheduler.now;
      credit = Math.min(full, credit + (now - (before ?? now)));
      before = now;
      if (credit < cost) return false;
      credit -= cost;
      return true;
    };
  },
});
