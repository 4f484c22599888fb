/**
 * What the API server refuses about a Service.
 * Models: ValidateService, validateServicePort, ValidateServiceClusterIPsRelatedFields, validateServiceExternalTrafficPolicy (pkg/apis/core/validation, v1.29).
 * Not modelled: IPv6 and dual stack (refused), appProtocol's form.
 */
import { ipv4, parseCidr, parseIpv4 } from '../../engine/wire/addresses.ts';
import { bad, duplicate, required, unsupported } from './causes.ts';
import type { ServicePort } from './core.ts';
import type { Cause } from './errors.ts';
import type { Service } from './kinds.ts';
import { IP_TEXT, isPort, LABEL_1123, LABEL_1123_TEXT, labels, portName, PORT_TEXT, PROTOCOLS, SUBDOMAIN, SUBDOMAIN_TEXT } from './validate-names.ts';

const TYPES: readonly string[] = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const POLICIES: readonly string[] = ['Cluster', 'Local'];
/** The kubelet's own port must not be opened to the world. */
const KUBELET_PORT = 10250;
const NODE_PORTS = { first: 30000, last: 32767 } as const;
const MAX_AFFINITY_SECONDS = 86400;

const forbidden = (path: string, why: string): Cause => ({ path, text: `Forbidden: ${why}` });
const ONLY_LB = "may only be used when `type` is 'LoadBalancer'";

/** %#v of the key that is there twice. */
const goPort = (p: ServicePort): string => `core.ServicePort{Name:"", Protocol:"${p.protocol}", AppProtocol:(*string)(nil), Port:${p.port}, TargetPort:intstr.IntOrString{Type:0, IntVal:0, StrVal:""}, NodePort:0}`;

function* portCauses(p: ServicePort, at: string, named: boolean, names: Set<string>): Generator<Cause> {
  const name = p.name ?? '';
  if (named && name === '') yield required(`${at}.name`);
  else if (name !== '') {
    if (name.length > 63) yield bad(`${at}.name`, name, 'must be no more than 63 characters');
    else if (!LABEL_1123.test(name)) yield bad(`${at}.name`, name, LABEL_1123_TEXT);
    if (names.has(name)) yield duplicate(`${at}.name`, name);
    names.add(name);
  }
  if (!isPort(p.port)) yield bad(`${at}.port`, p.port, PORT_TEXT);
  if (p.protocol === '') yield required(`${at}.protocol`);
  else if (!PROTOCOLS.includes(p.protocol)) yield unsupported(`${at}.protocol`, p.protocol, PROTOCOLS);
  const target = p.targetPort ?? p.port;
  if (typeof target === 'string') yield* portName(`${at}.targetPort`, target);
  else if (!isPort(target)) yield bad(`${at}.targetPort`, target, PORT_TEXT);
}

function* portsCauses({ spec }: Service, type: string): Generator<Cause> {
  const names = new Set<string>();
  for (const [i, p] of spec.ports.entries()) yield* portCauses(p, `spec.ports[${i}]`, spec.ports.length > 1, names);
  for (const [i, p] of spec.ports.entries()) {
    const nodePort = p.nodePort ?? 0;
    if (type === 'LoadBalancer' && p.port === KUBELET_PORT) yield bad(`spec.ports[${i}]`, p.port, `may not expose port ${KUBELET_PORT} externally since it is used by kubelet`);
    if (nodePort === 0) continue;
    if (type === 'ClusterIP') yield forbidden(`spec.ports[${i}].nodePort`, "may not be used when `type` is 'ClusterIP'");
    else if (nodePort < NODE_PORTS.first || nodePort > NODE_PORTS.last) yield bad(`spec.ports[${i}].nodePort`, nodePort, `provided port is not in the valid range. The range of valid ports is ${NODE_PORTS.first}-${NODE_PORTS.last}`);
    if (spec.ports.slice(0, i).some((q) => q.nodePort === nodePort && q.protocol === p.protocol)) yield duplicate(`spec.ports[${i}].nodePort`, nodePort);
  }
  for (const [i, p] of spec.ports.entries()) {
    if (spec.ports.slice(0, i).some((q) => q.port === p.port && q.protocol === p.protocol)) yield { path: `spec.ports[${i}]`, text: `Duplicate value: ${goPort(p)}` };
  }
}

