/** kubectl run and debug: pods and containers that are made to be looked into. Models: kubectl/pkg/cmd/{run,debug} (v1.29). Not modelled: --override-type=json, debug --copy-to, debug of nodes, profiles. */
import { err, ok, type Result } from '../../../base/result.ts';
import type { Program } from '../../../engine/sim/process.ts';
import { invalid, kubectlText } from '../../api/errors.ts';
import { kindByResource, type Pod } from '../../api/kinds.ts';
import { jsonMerge, strategicMerge } from '../../api/merge.ts';
import { plainValue, yamlDocument } from '../../api/yaml.ts';
import { randomName } from '../../api/names.ts';
import { validate } from '../../api/validate.ts';
import { withDefaults } from '../../api/defaults.ts';
import type { Raw } from '../../api/manifest.ts';
import { flag } from '../flags.ts';
import { checkDryRun, dryRun, formatOf } from '../output.ts';
import { untilChange } from '../until.ts';
import type { Kube, Verb } from '../verb.ts';
import { attachTo, untilStarted } from './attach.ts';
import { make, meta, OUTPUT, pairs } from './generate.ts';
import { podOf } from './pods.ts';

const START_LIMIT = 60;

function podObject(k: Kube, name: string, image: string, words: readonly string[]): { readonly raw: Raw; readonly labels: Readonly<Record<string, string>> } {
  const port = k.flags.text('port');
  const labels = k.flags.has('labels') ? pairs(k.flags.list('labels')) : { run: name };
  const env = k.flags.list('env').map((e) => ({ name: e.split('=')[0] ?? '', value: e.includes('=') ? e.slice(e.indexOf('=') + 1) : '' }));
  const [stdin, tty] = [k.flags.on('stdin'), k.flags.on('tty')];
  const container: Raw = {
    ...(words.length === 0 ? {} : k.flags.on('command') ? { command: words } : { args: words }), ...(env.length === 0 ? {} : { env }), image, ...(k.flags.has('image-pull-policy') ? { imagePullPolicy: k.flags.text('image-pull-policy') } : {}),
    name, ...(port === undefined ? {} : { ports: [{ containerPort: Number(port) }] }), resources: {},
    ...(stdin ? { stdin: true, ...(k.flags.text('leave-stdin-open') === 'true' ? {} : { stdinOnce: true }) } : {}), ...(tty ? { tty: true } : {}), ...(k.flags.on('privileged') ? { securityContext: { privileged: true } } : {}),
  };
  const annotations = k.flags.has('annotations') ? { annotations: pairs(k.flags.list('annotations')) } : {};
  return { labels, raw: { apiVersion: 'v1', kind: 'Pod', metadata: { ...meta(k, name, labels), ...annotations }, spec: { containers: [container], dnsPolicy: 'ClusterFirst', restartPolicy: k.flags.text('restart') ?? 'Always' }, status: {} } };
}

/** --overrides: JSON over what is made. */
function overriding(k: Kube): Result<(raw: Raw) => Raw, string> {
  const [text, type] = [k.flags.text('overrides'), k.flags.text('override-type') ?? 'merge'];
  if (text === undefined) return ok((raw) => raw);
  if (!['json', 'merge', 'strategic'].includes(type)) return err(`error: invalid override type: ${type}`);
  if (type === 'json') return err('error: run --override-type=json is not modelled in this lab');
  const doc = plainValue(yamlDocument(text));
  const value = doc.ok ? doc.value : undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return err(type === 'merge' ? 'error: Invalid JSON Patch' : `error: invalid character '${text.charAt(0)}' looking for beginning of value`);
  const over: Raw = { ...value };
  return ok((raw) => (type === 'strategic' ? strategicMerge(raw, over) : jsonMerge(raw, over)));
}

/** Without a restart, kubectl answers with the exit code of the container. */
function* exitOf(k: Kube, name: string): Program {
  const now = (): Pod | undefined => k.cluster.store.get('Pod', k.namespace, name);
  yield* untilChange(k, () => [undefined, 'Succeeded', 'Failed'].includes(now()?.status.phase), START_LIMIT);
  const pod = now();
  const ended = pod?.status.containerStatuses?.[0]?.state.terminated;
  return pod?.status.phase === 'Failed' ? (ended?.exitCode ?? 1) : 0;
}

