/** Read first: sysctl(8), procps-ng 4.0. */
import { STRERROR } from '../../../engine/uapi/errno.ts';
import type { Command, Context } from '../../host.ts';
import { getopt, UsageError, type Options } from '../../text/getopt.ts';
import { compileRegex } from '../../text/regex.ts';
import { print, pathOf } from '../kit.ts';

const USAGE = `
Usage:
 sysctl [options] [variable[=value] ...]

Options:
  -a, --all            display all variables
  -A                   alias of -a
  -X                   alias of -a
      --deprecated     include deprecated parameters to listing
      --dry-run        Print the key and values but do not write
  -b, --binary         print value without new line
  -e, --ignore         ignore unknown variables errors
  -N, --names          print variable names without values
  -n, --values         print only values of the given variable(s)
  -p, --load[=<file>]  read values from file
  -f                   alias of -p
      --system         read values from all system directories
  -r, --pattern <expression>
                       select setting that match expression
  -q, --quiet          do not echo variable set
  -w, --write          enable writing a value to variable
  -o                   does nothing
  -x                   does nothing
  -d                   alias of -h

 -h, --help     display this help and exit
 -V, --version  output version information and exit

For more details see sysctl(8).
`;

/** `net/ipv4/ip_forward` as `net.ipv4.ip_forward`: the first separator decides which one it is. */
const dotted = (key: string): string => {
  const slash = key.indexOf('/');
  const dot = key.indexOf('.');
  if (slash < 0 || (dot >= 0 && dot < slash)) return key;
  return key.replace(/[./]/g, (c) => (c === '/' ? '.' : '/'));
};

export const sysctl: Command = {
  name: 'sysctl', models: 'reading, -w, -a, -n, -N, -e, -q, -r, -p FILE of the net.* keys the kernel has', notModelled: 'keys outside net.*, --system',
  complete: (host) => host.kernel.sysctl.keys(),
  *run(context) {
    let options: Options;
    try {
      options = getopt(context.args.slice(1), { short: 'bneNwfp::qoxaAXr:Vdh', long: { all: 'a', values: 'n', names: 'N', ignore: 'e', quiet: 'q', write: 'w', pattern: 'r:', load: 'p::', system: 'system', binary: 'b', version: 'V', help: 'h', 'dry-run': 'dry' } });
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      context.stderr.write(`sysctl: ${error.message}\n`);
      print(context, USAGE);
      return 0;
    }
    if (options.has('h') || options.has('d')) {
      print(context, USAGE);
      return 0;
    }
    if (options.has('V')) {
      print(context, 'sysctl from procps-ng 3.3.17\n');
      return 0;
    }
    if (options.has('system')) return 0;
    const { sysctl: keys } = context.kernel;
    const pattern = options.value('r');
    const chosen = pattern === undefined ? undefined : compiled(pattern);
    if (chosen === 'bad') {
      context.stderr.write('\n');
      return 0;
    }
    if (options.has('a') || options.has('A') || options.has('X')) {
      for (const key of keys.keys()) if (chosen === undefined || chosen.test(key)) show(context, options, key, keys.get(key) ?? '');
      return 0;
    }
    const file = options.value('p');
    let words = options.rest;
    if (file !== undefined) {
      const name = file !== '' ? file : words[0] ?? '/etc/sysctl.conf';
      const text = context.host.fs.read(pathOf(context, name));
      if (!text.ok) {
        context.stderr.write(`sysctl: cannot open "${name}": ${STRERROR[text.error]}\n`);
        return 1;
      }
      words = text.value.split('\n').map((l) => l.trim()).filter((l) => l !== '' && !/^[#;]/.test(l)).map((l) => l.replace(/\s*=\s*/, '='));
    }
    if (words.length === 0) {
      if (file !== undefined) return 0;
      if (context.args.length <= 1) context.stderr.write(USAGE);
      else context.stderr.write("sysctl: no variables specified\nTry `sysctl --help' for more information.\n");
      return 1;
    }
    let code = 0;
    for (const word of words) {
      const cut = word.indexOf('=');
      const key = dotted((cut < 0 ? word : word.slice(0, cut)).trim());
      const ignoring = key.startsWith('-');
      const name = ignoring ? key.slice(1) : key;
      if (cut < 0) {
        if (options.has('w')) {
          context.stderr.write('sysctl: command line(0): invalid syntax, continuing...\n');
          code = 1;
          continue;
        }
        const value = keys.get(name);
        if (value !== undefined) {
          if (chosen?.test(name) !== false) show(context, options, name, value);
          continue;
        }
        const below = keys.keys().filter((k) => k.startsWith(`${name}.`));
        if (below.length > 0) for (const k of below.filter((b) => chosen?.test(b) !== false)) show(context, options, k, keys.get(k) ?? '');
        else if (!options.has('e')) code += missing(context, name);
        continue;
      }
      const value = word.slice(cut + 1).trim();
      if (keys.get(name) === undefined) {
        if (!options.has('e') && !ignoring) code += missing(context, name);
        continue;
      }
      if (context.user !== 'root') {
        context.stderr.write(`sysctl: permission denied on key "${name}"\n`);
        code = 1;
        continue;
      }
      const result = options.has('dry') ? { ok: true as const } : keys.set(name, value);
      if (!result.ok) {
        context.stderr.write(`sysctl: setting key "${name}": ${STRERROR[result.error.errno]}\n`);
        code = 1;
      } else if (!options.has('q')) print(context, options.has('b') ? value : options.has('n') || options.has('N') ? `${value}\n` : `${name} = ${value}\n`);
    }
    return code;
  },
};

function compiled(pattern: string): ReturnType<typeof compileRegex> | 'bad' {
  try {
    return compileRegex(pattern, 'extended');
  } catch {
    return 'bad';
  }
}

function missing(context: Context, key: string): number {
  context.stderr.write(`sysctl: cannot stat /proc/sys/${key.replace(/[./]/g, (c) => (c === '.' ? '/' : '.'))}: ${STRERROR.ENOENT}\n`);
  return 1;
}

function show(context: Context, options: Options, key: string, value: string): void {
  if (options.has('N')) print(context, `${key}\n`);
  else if (options.has('b')) print(context, value);
  else print(context, options.has('n') ? `${value}\n` : `${key} = ${value}\n`);
}
