/**
 * The kubernetes plugin: Services, endpoints and pods as names.
 * Read first: github.com/kubernetes/dns docs/specification.md (1.1.0).
 * Models: coredns 1.10.1 plugin/kubernetes: A, AAAA (none: IPv4 cluster), SRV, PTR, TXT dns-version, SOA; `pods insecure`; negative answers with SOA.
 * Not modelled: zone transfer, federation, `pods verified`.
 */
import { formatIpv4, parseIpv4, type Ipv4 } from '../../../engine/wire/addresses.ts';
import { CLASS_IN, DNS_TYPES, dnsA, NXDOMAIN, NOERROR, type DnsRecord } from '../../../engine/wire/dns.ts';
import type { EndpointSlice, Service } from '../../api/kinds.ts';
import type { Store } from '../../store.ts';

export interface KubernetesConfig {
  readonly zone: string;
  readonly ttl: number;
  readonly podsInsecure: boolean;
  /** Addresses of the server itself. */
  readonly local: readonly Ipv4[];
  /** The reverse zones among its own. */
  readonly reverse: readonly string[];
  /** Zones whose unknown names go to the next plugin; none named: all. */
  readonly fallthrough: readonly string[] | undefined;
}

export interface Answer {
  readonly rcode: number;
  readonly answers: readonly DnsRecord[];
  readonly authority: readonly DnsRecord[];
  readonly additional: readonly DnsRecord[];
  readonly authoritative: boolean;
  /** RA, as an upstream resolver said it. */
  readonly recursionAvailable?: boolean;
  /** No plugin wrote it: the server answers for one that failed, and nothing is kept of it. */
  readonly unwritten?: boolean;
  /** CNAME target outside: the caller resolves it. */
  readonly chase?: string;
}

const { A, SRV, PTR, TXT, SOA, NS, CNAME, ANY } = DNS_TYPES;

export const within = (name: string, zone: string): boolean => zone === '' || name === zone || name.endsWith(`.${zone}`);

interface Host {
  readonly address: Ipv4;
  readonly label: string;
}

const dashed = (ip: string): string => ip.replaceAll('.', '-');

const slicesOf = (store: Store, service: Service): readonly EndpointSlice[] =>
  store.list('EndpointSlice', service.metadata.namespace).filter((s) => s.metadata.labels?.['kubernetes.io/service-name'] === service.metadata.name && s.addressType === 'IPv4');

/** Stands for the ports of a service that has none. */
const NO_PORT = -1;

function hostsOf(store: Store, service: Service, port?: { readonly name: string; readonly protocol: string }): readonly (Host & { readonly port: number })[] {
  return slicesOf(store, service).flatMap((slice) => (slice.ports.length === 0 ? [{ port: NO_PORT }] : slice.ports).flatMap((p: EndpointSlice['ports'][number]) => {
    if (port !== undefined && ((p.name ?? '') !== port.name || (p.protocol ?? 'TCP').toLowerCase() !== port.protocol)) return [];
    return slice.endpoints.flatMap((e) => {
      const address = parseIpv4(e.addresses[0] ?? '');
      if (address === undefined || e.conditions?.ready === false) return [];
      return [{ address, label: e.hostname ?? dashed(formatIpv4(address)), port: p.port ?? 0 }];
    });
  }));
}

const unique = <T>(items: readonly T[], key: (item: T) => string | number): T[] => [...new Map(items.map((i) => [key(i), i])).values()];

/** undefined: not ours, or falls through. */
export function kubernetesAnswer(config: KubernetesConfig, store: Store, given: string, type: number, serial: number): Answer | undefined {
  const answer = known(config, store, given, type, serial);
  const { fallthrough: zones } = config;
  const falls = zones !== undefined && (zones.length === 0 || zones.some((z) => within(given.toLowerCase(), z.replace(/\.$/, ''))));
  return answer?.rcode === NXDOMAIN && falls ? undefined : answer;
}

