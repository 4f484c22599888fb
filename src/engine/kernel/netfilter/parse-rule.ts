/**
 * Read first: iptables(8) PARAMETERS.
 * Models: do_parse and command_default of xshared.c (iptables 1.8.9): words of a rule to its spec, with the tool's own errors.
 * Not modelled: host names (no resolver here), -w, -4/-6 lines.
 */
import { err, ok, type Result } from '../../../base/result.ts';
import type { TableName } from '../../trace/steps.ts';
import { matchNamed, NOT_MODELLED_MATCHES } from './all-matches.ts';
import { NOT_MODELLED_TARGETS, targetNamed } from './all-targets.ts';
import type { Given, MatchExtension, OptionSpec, ParseContext, TargetExtension } from './extension.ts';
import { usage, type Failure } from './failure.ts';
import { parseNetwork, parseUint } from './options.ts';
import type { AddressMatch, DeviceMatch, RuleSpec, Target } from './ruleset.ts';
import { protocolByName } from './services.ts';

export interface ParsedRule {
  /** Several when -s or -d held a list. */
  readonly specs: readonly RuleSpec[];
  readonly counters: { readonly packets: number; readonly bytes: number } | undefined;
}

/** Generic options: long names to their letter. */
const LONG: Readonly<Record<string, string>> = {
  protocol: 'p', proto: 'p', source: 's', src: 's', destination: 'd', dst: 'd', 'in-interface': 'i', 'out-interface': 'o', jump: 'j', goto: 'g', match: 'm',
  fragments: 'f', 'set-counters': 'c', table: 't', wait: 'w', verbose: 'v', numeric: 'n', ipv4: '4',
};
const ARGUMENT = new Set(['p', 's', 'd', 'i', 'o', 'j', 'g', 'm']);
const IFNAMSIZ = 15;
const ONE_INSTANCE = new Set(['tcp', 'udp', 'sctp', 'icmp']);

interface Loaded<E> {
  readonly extension: E;
  readonly given: Given[];
}

class RuleParser {
  readonly table: TableName;
  readonly chain: string;
  readonly matches: Loaded<MatchExtension>[] = [];
  target: Loaded<TargetExtension> | undefined;
  plainTarget: Target = { kind: 'none' };
  protocol: RuleSpec['protocol'];
  sources: { readonly text: string; readonly invert: boolean } | undefined;
  destinations: { readonly text: string; readonly invert: boolean } | undefined;
  iif: DeviceMatch | undefined;
  oif: DeviceMatch | undefined;
  fragment: RuleSpec['fragment'];
  counters: ParsedRule['counters'];
  protoTried = false;
  readonly seen = new Set<string>();

  constructor(table: TableName, chain: string) {
    this.table = table;
    this.chain = chain;
  }

  run(words: readonly string[]): Failure | undefined {
    let invert = false;
    for (let i = 0; i < words.length; i++) {
      const word = words[i] ?? '';
      if (word === '!') {
        if (invert) return usage('multiple consecutive ! not allowed');
        if (i + 1 >= words.length) return usage('nothing appropriate following !');
        invert = true;
        continue;
      }
      if (!word.startsWith('-') || word === '-') return usage(`Bad argument \`${word}'`, true);
      const { letter, inline, long } = split(word);
      if (letter !== undefined) {
        let argument: string | undefined;
        if (ARGUMENT.has(letter)) {
          argument = inline ?? words[++i];
          if (argument === undefined) return usage(`option "${long === undefined ? `-${letter}` : `--${long}`}" requires an argument`);
        } else if (letter === 'c') {
          const packets = Number(words[i + 1]);
          const bytes = Number(words[i + 2]);
          if (!Number.isInteger(packets) || !Number.isInteger(bytes)) return usage('-c packet counter not numeric');
          this.counters = { packets, bytes };
          i += 2;
        } else if (letter === 't') return usage('The -t option cannot be used in iptables-restore.\n');
        const failure = this.generic(letter, argument ?? '', invert);
        if (failure !== undefined) return failure;
        invert = false;
        continue;
      }
      const name = long ?? word.slice(1);
      const owner = this.#owner(name);
      if (owner === undefined) return usage(`unknown option "${word.split('=')[0] ?? word}"`);
      if (invert && owner.option.invert !== true) return usage(`${owner.name}: option "--${owner.option.name}" cannot be inverted.\n`);
      const values: string[] = [];
      const count = owner.option.words ?? (owner.option.argument === undefined ? 0 : 1);
      if (inline !== undefined && count > 0) values.push(inline);
      while (values.length < count) {
        let value = words[++i];
        // `--sport ! 80`, the old place of the `!`, is still understood by no modern iptables.
        if (value === undefined) return usage(`option "--${owner.option.name}" requires an argument`);
        if (value === '' && count === 1) value = '';
        values.push(value);
      }
      owner.given.push({ name: owner.option.name, values, value: values[0] ?? '', invert });
      invert = false;
    }
    return undefined;
  }

