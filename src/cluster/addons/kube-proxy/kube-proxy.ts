/**
 * kube-proxy of one node: watches Services, EndpointSlices and its Node, writes rules.
 * Models: pkg/proxy/iptables/proxier.go and BoundedFrequencyRunner (v1.29): first sync is full, later ones rewrite the shared chains and the chains of
 * changed services; at most one sync a second after a burst of two, at least one an hour; a full one when labels of the node change, after a failure,
 * and when the canary is gone (`canary.ts`). UDP conntrack entries of new or removed endpoints are deleted (`stale-udp.ts`), health is served (`health.ts`).
 * Not modelled: the delay between an event and its arrival, metrics; services come by name where upstream walks a Go map.
 */
import { formatIpv4, LOOPBACK, type Ipv4 } from '../../../engine/wire/addresses.ts';
import { millis, seconds, plus, type Nanos } from '../../../engine/sim/time.ts';
import type { Timer } from '../../../engine/sim/scheduler.ts';
import type { Kernel } from '../../../engine/uapi/kernel.ts';
import type { AnyObject, EndpointSlice, Service } from '../../api/kinds.ts';
import { canonicalJson, sameJson } from '../../api/names.ts';
import { Loop, type ControlPlane } from '../../plane.ts';
import { Canary } from './canary.ts';
import { defaultConfig, resolveNodePortAddresses, type ProxyConfig } from './config.ts';
import { HealthServers } from './health.ts';
import { ensureJumps, jumpsOf } from './jumps.ts';
import type { ServicePortState } from './rules.ts';
import { portsOf } from './service-port.ts';
import { deleteStale, staleFilters, udpPorts } from './stale-udp.ts';
import { SyncWriter } from './sync.ts';

const MIN_SYNC = seconds(1);
const BURST = 2;
const MAX_INTERVAL = seconds(3600);
const SYNC_PERIOD = seconds(30);

export interface KubeProxyOptions {
  readonly name: string;
  readonly internalIp: string;
  readonly clusterCidr: string;
  /** Release; undefined: the default one. */
  readonly version?: string | undefined;
  /** Process that holds the sockets: kube-proxy, or the one it is part of. */
  readonly process?: string | undefined;
  /** --healthz-bind-address; undefined: 127.0.0.1, as k3s has it. */
  readonly healthzBind?: Ipv4 | undefined;
  /** --nodeport-addresses */
  readonly nodePortAddresses?: readonly string[] | undefined;
  /** From a watch event to the sync. */
  readonly delay?: Nanos | undefined;
}

export class KubeProxy {
  readonly #plane: ControlPlane;
  readonly #kernel: Kernel;
  readonly #loop: Loop;
  readonly #writer = new SyncWriter();
  readonly #canary: Canary;
  readonly #health: HealthServers;
  readonly #stopWatching: () => void;
  readonly #nodePortAddresses: readonly string[];
  #config: ProxyConfig;
  #udp: ReadonlyMap<string, ServicePortState> = new Map();
  #full = true;
  #tokens = BURST;
  #refilled = 0 as Nanos;
  /** The sync that comes when nothing else brings one: an hour later, or sooner after a failure. */
  #next: Timer | undefined;
  syncs = 0;

