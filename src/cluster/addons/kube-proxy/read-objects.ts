/** `objects` of the tool: Services and EndpointSlices as `kubectl get -o json` gives them, also inside a List. */
import { parseCidr, parseIpv4 } from '../../../engine/wire/addresses.ts';
import { decode } from '../../api/manifest.ts';
import type { EndpointSlice, Service } from '../../api/kinds.ts';
import { isRecord, type Notes } from './notes.ts';

type Raw = Readonly<Record<string, unknown>>;
interface Objects {
  readonly services: Service[];
  readonly slices: EndpointSlice[];
}

export function readObjects(value: unknown, path: string, notes: Notes): Objects {
  const out: Objects = { services: [], slices: [] };
  const seen = new Map<string, string>();
  const walk = (item: unknown, at: string): void => {
    if (!isRecord(item)) return notes.error(at, 'expected an object');
    const { kind, apiVersion } = item;
    if (typeof kind !== 'string' || kind === '') return notes.error(`${at}.kind`, 'missing');
    if (kind.endsWith('List')) {
      const items = item['items'];
      if (!Array.isArray(items)) return notes.error(`${at}.items`, 'expected a list');
      const element = kind === 'List' ? {} : { kind: kind.slice(0, -4), apiVersion };
      return items.forEach((one: unknown, i) => walk(isRecord(one) ? { ...element, ...one } : one, `${at}.items[${i}]`));
    }
    const raw: Raw = item;
    if (kind === 'Service' && apiVersion === 'v1') service(raw, at, out, notes);
    else if (kind === 'EndpointSlice' && apiVersion === 'discovery.k8s.io/v1') slice(raw, at, out, notes);
    else if (kind === 'EndpointSlice' && (apiVersion === 'discovery.k8s.io/v1beta1' || apiVersion === 'discovery.k8s.io/v1alpha1')) slice(fromBeta(raw), at, out, notes);
    else if (kind === 'Service' || kind === 'EndpointSlice') return notes.error(`${at}.apiVersion`, `no matches for kind "${kind}" in version "${String(apiVersion ?? '')}"`);
    else return notes.warn(at, `kube-proxy does not read ${kind} objects, ignored${kind === 'Endpoints' ? ': it reads EndpointSlices' : ''}`);
    const metadata = raw['metadata'];
    const id = `${kind} ${isRecord(metadata) ? `${String(metadata['namespace'] ?? 'default')}/${String(metadata['name'] ?? '')}` : ''}`;
    const other = seen.get(id);
    if (other !== undefined) notes.error(at, `${id} is already at ${other}`);
    seen.set(id, at);
  };
  if (Array.isArray(value)) value.forEach((item: unknown, i) => walk(item, `${path}[${i}]`));
  else if (isRecord(value)) walk(value, path);
  else notes.error(path, value === undefined ? 'missing' : 'expected a list of objects');
  return out;
}

/** v1beta1 kept the node's name in `topology`. */
function fromBeta(raw: Raw): Raw {
  const endpoints = raw['endpoints'];
  if (!Array.isArray(endpoints)) return raw;
  return {
    ...raw,
    endpoints: endpoints.map((e: unknown) => {
      if (!isRecord(e) || !isRecord(e['topology'])) return e;
      const { topology, ...rest } = e;
      return { nodeName: topology['kubernetes.io/hostname'], ...rest };
    }),
  };
}

function decoded<K extends 'Service' | 'EndpointSlice'>(kind: K, raw: Raw, at: string, notes: Notes) {
  const { object, problems } = decode(kind, raw);
  const before = notes.errors.length;
  for (const p of problems) {
    if (p.kind === 'unknown') notes.warn(`${at}.${p.path}`, 'unknown field, ignored');
    else notes.error(`${at}.${p.path}`, p.text);
  }
  if (object.metadata.name === '') notes.error(`${at}.metadata.name`, 'missing');
  return notes.errors.length > before ? undefined : object;
}

const isIpv6 = (text: string): boolean => /^[0-9a-f]*:[0-9a-f:.]*$/i.test(text);
const isIp = (text: string): boolean => parseIpv4(text) !== undefined || isIpv6(text);
const isRange = (text: string): boolean => text.includes('/') && (parseCidr(text) !== undefined || isIpv6(text.slice(0, text.indexOf('/'))));

/** RFC 1123 label: such names stand in the rules. */
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

