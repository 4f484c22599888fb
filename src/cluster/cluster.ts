/** Composition: a cluster on given machines, as its distribution has it. See README.md for what runs where. */
import { must } from '../base/assert.ts';
import type { Prng } from '../base/prng.ts';
import type { Scheduler } from '../engine/sim/scheduler.ts';
import type { Program } from '../engine/sim/process.ts';
import { plus, seconds, type Nanos } from '../engine/sim/time.ts';
import { formatIpv4, parseIpv4 } from '../engine/wire/addresses.ts';
import type { Command, Host } from '../userland/host.ts';
import { KubeProxy } from './addons/kube-proxy/kube-proxy.ts';
import { kindInfo, singularName, type Pod } from './api/kinds.ts';
import type { Component } from './addons/k3s-packaged/manifests.ts';
import { parseManifest, type ManifestError } from './api/manifest.ts';
import { ApiServer } from './api/server.ts';
import { kubectlText } from './api/errors.ts';
import { uuid } from './api/names.ts';
import { DaemonSetController } from './controllers/daemonset/daemonset-controller.ts';
import { DeploymentController } from './controllers/deployment/deployment-controller.ts';
import { EndpointSliceController } from './controllers/endpointslice/endpointslice-controller.ts';
import { GarbageCollector } from './controllers/garbage/garbage-collector.ts';
import { CronJobController } from './controllers/cronjob/cronjob-controller.ts';
import { JobController } from './controllers/job/job-controller.ts';
import { NamespaceController } from './controllers/namespace/namespace-controller.ts';
import { NodeLifecycleController } from './controllers/node/node-lifecycle.ts';
import { NodeController, podCidrOf, registerNode, type NodeSpec } from './controllers/node/node-controller.ts';
import { ReplicaSetController } from './controllers/replicaset/replicaset-controller.ts';
import { StatefulSetController } from './controllers/statefulset/statefulset-controller.ts';
import { ServiceAllocator } from './controllers/service/allocator.ts';
import { ensureKubernetesService } from './controllers/service/kubernetes-service.ts';
import { DISTRIBUTIONS, type DistributionName } from './distributions/all.ts';
import type { Distribution, Networks } from './distributions/distribution.ts';
import { recordEvent } from './events.ts';
import { containerTools } from './node-tools/tools.ts';
import { kubeconfigText } from './kubectl/kubeconfig.ts';
import { kubectlCommand } from './kubectl/kubectl.ts';
import { putFile } from './node/files.ts';
import { Kubelet } from './node/kubelet.ts';
import { kubeletHealth } from './node/kubelet-health.ts';
import { isReady } from './node/pod-status.ts';
import type { Pins } from './pins.ts';
import type { ControlPlane } from './plane.ts';
import { PUBLISHED } from './published.ts';
import { API_PORT, ApiLink, KUBELET_PORT, listen } from './reach/api-link.ts';
import { Dialer } from './reach/dial.ts';
import { NodeStore } from './reach/node-store.ts';
import { Underlay } from './reach/underlay.ts';
import { PodScheduler } from './scheduler/scheduler.ts';
import { Store } from './store.ts';

export interface ClusterNode extends NodeSpec {
  readonly host: Host;
}

export interface ClusterOptions {
  readonly scheduler: Scheduler;
  readonly random: Prng;
  /** In order of joining: the first /24 of podCidr goes to the first node. The first with a role is the server. */
  readonly nodes: readonly ClusterNode[];
  /** Commands that images may hold (each image picks). */
  readonly commands: readonly Command[];
  readonly wallMillis: () => number;
  /** Wall clock, ms, at which the learner takes over: pinned ages count back from there. */
  readonly readyMillis?: number | undefined;
  readonly pins: Pins;
  /** k3s when left out. */
  readonly distribution?: DistributionName | undefined;
  readonly version: string;
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly clusterDomain?: string | undefined;
  /** Search domain and upstream resolver of the VMs (DHCP). */
  readonly hostDomain: string;
  readonly upstreamDns: string;
  /** What of the distribution's own extras is deployed: k3s' packaged components without --disable. */
  readonly components?: readonly Component[] | undefined;
  /** Machines beside the server that hold its kubeconfig, as ~/.kube/config. */
  readonly kubeconfigHosts?: readonly Host[] | undefined;
  /** Machines that are not members, but may stand between them. */
  readonly between?: readonly Host[] | undefined;
  /** Name of cluster, user and context in it (k3s: `default`), and the server's address where it is not the first server node's. */
  readonly kubeconfig?: { readonly name: string; readonly server?: string | undefined } | undefined;
  /** What kubectl apply -f may fetch beside what projects publish: URL to manifest text. */
  readonly urls?: ReadonlyMap<string, string> | undefined;
}

