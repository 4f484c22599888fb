/** Commands on a live cluster, the world that the objects they left would have made at once, and what of a node must be the same in both. */
import { must } from '../../base/assert.ts';
import { formatIpv4, formatMac, formatPrefix, parseIpv4, prefix, ANY, type Prefix } from '../../engine/wire/addresses.ts';
import type { Host } from '../../userland/host.ts';
import type { Pod, Service } from '../api/kinds.ts';
import { isReady } from '../node/pod-status.ts';
import type { PodPin } from '../pins.ts';
import { clusterWorld, type ClusterWorld } from './cluster-world.ts';

export type Do =
  | { readonly do: 'service'; readonly name: string; readonly app: string; readonly type: 'ClusterIP' | 'NodePort' | 'LoadBalancer'; readonly external: boolean; readonly internal: boolean; readonly more: string }
  | { readonly do: 'patch'; readonly name: string; readonly patch: string }
  | { readonly do: 'vip'; readonly name: string; readonly ip: string | undefined }
  | { readonly do: 'deployment'; readonly app: string; readonly replicas: number }
  | { readonly do: 'scale'; readonly app: string; readonly replicas: number }
  | { readonly do: 'kubectl'; readonly line: string }
  | { readonly do: 'delete pod'; readonly index: number; readonly force: boolean }
  | { readonly do: 'readiness'; readonly index: number }
  | { readonly do: 'lose slice'; readonly service: string }
  | { readonly do: 'route'; readonly node: number }
  | { readonly do: 'peer route'; readonly node: number }
  | { readonly do: 'flush chain'; readonly node: number; readonly chain: number }
  | { readonly do: 'flush'; readonly node: number }
  | { readonly do: 'power'; readonly node: number }
  | { readonly do: 'wait'; readonly seconds: number };

const NODES = 3;
const nodeName = (i: number): string => `vm${(i % NODES) + 1}`;

export class Live {
  readonly world: ClusterWorld;
  /** Nodes whose iptables were flushed as a whole: what repairs them runs in another order than at boot. */
  readonly flushed = new Set<string>();
  /** Without power. The server is never one of them. */
  readonly #dark = new Set<string>();
  readonly #routes = new Set<string>();
  readonly #lostPeers = new Set<string>();
  #serial = 0;

  constructor() {
    this.world = clusterWorld({ nodes: NODES });
    this.run({ do: 'deployment', app: 'red', replicas: 2 });
    this.run({ do: 'service', name: 'a', app: 'red', type: 'NodePort', external: false, internal: false, more: 'ports: [{port: 80}]' });
    this.world.cluster.runUntilReady();
  }

  host(node: string): Host {
    return must(this.world.machines.get(node), node);
  }

  pods(): readonly Pod[] {
    return this.world.cluster.store.list('Pod', 'default').filter((p) => p.metadata.deletionTimestamp === undefined);
  }