function known(config: KubernetesConfig, store: Store, given: string, type: number, serial: number): Answer | undefined {
  const name = given.toLowerCase();
  const { zone, ttl } = config;
  const reverse = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.in-addr\.arpa$/.exec(name);
  if (!within(name, zone)) {
    const own = config.reverse.find((z) => within(name, z));
    if (own === undefined) return undefined;
    if (reverse === null) return negative({ ...config, zone: own }, serial);
    const ip = reverse.slice(1).reverse().join('.');
    const targets = pointers(store, ip, zone);
    if (targets.length === 0) return negative({ ...config, zone: own }, serial);
    return positive(type === PTR || type === ANY ? targets.map((target): DnsRecord => ({ name: given, type: PTR, class: CLASS_IN, ttl, data: { kind: 'PTR', target } })) : [], config, serial);
  }
  const rest = name === zone ? '' : name.slice(0, -(zone.length + 1));
  const labels = rest === '' ? [] : rest.split('.');
  if (labels.length === 0) {
    if (type === SOA) return positive([soa(zone, serial, ttl)], config, serial);
    if (type === NS) {
      const servers = nameServers(config, store);
      return { ...positive(unique(servers, (n) => n.name).map((n) => ({ name: given, type: NS, class: CLASS_IN, ttl, data: { kind: 'NS', target: n.name } })), config, serial), additional: servers.map((n) => dnsA(n.name, n.address, ttl)) };
    }
    return positive([], config, serial);
  }
  if (rest === 'dns-version') return positive(type === TXT ? [{ name: given, type: TXT, class: CLASS_IN, ttl, data: { kind: 'TXT', strings: [Uint8Array.from('1.1.0', (c) => c.charCodeAt(0))] } }] : [], config, serial);
  if (rest === 'ns.dns') {
    return positive(type === A ? nameServers(config, store).map((n) => dnsA(given, n.address, ttl)) : [], config, serial);
  }
  const kind = labels.at(-1);
  if (kind === 'svc' || kind === 'pod') {
    const namespace = labels.at(-2);
    if (namespace === undefined) return positive([], config, serial);
    if (store.get('Namespace', '', namespace) === undefined) return negative(config, serial);
    const left = labels.slice(0, -2);
    if (left.length === 0) return positive([], config, serial);
    return kind === 'pod' ? podAnswer(config, given, left, type, serial) : serviceAnswer(config, store, given, namespace, left, type, serial);
  }
  return negative(config, serial);
}

function podAnswer(config: KubernetesConfig, given: string, left: readonly string[], type: number, serial: number): Answer {
  const ip = parseIpv4((left[0] ?? '').replaceAll('-', '.'));
  if (left.length !== 1 || ip === undefined || !config.podsInsecure) return negative(config, serial);
  return positive(type === A ? [dnsA(given, ip, config.ttl)] : [], config, serial);
}

function serviceAnswer(config: KubernetesConfig, store: Store, given: string, namespace: string, left: readonly string[], type: number, serial: number): Answer {
  const { zone, ttl } = config;
  const service = store.get('Service', namespace, left.at(-1) ?? '');
  if (service === undefined) return negative(config, serial);
  const fqdn = `${service.metadata.name}.${namespace}.svc.${zone}`;
  const headless = service.spec.clusterIP === 'None';
  const clusterIp = parseIpv4(service.spec.clusterIP ?? '');
  if (service.spec.type === 'ExternalName') {
    const target = (service.spec.externalName ?? '').replace(/\.$/, '');
    const record: DnsRecord = { name: given, type: CNAME, class: CLASS_IN, ttl, data: { kind: 'CNAME', target } };
    return { ...positive([record], config, serial), ...(type === CNAME ? {} : { chase: target }) };
  }
  if (left.length === 1) {
    if (type === A) {
      const addresses = headless ? unique(hostsOf(store, service), (h) => h.address).map((h) => h.address) : clusterIp === undefined ? [] : [clusterIp];
      if (headless && addresses.length === 0) return negative(config, serial);
      return positive(addresses.map((a) => dnsA(given, a, ttl)), config, serial);
    }
    if (type === SRV) return srv(config, store, given, service, fqdn, service.spec.ports.map((p) => ({ name: p.name ?? '', protocol: p.protocol.toLowerCase(), port: p.port })), serial);
    return positive([], config, serial);
  }
  if (left.length === 3 && left[0]?.startsWith('_') === true && left[1]?.startsWith('_') === true) {
    const [port, protocol] = [left[0].slice(1), left[1].slice(1)];
    const found = service.spec.ports.filter((p) => (p.name ?? '') === port && p.protocol.toLowerCase() === protocol);
    if (found.length === 0) return negative(config, serial);
    return type === SRV ? srv(config, store, given, service, fqdn, found.map((p) => ({ name: port, protocol, port: p.port })), serial) : positive([], config, serial);
  }
  if (left.length === 2 && !(left[0] ?? '').startsWith('_')) {
    const hosts = unique(hostsOf(store, service).filter((h) => h.label === left[0]), (h) => h.address);
    if (hosts.length === 0) return negative(config, serial);
    return positive(type === A ? hosts.map((h) => dnsA(given, h.address, ttl)) : [], config, serial);
  }
  return negative(config, serial);
}