export interface ApplyResult {
  readonly ok: boolean;
  /** What kubectl prints, both streams. */
  readonly text: string;
  readonly results: readonly { readonly text: string; readonly line: number }[];
  readonly errors: readonly ManifestError[];
}

const BOOT_LIMIT = seconds(300);
/** From a machine's boot to its agents' start. */
const AGENT_START = seconds(10);
/** Ready pods reach kube-proxy and the network policy controller as endpoints within a second or two. */
const SPREAD = seconds(3);

export class Cluster {
  readonly options: ClusterOptions;
  readonly store: Store;
  readonly plane: ControlPlane;
  readonly kubectl: Command;
  /** crictl and ctr, for nodes. */
  readonly nodeCommands: readonly Command[];
  readonly kubelets: ReadonlyMap<string, Kubelet>;
  readonly proxies: Map<string, KubeProxy>;
  readonly clusterDns: string;
  readonly #distribution: Distribution;
  readonly #networks: Networks;
  readonly #listeners = new Set<() => void>();
  readonly underlay: Underlay;
  readonly dialer: Dialer;
  /** The API as each node sees it, and what connects it. */
  readonly #stores: ReadonlyMap<string, NodeStore>;
  readonly #links = new Map<string, ApiLink>();
  readonly #server: ClusterNode;
  /** Booted again, not yet connected. */
  readonly #waiting = new Set<string>();
  #serving = true;
  /** How often a machine lost its power: agents of an earlier boot are dead. */
  readonly #boots = new Map<string, number>();
  #lifecycle: NodeLifecycleController | undefined;

