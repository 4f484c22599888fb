import type { Brand } from '../../base/brand.ts';

/** An IPv4 address as an unsigned 32-bit integer, host order. */
export type Ipv4 = Brand<number, 'Ipv4'>;
/** A MAC address as an integer below 2^48. */
export type Mac = Brand<number, 'Mac'>;
/** A network: address bits beyond `length` are zero. */
export interface Prefix {
  readonly address: Ipv4;
  readonly length: number;
}

export const ipv4 = (n: number): Ipv4 => (n >>> 0) as Ipv4;
export const mac = (n: number): Mac => n as Mac;

export const ANY = ipv4(0);
export const LOOPBACK = ipv4(0x7f000001);
export const BROADCAST = ipv4(0xffffffff);
export const MAC_ZERO = mac(0);
export const MAC_BROADCAST = mac(0xffffffffffff);

export const formatIpv4 = (a: Ipv4): string => `${a >>> 24}.${(a >>> 16) & 255}.${(a >>> 8) & 255}.${a & 255}`;

export function parseIpv4(text: string): Ipv4 | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let n = 0;
  for (const part of parts) {
    if (!/^\d{1,3}$/.test(part) || Number(part) > 255) return undefined;
    n = n * 256 + Number(part);
  }
  return ipv4(n);
}

export const formatMac = (m: Mac): string => {
  const hex = m.toString(16).padStart(12, '0');
  return `${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4, 6)}:${hex.slice(6, 8)}:${hex.slice(8, 10)}:${hex.slice(10, 12)}`;
};

export function parseMac(text: string): Mac | undefined {
  if (!/^[0-9a-f]{1,2}(:[0-9a-f]{1,2}){5}$/i.test(text)) return undefined;
  return mac(text.split(':').reduce((n, part) => n * 256 + Number.parseInt(part, 16), 0));
}

/** 24 gives 255.255.255.0. */
export const maskOf = (length: number): number => (length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0);

export const prefix = (address: Ipv4, length: number): Prefix => ({ address: ipv4(address & maskOf(length)), length });

export const contains = (p: Prefix, a: Ipv4): boolean => ((a ^ p.address) & maskOf(p.length)) === 0;

export const formatPrefix = (p: Prefix): string => `${formatIpv4(p.address)}/${p.length}`;

/** `10.42.0.0/16`, or an address alone (/32). The address keeps its host bits; see {@link prefix} to clear them. */
export function parseCidr(text: string): Prefix | undefined {
  const slash = text.indexOf('/');
  const address = parseIpv4(slash < 0 ? text : text.slice(0, slash));
  if (address === undefined) return undefined;
  if (slash < 0) return { address, length: 32 };
  const length = text.slice(slash + 1);
  if (!/^\d{1,2}$/.test(length) || Number(length) > 32) return undefined;
  return { address, length: Number(length) };
}

/** Bit 40: group addresses, broadcast among them. */
export const isMulticastMac = (m: Mac): boolean => Math.floor(m / 0x10000000000) % 2 === 1;
export const isMulticast = (a: Ipv4): boolean => a >>> 28 === 14;
export const isLoopback = (a: Ipv4): boolean => a >>> 24 === 127;
