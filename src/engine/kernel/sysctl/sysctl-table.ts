/**
 * Read first: Documentation/networking/ip-sysctl.rst; devinet_conf_proc, inet_forward_change (net/ipv4/devinet.c).
 * Models: v6.1: inheritance of conf.default by devices that nobody configured, of the initial namespace by new ones,
 * ip_forward and conf.all.forwarding as one switch. Not modelled: keys without effect on packets outside net.*.
 */
import { must } from '../../../base/assert.ts';
import { JournaledTable } from '../../../base/journaled-table.ts';
import { done } from '../../../base/result.ts';
import { refuse } from '../../uapi/errno.ts';
import type { Ack } from '../../uapi/rtnetlink.ts';
import { journalOf } from '../journal.ts';
import type { NetDevice } from '../net-device.ts';
import type { Netns } from '../netns.ts';
import {
  BOUNDS, CONF, CONF_DEFAULT_DIFFERS, CONF_LO_DIFFERS, NEIGH, NEIGH_TABLE, PER_MACHINE, PER_NAMESPACE, WORDS,
  type Conf, type ConfName, type NeighName, type NeighParms,
} from './defaults.ts';
import { deviceKey, dotted, formatDeviceKey } from './key.ts';

interface PerDevice {
  readonly conf: Conf;
  readonly neigh: NeighParms;
  /** Names that were set here: no longer follow conf.default. 'all' once it got an address. */
  readonly own: Set<string>;
}

/** A value that is not the one the namespace started with. */
export interface SysctlRow {
  value: string;
}

const isConf = (name: string): name is ConfName => name in CONF;
const isNeigh = (name: string): name is NeighName => name in NEIGH;
const NUMBER = /^-?\d+$/;

export class SysctlTable {
  /** Keys that were changed: the others have their defaults. */
  readonly rows: JournaledTable<SysctlRow>;
  readonly #ns: Netns;
  readonly #all: Conf;
  readonly #default: Conf;
  readonly #numbers = new Map<string, number>();
  readonly #texts = new Map<string, string>();
  readonly #devices = new Map<NetDevice, PerDevice>();

  constructor(ns: Netns) {
    this.#ns = ns;
    this.rows = new JournaledTable(`${ns.id}/sysctl`, journalOf(ns));
    // devinet_init_net with devconf_inherit_init_net 0: a new namespace starts with the initial one's values.
    const init = ns.name === '' ? undefined : ns.machine.namespaces.get('')?.sysctl;
    this.#all = init === undefined ? { ...CONF } : { ...init.#all };
    this.#default = init === undefined ? { ...CONF, ...CONF_DEFAULT_DIFFERS } : { ...init.#default };
    const tables = init === undefined ? [PER_NAMESPACE, PER_MACHINE] : [PER_NAMESPACE];
    for (const table of tables) for (const [key, value] of Object.entries(table)) this.#store(key, value);
    if (init === undefined) for (const [name, value] of Object.entries({ ...NEIGH, ...NEIGH_TABLE })) this.#numbers.set(`net.ipv4.neigh.default.${name}`, value);
  }

  /** Number of a key: net.ipv4.ip_default_ttl. A key that does not exist is our bug. */
  int(key: string): number {
    return this.#numbers.get(key) ?? must(this.#machineWide(key), `sysctl ${key}`).int(key);
  }

  flag(key: string): boolean {
    return this.int(key) !== 0;
  }

  /** Numbers of a key that holds several: ip_local_port_range, tcp_rmem. */
  ints(key: string): readonly number[] {
    return (this.get(key) ?? '').split(/\s+/).map(Number);
  }

  get ipForward(): boolean {
    return this.#all.forwarding !== 0;
  }

  /** conf.<dev>.<name> alone (IN_DEV_CONF_GET: forwarding, accept_source_route when asked of the device). */
  conf(dev: NetDevice, name: ConfName): number {
    return this.#of(dev).conf[name];
  }

  /** IN_DEV_MAXCONF: rp_filter, arp_ignore, arp_announce. */
  maxConf(dev: NetDevice, name: ConfName): number {
    const all = this.#all[name];
    const own = this.#of(dev).conf[name];
    return own > all ? own : all;
  }

  /** IN_DEV_ORCONF: proxy_arp, send_redirects, route_localnet, arp_filter, accept_local. */
  orConf(dev: NetDevice, name: ConfName): boolean {
    return this.#all[name] !== 0 || this.#of(dev).conf[name] !== 0;
  }

  /** IN_DEV_ANDCONF: accept_source_route, mc_forwarding, accept_redirects of a router. */
  andConf(dev: NetDevice, name: ConfName): boolean {
    return this.#all[name] !== 0 && this.#of(dev).conf[name] !== 0;
  }

  neigh(dev: NetDevice): Readonly<NeighParms> {
    return this.#of(dev).neigh;
  }

  get(anyKey: string): string | undefined {
    const key = dotted(anyKey);
    if (key === 'net.ipv4.ip_forward') return `${this.#all.forwarding}`;
    if (key === 'net.netfilter.nf_conntrack_count') return `${this.#ns.conntrack.door().count()}`;
    const field = this.#field(key);
    if (field !== undefined) return `${field.get()}`;
    const number = this.#numbers.get(key);
    if (number !== undefined) return `${number}`;
    return this.#texts.get(key) ?? this.#machineWide(key)?.get(key);
  }

