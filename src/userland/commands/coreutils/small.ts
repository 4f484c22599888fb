/** Read first: echo(1), seq(1), sleep(1), date(1), uname(1), base64(1) … */
import { seconds } from '../../../engine/sim/time.ts';
import { sleep as sleepFor } from '../../../engine/sim/process.ts';
import type { Command, Context } from '../../host.ts';
import { machineOf } from '../../system.ts';
import { echoText } from '../../text/echo.ts';
import { formatPrintf } from '../../text/printf.ts';
import { strftime } from '../../text/strftime.ts';
import { pause, TURNS_AT_ONCE } from '../../shell/busy.ts';
import { commandPath } from '../../shell/builtins/flow.ts';
import { evaluateTest, TestError } from '../../shell/test.ts';
import { Exit, fail, gnu, print, readFile } from '../kit.ts';

const plain = (name: string, models: string, run: (context: Context) => number, aliases: readonly string[] = []): Command => ({
  name, aliases, models,
  *run(context) {
    return run(context);
  },
});

const echo = plain('echo', '-n -e -E', (context) => {
  print(context, echoText(context.args.slice(1)));
  return 0;
});

const printf = plain('printf', 'as bash', (context) => {
  const [, format, ...values] = context.args;
  if (format === undefined) return fail(context, "missing operand\nTry 'printf --help' for more information.");
  const { text, errors } = formatPrintf(format, values, context.kernel.clock.wallMillis());
  print(context, text);
  for (const error of errors) fail(context, error);
  return errors.length > 0 ? 1 : 0;
});

const test = plain('test', 'strings, integers, files', (context) => {
  let args = context.args.slice(1);
  if (context.args[0] === '[') {
    if (args.at(-1) !== ']') return fail(context, 'missing ‘]’', 2);
    args = args.slice(0, -1);
  }
  try {
    return evaluateTest(context, args) ? 0 : 1;
  } catch (error) {
    if (error instanceof TestError) return fail(context, error.message, 2);
    throw error;
  }
}, ['[']);

const seq: Command = gnu({
  name: 'seq', models: 'FIRST INCREMENT LAST, -s -w -f', short: 's:wf:', long: { separator: 's:', 'equal-width': 'w', format: 'f:' },
  rewrite: (args) => (args.some((a) => /^-\d/.test(a)) ? [...args.filter((a) => /^-[a-z]/.test(a)), '--', ...args.filter((a) => !/^-[a-z]/.test(a))] : args),
  run(context, options) {
    const numbers = options.rest.map((text) => {
      const n = Number(text);
      if (text === '' || Number.isNaN(n)) throw new Exit(1, `seq: invalid floating point argument: ‘${text}’\nTry 'seq --help' for more information.\n`);
      return n;
    });
    if (numbers.length === 0) throw new Exit(1, "seq: missing operand\nTry 'seq --help' for more information.\n");
    if (numbers.length > 3) throw new Exit(1, `seq: extra operand ‘${options.rest[3] ?? ''}’\nTry 'seq --help' for more information.\n`);
    const [first, step, last] = numbers.length === 1 ? [1, 1, numbers[0] ?? 0] : numbers.length === 2 ? [numbers[0] ?? 0, 1, numbers[1] ?? 0] : [numbers[0] ?? 0, numbers[1] ?? 1, numbers[2] ?? 0];
    if (step === 0) throw new Exit(1, `seq: invalid Zero increment value: ‘${options.rest[1] ?? ''}’\nTry 'seq --help' for more information.\n`);
    const decimals = Math.max(0, ...options.rest.map((t) => (t.split('.')[1] ?? '').length));
    const out: string[] = [];
    const count = Math.floor((last - first) / step + 1e-9) + 1;
    for (let i = 0; i < Math.min(count, 10_000_000); i++) {
      const text = (first + i * step).toFixed(decimals);
      const format = options.value('f');
      out.push(format === undefined ? text : formatPrintf(format, [text]).text);
    }
    const width = options.has('w') ? Math.max(0, ...out.map((t) => t.length)) : 0;
    if (out.length > 0) print(context, `${out.map((t) => t.padStart(width, '0')).join(options.value('s') ?? '\n')}\n`);
    return 0;
  },
});

