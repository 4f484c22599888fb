/** kubectl expose. Models: kubectl/pkg/cmd/expose (v1.29). */
import type { Program } from '../../../engine/sim/process.ts';
import type { AnyObject, KindInfo, Pod } from '../../api/kinds.ts';
import type { Raw } from '../../api/manifest.ts';
import { flag } from '../flags.ts';
import { checkDryRun } from '../output.ts';
import { NOTHING_GIVEN, pickOne, unnamed } from '../resources.ts';
import type { Kube, Verb } from '../verb.ts';
import { make, meta, OUTPUT, pairs } from './generate.ts';
import { FILE } from './manifests.ts';
import { chosen } from './patch.ts';

const groupKind = (i: KindInfo): string => (i.apiVersion.includes('/') ? `${i.kind}.${i.apiVersion.split('/')[0] ?? ''}` : i.kind);

const EXPOSED = ['Pod', 'Service', 'Deployment', 'ReplicaSet'];

/** Selector and containers of what is exposed. */
function shapeOf(k: Kube, { kind, metadata: { namespace, name, labels } }: AnyObject): { readonly selector: Readonly<Record<string, string>>; readonly containers: Pod['spec']['containers']; readonly ports: readonly Raw[] } {
  const { store } = k.cluster;
  const workload = kind === 'Deployment' ? store.get('Deployment', namespace, name) : kind === 'ReplicaSet' ? store.get('ReplicaSet', namespace, name) : undefined;
  if (workload !== undefined) return { selector: workload.spec.selector.matchLabels ?? {}, containers: workload.spec.template.spec.containers, ports: [] };
  const service = kind === 'Service' ? store.get('Service', namespace, name) : undefined;
  if (service !== undefined) return { selector: service.spec.selector ?? {}, containers: [], ports: service.spec.ports.map((p) => ({ port: p.port, protocol: p.protocol, targetPort: p.port })) };
  return { selector: labels ?? {}, containers: store.get('Pod', namespace, name)?.spec.containers ?? [], ports: [] };
}

export const expose: Verb = {
  name: 'expose', summary: 'Take a replication controller, service, deployment or pod and expose it as a new Kubernetes service',
  flags: [
    ...OUTPUT, ...FILE, flag('port'), flag('target-port'), flag('name'), flag('type'), flag('protocol'), flag('selector'), flag('cluster-ip'), flag('external-ip'), flag('session-affinity'), flag('labels', 'list', 'l'),
    flag('load-balancer-ip'), flag('overrides'),
  ],
  *run(k): Program {
    const refused = checkDryRun(k);
    if (refused !== undefined) return refused;
    if (k.flags.has('overrides')) return k.fail('error: expose --overrides is not modelled in this lab');
    const plain: Kube = { ...k, flags: k.flags.without('selector') };
    let object: AnyObject | undefined;
    if (k.flags.has('filename')) object = (yield* chosen(plain, []))?.selections[0]?.objects[0];
    else {
      if (k.flags.args.length === 0) return k.fail(NOTHING_GIVEN);
      const nameless = unnamed(plain, k.flags.args);
      if (nameless !== undefined) return k.fail(nameless);
      const found = pickOne(plain, k.flags.args);
      if (!found.ok) return k.fail(found.error);
      if (!EXPOSED.includes(found.value.info.kind)) return k.fail(`error: cannot expose a ${groupKind(found.value.info)}`);
      object = found.value.object;
    }
    if (object === undefined) return 1;
    if (!EXPOSED.includes(object.kind)) return k.fail(`error: cannot expose a ${object.kind}`);
    const affinity = k.flags.text('session-affinity');
    if (affinity !== undefined && !['None', 'ClientIP'].includes(affinity)) return k.fail(`error: unknown session affinity: ${affinity}`);
    const number = (k.flags.text('port') ?? '').split(',').find((p) => p !== '' && !/^-?\d+$/.test(p));
    if (number !== undefined) return k.fail(`error: strconv.Atoi: parsing "${number}": invalid syntax`);
    const shape = shapeOf(k, object);
    const selector = k.flags.has('selector') ? pairs([k.flags.text('selector') ?? '']) : shape.selector;
    if (Object.keys(selector).length === 0) return k.fail(object.kind === 'Service' ? "error: couldn't retrieve selectors via --selector flag or introspection: the service has no pod selector set" : "error: couldn't retrieve selectors via --selector flag or introspection: the pod has no labels and cannot be exposed\nSee 'kubectl expose -h' for help and examples");
    const protocol = k.flags.text('protocol');
    const target = k.flags.text('target-port');
    const targetOf = (port: number): number | string => (target === undefined ? port : /^\d+$/.test(target) ? Number(target) : target);
    const declared = shape.containers.flatMap((c) => (c.ports ?? []).map((p) => ({ port: p.containerPort, protocol: protocol ?? p.protocol, targetPort: targetOf(p.containerPort) })));
    const asked = (k.flags.text('port') ?? '').split(',').filter((p) => p !== '').map((p) => ({ port: Number(p), protocol: protocol ?? shape.containers.flatMap((c) => c.ports ?? []).find((q) => q.containerPort === Number(p))?.protocol ?? 'TCP', targetPort: targetOf(Number(p)) }));
    const ports: readonly Raw[] = asked.length > 0 ? asked : declared.length > 0 ? declared : shape.ports;
    if (ports.length === 0) return k.fail("error: couldn't find port via --port flag or introspection");
    const type = k.flags.text('type');
    const external = k.flags.text('external-ip');
    return make(k, 'Service', {
      apiVersion: 'v1', kind: 'Service', metadata: meta(k, k.flags.text('name') ?? object.metadata.name, k.flags.has('labels') ? pairs(k.flags.list('labels')) : object.metadata.labels),
      spec: {
        ...(k.flags.has('cluster-ip') ? { clusterIP: k.flags.text('cluster-ip') } : {}), ...(external === undefined ? {} : { externalIPs: external.split(',') }), ...(k.flags.has('load-balancer-ip') ? { loadBalancerIP: k.flags.text('load-balancer-ip') } : {}),
        ports: ports.map((p, i) => (ports.length > 1 && p['name'] === undefined ? { name: `port-${i + 1}`, ...p } : p)), selector, ...(k.flags.has('session-affinity') ? { sessionAffinity: k.flags.text('session-affinity') } : {}), ...(type === undefined ? {} : { type }),
      },
      status: { loadBalancer: {} },
    }, 'exposed');
  },
};