  run(c: Do): void {
    if (c.do !== 'power' && 'node' in c && this.#dark.has(nodeName(c.node))) return; // nobody types there
    const { world } = this;
    const { store } = world.cluster;
    const apply = (text: string): void => void world.cluster.apply(text, 'any-order.yaml');
    switch (c.do) {
      case 'service':
        apply(`apiVersion: v1\nkind: Service\nmetadata: {name: ${c.name}}\nspec: {selector: {app: ${c.app}}, type: ${c.type}${c.external && c.type !== 'ClusterIP' ? ', externalTrafficPolicy: Local' : ''}${c.internal ? ', internalTrafficPolicy: Local' : ''}, ${c.more}}\n`);
        break;
      case 'patch': world.run('vm1', `kubectl patch service ${c.name} -p '${c.patch}'`); break;
      case 'vip': {
        const service = store.get('Service', 'default', c.name);
        if (service?.spec.type === 'LoadBalancer') store.update('Service', { ...service, status: { ...service.status, loadBalancer: c.ip === undefined ? {} : { ingress: [{ ip: c.ip }] } } });
        break;
      }
      case 'deployment':
        apply(`apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${c.app}}\nspec: {replicas: ${c.replicas}, selector: {matchLabels: {app: ${c.app}}}, template: {metadata: {labels: {app: ${c.app}}}, spec: {containers: [{name: nginx, image: "nginx:1.27", ports: [{name: web, containerPort: 80}]}]}}}\n`);
        break;
      case 'scale': world.run('vm1', `kubectl scale deployment ${c.app} --replicas=${c.replicas}`); break;
      case 'kubectl': world.run('vm1', `kubectl ${c.line}`); break;
      case 'delete pod': {
        const pod = this.#pod(c.index);
        if (pod !== undefined) world.run('vm1', `kubectl delete pod ${pod.metadata.name} --wait=false${c.force ? ' --force --grace-period=0' : ''}`);
        break;
      }
      case 'readiness': {
        const pod = this.#pod(c.index);
        if (pod !== undefined) setReady(world, pod, !isReady(pod));
        break;
      }
      case 'lose slice': {
        const slice = store.list('EndpointSlice', 'default').find((s) => s.metadata.labels?.['kubernetes.io/service-name'] === c.service);
        if (slice !== undefined) world.run('vm1', `kubectl delete endpointslice ${slice.metadata.name}`);
        break;
      }
      case 'route': this.#toggle(this.#routes, nodeName(c.node), handRoute); break;
      case 'peer route': {
        const node = nodeName(c.node);
        if (this.#lostPeers.has(node) || hasPeerRoute(this.host(node))) this.#toggle(this.#lostPeers, node, peerRoute); // a node that boots has none yet
        break;
      }
      case 'flush chain': {
        const { netfilter } = this.host(nodeName(c.node)).kernel;
        const chains = netfilter.chainNames('nat').filter((n) => n.startsWith('KUBE-') && !n.endsWith('CANARY'));
        const chain = chains[c.chain % chains.length];
        netfilter.command({ op: 'flush', table: 'nat', chain });
        // Upstream writes a service chain again when its service changes, and all at a full sync: labels of the node bring one.
        world.run('vm1', `kubectl label node ${nodeName(c.node)} resync=${++this.#serial} --overwrite`);
        break;
      }
      case 'flush': {
        const { netfilter } = this.host(nodeName(c.node)).kernel;
        this.flushed.add(nodeName(c.node));
        for (const table of ['mangle', 'nat', 'filter'] as const) {
          netfilter.command({ op: 'flush', table, chain: undefined });
          netfilter.command({ op: 'delete-chain', table, chain: undefined });
        }
        break;
      }
      case 'power': {
        const node = nodeName(1 + (c.node % (NODES - 1)));
        if (this.#dark.delete(node)) world.cluster.powerOn(node);
        else {
          this.#dark.add(node);
          for (const made of [this.#routes, this.#lostPeers, this.flushed]) made.delete(node); // by hand, not by the machine's configuration
          world.cluster.powerOff(node);
        }
        break;
      }
      case 'wait': world.wait(c.seconds);
    }
  }

  #pod(index: number): Pod | undefined {
    const pods = this.pods();
    return pods.length === 0 ? undefined : pods[index % pods.length];
  }

  #toggle(set: Set<string>, node: string, change: (host: Host, on: boolean) => void): void {
    const on = !set.delete(node);
    if (on) set.add(node);
    change(this.host(node), on);
  }

  /** Every pod ready, every grace period and every poll over. */
  settle(): void {
    for (const node of this.#dark) this.world.cluster.powerOn(node);
    this.#dark.clear();
    this.world.wait(60);
    for (const pod of this.pods()) if (pod.status.phase === 'Running' && !isReady(pod)) setReady(this.world, pod, true);
    this.world.wait(this.flushed.size > 0 ? 310 : 45);
    this.world.cluster.runUntilReady();
  }

  /** The same objects and the same things done by hand, on nodes that know nothing else. */
  fromScratch(): ClusterWorld {
    const { store } = this.world.cluster;
    const pods = this.pods().filter((p) => p.spec.nodeName !== undefined);
    const fresh = clusterWorld({ nodes: NODES, pins: { pods: pods.map((p) => this.#pin(p)) } });
    const { api } = fresh.cluster.plane;
    for (const node of store.list('Node')) {
      const own = must(fresh.cluster.store.get('Node', '', node.metadata.name), 'node');
      fresh.cluster.store.update('Node', { ...own, metadata: { ...own.metadata, labels: node.metadata.labels }, spec: { ...own.spec, unschedulable: node.spec.unschedulable, taints: node.spec.taints } });
    }
    for (const pod of pods) {
      const { nodeName: node, containers, restartPolicy } = pod.spec;
      api.create('Pod', { apiVersion: 'v1', kind: 'Pod', metadata: { ...BLANK, name: pod.metadata.name, labels: pod.metadata.labels }, spec: { containers, restartPolicy, nodeName: node }, status: { phase: 'Pending' } });
    }
    for (const service of store.list('Service', 'default')) {
      if (service.metadata.name !== 'kubernetes') this.#copy(fresh, service);
    }
    for (const node of this.#routes) handRoute(must(fresh.machines.get(node), node), true);
    fresh.cluster.runUntilReady();
    for (const node of this.#lostPeers) peerRoute(must(fresh.machines.get(node), node), true);
    fresh.wait(5);
    return fresh;
  }

  #copy(fresh: ClusterWorld, service: Service): void {
    const made = fresh.cluster.plane.api.create('Service', { apiVersion: 'v1', kind: 'Service', metadata: { ...BLANK, name: service.metadata.name, labels: service.metadata.labels, annotations: service.metadata.annotations }, spec: service.spec, status: service.status });
    if (!made.ok) throw new Error(JSON.stringify(made.error));
  }

  #pin(pod: Pod): PodPin {
    const sandbox = must(this.world.cluster.kubelets.get(pod.spec.nodeName ?? '')?.sandbox(pod.metadata.uid), `sandbox of ${pod.metadata.name}`);
    const { kernel } = this.host(pod.spec.nodeName ?? '');
    const veth = must(sandbox.hostVeth, 'host end');
    return { namespace: 'default', name: pod.metadata.name, ip: formatIpv4(sandbox.ip), mac: sandbox.kernel.netlink.link('eth0')?.mac, veth, vethMac: kernel.netlink.link(veth)?.mac };
  }
}

const BLANK = { namespace: 'default', uid: '', resourceVersion: '', creationTimestamp: '' };

/** A status as the kubelet would write it. */
function setReady(world: ClusterWorld, pod: Pod, ready: boolean): void {
  const status = ready ? 'True' : 'False';
  const conditions = pod.status.conditions?.map((c) => (c.type === 'Ready' || c.type === 'ContainersReady' ? { ...c, status } : c));
  world.cluster.store.update('Pod', { ...pod, status: { ...pod.status, conditions, containerStatuses: pod.status.containerStatuses?.map((s) => ({ ...s, ready })) } });
}

const GATEWAY = must(parseIpv4('10.65.94.1'), 'address');
const ELSEWHERE = prefix(must(parseIpv4('198.51.100.0'), 'address'), 24);

function handRoute({ kernel: { netlink } }: Host, on: boolean): void {
  if (on) netlink.newRoute({ dst: ELSEWHERE, nexthops: [{ via: GATEWAY, dev: 'ens3' }] }, 'add');
  else netlink.delRoute({ dst: ELSEWHERE });
}

const peerOf = (name: string): Prefix => prefix(must(parseIpv4(`10.42.${name === 'vm1' ? 1 : 0}.0`), 'address'), 24);
const hasPeerRoute = ({ name, kernel: { netlink } }: Host): boolean => netlink.routes().some((r) => formatPrefix(r.dst) === formatPrefix(peerOf(name)));

/** flanneld does not look after its routes (the vxlan backend has no route check): what is removed by hand stays so. */
function peerRoute({ name, kernel: { netlink } }: Host, lost: boolean): void {
  const subnet = peerOf(name);
  if (lost) netlink.delRoute({ dst: subnet });
  else netlink.newRoute({ dst: subnet, nexthops: [{ via: subnet.address, dev: 'flannel.1', onlink: true }] }, 'add');
}

/** What a node shows: rules without counters, routes, permanent neighbours and forwarding entries, links. `loose`: order within the built-in chains is not told. */
export function shown({ kernel }: Host, loose: boolean): Readonly<Record<string, readonly string[]>> {
  const { netlink, netfilter } = kernel;
  const tables = (['mangle', 'filter', 'nat'] as const).flatMap((table) => (netfilter.dump(table)?.chains ?? []).flatMap((c) => {
    const rules = c.rules.map((r) => `${table} -A ${c.name} ${r.save}`);
    return [`${table} :${c.name} ${c.policy ?? '-'}`, ...(loose && c.hook !== undefined ? rules.sort() : rules)];
  }));
  const used = netlink.links().some((l) => l.master === 'cni0');
  const bridge = (dev: string | undefined): boolean => dev === 'cni0' && !used; // once there, it stays
  return {
    iptables: podNames(tables).filter((line, i, all) => all.indexOf(line) === i),
    routes: netlink.routes().filter((r) => r.type === 'unicast' && !bridge(r.nexthops[0]?.dev))
      .map((r) => `${formatPrefix(r.dst)} ${r.nexthops.map((n) => `via ${formatIpv4(n.via ?? ANY)} dev ${n.dev ?? ''} ${n.onlink ? 'onlink' : ''}`).join()} ${r.protocol} ${r.scope} ${formatIpv4(r.prefSrc ?? ANY)}`).sort(),
    fdb: netlink.fdb().filter((e) => e.kind === 'permanent' && !bridge(e.dev)).map((e) => `${formatMac(e.mac)} ${e.dev} ${e.master ?? ''} ${e.dst === undefined ? '' : formatIpv4(e.dst)} ${e.where}`).sort(),
    neighbours: netlink.neighbours().filter((n) => n.state === 'PERMANENT').map((n) => `${formatIpv4(n.ip)} ${n.dev} ${n.mac === undefined ? '' : formatMac(n.mac)}`).sort(),
    links: netlink.links().filter((l) => !bridge(l.name)).map((l) => `${l.name} ${l.kind} ${formatMac(l.mac)} mtu ${l.mtu} ${l.up ? 'up' : 'down'} ${l.master ?? ''} ${l.port?.hairpin === true ? 'hairpin' : ''}`).sort(),
  };
}

/** kube-router's chains have a hash of the time in their names: the pod's name instead. Chains come by name, so the lines are sorted by it too. */
function podNames(lines: readonly string[]): readonly string[] {
  const names = new Map<string, string>();
  for (const line of lines) {
    const [, pod = '', namespace = '', chain] = /POD name:(\S+) namespace: (\S+) to chain (KUBE-POD-FW-\w+)/.exec(line) ?? [];
    if (chain !== undefined) names.set(chain, `KUBE-POD-FW<${namespace}/${pod}>`);
  }
  const named = lines.map((line) => line.replace(/KUBE-POD-FW-\w+/g, (chain) => names.get(chain) ?? 'KUBE-POD-FW<stale>'));
  const chainOf = (line: string): string => /^(\S+ (?:-A |:)\S+)/.exec(line)?.[1]?.replace('-A ', '').replace(':', '') ?? '';
  return named.map((line, i) => ({ line, i, chain: chainOf(line) })).sort((a, b) => (a.chain === b.chain ? a.i - b.i : a.chain < b.chain ? -1 : 1)).map((l) => l.line);
}
