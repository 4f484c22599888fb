/** `config` of the tool, checked field by field. Names follow KubeProxyConfiguration where it has one. */
import { parseCidr, parseIpv4 } from '../../../engine/wire/addresses.ts';
import { detectCidr, detectInterface, resolveNodePortAddresses, type Detector, type ProxyConfig } from './config.ts';
import { isRecord, type Notes } from './notes.ts';
import { behaviourOf } from './versions.ts';

export const DEFAULT_VERSION = '1.29';
const KNOWN = [
  'nodeName', 'nodeIPs', 'nodeIP', 'nodeLabels', 'nodeAddresses', 'version', 'clusterCIDR', 'nodeCIDR', 'podCIDR', 'podCIDRs', 'detectLocalMode', 'detectLocal', 'bridgeInterface', 'interfaceNamePrefix', 'masqueradeAll',
  'masqueradeBit', 'localhostNodePorts', 'nodePortAddresses', 'tcpBeLiberal', 'randomFully', 'nfacct', 'largeClusterEndpoints', 'syncPeriod', 'mode', 'ipFamily',
] as const;
type Name = (typeof KNOWN)[number];

/** Reads typed fields of one object and keeps the complaints. */
class Fields {
  readonly #given: Readonly<Record<string, unknown>>;
  readonly #path: string;
  readonly #notes: Notes;
  constructor(given: Readonly<Record<string, unknown>>, path: string, notes: Notes) {
    this.#given = given;
    this.#path = path;
    this.#notes = notes;
  }
  bad(name: string, text: string): undefined {
    this.#notes.error(`${this.#path}.${name}`, text);
    return undefined;
  }
  value(name: Name): unknown {
    return this.#given[name] ?? undefined;
  }
  text(name: Name): string | undefined {
    const v = this.value(name);
    return v === undefined || typeof v === 'string' ? v : this.bad(name, 'expected a string');
  }
  flag(name: Name, otherwise: boolean): boolean {
    const v = this.value(name);
    if (v !== undefined && typeof v !== 'boolean') this.bad(name, 'expected true or false');
    return typeof v === 'boolean' ? v : otherwise;
  }
  whole(name: Name, otherwise: number, min: number, max: number): number {
    const v = this.value(name);
    if (v === undefined) return otherwise;
    if (typeof v === 'number' && Number.isInteger(v) && v >= min && v <= max) return v;
    this.bad(name, `expected a whole number from ${min} to ${max}`);
    return otherwise;
  }
  /** A list of strings, or one string with commas. */
  texts(name: Name): readonly string[] {
    const v = this.value(name);
    if (v === undefined) return [];
    if (typeof v === 'string') return v.split(',').map((t) => t.trim()).filter((t) => t !== '');
    if (!Array.isArray(v)) return this.bad(name, 'expected a list of strings') ?? [];
    return v.flatMap((item: unknown, i) => (typeof item === 'string' ? [item] : (this.bad(`${name}[${i}]`, 'expected a string') ?? [])));
  }
}

const isIpv6 = (text: string): boolean => /^[0-9a-f.]*:[0-9a-f:.]*(\/\d+)?$/i.test(text);

/** KubeProxyConfiguration has some of them one level down, and the node's name as hostnameOverride. */
const NESTED: Readonly<Record<string, readonly Name[]>> = { iptables: ['masqueradeAll', 'masqueradeBit', 'localhostNodePorts'], conntrack: ['tcpBeLiberal'] };
const IDLE: readonly string[] = ['apiVersion', 'kind', 'clientConnection', 'bindAddress', 'healthzBindAddress', 'metricsBindAddress'];

function flat(given: Readonly<Record<string, unknown>>, path: string, notes: Notes): Readonly<Record<string, unknown>> {
  const { hostnameOverride, ...out }: Record<string, unknown> = given;
  if (hostnameOverride !== undefined) out['nodeName'] ??= hostnameOverride;
  for (const [group, names] of Object.entries(NESTED)) {
    const fields = out[group];
    delete out[group];
    if (fields === undefined || fields === null) continue;
    if (!isRecord(fields)) notes.error(`${path}.${group}`, 'expected an object');
    else {
      for (const [key, v] of Object.entries(fields)) {
        if (names.some((n) => n === key)) out[key] ??= v;
        else notes.warn(`${path}.${group}.${key}`, 'does not show in the rules, ignored');
      }
    }
  }
  for (const key of IDLE) delete out[key];
  return out;
}

