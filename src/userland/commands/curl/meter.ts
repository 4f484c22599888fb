/** Models: progress.c of libcurl: the two header lines and the line that is drawn over itself. */
import { toSeconds, type Nanos } from '../../../engine/sim/time.ts';

export const METER_HEAD =
  '  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n                                 Dload  Upload   Total   Spent    Left  Speed\n';

/** max5data: five characters for a number of bytes. */
function five(n: number): string {
  if (n < 100000) return String(n).padStart(5);
  if (n < 10000 * 1024) return `${Math.floor(n / 1024)}k`.padStart(5);
  const mega = 1024 * 1024;
  if (n < 100 * mega) return `${Math.floor(n / mega)}.${Math.floor((n % mega) / (mega / 10))}M`.padStart(5);
  return n < 10000 * mega ? `${Math.floor(n / mega)}M`.padStart(5) : `${Math.floor(n / (1024 * mega))}G`.padStart(5);
}

const clock = (seconds: number): string => {
  if (seconds <= 0) return '--:--:--';
  const h = Math.floor(seconds / 3600);
  return `${String(h).padStart(2)}:${String(Math.floor(seconds / 60) % 60).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
};

export interface Progress {
  readonly received: number;
  readonly total: number | undefined;
  readonly sent: number;
  readonly sendTotal: number;
  readonly spent: Nanos;
}

export function meterLine(p: Progress): string {
  const spent = toSeconds(p.spent);
  const rate = (bytes: number): number => (spent > 0 ? Math.floor(bytes / spent) : 0);
  const [down, up] = [rate(p.received), rate(p.sent)];
  const total = (p.total ?? 0) + p.sendTotal;
  const percent = (part: number, whole: number): number => (whole > 0 ? Math.floor((part * 100) / whole) : 0);
  const expected = p.total !== undefined && down > 0 ? Math.floor(p.total / down) : 0;
  const whole = total > 0 ? total : p.received + p.sent;
  const column = (part: number, all: number, bytes: number): string => `${String(percent(part, all)).padStart(3)} ${five(bytes)}  `;
  return `\r${column(p.received + p.sent, total, whole)}${column(p.received, p.total ?? 0, p.received)}${column(p.sent, p.sendTotal, p.sent)}`
    + `${five(down)}  ${five(up)} ${clock(expected)} ${clock(Math.floor(spent))} ${clock(expected > spent ? expected - Math.floor(spent) : 0)} ${five(down)}`;
}