  constructor(options: ClusterOptions) {
    this.options = { ...options, urls: new Map([...PUBLISHED, ...(options.urls ?? [])]) };
    this.store = new Store(DISTRIBUTIONS[options.distribution ?? 'k3s'].storage);
    const { scheduler, random, pins, wallMillis, store } = { ...options, store: this.store };
    const server = must(options.nodes.find((n) => n.roles.length > 0) ?? options.nodes[0], 'a node');
    this.#server = server;
    const api = new ApiServer({ store, random: random.fork('api'), pins, wallMillis, readyMillis: options.readyMillis, allocator: new ServiceAllocator(options.serviceCidr, random.fork('clusterip'), pins) });
    this.underlay = new Underlay(scheduler, options.nodes.map((n) => n.host.kernel), (options.between ?? []).map((h) => h.kernel), options.nodes.map((n) => must(parseIpv4(n.internalIp), n.internalIp)));
    this.dialer = new Dialer(this.underlay);
    this.plane = { store, api, scheduler, random, pins, wallMillis, alive: () => this.#serving, revived: new Set(), underlay: this.underlay, log: (actor, text, object) => server.host.kernel.log(actor, text, object) };
    this.clusterDns = options.serviceCidr.replace(/\.0\/\d+$/, '.10');
    this.#distribution = DISTRIBUTIONS[options.distribution ?? 'k3s'];
    const dns = { clusterDns: this.clusterDns, clusterDomain: options.clusterDomain ?? 'cluster.local' };
    const { podCidr, serviceCidr, hostDomain, upstreamDns } = options;
    this.#networks = { podCidr, serviceCidr, hostDomain, upstreamDns, components: options.components ?? [], ...dns };
    const { cni, resolvConf } = this.#distribution;
    this.#stores = new Map(options.nodes.filter((n) => n !== server).map((n) => [n.name, new NodeStore(store)]));
    this.kubelets = new Map(options.nodes.map((n) => [n.name, new Kubelet(this.#planeOf(n), { name: n.name, host: n.host, internalIp: n.internalIp, clusterCidr: options.podCidr, dns, commands: options.commands, cni, resolvConf })]));
    this.proxies = new Map(options.nodes.map((n) => [n.name, this.#proxy(n)]));
    this.kubectl = kubectlCommand(this);
    this.nodeCommands = containerTools(this);
    store.watch((change) => {
      if (change.kind === 'Pod') for (const listener of this.#listeners) listener();
    });
  }

  /** Starts control plane and agents, in the distribution's order. Objects come to life as the scheduler runs. */
  boot(): void {
    const { nodes, serviceCidr } = this.options;
    const { plane } = this;
    const { workersJoinAfter, keepsNodeHosts, adminConfig, manifests } = this.#distribution;
    for (const name of ['kube-system', 'default', 'kube-public', 'kube-node-lease']) plane.api.create('Namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: { name, namespace: '', uid: '', resourceVersion: '', creationTimestamp: '' }, spec: {}, status: {} });
    const server = this.#server;
    ensureKubernetesService(plane, serviceCidr.replace(/\.0\/\d+$/, '.1'), server.internalIp);
    const first = workersJoinAfter === 0 ? nodes : nodes.filter((n) => n.roles.length > 0);
    this.#register(first);
    new DeploymentController(plane);
    new ReplicaSetController(plane);
    new DaemonSetController(plane);
    new StatefulSetController(plane);
    new JobController(plane);
    new CronJobController(plane);
    new GarbageCollector(plane);
    new EndpointSliceController(plane);
    new PodScheduler(plane);
    if (keepsNodeHosts) new NodeController(plane);
    const lifecycle = this.#lifecycle = new NodeLifecycleController(plane);
    this.#listenApi();
    for (const n of nodes) this.#connect(n, lifecycle);
    this.underlay.watch(() => {
      for (const link of this.#links.values()) link.look();
    });
    for (const n of nodes) n.host.kernel.power.watch((on) => (on ? this.#up(n) : this.#down(n)));
    new NamespaceController(plane);
    this.#distribution.controllers?.(plane, this.#networks, this.options.version);
    this.#startAgents(first);
    const { name, server: url } = this.options.kubeconfig ?? { name: 'default' };
    putFile(server.host.fs, adminConfig, kubeconfigText(name, 'https://127.0.0.1:6443'));
    for (const host of this.options.kubeconfigHosts ?? []) putFile(host.fs, `${host.home}/.kube/config`, kubeconfigText(name, url ?? `https://${server.internalIp}:6443`));
    for (const { path, name, text } of manifests(this.#networks, this.options.version)) {
      if (path !== undefined) putFile(server.host.fs, path, text);
      const applied = this.apply(text, name, 'kube-system', false);
      if (!applied.ok) throw new Error(`packaged manifest: ${applied.text}`);
    }
    const later = nodes.filter((n) => !first.includes(n));
    if (later.length > 0) {
      plane.scheduler.after(seconds(workersJoinAfter), () => {
        this.#register(later);
        this.#startAgents(later);
      });
    }
  }

  #register(members: readonly ClusterNode[]): void {
    const { nodes, version, podCidr } = this.options;
    for (const n of members) {
      registerNode(this.plane, n, version, n.podCidr ?? podCidrOf(podCidr, nodes.indexOf(n)), this.#distribution.register(n, nodes, version));
      putFile(n.host.fs, '/etc/machine-id', `${this.store.get('Node', '', n.name)?.status.nodeInfo?.machineID ?? ''}\n`);
    }
  }

  #listenApi(): void {
    const { process, ports } = this.#distribution.api;
    this.#server.host.kernel.spawn(process, (kernel) => listen(kernel, API_PORT, ports));
  }

  /** Why the API server does not reach a node's kubelet, in its words; undefined: it does. */
  *kubeletError(node: string): Program<string | undefined> {
    const address = parseIpv4(this.options.nodes.find((n) => n.name === node)?.internalIp ?? '');
    if (address === undefined || node === this.#server.name) return undefined;
    const failed = yield* this.dialer.dial(this.#server.host.kernel, { address, port: KUBELET_PORT }, true);
    return failed === undefined || !this.#distribution.tunnel ? failed?.text : `proxy error from 127.0.0.1:${API_PORT} while dialing ${formatIpv4(address)}:${KUBELET_PORT}, code 502: 502 Bad Gateway`;
  }

  /** Addresses under which the installer gave out the API server. */
  isApi(url: string, host: Host): boolean {
    const { internalIp, host: { name } } = this.#server;
    return url === this.options.kubeconfig?.server || url === `https://${internalIp}:${API_PORT}` || (url === `https://127.0.0.1:${API_PORT}` && host.name === name);
  }

  /** What a node's own programs hold: the API behind the node's connection. */
  #planeOf(n: ClusterNode, alive?: () => boolean): ControlPlane {
    return { ...this.plane, store: this.#stores.get(n.name) ?? this.store, alive, revived: undefined };
  }

  #connect(n: ClusterNode, lifecycle: NodeLifecycleController): void {
    const store = this.#stores.get(n.name);
    if (store === undefined) return;
    const { kernel } = n.host;
    const server = must(parseIpv4(this.#server.internalIp), 'address of the server');
    this.#links.set(n.name, new ApiLink({ node: n.name, kernel, process: this.#distribution.agent(n.roles.length > 0).process, server, store, lifecycle, returned: () => this.#returned(n) }));
  }

  /** Its kubelet posts what it has. */
  #returned(n: ClusterNode): void {
    if (this.#waiting.delete(n.name)) this.#startAgain(n);
    else must(this.kubelets.get(n.name), 'kubelet').postStatuses();
    if (this.#lifecycle?.isSilent(n.name) === true) this.#lifecycle.heard(n.name, this.#readyMessage(n));
  }

  #readyMessage(n: ClusterNode): string {
    return this.#distribution.register(n, this.options.nodes, this.options.version).readyMessage;
  }

  #proxy(n: ClusterNode): KubeProxy {
    const { podCidr, version } = this.options;
    return new KubeProxy(this.#planeOf(n), n.host.kernel, { name: n.name, internalIp: n.internalIp, clusterCidr: podCidr, version, ...this.#distribution.proxy(n.roles.length > 0) });
  }

  /** Cuts a node's power: what it ran is gone, nobody is told. */
  powerOff(name: string): void {
    this.#member(name).host.kernel.power.cut();
  }

  /** The machine boots; its agents start some seconds later and find their pods again. */
  powerOn(name: string): void {
    this.#member(name).host.kernel.power.restore();
  }

  #member(name: string): ClusterNode {
    return must(this.options.nodes.find((n) => n.name === name), `node ${name}`);
  }

  #down(n: ClusterNode): void {
    this.#boots.set(n.name, (this.#boots.get(n.name) ?? 0) + 1);
    must(this.kubelets.get(n.name), 'kubelet').stop();
    must(this.proxies.get(n.name), 'kube-proxy').stop();
    this.#links.get(n.name)?.stop();
    this.#waiting.delete(n.name);
    if (n === this.#server) this.#serving = false;
    else this.#lifecycle?.silent(n.name);
  }

  #up(n: ClusterNode): void {
    const boot = this.#boots.get(n.name);
    this.plane.scheduler.after(AGENT_START, () => {
      if (this.#boots.get(n.name) !== boot) return;
      if (n === this.#server) {
        this.#serveAgain();
        this.#startAgain(n);
        this.#lifecycle?.heard(n.name, this.#readyMessage(n));
      } else { // an agent waits for the server
        this.#waiting.add(n.name);
        this.#links.get(n.name)?.look();
        this.#links.get(n.name)?.start();
      }
    });
  }

  #startAgain(n: ClusterNode): void {
    const node = this.store.get('Node', '', n.name);
    if (node === undefined) return;
    const bootID = uuid(this.plane.random.fork(`boot/${n.name}/${this.#boots.get(n.name) ?? 0}`));
    const { nodeInfo } = node.status;
    if (nodeInfo !== undefined) this.store.update('Node', { ...node, status: { ...node.status, nodeInfo: { ...nodeInfo, bootID } } });
    recordEvent(this.plane, node, 'kubelet', 'Warning', 'Rebooted', `Node ${n.name} has been rebooted, boot id: ${bootID}`, n.name);
    this.proxies.set(n.name, this.#proxy(n));
    this.#startAgents([n]);
  }

  #serveAgain(): void {
    this.#serving = true;
    this.#listenApi();
    for (const list of [...(this.plane.revived ?? [])]) list();
    this.underlay.changed();
  }

  #startAgents(members: readonly ClusterNode[]): void {
    for (const member of members) {
      const boot = this.#boots.get(member.name);
      const plane = this.#planeOf(member, () => this.#boots.get(member.name) === boot);
      const { process, ports } = this.#distribution.agent(member.roles.length > 0);
      member.host.kernel.spawn(process, (kernel) => listen(kernel, KUBELET_PORT, ports));
      member.host.kernel.spawn(process, (kernel) => kubeletHealth(kernel, process));
      this.#links.get(member.name)?.start();
      this.#distribution.start({
        plane, member, networks: this.#networks, version: this.options.version,
        kubelet: must(this.kubelets.get(member.name), 'kubelet'), proxy: must(this.proxies.get(member.name), 'kube-proxy'),
        anotherProxy: () => {
          const proxy = this.#proxy(member);
          this.proxies.set(member.name, proxy);
          return proxy;
        },
      });
    }
  }

  /** Boots, applies the scenario's manifests and runs until every pod is ready (or cannot be). From then on objects are as old as the clock says. */
  settle(manifests: readonly { readonly text: string; readonly file: string }[]): readonly ManifestError[] {
    const { scheduler } = this.options;
    const errors: ManifestError[] = [];
    this.boot();
    this.#runUntilReady();
    for (const m of manifests) {
      errors.push(...this.apply(m.text, m.file).errors);
      this.#runUntilReady();
    }
    scheduler.runUntil(plus(scheduler.now, SPREAD));
    this.plane.api.bootstrapping = false;
    this.underlay.arm();
    return errors;
  }

  /** Runs until what was applied is there: pods ready (or known not to become it), endpoints in every node's rules. */
  runUntilReady(): void {
    this.#runUntilReady();
    this.options.scheduler.runUntil(plus(this.options.scheduler.now, SPREAD));
  }

  #runUntilReady(): void {
    const { scheduler } = this.options;
    const limit = plus(scheduler.now, BOOT_LIMIT);
    let quietSince: Nanos | undefined;
    while (scheduler.now < limit) {
      scheduler.runUntil(plus(scheduler.now, seconds(0.25)));
      const settled = this.#settled();
      if (!settled) quietSince = undefined;
      else if (quietSince === undefined) quietSince = scheduler.now;
      else if (scheduler.now - quietSince >= seconds(0.5)) return;
    }
  }

  #settled(): boolean {
    if (this.store.list('Node').length < this.options.nodes.length) return false;
    const wanted = this.store.list('Deployment').every((d) => (d.status.availableReplicas ?? 0) >= (d.spec.replicas ?? 1))
      && this.store.list('DaemonSet').every((d) => d.status.observedGeneration !== undefined && d.status.numberReady >= d.status.desiredNumberScheduled)
      && this.store.list('StatefulSet').every((s) => (s.status.readyReplicas ?? 0) >= (s.spec.replicas ?? 1));
    const pods = this.store.list('Pod');
    const stuck = (p: Pod): boolean => p.status.containerStatuses?.some((c) => c.state.waiting !== undefined && c.state.waiting.reason !== 'ContainerCreating') === true
      || p.status.conditions?.some((c) => c.type === 'PodScheduled' && c.status === 'False') === true;
    return pods.every((p) => isReady(p) || p.status.phase === 'Succeeded' || stuck(p)) && (wanted || pods.some(stuck));
  }

  /** kubectl apply -f: every object by itself, refused ones leave the world as it was. */
  apply(text: string, file: string, namespace = 'default', keepLast = true): ApplyResult {
    if (!this.#serving) {
      const refused = `Unable to connect to the server: ${this.#server.name} is switched off or still starting`;
      return { ok: false, text: `${refused}\n`, results: [], errors: [{ text: refused, file, line: undefined, path: undefined }] };
    }
    const manifest = parseManifest(text, file, this.store.serves);
    const results: { text: string; line: number }[] = [];
    const errors: ManifestError[] = [...manifest.errors];
    if (manifest.documents.length === 0 && errors.length === 0) errors.push({ text: 'error: no objects passed to apply', file, line: undefined, path: undefined });
    for (const doc of manifest.documents) {
      const done = this.plane.api.apply(doc.kind, doc.raw, namespace, keepLast);
      if (done.ok) results.push({ text: `${singularName(kindInfo(doc.kind))}/${done.value.name} ${done.value.action}`, line: doc.lineOf('kind') });
      else {
        const path = done.error.paths[0];
        errors.push({ text: kubectlText(done.error, `error when creating "${file}"`), file, line: doc.lineOf(path ?? 'kind'), path });
      }
    }
    const lines = [...results.map((r) => r.text), ...errors.map((e) => e.text)];
    return { ok: errors.length === 0, text: lines.map((l) => `${l}\n`).join(''), results, errors };
  }

  /** A host for every pod's containers that run, the first container under the pod's own name. */
  hosts(): readonly Host[] {
    return this.store.list('Pod').flatMap((pod) => (this.kubelets.get(pod.spec.nodeName ?? '')?.containers(pod.metadata.uid) ?? []).map((c) => c.host));
  }

  /** Pod behind a network namespace, for labels on the canvas. */
  podOf(machine: string, netns: string): Pod | undefined {
    const kubelet = this.kubelets.get(machine);
    return netns === '' ? undefined : this.store.list('Pod').find((p) => p.spec.nodeName === machine && kubelet?.sandbox(p.metadata.uid)?.netns === netns);
  }

  /** Called after pods changed. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