/** `1.5`, `2m`, `infinity` in seconds. */
export function duration(context: Context, text: string): number {
  if (/^inf(inity)?$/.test(text)) return 1e9;
  const match = /^(\d+\.?\d*|\.\d+)([smhd]?)$/.exec(text);
  if (match === null) throw new Exit(context.args[0] === 'timeout' ? 125 : 1, `${context.args[0] ?? ''}: invalid time interval ‘${text}’\nTry '${context.args[0] ?? ''} --help' for more information.\n`);
  return Number(match[1]) * ({ s: 1, m: 60, h: 3600, d: 86400 }[match[2] ?? ''] ?? 1);
}

const sleep: Command = gnu({
  name: 'sleep', models: 'NUMBER[smhd]…, infinity', short: '',
  *run(context, options) {
    if (options.rest.length === 0) throw new Exit(1, "sleep: missing operand\nTry 'sleep --help' for more information.\n");
    yield* sleepFor(context.kernel.clock, seconds(options.rest.reduce((n, t) => n + duration(context, t), 0)));
    return 0;
  },
});

const date: Command = gnu({
  name: 'date', models: '+FORMAT, -u, -R, -I, -d @SECONDS of the simulated clock', notModelled: 'other -d texts, setting the clock', short: 'uRI::d:', long: { utc: 'u', universal: 'u', date: 'd:', 'iso-8601': 'I::', 'rfc-email': 'R' },
  run(context, options) {
    const at = options.value('d');
    if (at !== undefined && !/\d|now|ago|day|week|month|year|hour|min|sec|today|tomorrow|mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec/i.test(at)) return fail(context, `invalid date ‘${at}’`);
    if (at !== undefined && !/^@\d+(\.\d+)?$/.test(at) && at !== 'now') return fail(context, `-d '${at}': not modelled in this lab`);
    const millis = at === undefined || at === 'now' ? context.kernel.clock.wallMillis() : Number(at.slice(1)) * 1000;
    const [format] = options.rest;
    if (format !== undefined && !format.startsWith('+')) return fail(context, `invalid date ‘${format}’`);
    const iso = options.value('I');
    print(context, `${strftime(format?.slice(1) ?? (options.has('R') ? '%a, %d %b %Y %H:%M:%S %z' : iso !== undefined ? (iso === '' || iso === 'date' ? '%F' : '%FT%T+00:00') : '%a %b %e %H:%M:%S %Z %Y'), millis)}\n`);
    return 0;
  },
});

const hostname: Command = gnu({
  name: 'hostname', models: 'the name, -s, -f, -i, -I', short: 'sfiId', long: { short: 's', fqdn: 'f', 'ip-address': 'i', 'all-ip-addresses': 'I' },
  run(context, options) {
    if (options.rest.length > 0) return fail(context, context.user === 'root' ? 'setting the name: not modelled in this lab' : 'you must be root to change the host name');
    if (options.has('I') || options.has('i')) {
      const all = context.kernel.netlink.addresses().filter((a) => a.scope !== 'host').map((a) => [a.address >>> 24, (a.address >>> 16) & 255, (a.address >>> 8) & 255, a.address & 255].join('.'));
      print(context, `${all.join(' ')}${options.has('I') ? ' ' : ''}\n`);
    } else print(context, `${context.host.hostname}\n`);
    return 0;
  },
});

const uname: Command = gnu({
  name: 'uname', models: '-a -s -n -r -v -m -o', short: 'asnrvmpio', long: { all: 'a', 'kernel-name': 's', nodename: 'n', 'kernel-release': 'r', 'kernel-version': 'v', machine: 'm', 'operating-system': 'o' },
  run(context, options) {
    const { system } = context.host;
    const machine = machineOf(system);
    const release = context.host.fs.read('/etc/os-release');
    const id = release.ok ? /^ID=(\w+)/m.exec(release.value)?.[1] : undefined;
    // Only Ubuntu's knows the processor; -a leaves out what is unknown. Alpine's busybox names its system otherwise.
    const processor = id === 'ubuntu' ? machine : 'unknown';
    const fields: readonly (readonly [string, string])[] = [['s', 'Linux'], ['n', context.host.hostname], ['r', system.release], ['v', system.build], ['m', machine], ['p', processor], ['i', processor], ['o', id === 'alpine' ? 'Linux' : 'GNU/Linux']];
    const shown = options.has('a') ? fields.filter(([, text]) => text !== 'unknown') : options.given.size === 0 ? fields.slice(0, 1) : fields.filter(([l]) => options.has(l));
    print(context, `${shown.map(([, text]) => text).join(' ')}\n`);
    return 0;
  },
});

