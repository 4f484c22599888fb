/** kubectl run, create, expose. Models: kubectl/pkg/cmd/{run,create,expose} and their generators (v1.29). */
import type { Program } from '../../../engine/sim/process.ts';
import { kubectlText } from '../../api/errors.ts';
import type { Kind } from '../../api/kinds.ts';
import type { Raw } from '../../api/manifest.ts';
import { flag } from '../flags.ts';
import { dryRun, formatOf, report } from '../output.ts';
import { toJson, toYaml } from '../plain.ts';
import { pickOne } from '../resources.ts';
import type { Kube, Verb } from '../verb.ts';
import { createFiles } from './apply.ts';

const OUTPUT = [flag('output', 'string', 'o'), flag('dry-run', 'string', undefined, 'unchanged'), flag('save-config', 'boolean'), flag('validate', 'string', undefined, 'true'), flag('field-manager')] as const;

/** Creates an object, or prints it with --dry-run. `said`: `created`, `exposed`. */
export function make(k: Kube, kind: Kind, raw: Raw, said: string): number {
  const dry = dryRun(k);
  const decoded = k.cluster.plane.api.decode(kind, raw);
  if (!decoded.ok) return k.fail(kubectlText(decoded.error));
  if (dry === 'client') {
    const format = formatOf(k);
    if (format !== 'yaml' && format !== 'json') return report(k, decoded.value, said);
    k.out(format === 'yaml' ? toYaml(raw) : toJson(raw));
    return 0;
  }
  const made = k.cluster.plane.api.create(kind, decoded.value, dry !== '');
  return made.ok ? report(k, made.value, said) : k.fail(kubectlText(made.error));
}

const meta = (k: Kube, name: string, labels?: Readonly<Record<string, string>>): Raw => ({ name, namespace: k.namespace, ...(labels === undefined ? {} : { labels }) });

const pairs = (items: readonly string[]): Readonly<Record<string, string>> => Object.fromEntries(items.flatMap((i) => i.split(',')).filter((i) => i.includes('=')).map((i) => [i.slice(0, i.indexOf('=')), i.slice(i.indexOf('=') + 1)]));

export const run: Verb = {
  name: 'run', summary: 'Run a particular image on the cluster',
  flags: [
    ...OUTPUT, flag('image'), flag('command', 'boolean'), flag('labels', 'list', 'l'), flag('port'), flag('env', 'list'), flag('restart'), flag('stdin', 'boolean', 'i'), flag('tty', 'boolean', 't'), flag('rm', 'boolean'),
    flag('expose', 'boolean'), flag('overrides'), flag('image-pull-policy'), flag('quiet', 'boolean', 'q'), flag('attach', 'boolean'), flag('annotations', 'list'),
  ],
  *run(k): Program {
    const [name, ...words] = [...k.flags.args, ...(k.flags.rest ?? [])];
    if (name === undefined) return k.fail("error: NAME is required for run\nSee 'kubectl run -h' for help and examples");
    const image = k.flags.text('image');
    if (image === undefined) return k.fail('error: required flag(s) "image" not set');
    for (const absent of ['overrides', 'attach', 'rm']) if (k.flags.has(absent)) return k.fail(`error: kubectl run --${absent} is not modelled in this lab; start the pod and use kubectl exec`);
    if (k.flags.on('stdin') || k.flags.on('tty')) return k.fail('error: attaching with kubectl run -i/-t is not modelled in this lab; start the pod with a command (-- sleep infinity) and use kubectl exec -it');
    const port = k.flags.text('port');
    const labels = k.flags.has('labels') ? pairs(k.flags.list('labels')) : { run: name };
    const env = Object.entries(pairs(k.flags.list('env'))).map(([n, value]) => ({ name: n, value }));
    const container: Raw = {
      name, image, ...(words.length === 0 ? {} : k.flags.on('command') ? { command: words } : { args: words }), ...(port === undefined ? {} : { ports: [{ containerPort: Number(port) }] }), ...(env.length === 0 ? {} : { env }),
      ...(k.flags.has('image-pull-policy') ? { imagePullPolicy: k.flags.text('image-pull-policy') } : {}), resources: {},
    };
    const code = make(k, 'Pod', { apiVersion: 'v1', kind: 'Pod', metadata: meta(k, name, labels), spec: { containers: [container], dnsPolicy: 'ClusterFirst', restartPolicy: k.flags.text('restart') ?? 'Always' } }, 'created');
    if (code !== 0 || !k.flags.on('expose')) return code;
    if (port === undefined) return k.fail('error: --port must be set when exposing a service');
    return make(k, 'Service', { apiVersion: 'v1', kind: 'Service', metadata: meta(k, name), spec: { selector: labels, ports: [{ port: Number(port), protocol: 'TCP', targetPort: Number(port) }] } }, 'created');
  },
};

