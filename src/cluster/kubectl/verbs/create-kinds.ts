/** Generators of kubectl create for access, policy and secrets of registries. Models: kubectl/pkg/cmd/create/create_{role,clusterrole,rolebinding,clusterrolebinding,pdb,priorityclass,secret_tls,secret_docker,cronjob,ingress}.go (v1.29). */
import { toBase64 } from '../../../base/base64.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import { utf8 } from '../../../engine/wire/bytes.ts';
import { resolvePath } from '../../../userland/shell/glob.ts';
import { kindByResource, type Kind } from '../../api/kinds.ts';
import type { Raw } from '../../api/manifest.ts';
import { goJson } from '../../api/names.ts';
import { flag } from '../flags.ts';
import type { Kube } from '../verb.ts';
import { meta } from './generate.ts';

export interface Made {
  readonly kind: Kind;
  readonly raw: Raw;
}
export type Generator = (k: Kube, name: string) => Result<Made, string>;

const RBAC = 'rbac.authorization.k8s.io';
const words = (k: Kube, name: string): readonly string[] => [...new Set(k.flags.list(name).flatMap((v) => v.split(',')).filter((v) => v !== ''))];

const STANDARD_VERBS: readonly string[] = ['*', 'get', 'delete', 'list', 'create', 'update', 'patch', 'watch', 'proxy', 'deletecollection', 'use', 'bind', 'escalate', 'impersonate'];
const URL_VERBS: readonly string[] = ['*', 'get', 'put', 'post', 'head', 'options', 'delete', 'patch', 'connect'];

/** `svc`, `deployments.apps/scale`: one rule for each API group, and one for URLs. */
function rules(k: Kube, verbs: readonly string[], resources: readonly string[]): Result<readonly Raw[], string> {
  const names = k.flags.list('resource-name');
  const groups = new Map<string, string[]>();
  for (const given of resources) {
    const [type = '', sub] = given.split('/');
    const info = kindByResource(type, k.cluster.store.serves);
    if (info === undefined && type !== '*') return err(`the server doesn't have a resource type "${type.split('.')[0] ?? ''}"`);
    const group = info?.apiVersion.includes('/') === true ? (info.apiVersion.split('/')[0] ?? '') : '';
    const resource = `${info?.plural ?? type}${sub === undefined ? '' : `/${sub}`}`;
    const known = groups.get(group) ?? [];
    if (!known.includes(resource)) groups.set(group, [...known, resource]);
  }
  const urls = k.flags.list('non-resource-url').flatMap((v) => v.split(','));
  return ok([
    ...[...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([group, list]): Raw => ({ apiGroups: [group], ...(names.length > 0 ? { resourceNames: names } : {}), resources: list, verbs })),
    ...(urls.length > 0 ? [{ nonResourceURLs: urls, verbs }] : []),
  ]);
}

/** `--verb=*` stands for all of them. */
const verbsOf = (k: Kube): readonly string[] => (words(k, 'verb').includes('*') ? ['*'] : words(k, 'verb'));

const role: Generator = (k, name) => {
  const [verbs, resources] = [verbsOf(k), words(k, 'resource')];
  if (verbs.length === 0) return err('error: at least one verb must be specified');
  if (resources.length === 0) return err('error: at least one resource must be specified');
  for (const v of verbs) if (!STANDARD_VERBS.includes(v)) k.context.stderr.write(`Warning: '${v}' is not a standard resource verb\n`);
  if (resources.length > 1 && k.flags.has('resource-name')) return err('error: resource name(s) can not be applied to multiple resources');
  const made = rules(k, verbs, resources);
  return made.ok ? ok({ kind: 'Role', raw: { apiVersion: `${RBAC}/v1`, kind: 'Role', metadata: meta(k, name), rules: made.value } }) : made;
};

const clusterRole: Generator = (k, name) => {
  const [verbs, resources, urls] = [verbsOf(k), words(k, 'resource'), words(k, 'non-resource-url')];
  const aggregation = k.flags.text('aggregation-rule');
  const metadata = { creationTimestamp: '', name };
  if (aggregation !== undefined) {
    if (verbs.length + resources.length + urls.length > 0) return err('error: aggregation rule must be specified without non-resource-url, resource and verb');
    const matchLabels = Object.fromEntries(aggregation.split(',').map((p) => p.split('=')));
    return ok({ kind: 'ClusterRole', raw: { aggregationRule: { clusterRoleSelectors: [{ matchLabels }] }, apiVersion: `${RBAC}/v1`, kind: 'ClusterRole', metadata, rules: null } });
  }
  if (verbs.length === 0) return err('error: at least one verb must be specified');
  if (resources.length === 0 && urls.length === 0) return err('error: one of resource or nonResourceURL must be specified');
  for (const v of verbs) {
    if (resources.length > 0 && !STANDARD_VERBS.includes(v)) k.context.stderr.write(`Warning: '${v}' is not a standard resource verb\n`);
    if (urls.length > 0 && !URL_VERBS.includes(v)) return err(`error: invalid verb: '${v}' for nonResourceURL`);
  }
  const bad = urls.find((u) => u !== '*' && !u.startsWith('/'));
  if (bad !== undefined) return err('error: nonResourceURL should start with /');
  const made = rules(k, verbs, resources);
  return made.ok ? ok({ kind: 'ClusterRole', raw: { apiVersion: `${RBAC}/v1`, kind: 'ClusterRole', metadata, rules: made.value } }) : made;
};