function* runAttached(k: Kube, name: string): Program {
  const remove = k.flags.on('rm');
  const pod = k.cluster.store.get('Pod', k.namespace, name);
  if (pod === undefined) return 1;
  const gone = function* gone(out: (text: string) => void): Program {
    if (!k.cluster.plane.api.delete('Pod', k.namespace, name).ok) return 1;
    out(`pod "${name}" deleted\n`);
    yield* untilChange(k, () => k.cluster.store.get('Pod', k.namespace, name)?.metadata.uid !== pod.metadata.uid, START_LIMIT);
    return 0;
  };
  const started = yield* untilStarted(k, pod, name, START_LIMIT);
  if (!started.ok) {
    if (remove) yield* gone(k.out);
    return k.fail(started.error);
  }
  const once = pod.spec.restartPolicy !== 'Always';
  return yield* attachTo(k, pod, name, {
    stdin: k.flags.on('stdin'), tty: k.flags.on('tty'),
    *after(here) {
      const code = once ? yield* exitOf(k, name) : 0;
      const reason = k.cluster.store.get('Pod', k.namespace, name)?.status.containerStatuses?.[0]?.state.terminated?.reason ?? 'Error';
      if (remove) yield* gone(here.out);
      if (code !== 0) here.fail(`pod ${k.namespace}/${name} terminated (${reason})`);
      return code;
    },
  });
}

export const run: Verb = {
  name: 'run', summary: 'Run a particular image on the cluster',
  flags: [
    ...OUTPUT, flag('image'), flag('command', 'boolean'), flag('labels', 'list', 'l'), flag('port'), flag('env', 'list'), flag('restart'), flag('stdin', 'boolean', 'i'), flag('tty', 'boolean', 't'), flag('rm', 'boolean'),
    flag('expose', 'boolean'), flag('overrides'), flag('override-type'), flag('image-pull-policy'), flag('quiet', 'boolean', 'q'), flag('attach', 'boolean'), flag('annotations', 'list'), flag('privileged', 'boolean'), flag('leave-stdin-open', 'boolean'), flag('pod-running-timeout'),
    flag('grace-period'), flag('wait', 'boolean'),
  ],
  *run(k): Program {
    const refused = checkDryRun(k);
    if (refused !== undefined) return refused;
    const [name, ...words] = [...k.flags.args, ...(k.flags.rest ?? [])];
    const usage = "\nSee 'kubectl run -h' for help and examples";
    const image = k.flags.text('image');
    if (image === undefined) return k.fail('error: required flag(s) "image" not set');
    if (name === undefined) return k.fail(`error: NAME is required for run${usage}`);
    if (!/^[a-z0-9./:@_-]+$/i.test(image) || image.endsWith(':')) return k.fail(`error: Invalid image name "${image}": invalid reference format`);
    const override = overriding(k);
    if (!override.ok) return k.fail(override.error);
    const attached = k.flags.has('attach') ? k.flags.on('attach') : k.flags.on('stdin') || k.flags.on('tty');
    if (k.flags.on('tty') && !k.flags.on('stdin')) return k.fail(`error: -i/--stdin is required for containers with -t/--tty=true${usage}`);
    if (k.flags.on('rm') && !attached) return k.fail(`error: --rm should only be used for attached containers${usage}`);
    if (attached && dryRun(k) !== '') return k.fail("error: --dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)\nSee 'kubectl run -h' for help and examples");
    const restart = k.flags.text('restart') ?? 'Always';
    if (!['Always', 'OnFailure', 'Never'].includes(restart)) return k.fail(`error: invalid restart policy: ${restart}\nSee 'kubectl run -h' for help and examples`);
    const policy = k.flags.text('image-pull-policy') ?? '';
    if (!['', 'Always', 'IfNotPresent', 'Never'].includes(policy)) return k.fail(`error: invalid image pull policy: ${policy}${usage}`);
    const port = k.flags.text('port');
    if (port !== undefined && !/^-?\d+$/.test(port)) return k.fail(`error: strconv.Atoi: parsing "${port}": invalid syntax`);
    const note = k.flags.list('annotations').flatMap((a) => a.split(',')).find((a) => !a.includes('='));
    if (note !== undefined) return k.fail(`error: invalid annotations format: ${note}`);
    if (k.flags.on('expose') && port === undefined) return k.fail(`error: --port must be set when exposing a service${usage}`);
    const badLabel = k.flags.list('labels').flatMap((l) => l.split(',')).find((l) => !l.includes('='));
    if (badLabel !== undefined) return k.fail(`error: unexpected label spec: ${badLabel}`);
    const badEnv = k.flags.list('env').find((e) => !/^[^=]+=/.test(e));
    if (badEnv !== undefined) return k.fail(`error: invalid env: ${badEnv}`);
    const { raw: made, labels } = podObject(k, name, image, words);
    const raw = override.value(made);
    const quiet: Kube = attached ? { ...k, out: () => undefined } : k;
    // The service comes first.
    const exposed = !k.flags.on('expose') ? 0 : make(k, 'Service', { apiVersion: 'v1', kind: 'Service', metadata: meta(k, name), spec: { ports: [{ port: Number(port), protocol: 'TCP', targetPort: Number(port) }], selector: labels }, status: { loadBalancer: {} } }, 'created');
    if (exposed !== 0) return exposed;
    if (k.flags.on('expose') && formatOf(k) === 'yaml') k.out('---\n---\n');
    const code = make(quiet, 'Pod', raw, 'created');
    if (code !== 0) return code;
    return attached ? yield* runAttached(k, name) : 0;
  },
};