  generic(letter: string, argument: string, invert: boolean): Failure | undefined {
    if ('psdiojgf'.includes(letter)) {
      const key = letter === 'g' ? 'j' : letter;
      if (this.seen.has(key)) return usage(`multiple -${key} flags not allowed`);
      this.seen.add(key);
    }
    switch (letter) {
      case 'p': {
        const number = argument === 'all' ? 0 : parseUint(argument, 255) ?? protocolByName(argument);
        if (number === undefined) return usage(`unknown protocol "${argument}" specified`);
        if (number === 0 && invert) return usage('rule would never match protocol');
        this.protocol = number === 0 ? undefined : { number, invert };
        return undefined;
      }
      case 's': this.sources = { text: argument, invert }; return undefined;
      case 'd': this.destinations = { text: argument, invert }; return undefined;
      case 'i':
      case 'o': {
        if (argument.length > IFNAMSIZ) return usage(`interface name \`${argument}' must be shorter than IFNAMSIZ (${IFNAMSIZ})`);
        if (argument === '') return usage('Empty interface is likely to be undesired');
        const device: DeviceMatch = { name: argument.replace(/\+$/, ''), prefix: argument.endsWith('+'), invert };
        const any = device.prefix && device.name === '' && !invert;
        if (letter === 'i') this.iif = any ? undefined : device;
        else this.oif = any ? undefined : device;
        return undefined;
      }
      case 'f': this.fragment = { invert }; return undefined;
      case 'm': return this.#loadMatch(argument);
      case 'j': return this.#jump(argument);
      case 'g': this.plainTarget = { kind: 'goto', chain: argument }; return undefined;
      default: return undefined;
    }
  }