/** ValidateNonSpecialIP */
function* externalIp(path: string, text: string): Generator<Cause> {
  const address = parseIpv4(text);
  if (address === undefined) return yield bad(path, text, IP_TEXT);
  const first = address >>> 24;
  if (address === ipv4(0)) yield bad(path, text, 'may not be unspecified (0.0.0.0 or ::)');
  if (first === 127) yield bad(path, text, 'may not be in the loopback range (127.0.0.0/8, ::1/128)');
  if (address >>> 16 === 0xa9fe) yield bad(path, text, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)');
  if (address >>> 8 === 0xe00000) yield bad(path, text, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)');
}

function* affinityCauses({ spec }: Service): Generator<Cause> {
  const affinity = spec.sessionAffinity ?? 'None';
  const seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (!['ClientIP', 'None'].includes(affinity)) yield unsupported('spec.sessionAffinity', affinity, ['ClientIP', 'None']);
  if (affinity === 'ClientIP' && seconds !== undefined && (seconds <= 0 || seconds > MAX_AFFINITY_SECONDS)) yield bad('spec.sessionAffinityConfig.clientIP.timeoutSeconds', seconds, `must be greater than 0 and less than ${MAX_AFFINITY_SECONDS}`);
}

function* typeCauses({ spec }: Service, type: string): Generator<Cause> {
  const headless = spec.clusterIP === 'None';
  if (!TYPES.includes(type)) yield unsupported('spec.type', type, TYPES);
  if (spec.ports.length === 0 && !headless && type !== 'ExternalName') yield required('spec.ports');
  if (headless && (type === 'LoadBalancer' || type === 'NodePort')) yield bad('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`);
  if (type !== 'ExternalName') return;
  if ((spec.clusterIP ?? '') !== '') yield forbidden('spec.clusterIPs', 'may not be set for ExternalName services');
  const name = (spec.externalName ?? '').replace(/\.$/, '');
  if (name === '') yield required('spec.externalName');
  else if (!SUBDOMAIN.test(name)) yield bad('spec.externalName', name, SUBDOMAIN_TEXT);
}

function* loadBalancerCauses({ spec }: Service, type: string): Generator<Cause> {
  const external = type === 'NodePort' || type === 'LoadBalancer' || (spec.externalIPs?.length ?? 0) > 0;
  const ranges = spec.loadBalancerSourceRanges ?? [];
  if (ranges.length > 0) {
    if (type !== 'LoadBalancer') yield forbidden('spec.LoadBalancerSourceRanges', ONLY_LB);
    if (ranges.some((r) => !r.includes('/') || parseCidr(r.trim()) === undefined)) yield bad('spec.LoadBalancerSourceRanges', `[${ranges.join(' ')}]`, 'must be a list of IP ranges. For example, 10.240.0.0/24,10.250.0.0/24 ');
  }
  if (type !== 'LoadBalancer') {
    if (spec.allocateLoadBalancerNodePorts !== undefined) yield forbidden('spec.allocateLoadBalancerNodePorts', ONLY_LB);
    if (spec.loadBalancerClass !== undefined) yield forbidden('spec.loadBalancerClass', ONLY_LB);
  }
  const policy = spec.externalTrafficPolicy;
  if (policy !== undefined && !POLICIES.includes(policy)) yield unsupported('spec.externalTrafficPolicy', policy, POLICIES);
  else if (policy !== undefined && !external) yield bad('spec.externalTrafficPolicy', policy, 'may only be set for externally-accessible services');
  if ((spec.healthCheckNodePort ?? 0) !== 0 && !(type === 'LoadBalancer' && policy === 'Local')) yield bad('spec.healthCheckNodePort', spec.healthCheckNodePort, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
}

export function* serviceCauses(s: Service): Generator<Cause> {
  const { spec } = s;
  const type = spec.type ?? 'ClusterIP';
  yield* typeCauses(s, type);
  yield* portsCauses(s, type);
  yield* labels('spec.selector', spec.selector);
  yield* affinityCauses(s);
  if ((spec.clusterIP ?? '') !== '' && spec.clusterIP !== 'None' && parseIpv4(spec.clusterIP ?? '') === undefined) yield bad('spec.clusterIPs[0]', spec.clusterIP, IP_TEXT);
  for (const [i, ip] of (spec.externalIPs ?? []).entries()) yield* externalIp(`spec.externalIPs[${i}]`, ip);
  yield* loadBalancerCauses(s, type);
  if (spec.internalTrafficPolicy !== undefined && !POLICIES.includes(spec.internalTrafficPolicy)) yield unsupported('spec.internalTrafficPolicy', spec.internalTrafficPolicy, POLICIES);
  if (spec.ipFamilies?.includes('IPv6') === true) yield bad('spec.ipFamilies[0]', 'IPv6', 'not configured on this cluster');
}
