/** kubectl create. Models: kubectl/pkg/cmd/create (v1.29). Not modelled: quota, token, --edit, --append-hash. */
import { toBase64 } from '../../../base/base64.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import { utf8 } from '../../../engine/wire/bytes.ts';
import { resolvePath } from '../../../userland/shell/glob.ts';
import { kubectlText, notFound } from '../../api/errors.ts';
import { kindByResource } from '../../api/kinds.ts';
import type { Raw } from '../../api/manifest.ts';
import { CONFIG_KEY, CONFIG_KEY_TEXT } from '../../api/validate.ts';
import { portName, SUBDOMAIN } from '../../api/validate-names.ts';
import { ownedBy } from '../../controllers/owned.ts';
import { flag } from '../flags.ts';
import { checkDryRun } from '../output.ts';
import type { Kube, Verb } from '../verb.ts';
import { createFiles } from './apply.ts';
import { MORE_FLAGS, MORE_GENERATORS, REQUIRED, type Generator } from './create-kinds.ts';
import { make, meta, OUTPUT } from './generate.ts';
import { FILE } from './manifests.ts';

/** Data of --from-literal, --from-file, --from-env-file. */
function dataOf(k: Kube, kind: 'ConfigMap' | 'Secret'): Result<Readonly<Record<string, string>>, string> {
  const data: Record<string, string> = {};
  const { fs } = k.context.host;
  const add = (key: string, value: string): string | undefined => {
    if (!CONFIG_KEY.test(key)) return `error: "${key}" is not a valid key name for a ConfigMap: ${CONFIG_KEY_TEXT}`;
    if (Object.hasOwn(data, key)) return kind === 'Secret' ? `error: cannot add key ${key}, another key by that name already exists` : `error: cannot add key "${key}", another key by that name already exists in Data for ConfigMap "${k.flags.args.at(-1) ?? ''}"`;
    data[key] = value;
    return undefined;
  };
  for (const spec of k.flags.list('from-file')) {
    const [key, path] = spec.includes('=') ? [spec.slice(0, spec.indexOf('=')), spec.slice(spec.indexOf('=') + 1)] : [spec.split('/').at(-1) ?? spec, spec];
    if (key === '') return err(`error: key name for file path ${path} missing`);
    if (path === '') return err(`error: file path for key name ${key} missing`);
    const at = resolvePath(k.context.cwd, path);
    const names = fs.kind(at) === 'directory' ? fs.list(at) : undefined;
    const files = names?.ok === true ? names.value.filter((n) => fs.kind(`${at}/${n}`) === 'file').map((n) => [n, `${at}/${n}`] as const) : [[key, at] as const];
    for (const [name, file] of files) {
      const text = fs.read(file);
      if (!text.ok) return err(`error: error reading ${path}: no such file or directory`);
      const clash = add(name, text.value);
      if (clash !== undefined) return err(clash);
    }
  }
  for (const literal of k.flags.list('from-literal')) {
    const at = literal.indexOf('=');
    if (at < 1) return err(`error: invalid literal source ${literal}, expected key=value`);
    const clash = add(literal.slice(0, at), literal.slice(at + 1));
    if (clash !== undefined) return err(clash);
  }
  for (const path of k.flags.list('from-env-file')) {
    const text = fs.read(resolvePath(k.context.cwd, path));
    if (!text.ok) return err(`error: error reading ${path}: no such file or directory`);
    for (const line of text.value.split('\n').map((l) => l.trimStart()).filter((l) => l !== '' && !l.startsWith('#'))) add(line.split('=')[0] ?? '', line.includes('=') ? line.slice(line.indexOf('=') + 1) : '');
  }
  return ok(data);
}

const configMap: Generator = (k, name) => {
  const data = dataOf(k, 'ConfigMap');
  return data.ok ? ok({ kind: 'ConfigMap', raw: { apiVersion: 'v1', ...(Object.keys(data.value).length > 0 ? { data: data.value } : {}), kind: 'ConfigMap', metadata: meta(k, name) } }) : data;
};

const secret: Generator = (k, name) => {
  const data = dataOf(k, 'Secret');
  if (!data.ok) return data;
  const encoded = Object.fromEntries(Object.entries(data.value).map(([key, value]) => [key, toBase64(utf8(value))]));
  return ok({ kind: 'Secret', raw: { apiVersion: 'v1', ...(Object.keys(encoded).length > 0 ? { data: encoded } : {}), kind: 'Secret', metadata: meta(k, name), ...(k.flags.has('type') ? { type: k.flags.text('type') } : {}) } });
};

/** Name of a container made from its image: `nginx:1.27` is nginx. */
const imageName = (image: string): string => (image.split('/').at(-1) ?? image).replace(/[:@].*$/, '').replaceAll('_', '-');

