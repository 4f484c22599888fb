import type { Ack } from '../../uapi/rtnetlink.ts';
import type { NetDevice } from '../net-device.ts';
import type { Netns } from '../netns.ts';

/** net.* of one namespace. Numbers are kept parsed, so that the packet path pays a Map lookup. */
export class SysctlTable {
  constructor(_ns: Netns) {}
  get(_key: string): string | undefined { return undefined; }
  set(_key: string, _value: string): Ack { return { ok: true, value: undefined }; }
  keys(): readonly string[] { return []; }
  /** Number of a key (`net.ipv4.ip_default_ttl`). A key that does not exist is our bug. */
  int(_key: string): number { return 0; }
  flag(key: string): boolean { return this.int(key) !== 0; }
  /** net.ipv4.conf.<dev>.<name> alone. */
  conf(_dev: NetDevice, _name: string): number { return 0; }
  /** IN_DEV_MAXCONF: the larger of conf.all and the device's (rp_filter, arp_ignore, arp_announce). */
  maxConf(_dev: NetDevice, _name: string): number { return 0; }
  /** IN_DEV_ORCONF: set for all or for the device (proxy_arp, send_redirects, route_localnet, arp_filter). */
  orConf(_dev: NetDevice, _name: string): boolean { return false; }
  /** IN_DEV_ANDCONF: set for all and for the device (accept_local is OR, accept_redirects AND when forwarding). */
  andConf(_dev: NetDevice, _name: string): boolean { return false; }
}
