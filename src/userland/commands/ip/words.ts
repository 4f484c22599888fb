/** Read first: iproute2 lib/utils.c. The rest of a command line, read word by word with iproute2's error texts. */
import { ANY, type Ipv4, type Mac, parseCidr, parseIpv4, parseMac, type Prefix, prefix } from '../../../engine/wire/addresses.ts';
import type { Context } from '../../host.ts';
import { Exit, print, NOT_MODELLED } from '../kit.ts';
import { STRERROR, type KernelError } from '../../../engine/uapi/errno.ts';
import type { Result } from '../../../base/result.ts';
import type { Link } from '../../../engine/uapi/rtnetlink.ts';

export interface IpOptions {
  readonly brief: boolean;
  readonly details: boolean;
  readonly statistics: number;
  readonly oneline: boolean;
  readonly family: 4 | 6 | undefined;
  readonly json: boolean;
  readonly pretty: boolean;
  readonly numeric: boolean;
  /** `ip -all netns`: every named namespace. */
  readonly all?: boolean | undefined;
  /** iproute2 of Ubuntu 22.04: does not know of allmulti. */
  readonly old?: boolean | undefined;
}

/** iproute2's `matches()`: an abbreviation from the start. */
export const isPrefixOf = (word: string, full: string): boolean => word !== '' && full.startsWith(word);

export class Words {
  readonly context: Context;
  readonly options: IpOptions;
  readonly #words: readonly string[];
  #pos = 0;

  constructor(context: Context, options: IpOptions, words: readonly string[]) {
    this.context = context;
    this.options = options;
    this.#words = words;
  }

  get done(): boolean {
    return this.#pos >= this.#words.length;
  }

  peek(): string | undefined {
    return this.#words[this.#pos];
  }

  take(): string | undefined {
    return this.#words[this.#pos++];
  }

  rest(): readonly string[] {
    return this.#words.slice(this.#pos);
  }

  /** NEXT_ARG */
  value(): string {
    const word = this.take();
    if (word === undefined) throw new Exit(255, 'Command line is not complete. Try option "help"\n');
    return word;
  }

  print(text: string): void {
    print(this.context, text);
  }

  /** The link, or `Cannot find device "x"`. */
  device(name: string, code = 1): Link {
    const link = this.context.kernel.netlink.link(name);
    if (link === undefined) throw new Exit(code, `Cannot find device "${name}"\n`);
    return link;
  }

  /** With -4 the family is known: `inet prefix is expected`. */
  prefix(word = this.value()): Prefix {
    return prefixWord(word, this.options.family === 4 || word.includes(':'));
  }

  /** Name of the device after `master`. */
  master(): string {
    const name = this.value();
    if (this.context.kernel.netlink.link(name) === undefined) throw wrong(name, 'Device does not exist');
    return name;
  }

  number(word: string, what: string): number {
    const n = Number(word);
    if (word === '' || !Number.isInteger(n) || n < 0) throw invalid(what, word);
    return n;
  }
}

export const usage = (text: string): Exit => new Exit(255, text);
export const invalid = (what: string, word: string): Exit => new Exit(255, `Error: argument "${word}" is wrong: Invalid "${what}" value\n\n`);
export const wrong = (word: string, why: string): Exit => new Exit(255, `Error: argument "${word}" is wrong: ${why}\n\n`);
/** /etc/iproute2/group: every device here is in group 0. False: a group without devices. */
export function isOwnGroup(word: string): boolean {
  if (word !== 'default' && !/^\d+$/.test(word)) throw invalid('group', word);
  return word === 'default' || Number(word) === 0;
}

/** invarg() with a text that has no line end of its own. */
export const invarg = (word: string, why: string): Exit => new Exit(255, `Error: argument "${word}" is wrong: ${why}\n`);
/** check_ifname; check_altifname of a device that may be called by another name */
export function ifname(word: string, key: 'name' | 'dev'): string {
  if (word === '' || word.length > (key === 'name' ? 15 : 127) || /[/\s]/.test(word)) throw invarg(word, `"${key}" not a valid ifname`);
  return word;
}

export const garbage = (key: string, word: string): Exit => new Exit(255, `Error: either "${key}" is duplicate, or "${word}" is a garbage.\n`);
export const unknownCommand = (word: string, object: string): Exit => new Exit(255, `Command "${word}" is unknown, try "ip ${object} help".\n`);
export const notModelled = (what: string): Exit => new Exit(255, `Error: "${what}" is ${NOT_MODELLED}.\n`);
/** No device here is a VRF. */
export const noVrf = (word: string, complaint = 'Not a valid VRF name'): Exit => wrong(word, complaint);
export const missingDevice = (code = 255): Exit => new Exit(code, 'Not enough information: "dev" argument is required.\n');

/** `any valid prefix is expected rather than "x".` */
export function prefixWord(word: string, inet = word.includes(':')): Prefix {
  if (word === 'default' || word === 'any' || word === 'all') return prefix(ANY, 0);
  const parsed = parseCidr(word) ?? shortPrefix(word) ?? maskedPrefix(word);
  if (parsed === undefined) throw new Exit(1, `Error: ${inet ? 'inet' : 'any valid'} prefix is expected rather than "${word}".\n`);
  return parsed;
}

/** `10.42/16` and `10` are prefixes for iproute2. */
function shortPrefix(word: string): Prefix | undefined {
  const match = /^(\d+(?:\.\d+){0,2})(?:\/(\d+))?$/.exec(word);
  if (match === null) return undefined;
  const parts = (match[1] ?? '').split('.');
  while (parts.length < 4) parts.push('0');
  return parseCidr(`${parts.join('.')}/${match[2] ?? '32'}`);
}

/** `10.5.0.0/255.255.0.0` */
function maskedPrefix(word: string): Prefix | undefined {
  const [address = '', mask = ''] = word.split('/');
  const bits = parseIpv4(mask)?.toString(2).padStart(32, '0');
  return bits === undefined || !/^1*0*$/.test(bits) ? undefined : parseCidr(`${address}/${bits.replace(/0/g, '').length}`);
}

export function addressWord(word: string, kind = 'inet'): Ipv4 {
  const parsed = parseIpv4(word);
  if (parsed === undefined) throw new Exit(1, `Error: ${kind} address is expected rather than "${word}".\n`);
  return parsed;
}

export function macWord(word: string): Mac {
  const parsed = parseMac(word);
  if (parsed === undefined) throw new Exit(1, `"${word}" is invalid lladdr.\n`);
  return parsed;
}

/** Ends with the kernel's refusal as iproute2 prints it. */
export function acked<T>(result: Result<T, KernelError>): T {
  if (result.ok) return result.value;
  throw new Exit(2, netlinkText(result.error));
}

export const netlinkText = (error: KernelError): string =>
  error.extack === undefined ? `RTNETLINK answers: ${STRERROR[error.errno]}\n` : `Error: ${error.extack}${error.extack.endsWith('.') ? '' : '.'}\n`;

/** A change needs CAP_NET_ADMIN. */
export function requireRoot(context: Context): void {
  if (context.user !== 'root') throw new Exit(2, `RTNETLINK answers: ${STRERROR.EPERM}\n`);
}