  set(anyKey: string, text: string): Ack {
    const key = dotted(anyKey);
    const value = text.trim();
    if (key === 'net.netfilter.nf_conntrack_count') return refuse('EACCES');
    const before = this.get(key);
    if (before === undefined) return refuse('ENOENT');
    const wide = this.#machineWide(key);
    if (wide !== undefined && !this.#numbers.has(key) && !this.#texts.has(key)) return wide.set(key, value);
    if (key === 'net.ipv4.ip_forward' || key === 'net.ipv4.conf.all.forwarding') return this.#setForwarding(value);
    const field = this.#field(key);
    if (field !== undefined || this.#numbers.has(key)) {
      const number = Number(value);
      const [low, high] = BOUNDS[key] ?? [-0x80000000, 0xffffffff];
      if (!NUMBER.test(value) || number < low || number > high) return refuse('EINVAL');
      if (field === undefined) this.#numbers.set(key, number);
      else field.set(number);
      this.#changed(key, `${number}`);
      return done;
    }
    const words = value.split(/\s+/);
    if (!WORDS.has(key) && (words.length !== before.split('\t').length || !words.every((w) => NUMBER.test(w)))) return refuse('EINVAL');
    this.#texts.set(key, words.join('\t'));
    this.#changed(key, words.join('\t'));
    return done;
  }

  /** Dotted, sorted, as `sysctl -a` lists them. */
  keys(): readonly string[] {
    const keys = ['net.ipv4.ip_forward', 'net.netfilter.nf_conntrack_count', ...this.#numbers.keys(), ...this.#texts.keys()];
    const init = this.#ns.machine.namespaces.get('')?.sysctl;
    if (init !== undefined && init !== this) keys.push(...Object.keys(PER_MACHINE));
    for (const device of ['all', 'default', ...this.#names()]) for (const name of Object.keys(CONF)) keys.push(formatDeviceKey('conf', device, name));
    for (const device of this.#names()) for (const name of Object.keys(NEIGH)) keys.push(formatDeviceKey('neigh', device, name));
    return keys.sort();
  }

  deviceAdded(dev: NetDevice): void {
    const init = this.#ns.machine.namespaces.get('')?.sysctl ?? this;
    const neigh = { ...NEIGH };
    for (const name of Object.keys(neigh)) if (isNeigh(name)) neigh[name] = init.int(`net.ipv4.neigh.default.${name}`);
    const lo = dev.kind === 'loopback' ? CONF_LO_DIFFERS : {};
    this.#devices.set(dev, { conf: { ...this.#default, ...lo }, neigh, own: new Set() });
  }

  deviceRemoved(dev: NetDevice): void {
    this.#devices.delete(dev);
    const prefixes = [formatDeviceKey('conf', dev.name, ''), formatDeviceKey('neigh', dev.name, '')];
    for (const [key] of [...this.rows.entries()]) if (prefixes.some((p) => key.startsWith(p))) this.rows.delete(key);
  }

  /** ipv4_devconf_setall: a device that was given an address no longer follows conf.default. */
  addressAdded(dev: NetDevice): void {
    this.#of(dev).own.add('all');
  }

  #of(dev: NetDevice): PerDevice {
    return must(this.#devices.get(dev), `sysctl values of ${dev.name}`);
  }

  *#names(): Iterable<string> {
    for (const dev of this.#devices.keys()) yield dev.name;
  }

  /** The initial namespace's table, for keys that the whole machine shares. */
  #machineWide(key: string): SysctlTable | undefined {
    if (!(key in PER_MACHINE)) return undefined;
    const init = this.#ns.machine.namespaces.get('')?.sysctl;
    return init === this ? undefined : init;
  }

  #store(key: string, value: number | string): void {
    if (typeof value === 'number') this.#numbers.set(key, value);
    else this.#texts.set(key, value);
  }

  #changed(key: string, value: string): void {
    if (this.rows.has(key)) this.rows.patch(key, { value });
    else this.rows.insert(key, { value });
    this.#ns.fib.flushCache();
    if (key.startsWith('net.netfilter.')) this.#ns.conntrack.sysctlChanged();
  }

  /** A value in one of the per-device trees. */
  #field(key: string): { get(): number; set(value: number): void } | undefined {
    const parts = deviceKey(key);
    if (parts === undefined) return undefined;
    const { tree, device, name } = parts;
    if (tree === 'neigh') {
      const neigh = this.#named(device)?.neigh;
      return neigh === undefined || !isNeigh(name) ? undefined : { get: () => neigh[name], set: (v) => { neigh[name] = v; } };
    }
    if (!isConf(name)) return undefined;
    if (device === 'all') return { get: () => this.#all[name], set: (v) => { this.#all[name] = v; } };
    if (device === 'default') return { get: () => this.#default[name], set: (v) => this.#setDefault(name, v) };
    const own = this.#named(device);
    return own === undefined ? undefined : { get: () => own.conf[name], set: (v) => { own.conf[name] = v; own.own.add(name); } };
  }

  #named(device: string): PerDevice | undefined {
    for (const [dev, values] of this.#devices) if (dev.name === device) return values;
    return undefined;
  }

  /** devinet_copy_dflt_conf */
  #setDefault(name: ConfName, value: number): void {
    this.#default[name] = value;
    for (const values of this.#devices.values()) if (!values.own.has(name) && !values.own.has('all')) values.conf[name] = value;
  }

  /** inet_forward_change: one switch for all, for those to come and for every device. */
  #setForwarding(text: string): Ack {
    if (!NUMBER.test(text)) return refuse('EINVAL');
    const value = Number(text);
    const on = value !== 0;
    if (on !== this.ipForward) {
      this.#all.accept_redirects = on ? 0 : 1;
      this.#default.forwarding = value;
      for (const values of this.#devices.values()) values.conf.forwarding = value;
    }
    this.#all.forwarding = value;
    this.#changed('net.ipv4.ip_forward', text);
    return done;
  }
}
