/** The line of a transfer. Models: openssh 8.9 progressmeter.c (format_size, format_rate, refresh_progress_meter) on a terminal of 80 columns. Not modelled: stalls. */
const COLUMNS = 80;
const UNITS = ' KMGT';

/** ` 19KB`, `1912 ` */
export function sizeText(bytes: number): string {
  let [n, i] = [bytes, 0];
  for (; n >= 10_000 && i < UNITS.length - 1; i++) n = Math.floor((n + 512) / 1024);
  return `${String(n).padStart(4)}${UNITS.charAt(i)}${i > 0 ? 'B' : ' '}`;
}

/** `  4.5MB` */
export function rateText(bytesPerSecond: number): string {
  let [n, i] = [Math.floor(bytesPerSecond) * 100, 0];
  for (; n >= 100_000 && i < UNITS.length - 1; i++) n = Math.floor((n + 512) / 1024);
  if (i === 0) {
    i++;
    n = Math.floor((n + 512) / 1024);
  }
  return `${String(Math.floor((n + 5) / 100)).padStart(3)}.${Math.floor((n + 5) / 10) % 10}${UNITS.charAt(i)}B`;
}

const two = (n: number): string => String(n).padStart(2, '0');

function clock(seconds: number): string {
  const s = Math.floor(seconds);
  const hours = Math.floor(s / 3600);
  const rest = `${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : `  ${rest}`;
}

/** With `\r` before it. `seconds`: since the start. */
export function meterLine(file: string, done: number, size: number, seconds: number): string {
  const percent = size > 0 ? Math.floor((done / size) * 100) : 100;
  const rate = seconds > 0 ? done / seconds : done;
  const left = size - done;
  const eta = left <= 0 ? `${clock(seconds)}    ` : rate === 0 ? '  --:-- ETA' : `${clock(left / rate)} ETA`;
  return `\r${file.slice(0, COLUMNS - 36).padEnd(COLUMNS - 36)} ${String(percent).padStart(3)}% ${sizeText(done)} ${rateText(rate)}/s ${eta}`;
}