export const debug: Verb = {
  name: 'debug', summary: 'Create debugging sessions for troubleshooting workloads and nodes',
  flags: [
    flag('image'), flag('stdin', 'boolean', 'i'), flag('tty', 'boolean', 't'), flag('target'), flag('container', 'string', 'c'), flag('copy-to'), flag('env', 'list'), flag('image-pull-policy'), flag('profile'), flag('quiet', 'boolean', 'q'),
    flag('attach', 'boolean'), flag('share-processes', 'boolean'), flag('replace', 'boolean'), flag('same-node', 'boolean'), flag('set-image', 'list'), flag('arguments-only', 'boolean'),
  ],
  *run(k): Program {
    const [target, ...words] = [...k.flags.args, ...(k.flags.rest ?? [])];
    if (!['image', 'copy-to', 'set-image'].some((f) => k.flags.has(f))) return k.fail('error: you must specify --image when not using --copy-to.');
    if (target === undefined) return k.fail('error: NAME or filename is required for debug');
    for (const absent of ['copy-to', 'profile', 'set-image', 'replace', 'same-node', 'share-processes']) if (k.flags.has(absent)) return k.fail(`error: debug --${absent} is not modelled in this lab`);
    const info = target.includes('/') ? kindByResource(target.split('/')[0] ?? '', k.cluster.store.serves) : undefined;
    if (info !== undefined && info.kind !== 'Pod' && info.kind !== 'Node') return k.fail(`error: "${info.apiVersion.includes('/') ? info.apiVersion : `/${info.apiVersion}`}, Kind=${info.kind}" not supported by debug`);
    if (/^nodes?\//.test(target)) return k.fail('error: debugging a node is not modelled in this lab; open its own terminal');
    const image = k.flags.text('image');
    if (image === undefined) return k.fail('error: you must specify --image when not using --copy-to.');
    if (k.flags.on('tty') && !k.flags.on('stdin')) return k.fail("error: -i/--stdin is required for containers with -t/--tty=true\nSee 'kubectl debug -h' for help and examples");
    const found = podOf(k, target);
    if (!found.ok) return k.fail(found.error);
    const pod = found.value;
    const { plane, store } = k.cluster;
    const name = k.flags.text('container') ?? `debugger-${randomName(plane.random.fork(`debug/${store.revision}`), 5)}`;
    const goal = k.flags.text('target');
    if (goal !== undefined && !pod.spec.containers.some((c) => c.name === goal)) return k.fail(`error: container ${goal} not found in pod ${pod.metadata.name}`);
    if (goal !== undefined && !k.flags.on('quiet')) k.out(`Targeting container "${goal}". If you don't see processes from this container it may be because the container runtime doesn't support this feature.\n`);
    if (!k.flags.has('container') && !k.flags.on('quiet')) k.out(`Defaulting debug container name to ${name}.\n`);
    const env = k.flags.list('env').map((e) => ({ name: e.split('=')[0] ?? '', value: e.slice(e.indexOf('=') + 1) }));
    const container = {
      name, image, ...(words.length === 0 ? {} : k.flags.on('arguments-only') ? { args: words } : { command: words }), ...(env.length === 0 ? {} : { env }), resources: {}, stdin: k.flags.on('stdin'), tty: k.flags.on('tty'),
      ...(goal === undefined ? {} : { targetContainerName: goal }),
    };
    const next = withDefaults('Pod', { ...pod, spec: { ...pod.spec, ephemeralContainers: [...(pod.spec.ephemeralContainers ?? []), container] } });
    const causes = validate('Pod', next);
    if (causes.length > 0) return k.fail(kubectlText(invalid('Pod', pod.metadata.name, causes)));
    store.update('Pod', next);
    const attached = k.flags.has('attach') ? k.flags.on('attach') : k.flags.on('stdin') || k.flags.on('tty');
    if (!attached) return 0;
    const started = yield* untilStarted(k, pod, name, START_LIMIT);
    if (!started.ok) return k.fail(started.error);
    return yield* attachTo(k, pod, name, { stdin: k.flags.on('stdin'), tty: k.flags.on('tty'), *after() { return 0; } });
  },
};