  constructor(plane: ControlPlane, kernel: Kernel, options: KubeProxyOptions) {
    const { name, internalIp, clusterCidr, version } = options;
    this.#plane = plane;
    this.#kernel = kernel;
    this.#nodePortAddresses = options.nodePortAddresses ?? [];
    const base = defaultConfig(name, internalIp, clusterCidr, version);
    this.#config = { ...base, portOrder: plane.pins.portOrder, nodeLabels: this.#labels(name), tcpBeLiberal: kernel.sysctl.get('net.netfilter.nf_conntrack_tcp_be_liberal') === '1' };
    if (base.localhostNodePorts && resolveNodePortAddresses(this.#nodePortAddresses, internalIp, ['127.0.0.1'])?.length !== 0) kernel.sysctl.set('net.ipv4.conf.all.route_localnet', '1');
    this.#canary = new Canary(plane.scheduler, kernel.netfilter, 'KUBE-PROXY-CANARY', SYNC_PERIOD, () => this.#reload());
    this.#health = new HealthServers({ kernel, process: options.process ?? 'k3s', bind: options.healthzBind ?? LOOPBACK, nodePortAddresses: this.#nodeAddresses(), log: (text) => this.#log(text.trimEnd()) });
    this.#loop = new Loop(plane, ['Service', 'EndpointSlice'], options.delay ?? millis(10), () => this.#attempt(), (change) => {
      const wanted = change.type !== 'MODIFIED' || this.#relevant(change.before) !== this.#relevant(change.object);
      if (wanted) this.#health.queued();
      return wanted;
    });
    this.#stopWatching = plane.store.watch((change) => {
      if (change.kind === 'Node' && change.object.metadata.name === name) this.#nodeChanged();
    });
  }

  /** First sync at once (the informers are in step). */
  start(): void {
    this.#canary.start();
    this.#health.start();
    this.sync();
  }

  /** The process ends; its rules stay. */
  stop(): void {
    this.#loop.stop();
    this.#stopWatching();
    this.#canary.stop();
    this.#health.stop();
    this.#next?.cancel();
  }

  /** --nodeport-addresses among those that the node has now; undefined: all. */
  #nodeAddresses(): readonly string[] | undefined {
    return resolveNodePortAddresses(this.#nodePortAddresses, this.#config.nodeIp, this.#kernel.netlink.addresses().map((a) => formatIpv4(a.address)));
  }

  #labels(node: string): Readonly<Record<string, string>> {
    return this.#plane.store.get('Node', '', node)?.metadata.labels ?? {};
  }

  #nodeChanged(): void {
    const { node, nodeLabels } = this.#config;
    this.#health.node(this.#plane.store.get('Node', '', node));
    const labels = this.#labels(node);
    if (sameJson(labels, nodeLabels)) return;
    this.#config = { ...this.#config, nodeLabels: labels };
    this.#full = true;
    if (this.syncs > 0) this.#loop.queue();
  }

  /** The part of a Service or slice that kube-proxy looks at. */
  #relevant(object: AnyObject | undefined): string {
    if (object === undefined) return '';
    const known = RELEVANT.get(object);
    if (known !== undefined) return known;
    const text = isService(object) ? canonicalJson(portsOf(object, this.#config.behaviour)) : isSlice(object) ? canonicalJson([object.metadata.labels, object.addressType, object.endpoints, object.ports]) : '';
    RELEVANT.set(object, text);
    return text;
  }

  #attempt(): void {
    const { now } = this.#plane.scheduler;
    while (this.#tokens < BURST && now - this.#refilled >= MIN_SYNC) {
      this.#tokens++;
      this.#refilled = plus(this.#refilled, MIN_SYNC);
    }
    if (this.#tokens === 0) {
      this.#loop.queue((this.#refilled + MIN_SYNC - now) as Nanos);
      return;
    }
    if (this.#tokens === BURST) this.#refilled = now;
    this.#tokens--;
    this.sync();
  }

  /** forceSyncProxyRules: outside of the runner's pace. */
  #reload(): void {
    this.#log('IPTables canary deleted, reloading');
    this.#full = true;
    this.sync();
  }

  sync(): void {
    const { store, scheduler } = this.#plane;
    const { netfilter, conntrack } = this.#kernel;
    this.#later(MAX_INTERVAL);
    if (this.#full) {
      const jumped = ensureJumps(netfilter, jumpsOf(this.#config.behaviour));
      if (!jumped.ok) return this.#failed(jumped.error.message);
      this.#writer.forceFull();
    }
    const sync = this.#writer.next({ ...this.#config, nodePortAddresses: this.#nodeAddresses() }, store.list('Service'), store.list('EndpointSlice'), netfilter.chainNames('nat'), scheduler.now / seconds(1));
    const restored = netfilter.restore(sync.text, { noflush: true, counters: true, test: false });
    if (!restored.ok) return this.#failed(restored.error.message);
    this.#full = false;
    this.#health.updated();
    this.#health.sync(sync.states);
    const udp = udpPorts(sync.states);
    deleteStale(conntrack, staleFilters(this.#udp, udp));
    this.#udp = udp;
    this.syncs++;
    this.#log(`synced iptables rules: ${sync.states.length} service ports, ${sync.changed.size} services changed`);
  }

  #failed(message: string): void {
    this.#full = true;
    this.#log(`Failed to execute iptables-restore: ${message}`);
    this.#later(SYNC_PERIOD);
  }

  #later(delay: Nanos): void {
    this.#next?.cancel();
    this.#next = this.#plane.scheduler.after(delay, () => this.#attempt());
  }

  #log(text: string): void {
    this.#plane.log(`kube-proxy@${this.#config.node}`, text);
  }
}

/** Objects are never changed in place, and all nodes of a world run one release. */
const RELEVANT = new WeakMap<AnyObject, string>();
const isService = (object: AnyObject): object is Service => object.kind === 'Service';
const isSlice = (object: AnyObject): object is EndpointSlice => object.kind === 'EndpointSlice';