const which = plain('which', 'commands of this host', (context) => {
  let code = 0;
  for (const name of context.args.slice(1).filter((a) => !a.startsWith('-'))) {
    if (context.host.command(name) === undefined) code = 1;
    else print(context, `${commandPath(name)}\n`);
  }
  return code;
});

/** UTF-8 */
function bytesOf(text: string): number[] {
  const out: number[] = [];
  for (const c of text) {
    const n = c.codePointAt(0) ?? 0;
    if (n < 0x80) out.push(n);
    else if (n < 0x800) out.push(0xc0 | (n >> 6), 0x80 | (n & 63));
    else if (n < 0x10000) out.push(0xe0 | (n >> 12), 0x80 | ((n >> 6) & 63), 0x80 | (n & 63));
    else out.push(0xf0 | (n >> 18), 0x80 | ((n >> 12) & 63), 0x80 | ((n >> 6) & 63), 0x80 | (n & 63));
  }
  return out;
}
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

const base64: Command = gnu({
  name: 'base64', models: 'encode, -d, -w', short: 'dw:i', long: { decode: 'd', wrap: 'w:' },
  *run(context, options) {
    const text = yield* readFile(context, options.rest[0] ?? '-');
    if (text === undefined) return 1;
    if (options.has('d')) {
      const clean = text.replace(/\s/g, '');
      if (!/^[A-Za-z0-9+/]*={0,2}$/.test(clean)) return fail(context, 'invalid input');
      let bits = 0;
      let count = 0;
      let out = '';
      for (const c of clean.replace(/=/g, '')) {
        bits = (bits << 6) | ALPHABET.indexOf(c);
        count += 6;
        if (count >= 8) {
          count -= 8;
          out += String.fromCharCode((bits >>> count) & 255);
          bits &= (1 << count) - 1;
        }
      }
      print(context, decodeUtf8(out));
      return 0;
    }
    const bytes = bytesOf(text);
    let out = '';
    for (let i = 0; i < bytes.length; i += 3) {
      const [a = 0, b, c] = bytes.slice(i, i + 3);
      const n = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
      out += ALPHABET.charAt(n >>> 18) + ALPHABET.charAt((n >>> 12) & 63) + (b === undefined ? '=' : ALPHABET.charAt((n >>> 6) & 63)) + (c === undefined ? '=' : ALPHABET.charAt(n & 63));
    }
    const wrap = Number(options.value('w') ?? 76);
    print(context, wrap === 0 ? out : (out.match(new RegExp(`.{1,${wrap}}`, 'g')) ?? []).map((l) => `${l}\n`).join(''));
    return 0;
  },
});

function decodeUtf8(bytes: string): string {
  try {
    return decodeURIComponent([...bytes].map((c) => `%${c.charCodeAt(0).toString(16).padStart(2, '0')}`).join(''));
  } catch {
    return bytes; // not UTF-8: as Latin-1
  }
}

const yes: Command = {
  name: 'yes', models: 'a line for ever',
  *run(context) {
    const line = `${context.args.slice(1).join(' ') || 'y'}\n`;
    for (let turns = 1; ; turns++) {
      print(context, line.repeat(64));
      yield turns % TURNS_AT_ONCE === 0 ? pause(context.kernel, turns) : {};
    }
  },
};

export const smallTools: readonly Command[] = [
  echo, printf, test, seq, sleep, date, hostname, uname, which, base64, yes,
  plain('true', 'exit 0', () => 0),
  plain('false', 'exit 1', () => 1),
  plain('pwd', 'the folder', (context) => {
    print(context, `${context.cwd}\n`);
    return 0;
  }),
  plain('clear', "the terminal's clear sequence", (context) => {
    print(context, '\x1b[H\x1b[2J\x1b[3J');
    return 0;
  }),
  plain('nproc', 'two', (context) => {
    print(context, '2\n');
    return 0;
  }),
  plain('sync', 'nothing to do', () => 0),
  plain('tty', 'a terminal or not', (context) => {
    print(context, context.tty ? '/dev/pts/0\n' : 'not a tty\n');
    return context.tty ? 0 : 1;
  }),
];