/** `80:8080` or `http:80` style pairs of `create service --tcp`. */
function servicePorts(items: readonly string[]): readonly Raw[] {
  return items.flatMap((i) => i.split(',')).map((item) => {
    const [port = '', target = port] = item.split(':');
    return { name: item.replace(':', '-'), port: Number(port), protocol: 'TCP', targetPort: /^\d+$/.test(target) ? Number(target) : target };
  });
}

export const create: Verb = {
  name: 'create', summary: 'Create a resource from a file or from stdin',
  flags: [...OUTPUT, flag('filename', 'list', 'f'), flag('recursive', 'boolean', 'R'), flag('image', 'list'), flag('replicas'), flag('port'), flag('tcp', 'list'), flag('node-port'), flag('clusterip'), flag('external-name'), flag('from-literal', 'list'), flag('from-file', 'list')],
  *run(k) {
    if (k.flags.has('filename')) return yield* createFiles(k);
    const [what, ...args] = k.flags.args;
    if (what === undefined) return k.fail("error: must specify one of -f and -k");
    const sub = ['service', 'svc'].includes(what) ? args.shift() : undefined;
    const [name] = args;
    const needName = (): 1 => k.fail(`error: exactly one NAME is required, got ${args.length}\nSee 'kubectl create ${what} -h' for help and examples`);
    switch (what) {
      case 'namespace':
      case 'ns': return name === undefined ? needName() : make(k, 'Namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, 'created');
      case 'serviceaccount':
      case 'sa': return name === undefined ? needName() : make(k, 'ServiceAccount', { apiVersion: 'v1', kind: 'ServiceAccount', metadata: meta(k, name) }, 'created');
      case 'configmap':
      case 'cm': {
        if (name === undefined) return needName();
        const data = Object.fromEntries(k.flags.list('from-literal').map((l) => [l.slice(0, l.indexOf('=')), l.slice(l.indexOf('=') + 1)]));
        for (const spec of k.flags.list('from-file')) {
          const [key, path] = spec.includes('=') ? [spec.slice(0, spec.indexOf('=')), spec.slice(spec.indexOf('=') + 1)] : [spec.split('/').at(-1) ?? spec, spec];
          const text = k.context.host.fs.read(path.startsWith('/') ? path : `${k.context.cwd}/${path}`);
          if (!text.ok) return k.fail(`error: error reading ${path}: no such file or directory`);
          data[key] = text.value;
        }
        return make(k, 'ConfigMap', { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta(k, name), data }, 'created');
      }
      case 'deployment':
      case 'deploy': {
        if (name === undefined) return needName();
        const images = k.flags.list('image');
        if (images.length === 0) return k.fail('error: required flag(s) "image" not set');
        const port = k.flags.text('port');
        const containers = images.map((image, i) => ({
          name: (image.split('/').at(-1) ?? image).replace(/[:@].*$/, ''), image, resources: {},
          ...(k.flags.rest === undefined ? {} : { command: k.flags.rest }), ...(port === undefined || i > 0 ? {} : { ports: [{ containerPort: Number(port) }] }),
        }));
        return make(k, 'Deployment', {
          apiVersion: 'apps/v1', kind: 'Deployment', metadata: meta(k, name, { app: name }),
          spec: { replicas: Number(k.flags.text('replicas') ?? 1), selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers } } },
        }, 'created');
      }
      case 'service':
      case 'svc': {
        if (sub === undefined || !['clusterip', 'nodeport', 'loadbalancer', 'externalname'].includes(sub)) return k.fail(`error: unknown command "${sub ?? ''}" for "kubectl create service"`);
        if (name === undefined) return needName();
        const type = { clusterip: 'ClusterIP', nodeport: 'NodePort', loadbalancer: 'LoadBalancer', externalname: 'ExternalName' }[sub] ?? 'ClusterIP';
        const tcp = servicePorts(k.flags.list('tcp'));
        if (tcp.length === 0 && type !== 'ExternalName' && k.flags.text('clusterip') !== 'None') return k.fail('error: at least one tcp port specifier must be provided');
        const nodePort = k.flags.text('node-port');
        const ports = tcp.map((p, i) => (nodePort !== undefined && i === 0 ? { ...p, nodePort: Number(nodePort) } : p));
        return make(k, 'Service', {
          apiVersion: 'v1', kind: 'Service', metadata: meta(k, name, { app: name }),
          spec: {
            type, ports, selector: { app: name }, ...(k.flags.has('clusterip') ? { clusterIP: k.flags.text('clusterip') } : {}),
            ...(type === 'ExternalName' ? { externalName: k.flags.text('external-name') ?? '' } : {}),
          },
        }, 'created');
      }
      default: return k.fail(`error: unknown command "${what}" for "kubectl create"; other generators are not modelled in this lab\nSee 'kubectl create -h' for help and examples`);
    }
  },
};

