/** Ingresses: stored and shown; without an ingress controller nobody acts on one, and where one runs they are refused. Models: pkg/apis/networking/validation (v1.29). Not modelled: resource backends' own rules. */
import { bad, required, unsupported } from './causes.ts';
import type { Cause } from './errors.ts';
import type { Pod } from './kinds.ts';
import { objectMeta } from './meta.ts';
import { inert, int32, list, str, struct, type Infer } from './schema.ts';
import { isPort, PORT_TEXT, SUBDOMAIN, SUBDOMAIN_TEXT } from './validate-names.ts';

const backend = struct('IngressBackend', {}, {
  service: struct('IngressServiceBackend', { name: str }, { port: struct('ServiceBackendPort', {}, { name: str, number: int32 }) }),
  resource: struct('TypedLocalObjectReference', { kind: str, name: str }, { apiGroup: str }) });
export type IngressBackend = Infer<typeof backend>;
const path = struct('HTTPIngressPath', { backend }, { path: str, pathType: str });
const rule = struct('IngressRule', {}, { host: str, http: struct('HTTPIngressRuleValue', { paths: list(path) }, {}) });
export const ingressFields = struct('Ingress', {
  apiVersion: str, kind: str, metadata: objectMeta,
  spec: struct('IngressSpec', {}, { ingressClassName: str, defaultBackend: backend, rules: list(rule), tls: list(struct('IngressTLS', {}, { hosts: list(str), secretName: str })) }),
  status: struct('IngressStatus', { loadBalancer: struct('IngressLoadBalancerStatus', {}, { ingress: inert }) }, {}),
}, {});
export type Ingress = Infer<typeof ingressFields>;

const PATH_TYPES: readonly string[] = ['Exact', 'ImplementationSpecific', 'Prefix'];
const WILDCARD = /^\*(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+$/;

function* backendCauses(b: IngressBackend, at: string): Generator<Cause> {
  if (b.service !== undefined && b.resource !== undefined) yield bad(at, '', 'cannot set both resource and service backends');
  else if (b.service === undefined && b.resource === undefined) yield required(at, 'either service or resource must be specified') /* validateIngressBackend */;
  if (b.service === undefined) return;
  if (b.service.name === '') yield required(`${at}.service.name`);
  const { name = '', number = 0 } = b.service.port ?? {};
  if (name !== '' && number !== 0) yield bad(`${at}.service.port`, '', 'cannot set both port name & port number');
  else if (name === '' && number === 0) yield required(`${at}.service.port`, 'port name or number is required');
  else if (name === '' && !isPort(number)) yield bad(`${at}.service.port.number`, number, PORT_TEXT);
}

export function* ingressCauses({ spec }: Ingress): Generator<Cause> {
  const rules = spec.rules ?? [];
  if (rules.length === 0 && spec.defaultBackend === undefined) yield { path: 'spec', text: 'Invalid value: []networking.IngressRule(nil): either `defaultBackend` or `rules` must be specified' };
  if (spec.defaultBackend !== undefined) yield* backendCauses(spec.defaultBackend, 'spec.defaultBackend');
  for (const [i, r] of rules.entries()) {
    const host = r.host ?? '';
    if (host.includes('*')) {
      if (!WILDCARD.test(host)) yield bad(`spec.rules[${i}].host`, host, "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')");
    } else if (host !== '' && !SUBDOMAIN.test(host)) yield bad(`spec.rules[${i}].host`, host, SUBDOMAIN_TEXT);
    if (r.http !== undefined && r.http.paths.length === 0) yield required(`spec.rules[${i}].http.paths`);
    for (const [j, p] of (r.http?.paths ?? []).entries()) {
      const at = `spec.rules[${i}].http.paths[${j}]`;
      if (p.pathType === undefined) yield required(`${at}.pathType`, 'pathType must be specified');
      else if (!PATH_TYPES.includes(p.pathType)) yield unsupported(`${at}.pathType`, p.pathType, PATH_TYPES);
      else if (p.pathType !== 'ImplementationSpecific' && !(p.path ?? '').startsWith('/')) yield bad(`${at}.path`, p.path ?? '', 'must be an absolute path');
      yield* backendCauses(p.backend, `${at}.backend`);
    }
  }
}

const CONTROLLERS = /(?:traefik|ingress-nginx|nginx-ingress|haproxy-ingress|ingress-controller|kong|contour)/;
/** The program of an ingress controller in a pod, which would act on every Ingress. */
export const ingressController = (pods: readonly Pod[]): string | undefined => pods.flatMap((p) => p.spec.containers.map((c) => c.image)).find((image) => CONTROLLERS.test(image));
