/** Cron's five fields. Read first: crontab(5). Models: robfig/cron v3 ParseStandard, SpecSchedule.Next (as of Kubernetes 1.29), in UTC. Not modelled: other time zones. */
import { err, ok, type Result } from '../../base/result.ts';

interface FieldSpec {
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
}

const MONTHS = ['', 'jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const FIELDS: readonly FieldSpec[] = [{ min: 0, max: 59, names: [] }, { min: 0, max: 23, names: [] }, { min: 1, max: 31, names: [] }, { min: 1, max: 12, names: MONTHS }, { min: 0, max: 6, names: DAYS }];
const DESCRIPTORS: Readonly<Record<string, string>> = { '@yearly': '0 0 1 1 *', '@annually': '0 0 1 1 *', '@monthly': '0 0 1 * *', '@weekly': '0 0 * * 0', '@daily': '0 0 * * *', '@midnight': '0 0 * * *', '@hourly': '0 * * * *' };

interface Field {
  readonly values: ReadonlySet<number>;
  /** `*` or `?`: says nothing about the day. */
  readonly star: boolean;
}

export interface Schedule {
  /** The first time after `after` (ms since 1970), undefined: none in five years. */
  readonly next: (after: number) => number | undefined;
}

const MINUTE = 60_000;
const YEARS = 5;

function whole(text: string, names: readonly string[]): Result<number, string> {
  const named = names.indexOf(text.toLowerCase());
  if (text !== '' && named >= 0) return ok(named);
  if (/^\d+$/.test(text)) return ok(Number(text));
  return /^-\d+$/.test(text) ? err(`negative number (${text}) not allowed: ${text}`) : err(`failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
}

function range(expression: string, { min, max, names }: FieldSpec): Result<Field, string> {
  const [span = '', step, more] = expression.split('/');
  const [low = '', high, third] = span.split('-');
  const star = low === '*' || low === '?';
  let [start, end] = [min, max];
  if (!star) {
    const first = whole(low, names);
    if (!first.ok) return first;
    start = end = first.value;
    if (third !== undefined) return err(`too many hyphens: ${expression}`);
    if (high !== undefined) {
      const last = whole(high, names);
      if (!last.ok) return last;
      end = last.value;
    }
  }
  if (more !== undefined) return err(`too many slashes: ${expression}`);
  const by = step === undefined ? ok(1) : whole(step, []);
  if (!by.ok) return by;
  if (step !== undefined && high === undefined) end = max; // "N/step" means "N-max/step"
  if (start < min) return err(`beginning of range (${start}) below minimum (${min}): ${expression}`);
  if (end > max) return err(`end of range (${end}) above maximum (${max}): ${expression}`);
  if (start > end) return err(`beginning of range (${start}) beyond end of range (${end}): ${expression}`);
  if (by.value === 0) return err(`step of range should be a positive number: ${expression}`);
  const values = new Set<number>();
  for (let n = start; n <= end; n += by.value) values.add(n);
  return ok({ values, star: star && by.value === 1 });
}

function field(text: string, spec: FieldSpec): Result<Field, string> {
  const values = new Set<number>();
  let star = false;
  for (const part of text.split(',').filter((p) => p !== '')) {
    const parsed = range(part, spec);
    if (!parsed.ok) return parsed;
    for (const n of parsed.value.values) values.add(n);
    star ||= parsed.value.star;
  }
  return ok({ values, star });
}

export function parseCron(text: string): Result<Schedule, string> {
  if (text === '') return err('empty spec string');
  const every = /^@every (?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text);
  if (every !== null) {
    const [, h = '0', m = '0', s = '0'] = every;
    const delay = Math.max(1000, ((Number(h) * 60 + Number(m)) * 60 + Number(s)) * 1000);
    return ok({ next: (after) => Math.floor(after / 1000) * 1000 + delay });
  }
  if (text.startsWith('@') && DESCRIPTORS[text] === undefined) return err(`unrecognized descriptor: ${text}`);
  const words = (DESCRIPTORS[text] ?? text).split(/\s+/).filter((w) => w !== '');
  if (words.length !== FIELDS.length) return err(`expected exactly 5 fields, found ${words.length}: [${words.join(' ')}]`);
  const fields: Field[] = [];
  for (const [i, spec] of FIELDS.entries()) {
    const parsed = field(words[i] ?? '', spec);
    if (!parsed.ok) return parsed;
    fields.push(parsed.value);
  }
  const [minutes, hours, days, months, weekdays] = fields;
  if (minutes === undefined || hours === undefined || days === undefined || months === undefined || weekdays === undefined) return err('empty spec string');
  const day = (t: Date): boolean => {
    const [ofMonth, ofWeek] = [days.values.has(t.getUTCDate()), weekdays.values.has(t.getUTCDay())];
    return days.star || weekdays.star ? ofMonth && ofWeek : ofMonth || ofWeek;
  };
  return ok({
    next: (after) => {
      const last = after + YEARS * 366 * 24 * 60 * MINUTE;
      let t = new Date(Math.floor(after / MINUTE) * MINUTE + MINUTE);
      while (t.getTime() <= last) {
        if (!months.values.has(t.getUTCMonth() + 1)) t = new Date(Date.UTC(t.getUTCFullYear(), t.getUTCMonth() + 1, 1));
        else if (!day(t)) t = new Date(Date.UTC(t.getUTCFullYear(), t.getUTCMonth(), t.getUTCDate() + 1));
        else if (!hours.values.has(t.getUTCHours())) t = new Date(Math.floor(t.getTime() / (60 * MINUTE)) * 60 * MINUTE + 60 * MINUTE);
        else if (!minutes.values.has(t.getUTCMinutes())) t = new Date(t.getTime() + MINUTE);
        else return t.getTime();
      }
      return undefined;
    },
  });
}
