/** Command lines as spf13/pflag reads them. Models: pflag 1.0.5 (long and short flags, `=`, joined shorthands, `--`), cobra's refusals. */
import { err, ok, type Result } from '../../base/result.ts';

export interface FlagSpec {
  readonly name: string;
  readonly short?: string;
  /** `boolean`: no value unless `=`. `list`: may be given several times. */
  readonly type: 'string' | 'boolean' | 'list' | 'int' | 'duration';
  /** Value of a string flag that stands alone (NoOptDefVal): `--dry-run`. */
  readonly bare?: string;
}

export class Flags {
  readonly args: readonly string[];
  /** Words after `--`. */
  readonly rest: readonly string[] | undefined;
  readonly #values: ReadonlyMap<string, readonly string[]>;

  constructor(args: readonly string[], rest: readonly string[] | undefined, values: ReadonlyMap<string, readonly string[]>) {
    this.args = args;
    this.rest = rest;
    this.#values = values;
  }

  text(name: string): string | undefined {
    return this.#values.get(name)?.at(-1);
  }
  list(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }
  on(name: string): boolean {
    const value = this.text(name);
    return value !== undefined && !/^(?:0|f|F|false|FALSE|False)$/.test(value);
  }
  has(name: string): boolean {
    return this.#values.has(name);
  }
  /** The same without one flag. */
  without(name: string): Flags {
    return new Flags(this.args, this.rest, new Map([...this.#values].filter(([key]) => key !== name)));
  }
}

export const flag = (name: string, type: FlagSpec['type'] = 'string', short?: string, bare?: string): FlagSpec =>
  ({ name, type, ...(short === undefined ? {} : { short }), ...(bare === undefined ? {} : { bare }) });

/** Flags that every verb takes. */
export const GLOBAL: readonly FlagSpec[] = [
  flag('namespace', 'string', 'n'), flag('kubeconfig'), flag('context'), flag('request-timeout'), flag('server', 'string', 's'), flag('v', 'string', 'v'), flag('help', 'boolean', 'h'),
  flag('as'), flag('as-group', 'list'), flag('as-uid'), flag('token'), flag('user'), flag('username'), flag('password'), flag('cluster'), flag('insecure-skip-tls-verify', 'boolean'), flag('tls-server-name'),
  flag('certificate-authority'), flag('client-certificate'), flag('client-key'), flag('cache-dir'), flag('disable-compression', 'boolean'), flag('log-flush-frequency', 'duration'), flag('warnings-as-errors', 'boolean'),
];

/** What pflag says of a value that its type cannot hold. */
function wrongValue(spec: FlagSpec, value: string): string | undefined {
  const shown = `${spec.short === undefined ? '' : `-${spec.short}, `}--${spec.name}`;
  const refuse = (why: string): string => `invalid argument "${value}" for "${shown}" flag: ${why}`;
  if (spec.type === 'int' && !/^[-+]?(?:\d+|0x[0-9a-f]+)$/i.test(value)) return refuse(`strconv.ParseInt: parsing "${value}": invalid syntax`);
  if (spec.type === 'boolean' && !/^(?:1|t|T|true|TRUE|True|0|f|F|false|FALSE|False)$/.test(value)) return refuse(`strconv.ParseBool: parsing "${value}": invalid syntax`);
  if (spec.type === 'duration' && !/^[-+]?(?:0|(?:\d+(?:\.\d*)?(?:ns|us|µs|ms|s|m|h))+)$/.test(value)) return refuse(/^[-+]?[\d.]+$/.test(value) ? `time: missing unit in duration "${value}"` : `time: invalid duration "${value}"`);
  return undefined;
}

export interface FlagOptions {
  /** The first word that is no flag ends the flags (exec without `--`, run). */
  readonly interspersed?: boolean;
}

export function parseFlags(words: readonly string[], specs: readonly FlagSpec[], options: FlagOptions = {}): Result<Flags, string> {
  const args: string[] = [];
  const values = new Map<string, string[]>();
  let rest: string[] | undefined;
  const set = (spec: FlagSpec, value: string): string | undefined => {
    values.set(spec.name, [...(values.get(spec.name) ?? []), value]);
    return wrongValue(spec, value);
  };
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (word === '--') {
      rest = words.slice(i + 1);
      break;
    }
    if (word.startsWith('--')) {
      const [name = '', ...more] = word.slice(2).split('=');
      const spec = specs.find((s) => s.name === name);
      if (spec === undefined) return err(`unknown flag: --${name}`);
      const value = more.length > 0 ? more.join('=') : spec.type === 'boolean' ? 'true' : (spec.bare ?? words[++i]);
      if (value === undefined) return err(`flag needs an argument: --${name}`);
      const wrong = set(spec, value);
      if (wrong !== undefined) return err(wrong);
      continue;
    }
    if (word.startsWith('-') && word.length > 1) {
      for (let k = 1; k < word.length; k++) {
        const letter = word.charAt(k);
        const spec = specs.find((s) => s.short === letter);
        if (spec === undefined) return err(`unknown shorthand flag: '${letter}' in ${word}`);
        if (spec.type === 'boolean' && word.charAt(k + 1) !== '=') {
          set(spec, 'true');
          continue;
        }
        const joined = word.slice(k + 1).replace(/^=/, '');
        const next = joined === '' ? words[++i] : joined;
        if (next === undefined) return err(`flag needs an argument: '${letter}' in ${word}`);
        const wrong = set(spec, next);
        if (wrong !== undefined) return err(wrong);
        break;
      }
      continue;
    }
    args.push(word);
    if (options.interspersed === false) {
      args.push(...words.slice(i + 1));
      break;
    }
  }
  return ok(new Flags(args, rest, values));
}
