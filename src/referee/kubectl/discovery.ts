/** What the API server says about itself, as far as kubectl asks: groups, resources, and in OpenAPI v3 that writes validate their fields. */
import { KINDS, type KindInfo } from '../../cluster/api/kinds.ts';

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
/** Of `kubectl get all`. */
const ALL: readonly string[] = ['Pod', 'Service', 'DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet', 'CronJob', 'Job'];
export const SCALED: readonly string[] = ['Deployment', 'ReplicaSet', 'StatefulSet'];

export const groupOf = (info: KindInfo): string => (info.apiVersion.includes('/') ? (info.apiVersion.split('/')[0] ?? '') : '');
const path = (apiVersion: string): string => (apiVersion.includes('/') ? `apis/${apiVersion}` : `api/${apiVersion}`);

function resources(kinds: readonly KindInfo[]): readonly object[] {
  return kinds.flatMap((k) => [
    { name: k.plural, singularName: k.singular, namespaced: k.namespaced, kind: k.kind, verbs: VERBS, shortNames: k.short, ...(ALL.includes(k.kind) ? { categories: ['all'] } : {}) },
    ...(SCALED.includes(k.kind) ? [{ name: `${k.plural}/scale`, singularName: '', namespaced: true, group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: ['get', 'patch', 'update'] }] : []),
    ...(k.kind === 'Pod' ? [
      { name: 'pods/eviction', singularName: '', namespaced: true, group: 'policy', version: 'v1', kind: 'Eviction', verbs: ['create'] },
      { name: 'pods/ephemeralcontainers', singularName: '', namespaced: true, kind: 'Pod', verbs: ['get', 'patch', 'update'] },
    ] : []),
  ]);
}

function openApi(apiVersion: string, kinds: readonly KindInfo[]): object {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  const patch = (k: KindInfo): object => ({ parameters: [{ name: 'fieldValidation', in: 'query', schema: { type: 'string' } }], 'x-kubernetes-group-version-kind': { group, version, kind: k.kind }, responses: {} });
  return { openapi: '3.0.0', info: { title: 'vethlab', version: '1' }, paths: Object.fromEntries(kinds.map((k) => [`/${path(apiVersion)}/${k.plural}/{name}`, { patch: patch(k) }])) };
}

/** The document at a path; undefined: it is no document of discovery. */
export function discovery(at: string, version: string, serves: (info: KindInfo) => boolean): object | undefined {
  const kinds = KINDS.filter(serves);
  const versions = [...new Set(kinds.map((k) => k.apiVersion))];
  switch (at) {
    case '/version': return { major: '1', minor: '29', gitVersion: version, gitCommit: '', gitTreeState: 'clean', buildDate: '', goVersion: '', compiler: 'gc', platform: 'linux/amd64' };
    case '/api': return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
    case '/openapi/v3': return { paths: Object.fromEntries(versions.map((v) => [path(v), { serverRelativeURL: `/openapi/v3/${path(v)}` }])) };
    case '/apis': {
      const groups = new Set(versions.filter((v) => v.includes('/')).map((v) => v.split('/')[0] ?? ''));
      return { kind: 'APIGroupList', apiVersion: 'v1', groups: [...groups].map((name) => {
        const own = versions.filter((v) => v.startsWith(`${name}/`)).map((v) => ({ groupVersion: v, version: v.split('/')[1] }));
        return { name, versions: own, preferredVersion: own[0] };
      }) };
    }
    default: {
      const [, open, which = ''] = /^(\/openapi\/v3)?\/(.*)$/.exec(at) ?? [];
      const apiVersion = versions.find((v) => path(v) === which);
      if (apiVersion === undefined) return undefined;
      const own = kinds.filter((k) => k.apiVersion === apiVersion);
      return open === undefined ? { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: apiVersion, resources: resources(own) } : openApi(apiVersion, own);
    }
  }
}
