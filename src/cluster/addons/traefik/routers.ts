/** IngressRoutes to the routers of an entry point. Models: traefik 2.10 pkg/provider/kubernetes/crd, pkg/server/router: the longest rule first unless a priority says otherwise. */
import { isInternalService, type IngressRoute, type InternalService } from '../../api/traefik.ts';
import { parseRule, type Matcher } from './rule.ts';

export interface Router {
  readonly name: string;
  readonly entryPoints: readonly string[];
  readonly rule: string;
  readonly matches: Matcher;
  readonly priority: number;
  readonly service: InternalService;
}

export interface Routing {
  readonly routers: readonly Router[];
  /** Routes that are left out, and why. */
  readonly problems: readonly string[];
}

/** `entryPoints`: the default ones, for routes that name none. */
export function routersOf(routes: readonly IngressRoute[], entryPoints: readonly string[]): Routing {
  const routers: Router[] = [];
  const problems: string[] = [];
  for (const { metadata, spec } of routes) {
    for (const [i, route] of spec.routes.entries()) {
      const name = `${metadata.namespace}-${metadata.name}-${i}@kubernetescrd`;
      const matches = parseRule(route.match);
      const service = route.services?.[0]?.name ?? '';
      if (!matches.ok) problems.push(`${name}: ${matches.error}`);
      else if (isInternalService(service)) {
        const own = spec.entryPoints ?? [];
        routers.push({ name, entryPoints: own.length === 0 ? entryPoints : own, rule: route.match, matches: matches.value, priority: (route.priority ?? 0) > 0 ? (route.priority ?? 0) : route.match.length, service });
      }
    }
  }
  return { routers: routers.sort((a, b) => b.priority - a.priority), problems };
}