export const expose: Verb = {
  name: 'expose', summary: 'Take a replication controller, service, deployment or pod and expose it as a new Kubernetes service',
  flags: [...OUTPUT, flag('port'), flag('target-port'), flag('name'), flag('type'), flag('protocol'), flag('selector', 'string', 'l'), flag('cluster-ip'), flag('external-ip'), flag('session-affinity'), flag('labels', 'list')],
  *run(k): Program {
    if (k.flags.args.length === 0) return k.fail('error: You must provide one or more resources by argument or filename.');
    const found = pickOne({ ...k, flags: k.flags, out: k.out, fail: k.fail }, k.flags.args, ['Pod', 'Service', 'Deployment', 'ReplicaSet']);
    if (!found.ok) return k.fail(found.error);
    const { object } = found.value;
    const name = k.flags.text('name') ?? object.metadata.name;
    const deployment = k.cluster.store.get('Deployment', k.namespace, object.metadata.name);
    const selector = k.flags.has('selector') ? pairs([k.flags.text('selector') ?? '']) : object.kind === 'Deployment' ? (deployment?.spec.selector.matchLabels ?? {}) : object.kind === 'Service' ? (k.cluster.store.get('Service', k.namespace, object.metadata.name)?.spec.selector ?? {}) : (object.metadata.labels ?? {});
    if (Object.keys(selector).length === 0) return k.fail("error: couldn't retrieve selectors via --selector flag or introspection: the pod has no labels and cannot be exposed");
    const containers = object.kind === 'Deployment' ? deployment?.spec.template.spec.containers : k.cluster.store.get('Pod', k.namespace, object.metadata.name)?.spec.containers;
    const declared = (containers ?? []).flatMap((c) => (c.ports ?? []).map((p) => p.containerPort));
    const ports = k.flags.has('port') ? [Number(k.flags.text('port'))] : declared;
    if (ports.length === 0) return k.fail("error: couldn't find port via --port flag or introspection\nSee 'kubectl expose -h' for help and examples");
    const target = k.flags.text('target-port');
    return make(k, 'Service', {
      apiVersion: 'v1', kind: 'Service', metadata: meta(k, name, object.metadata.labels),
      spec: {
        selector, ...(k.flags.has('type') ? { type: k.flags.text('type') } : {}), ...(k.flags.has('cluster-ip') ? { clusterIP: k.flags.text('cluster-ip') } : {}),
        ...(k.flags.has('external-ip') ? { externalIPs: (k.flags.text('external-ip') ?? '').split(',') } : {}), ...(k.flags.has('session-affinity') ? { sessionAffinity: k.flags.text('session-affinity') } : {}),
        ports: ports.map((port, i) => ({ ...(ports.length > 1 ? { name: `port-${i + 1}` } : {}), port, protocol: k.flags.text('protocol') ?? 'TCP', targetPort: target === undefined ? port : /^\d+$/.test(target) ? Number(target) : target })),
      },
    }, 'exposed');
  },
};
