/** kubectl create. Models: kubectl/pkg/cmd/create (v1.29). Not modelled: secret docker-registry and tls, quota, token, cronjob, ingress, --edit. */
import { toBase64 } from '../../../base/base64.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import { utf8 } from '../../../engine/wire/bytes.ts';
import { resolvePath } from '../../../userland/shell/glob.ts';
import type { Kind } from '../../api/kinds.ts';
import type { Raw } from '../../api/manifest.ts';
import { CONFIG_KEY, CONFIG_KEY_TEXT } from '../../api/validate.ts';
import { flag } from '../flags.ts';
import { checkDryRun } from '../output.ts';
import type { Kube, Verb } from '../verb.ts';
import { createFiles } from './apply.ts';
import { make, meta, OUTPUT } from './generate.ts';
import { FILE } from './manifests.ts';

interface Made {
  readonly kind: Kind;
  readonly raw: Raw;
}
type Generator = (k: Kube, name: string) => Result<Made, string>;

/** Data of --from-literal, --from-file, --from-env-file. */
function dataOf(k: Kube): Result<Readonly<Record<string, string>>, string> {
  const data: Record<string, string> = {};
  const { fs } = k.context.host;
  const add = (key: string, value: string): string | undefined => {
    if (!CONFIG_KEY.test(key)) return `error: "${key}" is not a valid key name for a ConfigMap: ${CONFIG_KEY_TEXT}`;
    if (Object.hasOwn(data, key)) return `error: cannot add key "${key}", another key by that name already exists in Data for ConfigMap "${k.flags.args.at(-1) ?? ''}"`;
    data[key] = value;
    return undefined;
  };
  for (const spec of k.flags.list('from-file')) {
    const [key, path] = spec.includes('=') ? [spec.slice(0, spec.indexOf('=')), spec.slice(spec.indexOf('=') + 1)] : [spec.split('/').at(-1) ?? spec, spec];
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
    if (at < 0) return err(`error: invalid literal source ${literal}, expected key=value`);
    const clash = add(literal.slice(0, at), literal.slice(at + 1).replace(/^(["'])(.*)\1$/, '$2'));
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
  const data = dataOf(k);
  return data.ok ? ok({ kind: 'ConfigMap', raw: { apiVersion: 'v1', ...(Object.keys(data.value).length > 0 ? { data: data.value } : {}), kind: 'ConfigMap', metadata: meta(k, name) } }) : data;
};

const secret: Generator = (k, name) => {
  const data = dataOf(k);
  if (!data.ok) return data;
  const encoded = Object.fromEntries(Object.entries(data.value).map(([key, value]) => [key, toBase64(utf8(value))]));
  return ok({ kind: 'Secret', raw: { apiVersion: 'v1', ...(Object.keys(encoded).length > 0 ? { data: encoded } : {}), kind: 'Secret', metadata: meta(k, name), ...(k.flags.has('type') ? { type: k.flags.text('type') } : {}) } });
};

/** Name of a container made from its image: `nginx:1.27` is nginx. */
const imageName = (image: string): string => (image.split('/').at(-1) ?? image).replace(/[:@].*$/, '').replaceAll('_', '-');

const deployment: Generator = (k, name) => {
  const images = k.flags.list('image').flatMap((i) => i.split(','));
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

const job: Generator = (k, name) => {
  const image = k.flags.text('image');
  if (k.flags.has('from')) return err('error: create job --from is not modelled in this lab');
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
    const [port = '', target = port, more] = item.split(':');
    if (more !== undefined || !/^\d+$/.test(port)) return err(`error: ${more === undefined ? `strconv.ParseUint: parsing "${port}": invalid syntax` : `invalid port format '${item}'`}`);
    if (Number(port) < 1 || Number(port) > 65535) return err(`error: invalid port number ${port}: must be between 1 and 65535, inclusive`);
    if (/^\d+$/.test(target) && (Number(target) < 1 || Number(target) > 65535)) return err('error: must be between 1 and 65535, inclusive');
    out.push({ name: item.replace(':', '-') === port ? port : `${port}-${target}`, ...(nodePort === undefined ? {} : { nodePort: Number(nodePort) }), port: Number(port), protocol: 'TCP', targetPort: /^\d+$/.test(target) ? Number(target) : target });
  }
  return ok(out);
}

const service = (kind: string): Generator => (k, name) => {
  const type = SERVICE_TYPES[kind] ?? 'ClusterIP';
  const headless = k.flags.text('clusterip') === 'None';
  const ports = servicePorts(k.flags.list('tcp'), k.flags.text('node-port'));
  if (!ports.ok) return ports;
  if (ports.value.length === 0 && type !== 'ExternalName' && !headless) return err('error: at least one tcp port specifier must be provided');
  if (headless && type !== 'ClusterIP') return err("error: can not map ports with clusterip=None");
  if (headless && ports.value.length > 0) return err('error: can not map ports with clusterip=None');
  if (type === 'ExternalName' && !k.flags.has('external-name')) return err('error: required flag(s) "external-name" not set');
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
  namespace: (_k, name) => ok({ kind: 'Namespace', raw: { apiVersion: 'v1', kind: 'Namespace', metadata: { creationTimestamp: '', name }, spec: {}, status: {} } }),
  serviceaccount: (k, name) => ok({ kind: 'ServiceAccount', raw: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: meta(k, name) } }),
  configmap: configMap, 'secret generic': secret, deployment, job,
  'service clusterip': service('clusterip'), 'service nodeport': service('nodeport'), 'service loadbalancer': service('loadbalancer'), 'service externalname': service('externalname'),
};
const ALIASES: Readonly<Record<string, string>> = { ns: 'namespace', sa: 'serviceaccount', cm: 'configmap', deploy: 'deployment', dep: 'deployment', svc: 'service', service: 'service', secret: 'secret' };
const ABSENT: readonly string[] = ['clusterrole', 'clusterrolebinding', 'role', 'rolebinding', 'cronjob', 'ingress', 'poddisruptionbudget', 'pdb', 'priorityclass', 'quota', 'token', 'secret tls', 'secret docker-registry'];

export const create: Verb = {
  name: 'create', summary: 'Create a resource from a file or from stdin', absent: ABSENT,
  flags: [
    ...OUTPUT, ...FILE, flag('image', 'list'), flag('replicas', 'string', 'r'), flag('port'), flag('tcp', 'list'), flag('node-port'), flag('clusterip'), flag('external-name'), flag('from-literal', 'list'), flag('from-file', 'list'),
    flag('from-env-file', 'list'), flag('type'), flag('from'), flag('edit', 'boolean'), flag('append-hash', 'boolean'),
  ],
  *run(k) {
    const refused = checkDryRun(k);
    if (refused !== undefined) return refused;
    for (const absent of ['edit', 'append-hash']) if (k.flags.on(absent)) return k.fail(`error: create --${absent} is not modelled in this lab`);
    if (k.flags.has('filename') || k.flags.has('kustomize')) return yield* createFiles(k);
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
    if (noun === 'deployment' && !k.flags.has('image')) return k.fail('error: required flag(s) "image" not set');
    const [name, ...more] = args;
    if (name === undefined || more.length > 0) return k.fail(`error: exactly one NAME is required, got ${args.length}\nSee 'kubectl create ${what} -h' for help and examples`);
    const made = generator(k, name);
    return made.ok ? make(k, made.value.kind, made.value.raw, 'created') : k.fail(made.error);
  },
};