function service(raw: Raw, at: string, out: Objects, notes: Notes): void {
  const object = decoded('Service', raw, at, notes);
  if (object === undefined) return;
  const { spec, status, metadata } = object;
  const p = `${at}.spec`;
  const check = (good: boolean, path: string, text: string): void => {
    if (!good) notes.error(path, text);
  };
  const oneOf = (name: string, value: string | undefined, allowed: readonly string[]): void =>
    check(value === undefined || value === '' || allowed.includes(value), `${p}.${name}`, `"${value ?? ''}" is none of ${allowed.join(', ')}`);
  const port = (path: string, n: number, min: number): void => check(n >= min && n <= 65535, path, `${n} is not a port number`);
  const label = (path: string, text: string): void => check(DNS_LABEL.test(text), path, `"${text}" is not a name: lower case letters, digits and "-"`);
  label(`${at}.metadata.name`, metadata.name);
  if (metadata.namespace !== '') label(`${at}.metadata.namespace`, metadata.namespace);
  oneOf('type', spec.type, ['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName']);
  oneOf('externalTrafficPolicy', spec.externalTrafficPolicy, ['Cluster', 'Local']);
  oneOf('internalTrafficPolicy', spec.internalTrafficPolicy, ['Cluster', 'Local']);
  oneOf('sessionAffinity', spec.sessionAffinity, ['None', 'ClientIP']);
  const clusterIp = spec.clusterIP ?? '';
  check(clusterIp === '' || clusterIp === 'None' || isIp(clusterIp), `${p}.clusterIP`, `"${clusterIp}" is not an IP address`);
  for (const [i, ip] of (spec.clusterIPs ?? []).entries()) check(ip === 'None' || isIp(ip), `${p}.clusterIPs[${i}]`, `"${ip}" is not an IP address`);
  for (const [i, ip] of (spec.externalIPs ?? []).entries()) check(isIp(ip), `${p}.externalIPs[${i}]`, `"${ip}" is not an IP address`);
  for (const [i, range] of (spec.loadBalancerSourceRanges ?? []).entries()) check(isRange(range.trim()), `${p}.loadBalancerSourceRanges[${i}]`, `"${range}" is not a CIDR`);
  for (const [i, ingress] of (status.loadBalancer.ingress ?? []).entries()) check(ingress.ip === undefined || ingress.ip === '' || isIp(ingress.ip), `${at}.status.loadBalancer.ingress[${i}].ip`, `"${ingress.ip ?? ''}" is not an IP address`);
  for (const [i, sp] of spec.ports.entries()) {
    if ((sp.name ?? '') !== '') label(`${p}.ports[${i}].name`, sp.name ?? '');
    port(`${p}.ports[${i}].port`, sp.port, 1);
    port(`${p}.ports[${i}].nodePort`, sp.nodePort ?? 0, 0);
    oneOf(`ports[${i}].protocol`, sp.protocol, ['TCP', 'UDP', 'SCTP']);
    const twin = spec.ports.findIndex((o) => (o.name ?? '') === (sp.name ?? '') && (o.protocol || 'TCP') === (sp.protocol || 'TCP'));
    check(twin === i, `${p}.ports[${i}].name`, `"${sp.name ?? ''}" is also the name of ports[${twin}]`);
  }
  port(`${p}.healthCheckNodePort`, spec.healthCheckNodePort ?? 0, 0);
  const timeout = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds;
  check(timeout === undefined || (timeout > 0 && timeout <= 86400), `${p}.sessionAffinityConfig.clientIP.timeoutSeconds`, `${timeout ?? 0} is not between 1 and 86400`);
  if (isIpv6(clusterIp) && !(spec.clusterIPs ?? []).some((ip) => parseIpv4(ip) !== undefined)) notes.warn(`${p}.clusterIP`, 'IPv6 only: nothing for it in the rules for IPv4, and IPv6 is not modelled in this lab');
  out.services.push({ ...object, metadata: { ...metadata, namespace: metadata.namespace === '' ? 'default' : metadata.namespace } });
}

function slice(raw: Raw, at: string, out: Objects, notes: Notes): void {
  const object = decoded('EndpointSlice', raw, at, notes);
  if (object === undefined) return;
  const { metadata, addressType, endpoints, ports } = object;
  if (!['IPv4', 'IPv6', 'FQDN'].includes(addressType)) return notes.error(`${at}.addressType`, `"${addressType}" is none of IPv4, IPv6, FQDN`);
  if (metadata.labels?.['kubernetes.io/service-name'] === undefined) notes.warn(`${at}.metadata.labels`, 'no label kubernetes.io/service-name: the slice belongs to no Service, ignored');
  for (const [i, e] of endpoints.entries()) {
    for (const [j, a] of e.addresses.entries()) if (addressType === 'IPv4' && parseIpv4(a) === undefined) notes.error(`${at}.endpoints[${i}].addresses[${j}]`, `"${a}" is not an IPv4 address`);
    if (e.addresses.length === 0) notes.error(`${at}.endpoints[${i}].addresses`, 'must contain at least 1 address');
    hints(e.hints, `${at}.endpoints[${i}].hints`, notes);
  }
  for (const [i, p] of ports.entries()) {
    if (p.name === undefined) notes.warn(`${at}.ports[${i}].name`, 'absent (the API server would have written ""): kube-proxy ignores such a port');
    if (p.port === undefined) notes.warn(`${at}.ports[${i}].port`, 'absent: kube-proxy ignores such a port');
    else if (p.port < 1 || p.port > 65535) notes.error(`${at}.ports[${i}].port`, `${p.port} is not a port number`);
  }
  out.slices.push({ ...object, metadata: { ...metadata, namespace: metadata.namespace === '' ? 'default' : metadata.namespace } });
}

/** The API keeps hints as given. */
function hints(value: unknown, at: string, notes: Notes): void {
  if (value === undefined || value === null) return;
  if (!isRecord(value)) return notes.error(at, 'expected an object');
  for (const key of ['forZones', 'forNodes'] as const) {
    const list = value[key] ?? [];
    const good = Array.isArray(list) && list.every((item: unknown) => isRecord(item) && typeof item['name'] === 'string');
    if (!good) notes.error(`${at}.${key}`, 'expected a list of {"name": ...}');
  }
}
