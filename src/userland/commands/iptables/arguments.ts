/** Read first: iptables(8), iptables/xshared.c do_parse(). */
import { isTable, VERSION } from './tables.ts';
import type { TableName } from '../../../engine/trace/steps.ts';
import { Exit } from '../kit.ts';

export const problem = (text: string, code = 2): Exit => new Exit(code, `iptables ${VERSION}: ${text}\n${code === 2 ? "Try `iptables -h' or 'iptables --help' for more information.\n" : ''}`);

/** What sscanf's %i takes. */
const SECONDS = /^\s*[-+]?\d/;
/** xs_has_arg */
const HAS_ARGUMENT = /^(?![-!])/;

export type CommandLetter = 'A' | 'D' | 'I' | 'R' | 'L' | 'S' | 'F' | 'Z' | 'N' | 'X' | 'E' | 'P' | 'C';

export interface Arguments {
  readonly command: CommandLetter;
  /** -L and -S together with -Z. */
  readonly zero: boolean;
  readonly table: TableName;
  readonly chain: string | undefined;
  readonly position: number | undefined;
  /** New name (-E) or policy (-P). */
  readonly second: string | undefined;
  readonly spec: readonly string[];
  readonly verbose: boolean;
  readonly numeric: boolean;
  readonly exact: boolean;
  readonly lineNumbers: boolean;
}

const LONG: Readonly<Record<string, string>> = {
  append: 'A', delete: 'D', insert: 'I', replace: 'R', list: 'L', 'list-rules': 'S', flush: 'F', zero: 'Z', 'new-chain': 'N', 'delete-chain': 'X', 'rename-chain': 'E', policy: 'P', check: 'C', table: 't',
  verbose: 'v', numeric: 'n', exact: 'x', 'line-numbers': '0', wait: 'w', 'wait-interval': 'W', modprobe: 'M', version: 'V', help: 'h', ipv4: '4', ipv6: '6',
};
/** Commands, and how many operands they want: chain, then a number or a name. */
const COMMANDS: Readonly<Record<CommandLetter, { readonly needsChain: boolean; readonly second: 'none' | 'number' | 'name' | 'optional-number' }>> = {
  A: { needsChain: true, second: 'none' }, C: { needsChain: true, second: 'none' }, D: { needsChain: true, second: 'optional-number' }, I: { needsChain: true, second: 'optional-number' }, R: { needsChain: true, second: 'number' },
  L: { needsChain: false, second: 'optional-number' }, S: { needsChain: false, second: 'optional-number' }, F: { needsChain: false, second: 'none' }, Z: { needsChain: false, second: 'optional-number' },
  N: { needsChain: true, second: 'none' }, X: { needsChain: false, second: 'none' }, E: { needsChain: true, second: 'name' }, P: { needsChain: true, second: 'name' },
};
const isCommand = (letter: string): letter is CommandLetter => Object.hasOwn(COMMANDS, letter);
/** Rule options of one letter; all but -f take a value. */
const RULE_LETTERS = 'psdjgiomfc';

/** set_option */
function once(flag: string, already: boolean): true {
  if (already) throw problem(`multiple -${flag} flags not allowed`);
  return true;
}

const isOption = (word: string | undefined): boolean => word === undefined || (word.startsWith('-') && word.length > 1) || word === '!';

export function parseArguments(args: readonly string[]): Arguments | 'version' | 'help' {
  let command: CommandLetter | undefined;
  let zero = false;
  let table: TableName = 'filter';
  let chain: string | undefined;
  let position: number | undefined;
  let second: string | undefined;
  let verbose = false;
  let numeric = false;
  let exact = false;
  let lineNumbers = false;
  const spec: string[] = [];
  const illegal: string[] = [];
  let i = 0;
  const value = (option: string): string => {
    const word = args[i++];
    if (word === undefined) throw problem(`option "${option}" requires an argument`);
    return word;
  };
  while (i < args.length) {
    const word = args[i++] ?? '';
    let letter: string | undefined;
    let glued = '';
    let shown = word;
    if (word.startsWith('--') && word.length > 2) {
      const cut = word.indexOf('=');
      const name = cut < 0 ? word.slice(2) : word.slice(2, cut);
      const names = Object.keys(LONG).filter((n) => n === name || (name.length > 2 && n.startsWith(name)));
      letter = LONG[name] ?? (names.length === 1 ? LONG[names[0] ?? ''] : undefined);
      glued = cut < 0 || letter === undefined ? '' : word.slice(cut + 1);
    } else if (/^-[A-Za-z046]/.test(word)) {
      letter = word.charAt(1);
      glued = word.slice(2);
      shown = `-${letter}`;
    }
    if (letter === undefined || (RULE_LETTERS.includes(letter) && !word.startsWith('--'))) {
      if ((letter === 'j' || letter === 'g') && spec.at(-1) === '!') throw problem(`cannot have ! before -${letter}`);
      spec.push(word);
      if (letter !== undefined) {
        if (letter !== 'f' && glued === '') spec.push(value(shown));
        illegal.push(letter);
      } else if (word === '!') continue;
      else if (word.startsWith('--')) {
        // The value of an option of a match or target; what looks like an option is one, except after text options.
        if (/^--(comment|log-prefix|nflog-prefix)$/.test(word)) spec.push(value(word));
        else while (i < args.length && !isOption(args[i])) spec.push(args[i++] ?? '');
      } else if (!word.startsWith('-') && spec.length === 1 && command === undefined) throw new Exit(2, `Bad argument \`${word}'\nTry \`iptables -h' or 'iptables --help' for more information.\n`);
      continue;
    }
    if (isCommand(letter)) {
      if (command !== undefined) {
        if ((letter === 'Z' && (command === 'L' || command === 'S')) || (command === 'Z' && (letter === 'L' || letter === 'S'))) {
          zero = true;
          if (letter === 'Z') {
            if (!isOption(args[i])) chain = value(shown);
            continue;
          }
        } else throw problem(`Cannot use -${letter} with -${command}`);
      }
      command = letter;
      const wants = COMMANDS[letter];
      if (glued !== '') chain = glued;
      else if (wants.needsChain) chain = value(shown);
      else if (!isOption(args[i])) chain = args[i++];
      if (wants.second === 'name') {
        if (isOption(args[i])) throw problem(letter === 'E' ? '-E requires old-chain-name and new-chain-name' : '-P requires a chain and a policy');
        second = args[i++];
      } else if (wants.second !== 'none' && !isOption(args[i])) {
        const text = args[i] ?? '';
        if (!/^\d+$/.test(text) || Number(text) === 0) throw problem(`Invalid rule number \`${text}'`);
        position = Number(text);
        i++;
      } else if (wants.second === 'number') throw problem(`-${letter} requires a rule number`);
      continue;
    }
    switch (letter) {
      case 't': {
        const name = glued !== '' ? glued : value(shown);
        if (!isTable(name)) throw new Exit(3, `iptables ${VERSION}: table '${name}' does not exist\nPerhaps iptables or your kernel needs to be upgraded.\n`);
        table = name;
        break;
      }
      case 'v': case 'n': case 'x': case '0': case '4':
        for (const flag of word.startsWith('--') ? letter : word.slice(1)) {
          if (flag === 'v') verbose = true;
          else if (flag === 'n') numeric = once(flag, numeric);
          else if (flag === 'x') exact = once(flag, exact);
          else if (flag === '0') lineNumbers = once(flag, lineNumbers);
          else if (flag !== '4') return parseArguments([...args.slice(0, i - 1), ...[...word.slice(1)].map((f) => `-${f}`), ...args.slice(i)]);
        }
        break;
      case 'w': case 'W':
        if (glued !== '' ? !SECONDS.test(glued) : letter === 'w' && i < args.length && HAS_ARGUMENT.test(args[i] ?? '') && !SECONDS.test(args[i] ?? '')) throw problem('wait seconds not numeric');
        if (glued === '' && SECONDS.test(args[i] ?? '')) i++;
        break;
      case 'V': return 'version';
      case 'h': return 'help';
      case '6': throw problem('IPv6 is not modelled in this lab');
      case 'M': if (glued === '') value(shown); break;
      default: spec.push(word);
    }
  }
  if (command === undefined) {
    const stray = spec.find((w) => !w.startsWith('-'));
    if (stray !== undefined && spec[0] === stray) throw new Exit(2, `Bad argument \`${stray}'\nTry \`iptables -h' or 'iptables --help' for more information.\n`);
    const unknown = spec.find((w, n) => w.startsWith('-') && w.length > 1 && (n === 0 || spec[n - 1]?.startsWith('-') !== true) && !RULE_LETTERS.includes(w.charAt(1)));
    throw problem(unknown === undefined ? 'no command specified' : `unknown option "${unknown}"`);
  }
  const ruled = 'ADIRC'.includes(command);
  const [bad] = illegal;
  if (!ruled && bad !== undefined) throw problem(`Illegal option \`-${bad}' with this command`);
  if (command === 'S' && lineNumbers) throw problem("Illegal option `-0' with this command");
  if (!ruled && spec.length > 0) {
    const [first = ''] = spec;
    throw first.startsWith('-') ? problem(`unknown option "${first}"`) : new Exit(2, `Bad argument \`${first}'\nTry \`iptables -h' or 'iptables --help' for more information.\n`);
  }
  return { command, zero, table, chain, position, second, spec, verbose, numeric, exact, lineNumbers };
}
