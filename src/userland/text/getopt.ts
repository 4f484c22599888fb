/** Read first: getopt(3), getopt_long(3). Short options as `nr:k:` (a colon: takes a value), long ones by name. */

export interface Options {
  /** Values by short letter (or long name where it has no letter), in order. A flag's value is ''. */
  readonly given: ReadonlyMap<string, readonly string[]>;
  readonly rest: readonly string[];
  has(name: string): boolean;
  /** The last one. */
  value(name: string): string | undefined;
}

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface GetoptSpec {
  readonly short: string;
  /** Long name to its letter, or to a name of its own; a trailing colon: takes a value. */
  readonly long?: Readonly<Record<string, string>> | undefined;
  /** `+`: options end at the first word that is none (xargs, timeout, sudo). */
  readonly stopAtOperand?: boolean | undefined;
}

/** Throws {@link UsageError} with getopt's words, without the program's name. */
export function getopt(args: readonly string[], spec: GetoptSpec): Options {
  const given = new Map<string, string[]>();
  const rest: string[] = [];
  const add = (name: string, value: string): void => {
    const values = given.get(name);
    if (values === undefined) given.set(name, [value]);
    else values.push(value);
  };
  const long = Object.entries(spec.long ?? {});
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (arg === '--') {
      rest.push(...args.slice(i + 1));
      break;
    }
    if (arg.startsWith('--')) {
      const cut = arg.indexOf('=');
      const name = cut < 0 ? arg.slice(2) : arg.slice(2, cut);
      const exact = long.filter(([n]) => n === name);
      const found = exact.length > 0 ? exact : long.filter(([n]) => n.startsWith(name));
      const [entry, ...others] = found;
      if (entry === undefined) throw new UsageError(`unrecognized option '${cut < 0 ? arg : `--${name}`}'`);
      if (others.length > 0 && new Set(found.map(([, to]) => to)).size > 1) throw new UsageError(`option '${arg}' is ambiguous; possibilities: ${found.map(([n]) => `'--${n}'`).join(' ')}`);
      const [full, to] = entry;
      const target = to.replace(/:{1,2}$/, '');
      if (to.endsWith('::')) add(target, cut < 0 ? '' : arg.slice(cut + 1));
      else if (to.endsWith(':')) {
        const value = cut < 0 ? args[++i] : arg.slice(cut + 1);
        if (value === undefined) throw new UsageError(`option '--${full}' requires an argument`);
        add(target, value);
      } else if (cut >= 0) throw new UsageError(`option '--${full}' doesn't allow an argument`);
      else add(target, '');
      continue;
    }
    if (arg.length < 2 || !arg.startsWith('-')) {
      if (spec.stopAtOperand === true) {
        rest.push(...args.slice(i));
        break;
      }
      rest.push(arg);
      continue;
    }
    for (let k = 1; k < arg.length; k++) {
      const letter = arg.charAt(k);
      const at = letter === ':' ? -1 : spec.short.indexOf(letter);
      if (at < 0) throw new UsageError(`invalid option -- '${letter}'`);
      if (spec.short.charAt(at + 1) !== ':') {
        add(letter, '');
        continue;
      }
      const glued = arg.slice(k + 1);
      if (spec.short.charAt(at + 2) === ':') {
        add(letter, glued);
        break;
      }
      const value = glued !== '' ? glued : args[++i];
      if (value === undefined) throw new UsageError(`option requires an argument -- '${letter}'`);
      add(letter, value);
      break;
    }
  }
  return { given, rest, has: (name) => given.has(name), value: (name) => given.get(name)?.at(-1) };
}