export function readConfig(given: unknown, path: string, notes: Notes): { readonly config: ProxyConfig; readonly syncPeriod: number } | undefined {
  if (!isRecord(given)) {
    notes.error(path, given === undefined ? 'missing' : 'expected an object');
    return undefined;
  }
  const value = flat(given, path, notes);
  for (const key of Object.keys(value)) if (!KNOWN.some((k) => k === key)) notes.warn(`${path}.${key}`, 'unknown field, ignored');
  const f = new Fields(value, path, notes);
  const node = f.text('nodeName');
  if ((value['nodeName'] ?? '') === '') f.bad('nodeName', 'missing');
  if (typeof value['version'] === 'number') f.bad('version', 'expected a string, such as "1.29"');
  if (!['', 'iptables'].includes(f.text('mode') ?? '')) f.bad('mode', 'only iptables mode is modelled in this lab: nftables and ipvs are not modelled in this lab');
  if ((f.text('ipFamily') ?? 'IPv4') !== 'IPv4') f.bad('ipFamily', 'IPv6 is not modelled in this lab');
  const version = f.value('version');
  const behaviour = behaviourOf((typeof version === 'number' ? undefined : f.text('version')) ?? DEFAULT_VERSION);
  if (!behaviour.ok) f.bad('version', behaviour.error);
  const ips = nodeIps(f);
  const detectLocal = f.value('detectLocal') ?? {};
  if (!isRecord(detectLocal)) f.bad('detectLocal', 'expected an object');
  const detector = readDetector(f, isRecord(detectLocal) ? detectLocal : {});
  const nodePorts = nodePortAddresses(f, ips);
  const syncPeriod = f.whole('syncPeriod', 30, 1, 86400);
  const config = {
    node: node ?? '', nodeIp: ips[0] ?? '', nodeLabels: labels(f), detector, masqueradeAll: f.flag('masqueradeAll', false), masqueradeBit: f.whole('masqueradeBit', 14, 0, 31),
    localhostNodePorts: f.flag('localhostNodePorts', true), nodePortAddresses: nodePorts, tcpBeLiberal: f.flag('tcpBeLiberal', false), randomFully: f.flag('randomFully', true),
    nfacct: f.flag('nfacct', false), largeClusterEndpoints: f.whole('largeClusterEndpoints', 1000, 0, 1e9),
  };
  return behaviour.ok ? { config: { ...config, behaviour: behaviour.value }, syncPeriod } : undefined;
}

function nodeIps(f: Fields): readonly string[] {
  const out: string[] = [];
  for (const name of ['nodeIPs', 'nodeIP'] as const) {
    for (const [i, ip] of f.texts(name).entries()) {
      if (parseIpv4(ip) !== undefined) out.push(ip);
      else if (!isIpv6(ip)) f.bad(`${name}[${i}]`, `"${ip}" is not an IP address`);
    }
  }
  return out;
}

function labels(f: Fields): Readonly<Record<string, string>> {
  const given = f.value('nodeLabels') ?? {};
  if (!isRecord(given)) return f.bad('nodeLabels', 'expected an object of strings') ?? {};
  const out: Record<string, string> = {};
  for (const [key, v] of Object.entries(given)) {
    if (typeof v === 'string') out[key] = v;
    else f.bad(`nodeLabels.${key}`, 'expected a string');
  }
  return out;
}

/** --nodeport-addresses against this node's addresses: nodeIPs, 127.0.0.1, and `nodeAddresses` if the node has more. */
function nodePortAddresses(f: Fields, ips: readonly string[]): readonly string[] | undefined {
  const wanted = f.texts('nodePortAddresses');
  for (const [i, w] of wanted.entries()) {
    if (w !== 'primary' && !isIpv6(w) && (parseCidr(w) === undefined || !w.includes('/'))) f.bad(`nodePortAddresses[${i}]`, `"${w}" is neither a CIDR nor "primary"`);
  }
  const more = f.texts('nodeAddresses').filter((a, i) => parseIpv4(a) !== undefined || isIpv6(a) || (f.bad(`nodeAddresses[${i}]`, `"${a}" is not an IP address`) ?? false));
  return resolveNodePortAddresses(wanted, ips[0] ?? '', [...new Set([...ips, ...more, '127.0.0.1'])]);
}

/** IFNAMSIZ: iptables takes 15 characters, the + included. */
function device(f: Fields, field: Name, name: string, mode: string | undefined, suffix: '' | '+'): Detector | undefined {
  if (name === '') return f.bad(field, `needed by detectLocalMode ${mode ?? ''}`);
  if (/[\s/]/.test(name) || name.length + suffix.length > 15) return f.bad(field, `"${name}" is not the name of an interface`);
  return detectInterface(`${name}${suffix}`);
}

/** pkg/proxy cmd getLocalDetector: a mode without its value detects nothing. */
function readDetector(f: Fields, detectLocal: Readonly<Record<string, unknown>>): Detector | undefined {
  const cidr = (...names: readonly Name[]): Detector | undefined => {
    for (const name of names) {
      for (const text of f.texts(name)) {
        const parsed = text.includes('/') ? parseCidr(text) : undefined;
        if (parsed !== undefined) return detectCidr(text);
        if (!isIpv6(text)) f.bad(name, `"${text}" is not a CIDR`);
      }
    }
    return undefined;
  };
  const named = (name: 'bridgeInterface' | 'interfaceNamePrefix'): string => {
    const nested = detectLocal[name];
    return f.text(name) ?? (typeof nested === 'string' ? nested : '');
  };
  const whole = cidr('clusterCIDR');
  const own = cidr('nodeCIDR', 'podCIDR', 'podCIDRs');
  const given = f.text('detectLocalMode');
  switch (given ?? 'ClusterCIDR') {
    case '':
    case 'ClusterCIDR': return whole;
    case 'NodeCIDR': return own ?? (f.bad('nodeCIDR', 'needed by detectLocalMode NodeCIDR'));
    case 'BridgeInterface': return device(f, 'bridgeInterface', named('bridgeInterface'), given, '');
    case 'InterfaceNamePrefix': return device(f, 'interfaceNamePrefix', named('interfaceNamePrefix'), given, '+');
    case 'none':
    case 'None': return undefined;
    default: return f.bad('detectLocalMode', `"${given ?? ''}" is none of ClusterCIDR, NodeCIDR, BridgeInterface, InterfaceNamePrefix, none`);
  }
}