function srv(config: KubernetesConfig, store: Store, given: string, service: Service, fqdn: string, ports: readonly { readonly name: string; readonly protocol: string; readonly port: number }[], serial: number): Answer {
  const { ttl } = config;
  const answers: DnsRecord[] = [];
  const additional: DnsRecord[] = [];
  for (const p of ports) {
    const targets = service.spec.clusterIP === 'None'
      ? hostsOf(store, service, p).map((h) => ({ target: `${h.label}.${fqdn}`, port: h.port, address: h.address }))
      : [{ target: fqdn, port: p.port, address: parseIpv4(service.spec.clusterIP ?? '') }];
    for (const t of targets) {
      if (t.port === NO_PORT) continue;
      if (!answers.some(({ data }) => data.kind === 'SRV' && data.target === t.target && data.port === t.port)) answers.push({ name: given, type: SRV, class: CLASS_IN, ttl, data: { kind: 'SRV', priority: 0, weight: Math.max(1, Math.floor(100 / Math.max(1, ports.length * targets.length))), port: t.port, target: t.target } });
      if (t.address !== undefined && !additional.some((r) => r.name === t.target)) additional.push(dnsA(t.target, t.address, ttl));
    }
  }
  return answers.length === 0 ? negative(config, serial) : { ...positive(answers, config, serial), additional };
}

/** nsAddrs: the Services that this server is an endpoint of; before it is one, itself. */
function nameServers({ zone, local }: KubernetesConfig, store: Store): readonly { readonly name: string; readonly address: Ipv4 }[] {
  const found = store.list('Service').filter((s) => hostsOf(store, s).some((h) => local.includes(h.address)))
    .flatMap((s) => [s.spec.clusterIP].flatMap((ip) => parseIpv4(ip ?? '') ?? []).map((address) => ({ name: `${s.metadata.name}.${s.metadata.namespace}.svc.${zone}`, address })));
  return found.length > 0 ? found : local.map((address) => ({ name: `ns.dns.${zone}`, address }));
}

/** serviceRecordForIP: the name of a Service's address, else one name for each Service that has the address as an endpoint. */
function pointers(store: Store, ip: string, zone: string): readonly string[] {
  const fqdn = (s: Service): string => `${s.metadata.name}.${s.metadata.namespace}.svc.${zone}`;
  const services = store.list('Service');
  const own = services.find((s) => s.spec.clusterIP === ip);
  if (own !== undefined) return [fqdn(own)];
  return services.flatMap((s) => unique(hostsOf(store, s).filter((h) => formatIpv4(h.address) === ip), (h) => h.label).map((h) => `${h.label}.${fqdn(s)}`));
}

export const soa = (zone: string, serial: number, ttl: number): DnsRecord => ({
  name: zone, type: SOA, class: CLASS_IN, ttl,
  data: { kind: 'SOA', mname: `ns.dns.${zone}`, rname: `hostmaster.${zone}`, serial, refresh: 7200, retry: 1800, expire: 86400, minimum: ttl },
});

const positive = (answers: readonly DnsRecord[], config: KubernetesConfig, serial: number): Answer =>
  ({ rcode: NOERROR, answers, authority: answers.length > 0 ? [] : [soa(config.zone, serial, config.ttl)], additional: [], authoritative: true });
const negative = (config: KubernetesConfig, serial: number): Answer =>
  ({ rcode: NXDOMAIN, answers: [], authority: [soa(config.zone, serial, config.ttl)], additional: [], authoritative: true });