function subjects(k: Kube): Result<readonly Raw[], string> {
  const accounts = words(k, 'serviceaccount').map((s) => s.split(':'));
  if (accounts.some((a) => a.length !== 2 || a[0] === '' || a[1] === '')) return err('error: serviceaccount must be <namespace>:<name>');
  return ok([
    ...words(k, 'user').map((name) => ({ apiGroup: RBAC, kind: 'User', name })), ...words(k, 'group').map((name) => ({ apiGroup: RBAC, kind: 'Group', name })),
    ...accounts.map(([namespace, name]) => ({ kind: 'ServiceAccount', name, namespace })),
  ]);
}

const binding = (kind: 'RoleBinding' | 'ClusterRoleBinding'): Generator => (k, name) => {
  const [one, cluster] = [k.flags.text('role') ?? '', k.flags.text('clusterrole') ?? ''];
  if (kind === 'RoleBinding' && (one === '') === (cluster === '')) return err('error: exactly one of clusterrole or role must be specified');
  const bound = subjects(k);
  if (!bound.ok) return bound;
  return ok({
    kind, raw: {
      apiVersion: `${RBAC}/v1`, kind, metadata: kind === 'RoleBinding' ? meta(k, name) : { creationTimestamp: '', name },
      roleRef: { apiGroup: RBAC, kind: cluster === '' ? 'Role' : 'ClusterRole', name: cluster === '' ? one : cluster }, ...(bound.value.length > 0 ? { subjects: bound.value } : {}),
    },
  });
};

const count = (text: string): number | string => (/^\d+$/.test(text) ? Number(text) : text);

const budget: Generator = (k, name) => {
  const [selector, min, max] = [k.flags.text('selector') ?? '', k.flags.text('min-available') ?? '', k.flags.text('max-unavailable') ?? ''];
  if (selector === '') return err('error: a selector must be specified');
  if (min === '' && max === '') return err('error: one of min-available or max-unavailable must be specified');
  if (min !== '' && max !== '') return err('error: min-available and max-unavailable cannot be both specified');
  const amount = min === '' ? max : min;
  if (!/^\d+%?$/.test(amount)) return err(`error: invalid format specified for ${min === '' ? 'max-unavailable' : 'min-available'}`);
  return ok({
    kind: 'PodDisruptionBudget', raw: {
      apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: meta(k, name),
      spec: { ...(min === '' ? { maxUnavailable: count(max) } : { minAvailable: count(min) }), selector: { matchLabels: Object.fromEntries(selector.split(',').map((p) => p.split('='))) } },
      status: { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 },
    },
  });
};

const priority: Generator = (k, name) => ok({
  kind: 'PriorityClass', raw: {
    apiVersion: 'scheduling.k8s.io/v1', ...(k.flags.has('description') ? { description: k.flags.text('description') } : {}), ...(k.flags.on('global-default') ? { globalDefault: true } : {}), kind: 'PriorityClass',
    metadata: { creationTimestamp: '', name }, preemptionPolicy: k.flags.text('preemption-policy') ?? 'PreemptLowerPriority', value: Number(k.flags.text('value') ?? 0),
  },
});

const tls: Generator = (k, name) => {
  const [cert, key] = [k.flags.text('cert') ?? '', k.flags.text('key') ?? ''];
  if (key === '' || cert === '') return err('error: key and cert must be specified');
  const { fs } = k.context.host;
  const data: Record<string, string> = {};
  for (const [field, path] of [['tls.crt', cert], ['tls.key', key]] as const) {
    const text = fs.read(resolvePath(k.context.cwd, path));
    if (!text.ok) return err(`error: Cannot read file ${path}, open ${path}: no such file or directory`);
    data[field] = toBase64(utf8(text.value));
  }
  return ok({ kind: 'Secret', raw: { apiVersion: 'v1', data, kind: 'Secret', metadata: meta(k, name), type: 'kubernetes.io/tls' } });
};

const docker: Generator = (k, name) => {
  const [username, password, email] = [k.flags.text('docker-username') ?? '', k.flags.text('docker-password') ?? '', k.flags.text('docker-email') ?? ''];
  if (k.flags.has('from-file')) return err('error: create secret docker-registry --from-file is not modelled in this lab');
  if (username === '' || password === '') return err(`error: either --from-file or the combination of --docker-username, --docker-password and --docker-server is required`);
  const server = k.flags.text('docker-server') ?? 'https://index.docker.io/v1/';
  const config = goJson({ auths: { [server]: { username, password, ...(email === '' ? {} : { email }), auth: toBase64(utf8(`${username}:${password}`)) } } });
  return ok({ kind: 'Secret', raw: { apiVersion: 'v1', data: { '.dockerconfigjson': toBase64(utf8(config)) }, kind: 'Secret', metadata: meta(k, name), type: 'kubernetes.io/dockerconfigjson' } });
};

