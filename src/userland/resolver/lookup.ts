/**
 * Read first: getaddrinfo(3), gai.conf(5), ares_getaddrinfo(3).
 * Models: name to IPv4 addresses as glibc 2.35, musl 1.2 and c-ares 1.27 do it. AAAA is asked too, as they do; its answers are not used (no IPv6 in this lab).
 */
import { err, ok, type Result } from '../../base/result.ts';
import type { Program } from '../../engine/sim/process.ts';
import { millis, seconds, type Nanos } from '../../engine/sim/time.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import { LOOPBACK, parseIpv4, type Ipv4 } from '../../engine/wire/addresses.ts';
import { dnsQuery, DNS_TYPES, NXDOMAIN, reverseName, SERVFAIL, type DnsMessage } from '../../engine/wire/dns.ts';
import type { FileSystem } from '../host.ts';
import { candidates, hostsEntries, resolverConfig, type ResolverConfig } from './config.ts';
import { exchange, randomId, type Answer, type Dialect } from './exchange.ts';

export type Library = 'glibc' | 'musl' | 'c-ares';

/** EAI_* of getaddrinfo. */
export type LookupError = 'NONAME' | 'NODATA' | 'AGAIN' | 'FAIL';

export interface Found {
  readonly addresses: readonly Ipv4[];
  /** ai_canonname. */
  readonly canonical: string;
}

/** Alpine images carry musl; everything else here is glibc. */
export const libraryOf = (fs: FileSystem): 'glibc' | 'musl' => (fs.kind('/etc/alpine-release') === 'file' ? 'musl' : 'glibc');

/** gai_strerror */
export function lookupErrorText(error: LookupError, library: Library): string {
  if (library === 'musl') return { NONAME: 'Name does not resolve', NODATA: 'Name has no usable address', AGAIN: 'Try again', FAIL: 'Non-recoverable error' }[error];
  return { NONAME: 'Name or service not known', NODATA: 'No address associated with hostname', AGAIN: 'Temporary failure in name resolution', FAIL: 'Non-recoverable failure in name resolution' }[error];
}

function dialect(library: Library, config: ResolverConfig): Dialect {
  switch (library) {
    // musl sends again after timeout/attempts; all of it within the timeout.
    case 'musl': return { connected: false, parallelServers: true, attempts: config.attempts, timeout: () => seconds(config.timeout / config.attempts) };
    case 'glibc': return { connected: true, parallelServers: false, attempts: config.attempts, timeout: (): Nanos => seconds(config.timeout) };
    // ARES_OPT_TIMEOUTMS 2000, three tries, doubling.
    case 'c-ares': return { connected: true, parallelServers: false, attempts: 3, timeout: (round) => millis(2000 * 2 ** round) };
  }
}

/** EDNS0 payload size of c-ares (EDNSPACKETSZ 1232) and of glibc with `options edns0` (1200). */
const ednsSize = (library: Library, config: ResolverConfig): number | undefined => (library === 'c-ares' ? 1232 : library === 'glibc' && config.edns0 ? 1200 : undefined);

/** Address records of a name at the end of its CNAME chain. */
export function addressesIn(m: DnsMessage): { readonly addresses: readonly Ipv4[]; readonly canonical: string } {
  let name = m.questions[0]?.name ?? '';
  for (let hop = 0; hop < 16; hop++) {
    const alias = m.answers.find((r) => r.data.kind === 'CNAME' && r.name.toLowerCase() === name.toLowerCase());
    if (alias?.data.kind !== 'CNAME') break;
    name = alias.data.target;
  }
  return { addresses: m.answers.flatMap((r) => (r.data.kind === 'A' ? [r.data.address] : [])), canonical: name };
}

export interface LookupOptions {
  readonly library: Library;
  /** `-4`: AAAA is not asked. */
  readonly ipv4Only?: boolean | undefined;
  /** Gives up with AGAIN then. */
  readonly until?: Nanos | undefined;
}

/** A name (or dotted address) to addresses: /etc/hosts, then DNS along the search list. */
export function* lookup(kernel: Kernel, fs: FileSystem, name: string, options: LookupOptions): Program<Result<Found, LookupError>> {
  const literal = parseIpv4(name);
  if (literal !== undefined) return ok({ addresses: [literal], canonical: name });
  const bare = name.replace(/\.$/, '');
  const listed = hostsEntries(fs).filter((e) => e.names.some((n) => n.toLowerCase() === bare.toLowerCase()));
  const [first] = listed;
  if (first !== undefined) return ok({ addresses: [...new Set(listed.map((e) => e.address))], canonical: first.names[0] ?? bare });
  if (bare.toLowerCase() === 'localhost' || bare.toLowerCase().endsWith('.localhost')) return ok({ addresses: [LOOPBACK], canonical: bare });
  if (bare === '' || !/^[A-Za-z0-9._-]{1,253}$/.test(bare) || bare.split('.').some((l) => l.length === 0 || l.length > 63)) return err('NONAME');
  const config = resolverConfig(fs);
  const { library } = options;
  const random = kernel.random('resolver');
  const edns = ednsSize(library, config);
  let sawNoData = false;
  let sawFailure = false;
  for (const candidate of candidates(name, config)) {
    const types = options.ipv4Only === true ? [DNS_TYPES.A] : [DNS_TYPES.A, DNS_TYPES.AAAA];
    const queries = types.map((type) => dnsQuery(randomId(random), candidate, type, { edns }));
    const asked: Result<readonly Answer[], unknown> = yield* exchange(kernel, config.nameservers, queries, { ...dialect(library, config), deadline: options.until });
    if (!asked.ok) return err('AGAIN');
    const [a] = asked.value;
    const found = a === undefined ? undefined : addressesIn(a.message);
    if (found !== undefined && found.addresses.length > 0) return ok(found);
    const rcodes = asked.value.map((x) => x.message.rcode);
    if (rcodes.some((r) => r === SERVFAIL)) {
      sawFailure = true;
      if (library !== 'glibc') return err('AGAIN');
      continue;
    }
    if (rcodes.some((r) => r !== 0 && r !== NXDOMAIN)) {
      sawFailure = true;
      if (library === 'musl') return err('FAIL');
      continue;
    }
    if (rcodes.includes(0)) {
      sawNoData = true;
      // musl takes "exists without addresses" for an answer; the others go on searching.
      if (library === 'musl') return err('NODATA');
    }
  }
  return err(sawFailure ? 'AGAIN' : sawNoData ? 'NODATA' : 'NONAME');
}

/** An address to a name: /etc/hosts, then PTR. undefined: none, or nobody answers. */
export function* reverseLookup(kernel: Kernel, fs: FileSystem, address: Ipv4, library: Library): Program<string | undefined> {
  const listed = hostsEntries(fs).find((e) => e.address === address);
  if (listed !== undefined) return listed.names[0];
  const config = resolverConfig(fs);
  const query = dnsQuery(randomId(kernel.random('resolver')), reverseName(address), DNS_TYPES.PTR, { edns: ednsSize(library, config) });
  const asked = yield* exchange(kernel, config.nameservers, [query], dialect(library, config));
  if (!asked.ok) return undefined;
  for (const r of asked.value[0]?.message.answers ?? []) if (r.data.kind === 'PTR') return r.data.target;
  return undefined;
}