const deployment: Generator = (k, name) => {
  const images = k.flags.list('image').flatMap((i) => i.split(',')).filter((i) => i !== '');
  if (images.length > 1 && k.flags.rest !== undefined) return err('error: cannot specify multiple --image options and command');
  const port = k.flags.text('port');
  const containers = images.map((image, i) => ({
    ...(k.flags.rest === undefined ? {} : { command: k.flags.rest }), image, name: imageName(image), ...(port === undefined || i > 0 ? {} : { ports: [{ containerPort: Number(port) }] }), resources: {},
  }));
  return ok({
    kind: 'Deployment', raw: {
      apiVersion: 'apps/v1', kind: 'Deployment', metadata: meta(k, name, { app: name }),
      spec: { replicas: Number(k.flags.text('replicas') ?? 1), selector: { matchLabels: { app: name } }, strategy: {}, template: { metadata: { creationTimestamp: '', labels: { app: name } }, spec: { containers } } }, status: {},
    },
  });
};

/** A run of a CronJob by hand. */
function jobFrom(k: Kube, name: string, from: string): ReturnType<Generator> {
  const [type = '', source = ''] = from.split('/');
  const info = kindByResource(type, k.cluster.store.serves);
  if (info?.kind !== 'CronJob') return err(`error: from must be an existing cronjob`);
  const object = k.cluster.store.get('CronJob', k.namespace, source);
  if (object === undefined) return err(kubectlText(notFound('CronJob', source)));
  const { metadata, spec } = object.spec.jobTemplate;
  return ok({
    kind: 'Job', raw: {
      apiVersion: 'batch/v1', kind: 'Job', spec, status: {},
      metadata: { ...meta(k, name, metadata.labels), annotations: { ...metadata.annotations, 'cronjob.kubernetes.io/instantiate': 'manual' }, ownerReferences: [ownedBy(object)] },
    },
  });
}

const job: Generator = (k, name) => {
  const image = k.flags.text('image');
  const from = k.flags.text('from');
  if (image !== undefined && from !== undefined) return err('error: must specify only one of --image and --from' /* create_job.go Validate */);
  if (from !== undefined) return jobFrom(k, name, from);
  if (image === undefined) return err('error: either --image or --from must be specified');
  return ok({
    kind: 'Job', raw: {
      apiVersion: 'batch/v1', kind: 'Job', metadata: meta(k, name),
      spec: { template: { metadata: { creationTimestamp: '' }, spec: { containers: [{ ...(k.flags.rest === undefined ? {} : { command: k.flags.rest }), image, name, resources: {} }], restartPolicy: 'Never' } } }, status: {},
    },
  });
};

const SERVICE_TYPES: Readonly<Record<string, string>> = { clusterip: 'ClusterIP', nodeport: 'NodePort', loadbalancer: 'LoadBalancer', externalname: 'ExternalName' };

/** `5678:8080`: port and target port. */
function servicePorts(items: readonly string[], nodePort: string | undefined): Result<readonly Raw[], string> {
  const out: Raw[] = [];
  for (const item of items.flatMap((i) => i.split(','))) {
    const [port = '', target = port] = item.split(':');
    if (!/^\d+$/.test(port)) return err(`error: strconv.ParseUint: parsing "${port}": invalid syntax`);
    if (!/^\d+$/.test(target)) {
      const wrong = [...portName('', target)].map((c) => c.text.replace(/^Invalid value: ".*?": /, ''));
      if (wrong.length > 0) return err(`error: ${wrong.join(',')}`);
    }
    if (item.includes(':') && /^\d+$/.test(target) && (Number(target) < 1 || Number(target) > 65535)) return err('error: must be between 1 and 65535, inclusive');
    out.push({ name: item.includes(':') ? item.replaceAll(':', '-') : port, ...(nodePort === undefined ? {} : { nodePort: Number(nodePort) }), port: Number(port), protocol: 'TCP', targetPort: /^\d+$/.test(target) ? Number(target) : target });
  }
  return ok(out);
}

const service = (kind: string): Generator => (k, name) => {
  const type = SERVICE_TYPES[kind] ?? 'ClusterIP';
  const headless = k.flags.text('clusterip') === 'None';
  const ports = servicePorts(k.flags.list('tcp'), k.flags.text('node-port'));
  if (!ports.ok) return ports;
  if (ports.value.length === 0 && type !== 'ExternalName' && !headless) return err('error: at least one tcp port specifier must be provided');
  const external = (k.flags.text('external-name') ?? '').replace(/\.$/, '');
  if (type === 'ExternalName' && !SUBDOMAIN.test(external)) return err(`error: invalid service external name ${external}`);
  return ok({
    kind: 'Service', raw: {
      apiVersion: 'v1', kind: 'Service', metadata: meta(k, name, { app: name }),
      spec: {
        ...(k.flags.has('clusterip') ? { clusterIP: k.flags.text('clusterip') } : {}), ...(type === 'ExternalName' ? { externalName: k.flags.text('external-name') } : {}),
        ...(ports.value.length > 0 ? { ports: ports.value } : {}), selector: { app: name }, type,
      },
      status: { loadBalancer: {} },
    },
  });
};

