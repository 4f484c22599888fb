/**
 * Traefik's custom resource for HTTP routes.
 * Models: traefik.io/v1alpha1 IngressRoute (traefik 2.10): entry points, and routes to traefik's own services.
 * Not modelled (refused): routes to Services, middlewares, TLS, the other kinds, the older group traefik.containo.us.
 */
import type { Cause } from './errors.ts';
import { objectMeta } from './meta.ts';
import { absent, int32, intOrString, list, str, struct, type Infer } from './schema.ts';

const service = struct('LoadBalancerSpec', { name: str }, { kind: str, namespace: str, port: intOrString, weight: int32, scheme: str });
const route = struct('Route', { match: str, kind: str }, { priority: int32, services: list(service), middlewares: absent('a middleware') });

export const ingressRouteFields = struct('IngressRoute', {
  apiVersion: str, kind: str, metadata: objectMeta,
  spec: struct('IngressRouteSpec', { routes: list(route) }, { entryPoints: list(str), tls: absent('TLS') }),
}, {});
export type IngressRoute = Infer<typeof ingressRouteFields>;
export type Route = Infer<typeof route>;

/** Services inside traefik that a route may name. */
export const INTERNAL_SERVICES = ['api@internal', 'dashboard@internal', 'ping@internal'] as const;
export type InternalService = (typeof INTERNAL_SERVICES)[number];
export const isInternalService = (name: string): name is InternalService => INTERNAL_SERVICES.some((s) => s === name);

export function* ingressRouteCauses(object: IngressRoute): Generator<Cause> {
  for (const [i, r] of object.spec.routes.entries()) {
    if (r.kind !== 'Rule') yield { path: `spec.routes[${i}].kind`, text: `Unsupported value: "${r.kind}": supported values: "Rule"` };
    for (const [j, s] of (r.services ?? []).entries()) {
      if (s.kind !== 'TraefikService' || !isInternalService(s.name)) yield { path: `spec.routes[${i}].services[${j}]`, text: 'Forbidden: a route to a Service is not modelled in this lab (TraefikService api@internal is)' };
    }
  }
}
