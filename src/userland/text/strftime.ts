/** Read first: strftime(3). C locale, UTC. */
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const two = (n: number, fill = '0'): string => String(n).padStart(2, fill);

export function strftime(format: string, wallMillis: number): string {
  const d = new Date(Math.floor(wallMillis));
  const day = DAYS[d.getUTCDay()] ?? '';
  const month = MONTHS[d.getUTCMonth()] ?? '';
  const hour12 = d.getUTCHours() % 12 === 0 ? 12 : d.getUTCHours() % 12;
  const nanos = String(Math.round((wallMillis - Math.floor(wallMillis / 1000) * 1000) * 1e6)).padStart(9, '0');
  return format.replace(/%([-_0]?)(\d*)([a-zA-Z%:])/g, (whole, flag: string, width: string, c: string) => {
    const num = (n: number, w = 2): string => (flag === '-' ? String(n) : String(n).padStart(w, flag === '_' ? ' ' : '0'));
    switch (c) {
      case 'a': return day.slice(0, 3);
      case 'A': return day;
      case 'b': case 'h': return month.slice(0, 3);
      case 'B': return month;
      case 'c': return strftime('%a %b %e %H:%M:%S %Y', wallMillis);
      case 'C': return num(Math.floor(d.getUTCFullYear() / 100));
      case 'd': return num(d.getUTCDate());
      case 'e': return two(d.getUTCDate(), ' ');
      case 'D': return strftime('%m/%d/%y', wallMillis);
      case 'F': return strftime('%Y-%m-%d', wallMillis);
      case 'H': return num(d.getUTCHours());
      case 'I': return num(hour12);
      case 'j': return num(Math.floor((Date.UTC(d.getUTCFullYear(), d.getUTCMonth(), d.getUTCDate()) - Date.UTC(d.getUTCFullYear(), 0, 0)) / 86_400_000), 3);
      case 'k': return two(d.getUTCHours(), ' ');
      case 'm': return num(d.getUTCMonth() + 1);
      case 'M': return num(d.getUTCMinutes());
      case 'n': return '\n';
      case 'N': return nanos.slice(0, width === '' ? 9 : Number(width));
      case 'p': return d.getUTCHours() < 12 ? 'AM' : 'PM';
      case 'r': return strftime('%I:%M:%S %p', wallMillis);
      case 'R': return strftime('%H:%M', wallMillis);
      case 's': return String(Math.floor(wallMillis / 1000));
      case 'S': return num(d.getUTCSeconds());
      case 't': return '\t';
      case 'T': case 'X': return strftime('%H:%M:%S', wallMillis);
      case 'u': return String(d.getUTCDay() === 0 ? 7 : d.getUTCDay());
      case 'w': return String(d.getUTCDay());
      case 'x': return strftime('%m/%d/%y', wallMillis);
      case 'y': return num(d.getUTCFullYear() % 100);
      case 'Y': return String(d.getUTCFullYear());
      case 'z': return '+0000';
      case 'Z': return 'UTC';
      case '%': return '%';
      default: return whole;
    }
  });
}
