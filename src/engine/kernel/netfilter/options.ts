/** Small parsers that several extensions share, with iptables' own error texts (xtables.c, xtoptions.c 1.8.9). */
import { err, ok, type Result } from '../../../base/result.ts';
import { formatIpv4, ipv4, maskOf, parseIpv4 } from '../../wire/addresses.ts';
import type { Given } from './extension.ts';
import { portByName, portName } from './services.ts';

export const found = (given: readonly Given[], name: string): Given | undefined => given.find((g) => g.name === name);
export const required = (extension: string, option: string): Result<never, string> => err(`${extension}: option "--${option}" must be specified\n`);

/** xtables_strtoui: decimal, 0x hex or 0 octal. */
export function parseUint(text: string, max = 0xffffffff): number | undefined {
  if (!/^(0x[0-9a-f]+|\d+)$/i.test(text)) return undefined;
  const n = /^0[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number(text);
  return n <= max ? n : undefined;
}

export const badInteger = (extension: string, option: string): Result<never, string> =>
  err(`${extension}: bad integer value for option "--${option}", or out of range.\n`);

export interface PortRange {
  readonly min: number;
  readonly max: number;
  readonly invert: boolean;
}

export function parsePort(text: string, protocol: number | undefined): Result<number, string> {
  const n = /^\d+$/.test(text) ? Number(text) : portByName(text, protocol);
  return n === undefined || n > 65535 ? err(`invalid port/service \`${text}' specified`) : ok(n);
}

/** `80`, `80:90`, `:90`, `80:` */
export function parsePortRange(text: string, protocol: number | undefined, invert: boolean, separator = ':'): Result<PortRange, string> {
  const at = text.indexOf(separator);
  if (at < 0) {
    const one = parsePort(text, protocol);
    return one.ok ? ok({ min: one.value, max: one.value, invert }) : one;
  }
  const min = at === 0 ? ok(0) : parsePort(text.slice(0, at), protocol);
  const max = at === text.length - 1 ? ok(65535) : parsePort(text.slice(at + 1), protocol);
  if (!min.ok) return min;
  if (!max.ok) return max;
  return min.value > max.value ? err('invalid portrange (min > max)') : ok({ min: min.value, max: max.value, invert });
}

export const inPortRange = (r: PortRange, port: number): boolean => (port >= r.min && port <= r.max) !== r.invert;
export const portRangeText = (r: { readonly min: number; readonly max: number }, separator = ':'): string => (r.min === r.max ? `${r.min}` : `${r.min}${separator}${r.max}`);
/** As nft prints a range: `<= 99` from zero. */
export const nftRange = (r: PortRange): string =>
  r.invert ? `!= ${portRangeText(r, '-')}` : r.min === 0 && r.max > 0 ? `<= ${r.max}` : portRangeText(r, '-');

const named = (port: number, numeric: boolean, protocol: number | undefined): string => (numeric ? undefined : portName(port, protocol)) ?? `${port}`;
export const portList = (r: { readonly min: number; readonly max: number }, numeric: boolean, protocol: number | undefined): string =>
  r.min === r.max ? named(r.min, numeric, protocol) : `${named(r.min, numeric, protocol)}:${named(r.max, numeric, protocol)}`;

/** value[/mask] in hexadecimal, as mark and connmark take it. */
export function parseMark(text: string): { readonly value: number; readonly mask: number } | undefined {
  const slash = text.indexOf('/');
  const value = parseUint(slash < 0 ? text : text.slice(0, slash));
  const mask = slash < 0 ? 0xffffffff : parseUint(text.slice(slash + 1));
  return value === undefined || mask === undefined ? undefined : { value, mask };
}
export const hex = (n: number): string => `0x${(n >>> 0).toString(16)}`;
export const markText = (value: number, mask: number): string => (mask >>> 0 === 0xffffffff ? hex(value) : `${hex(value)}/${hex(mask)}`);

export const dotted = (n: number): string => formatIpv4(ipv4(n));

/** Length of a contiguous mask. */
export function maskLength(mask: number): number | undefined {
  for (let n = 0; n <= 32; n++) if (maskOf(n) === mask >>> 0) return n;
  return undefined;
}
export const maskText = (mask: number): string => `${maskLength(mask) ?? dotted(mask)}`;

/** xtables_ipparse_any for one address: `1.2.3.4`, `10/8`, `10.0.0.0/255.0.0.0`; missing bytes are zero at the end of a network. */
export function parseNetwork(text: string): Result<{ readonly address: number; readonly mask: number }, string> {
  const slash = text.indexOf('/');
  const host = slash < 0 ? text : text.slice(0, slash);
  const tail = slash < 0 ? '32' : text.slice(slash + 1);
  let mask: number | undefined;
  if (/^\d+$/.test(tail) && Number(tail) <= 32) mask = maskOf(Number(tail));
  else mask = parseIpv4(tail);
  if (mask === undefined) return err(`invalid mask \`${tail}' specified`);
  let address = parseIpv4(host);
  if (address === undefined && /^\d{1,3}(\.\d{1,3}){0,2}$/.test(host)) {
    const parts = host.split('.');
    address = slash < 0 ? classful(parts) : parseIpv4([...parts, '0', '0', '0'].slice(0, 4).join('.'));
  }
  if (address === undefined) return err(`host/network \`${host}' not found`);
  return ok({ address: (address & mask) >>> 0, mask: mask >>> 0 });
}

/** inet_aton: the last of fewer than four parts fills the remaining bytes. */
function classful(parts: readonly string[]): ReturnType<typeof parseIpv4> {
  const last = Number(parts.at(-1));
  const bytes = parts.slice(0, -1).map(Number);
  const rest = 4 - bytes.length;
  for (let i = rest - 1; i >= 0; i--) bytes.push((last >>> (8 * i)) & 255);
  return parseIpv4(bytes.join('.'));
}

/** xtables_save_string: quoted unless every character is harmless. */
export function quote(text: string): string {
  if (text !== '' && /^[A-Za-z0-9_-]+$/.test(text)) return text;
  return `"${text.replace(/["\\']/g, (c) => `\\${c}`)}"`;
}