  #loadMatch(name: string): Failure | undefined {
    const extension = matchNamed(name);
    if (extension === undefined) {
      return usage(NOT_MODELLED_MATCHES.includes(name) ? `match \`${name}' is not modelled in this lab` : `Couldn't load match \`${name}':No such file or directory\n`);
    }
    if (ONE_INSTANCE.has(name) && this.matches.some((m) => m.extension === extension)) return undefined;
    this.matches.push({ extension, given: [] });
    return undefined;
  }

  #jump(name: string): Failure | undefined {
    if (name === 'ACCEPT' || name === 'DROP' || name === 'RETURN') {
      if (name === 'DROP' && this.table === 'nat') {
        return usage('\nThe "nat" table is not intended for filtering, the use of DROP is therefore inhibited.\n\n');
      }
      this.plainTarget = { kind: 'verdict', verdict: name };
      return undefined;
    }
    const extension = targetNamed(name);
    if (extension !== undefined) this.target = { extension, given: [] };
    else if (NOT_MODELLED_TARGETS.includes(name)) return usage(`target \`${name}' is not modelled in this lab`);
    else this.plainTarget = { kind: 'jump', chain: name };
    return undefined;
  }

  /** Whose option is it? The target's, a loaded match's (latest first), else that of the protocol's own match, which loads now. */
  #owner(name: string): { readonly name: string; readonly option: OptionSpec; readonly given: Given[] } | undefined {
    const candidates: Loaded<MatchExtension | TargetExtension>[] = this.target === undefined ? [...this.matches].reverse() : [this.target, ...[...this.matches].reverse()];
    for (const { extension, given } of candidates) {
      const option = findOption(extension.options, name);
      if (option !== undefined) return { name: extension.name, option, given };
    }
    const number = this.protocol?.invert === false ? this.protocol.number : undefined;
    const proto = number === 6 ? 'tcp' : number === 17 ? 'udp' : number === 1 ? 'icmp' : number === 132 ? 'sctp' : undefined;
    if (proto === undefined || this.protoTried || this.matches.some((m) => m.extension.name === proto)) return undefined;
    const extension = matchNamed(proto);
    const option = extension === undefined ? undefined : findOption(extension.options, name);
    if (extension === undefined || option === undefined) return undefined;
    this.protoTried = true;
    const loaded: Loaded<MatchExtension> = { extension, given: [] };
    this.matches.push(loaded);
    return { name: proto, option, given: loaded.given };
  }

  finish(): Result<ParsedRule, Failure> {
    const context: ParseContext = { protocol: this.protocol?.invert === false ? this.protocol.number : undefined, table: this.table, chain: this.chain };
    const matches = [];
    for (const { extension, given } of this.matches) {
      const options = extension.parse(given, context);
      if (!options.ok) return err(usage(options.error));
      matches.push({ name: extension.name, options: options.value });
    }
    let target = this.plainTarget;
    if (this.target !== undefined) {
      const options = this.target.extension.parse(this.target.given, context);
      if (!options.ok) return err(usage(options.error));
      target = { kind: 'extension', use: { name: this.target.extension.name, options: options.value } };
    }
    if (this.oif !== undefined && (this.chain === 'PREROUTING' || this.chain === 'INPUT')) return err(usage(`Can't use -o with ${this.chain}\n`));
    if (this.iif !== undefined && (this.chain === 'POSTROUTING' || this.chain === 'OUTPUT')) return err(usage(`Can't use -i with ${this.chain}\n`));
    const sources = addresses(this.sources);
    const destinations = addresses(this.destinations);
    if (!sources.ok) return sources;
    if (!destinations.ok) return destinations;
    const specs: RuleSpec[] = [];
    for (const src of sources.value) {
      for (const dst of destinations.value) specs.push({ src, dst, iif: this.iif, oif: this.oif, protocol: this.protocol, fragment: this.fragment, matches, target });
    }
    return ok({ specs, counters: this.counters });
  }
}

function split(word: string): { readonly letter?: string | undefined; readonly inline?: string | undefined; readonly long?: string | undefined } {
  if (word.startsWith('--')) {
    const at = word.indexOf('=');
    const long = word.slice(2, at < 0 ? undefined : at);
    return { letter: LONG[long], inline: at < 0 ? undefined : word.slice(at + 1), long };
  }
  const letter = word.charAt(1);
  if (!'psdiojgmfctwvn4x'.includes(letter)) return { long: word.slice(1) };
  return { letter, inline: word.length > 2 ? word.slice(2) : undefined };
}

/** Full name, alias, or an abbreviation that only one option has (getopt_long). */
function findOption(options: readonly OptionSpec[], name: string): OptionSpec | undefined {
  const exact = options.find((o) => o.name === name || o.aliases?.includes(name) === true);
  if (exact !== undefined || name === '') return exact;
  const some = options.filter((o) => o.name.startsWith(name));
  return some.length === 1 ? some[0] : undefined;
}

function addresses(given: { readonly text: string; readonly invert: boolean } | undefined): Result<readonly (AddressMatch | undefined)[], Failure> {
  if (given === undefined) return ok([undefined]);
  const texts = given.text.split(',');
  if (texts.length > 1 && given.invert) return err(usage('! not allowed with multiple source or destination IP addresses'));
  const out: (AddressMatch | undefined)[] = [];
  for (const text of texts) {
    const network = parseNetwork(text);
    if (!network.ok) return err(usage(network.error));
    out.push(network.value.mask === 0 && !given.invert ? undefined : { ...network.value, invert: given.invert });
  }
  return ok(out);
}

export function parseRule(table: TableName, chain: string, words: readonly string[]): Result<ParsedRule, Failure> {
  const parser = new RuleParser(table, chain);
  const failure = parser.run(words);
  return failure === undefined ? parser.finish() : err(failure);
}