const GENERATORS: Readonly<Record<string, Generator>> = {
  ...MORE_GENERATORS,
  namespace: (_k, name) => ok({ kind: 'Namespace', raw: { apiVersion: 'v1', kind: 'Namespace', metadata: { creationTimestamp: '', name }, spec: {}, status: {} } }),
  serviceaccount: (k, name) => ok({ kind: 'ServiceAccount', raw: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: meta(k, name) } }),
  configmap: configMap, 'secret generic': secret, deployment, job,
  'service clusterip': service('clusterip'), 'service nodeport': service('nodeport'), 'service loadbalancer': service('loadbalancer'), 'service externalname': service('externalname'),
};
const ALIASES: Readonly<Record<string, string>> = { ns: 'namespace', sa: 'serviceaccount', cm: 'configmap', deploy: 'deployment', svc: 'service', pdb: 'poddisruptionbudget', pc: 'priorityclass', cj: 'cronjob', ing: 'ingress', service: 'service', secret: 'secret' };
const ABSENT: readonly string[] = ['quota', 'resourcequota', 'token'];

export const create: Verb = {
  name: 'create', summary: 'Create a resource from a file or from stdin', absent: ABSENT, subcommands: [...Object.keys(GENERATORS), ...Object.keys(ALIASES), 'service', 'secret', ...ABSENT], ownFlags: [...OUTPUT, ...FILE, flag('edit', 'boolean')],
  flags: [
    ...OUTPUT, ...FILE, ...MORE_FLAGS, flag('image', 'list'), flag('replicas', 'int', 'r'), flag('port', 'int'), flag('tcp', 'list'), flag('node-port', 'int'), flag('clusterip'), flag('external-name'), flag('from-literal', 'list'), flag('from-file', 'list'),
    flag('from-env-file', 'list'), flag('type'), flag('from'), flag('edit', 'boolean'), flag('append-hash', 'boolean'),
  ],
  *run(k) {
    const refused = checkDryRun(k);
    if (refused !== undefined) return refused;
    for (const absent of ['edit', 'append-hash']) if (k.flags.on(absent)) return k.fail(`error: create --${absent} is not modelled in this lab`);
    if (k.flags.has('filename') || k.flags.has('kustomize')) {
      if (k.flags.args.length > 0) return k.fail(`error: Unexpected args: [${k.flags.args.join(' ')}]\nSee 'kubectl create -h' for help and examples`);
      const validation = k.flags.text('validate') ?? 'strict';
      if (!['strict', 'true', 'warn', 'ignore', 'false'].includes(validation)) return k.fail(`error: invalid - validate option "${validation}"; must be one of: strict (or true), warn, ignore (or false)`);
      return yield* createFiles(k);
    }
    const [first, ...rest] = k.flags.args;
    if (first === undefined) return k.fail('error: must specify one of -f and -k');
    const noun = ALIASES[first] ?? first;
    const grouped = noun === 'service' || noun === 'secret';
    const what = grouped ? `${noun} ${rest[0] ?? ''}` : noun;
    const args = grouped ? rest.slice(1) : rest;
    const generator = GENERATORS[what];
    if (generator === undefined) {
      if (grouped && rest.length === 0) return k.fail(`error: must specify one of the types of ${noun}\nSee 'kubectl create ${noun} -h' for help and examples`);
      return k.fail(grouped ? `error: unknown command "${rest.join(' ')}"\nSee 'kubectl create ${noun} -h' for help and examples` : `Error: must specify one of -f and -k\n\nerror: unknown command "${k.flags.args.join(' ')}"\nSee 'kubectl create -h' for help and examples`);
    }
    const absent = (REQUIRED[what] ?? []).filter((f) => !k.flags.has(f));
    if (absent.length > 0) return k.fail(`error: required flag(s) ${absent.map((f) => `"${f}"`).join(', ')} not set`);
    const [name, ...more] = args;
    if (name === undefined || more.length > 0) return k.fail(`error: exactly one NAME is required, got ${args.length}\nSee 'kubectl create ${what} -h' for help and examples`);
    const made = generator(k, name);
    return made.ok ? make(k, made.value.kind, made.value.raw, 'created') : k.fail(made.error);
  },
};
