/** Read first: resolv.conf(5), hosts(5). */
import { LOOPBACK, parseIpv4, type Ipv4 } from '../../engine/wire/addresses.ts';
import type { FileSystem } from '../host.ts';

export interface ResolverConfig {
  readonly nameservers: readonly Ipv4[];
  readonly search: readonly string[];
  readonly ndots: number;
  /** Seconds. */
  readonly timeout: number;
  readonly attempts: number;
  readonly edns0: boolean;
}

export function parseResolvConf(text: string): ResolverConfig {
  const nameservers: Ipv4[] = [];
  let search: string[] = [];
  let [ndots, timeout, attempts, edns0] = [1, 5, 2, false];
  for (const line of text.split('\n')) {
    const [word = '', ...rest] = line.replace(/[#;].*/, '').trim().split(/\s+/);
    if (word === 'nameserver') {
      const server = parseIpv4(rest[0] ?? '');
      if (server !== undefined) nameservers.push(server);
    } else if (word === 'search' || word === 'domain') search = word === 'domain' ? rest.slice(0, 1) : rest;
    else if (word === 'options') {
      for (const option of rest) {
        const [name, value = ''] = option.split(':');
        const n = Number(value);
        if (name === 'edns0') edns0 = true;
        if (!/^\d+$/.test(value)) continue;
        if (name === 'ndots') ndots = Math.min(n, 15);
        else if (name === 'timeout') timeout = Math.min(Math.max(n, 1), 30);
        else if (name === 'attempts') attempts = Math.min(Math.max(n, 1), 5);
      }
    }
  }
  // MAXNS; no server at all means the one on this machine.
  return { nameservers: nameservers.length === 0 ? [LOOPBACK] : nameservers.slice(0, 3), search, ndots, timeout, attempts, edns0 };
}

export function resolverConfig(fs: FileSystem): ResolverConfig {
  const text = fs.read('/etc/resolv.conf');
  return parseResolvConf(text.ok ? text.value : '');
}

export interface HostsEntry {
  readonly address: Ipv4;
  readonly names: readonly string[];
}

/** IPv4 lines of /etc/hosts. */
export function hostsEntries(fs: FileSystem): readonly HostsEntry[] {
  const text = fs.read('/etc/hosts');
  if (!text.ok) return [];
  return text.value.split('\n').flatMap((line) => {
    const [first = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    const address = parseIpv4(first);
    return address === undefined || names.length === 0 ? [] : [{ address, names }];
  });
}

/** Names to try in order: with fewer dots than ndots the search list comes first. A final dot: the name alone. */
export function candidates(name: string, config: { readonly search: readonly string[]; readonly ndots: number }): readonly string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)];
  const dots = name.split('.').length - 1;
  const searched = config.search.filter((s) => s !== '.').map((s) => `${name}.${s.replace(/\.$/, '')}`);
  return dots >= config.ndots ? [name, ...searched] : [...searched, name];
}
