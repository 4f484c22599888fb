/** Checked fields that scenario files are made of. */
import * as v from 'valibot';
import { parseCidr, parseIpv4, parseMac } from '../../engine/wire/addresses.ts';

export const hostName = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9.-]{0,62}$/, 'is no host name'));
export const address = v.pipe(v.string(), v.check((text) => parseIpv4(text) !== undefined, 'is no IPv4 address'));
export const cidr = v.pipe(v.string(), v.check((text) => parseCidr(text) !== undefined, 'is no prefix'));
export const mac = v.pipe(v.string(), v.check((text) => parseMac(text) !== undefined, 'is no MAC address'));
/** A Linux interface name. */
export const deviceName = v.pipe(v.string(), v.regex(/^[^\s/]{1,15}$/, 'is no interface name'));
export const role = v.picklist(['server', 'agent']);