const cronJob: Generator = (k, name) => {
  const [image, schedule] = [k.flags.text('image') ?? '', k.flags.text('schedule') ?? ''];
  const restart = k.flags.text('restart') ?? 'OnFailure';
  const container = { ...(k.flags.rest === undefined ? {} : { command: k.flags.rest }), image, name, resources: {} };
  return ok({
    kind: 'CronJob', raw: {
      apiVersion: 'batch/v1', kind: 'CronJob', metadata: meta(k, name),
      spec: { jobTemplate: { metadata: { creationTimestamp: '', name }, spec: { template: { metadata: { creationTimestamp: '' }, spec: { containers: [container], restartPolicy: restart } } } }, schedule },
      status: {},
    },
  });
};

const RULE = /^([\w*.-]*)\/([^=,]*)=([\w.-]+):(\w[\w-]*)((?:,tls(?:=[\w.-]*)?)?)$/;
const port = (text: string): Raw => ({ port: /^\d+$/.test(text) ? { number: Number(text) } : { name: text } });

const ingress: Generator = (k, name) => {
  const given = k.flags.list('rule');
  const backend = k.flags.text('default-backend');
  if (given.length === 0 && backend === undefined) return err(`error: not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)`);
  const hosts = new Map<string, Raw[]>();
  const secrets = new Map<string, string[]>();
  for (const rule of given) {
    const [, host, path = '', service = '', target = '', secure = ''] = RULE.exec(rule) ?? [];
    if (host === undefined) return err(`error: rule ${rule} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]`);
    const prefix = path.endsWith('*');
    hosts.set(host, [...(hosts.get(host) ?? []), { backend: { service: { name: service, ...port(target) } }, path: `/${prefix ? path.slice(0, -1) : path}`, pathType: prefix ? 'Prefix' : 'Exact' }]);
    if (secure !== '') {
      const secret = secure.split('=')[1] ?? '';
      secrets.set(secret, [...(secrets.get(secret) ?? []), host].filter((h) => h !== ''));
    }
  }
  const [service = '', target = ''] = (backend ?? '').split(':');
  if (backend !== undefined && (service === '' || target === '')) return err(`error: default-backend should be in format servicename:serviceport`);
  const annotations = k.flags.list('annotation').map((a) => [a.slice(0, a.indexOf('=')), a.slice(a.indexOf('=') + 1)] as const);
  return ok({
    kind: 'Ingress', raw: {
      apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { ...meta(k, name), ...(annotations.length > 0 ? { annotations: Object.fromEntries(annotations) } : {}) },
      spec: {
        ...(backend === undefined ? {} : { defaultBackend: { service: { name: service, ...port(target) } } }), ...(k.flags.has('class') ? { ingressClassName: k.flags.text('class') } : {}),
        ...(hosts.size > 0 ? { rules: [...hosts].map(([host, paths]) => ({ ...(host === '' ? {} : { host }), http: { paths } })) } : {}),
        ...(secrets.size > 0 ? { tls: [...secrets].map(([secretName, list]) => ({ ...(list.length > 0 ? { hosts: list } : {}), ...(secretName === '' ? {} : { secretName }) })) } : {}),
      },
      status: { loadBalancer: {} },
    },
  });
};

export const MORE_GENERATORS: Readonly<Record<string, Generator>> = {
  role, clusterrole: clusterRole, rolebinding: binding('RoleBinding'), clusterrolebinding: binding('ClusterRoleBinding'), poddisruptionbudget: budget, priorityclass: priority, 'secret tls': tls, 'secret docker-registry': docker,
  cronjob: cronJob, ingress,
};
/** What cobra wants before the command starts, in its order. */
export const REQUIRED: Readonly<Record<string, readonly string[]>> = { deployment: ['image'], cronjob: ['image', 'schedule'], clusterrolebinding: ['clusterrole'], 'service externalname': ['external-name'] };
export const MORE_FLAGS = [
  flag('verb', 'list'), flag('resource', 'list'), flag('resource-name', 'list'), flag('non-resource-url', 'list'), flag('aggregation-rule'), flag('role'), flag('clusterrole'), flag('user', 'list'), flag('group', 'list'), flag('serviceaccount', 'list'),
  flag('selector'), flag('min-available'), flag('max-unavailable'), flag('value', 'int'), flag('global-default', 'boolean'), flag('description'), flag('preemption-policy'), flag('cert'), flag('key'),
  flag('docker-server'), flag('docker-username'), flag('docker-password'), flag('docker-email'), flag('schedule'), flag('restart'), flag('rule', 'list'), flag('class'), flag('default-backend'), flag('annotation', 'list'),
] as const;
