/**
 * kube-proxy of one node: watches Services and EndpointSlices, writes rules.
 * Models: pkg/proxy/iptables/proxier.go and BoundedFrequencyRunner (v1.29): first sync is full, later ones rewrite the shared chains and the chains of
 * changed services; at most one sync a second after a burst of two; UDP conntrack entries of new or removed endpoints are deleted (as up to 1.31).
 * Not modelled: the canary's 30-second poll (a flush by hand is repaired at the next change), healthz servers.
 */
import { formatIpv4 } from '../../../engine/wire/addresses.ts';
import { IPPROTO_UDP } from '../../../engine/wire/packet.ts';
import { millis, seconds, plus, type Nanos } from '../../../engine/sim/time.ts';
import type { Kernel } from '../../../engine/uapi/kernel.ts';
import type { TableName } from '../../../engine/trace/steps.ts';
import { canonicalJson } from '../../api/names.ts';
import { Loop, type ControlPlane } from '../../plane.ts';
import { defaultConfig, type ProxyConfig } from './config.ts';
import { ensureChain, ensureJumps, jumpsOf } from './jumps.ts';
import type { ServicePortState } from './rules.ts';
import { SyncWriter } from './sync.ts';

const MIN_SYNC = seconds(1);
const RETRY = seconds(30);
const CANARY = 'KUBE-PROXY-CANARY';
const CANARY_TABLES: readonly TableName[] = ['mangle', 'nat', 'filter'];

export class KubeProxy {
  readonly #plane: ControlPlane;
  readonly #kernel: Kernel;
  readonly #config: ProxyConfig;
  readonly #loop: Loop;
  readonly #writer = new SyncWriter();
  #udp: ReadonlyMap<string, UdpPort> = new Map();
  #full = true;
  #tokens = 2;
  #refilled = 0 as Nanos;
  syncs = 0;

  constructor(plane: ControlPlane, kernel: Kernel, node: { readonly name: string; readonly internalIp: string }, clusterCidr: string, delay: Nanos = millis(10), version?: string) {
    this.#plane = plane;
    this.#kernel = kernel;
    this.#config = { ...defaultConfig(node.name, node.internalIp, clusterCidr, version), tcpBeLiberal: kernel.sysctl.get('net.netfilter.nf_conntrack_tcp_be_liberal') === '1' };
    if (this.#config.localhostNodePorts) kernel.sysctl.set('net.ipv4.conf.all.route_localnet', '1');
    this.#loop = new Loop(plane, ['Service', 'EndpointSlice'], delay, () => this.#attempt(), (change) => change.type !== 'MODIFIED' || relevant(change.before) !== relevant(change.object));
  }

  /** First sync at once (the informers are in step). */
  start(): void {
    for (const table of CANARY_TABLES) ensureChain(this.#kernel.netfilter, table, CANARY);
    this.sync();
  }

  #attempt(): void {
    const { now } = this.#plane.scheduler;
    while (this.#tokens < 2 && now - this.#refilled >= MIN_SYNC) {
      this.#tokens++;
      this.#refilled = plus(this.#refilled, MIN_SYNC);
    }
    if (this.#tokens === 0) {
      this.#loop.queue((this.#refilled + MIN_SYNC - now) as Nanos);
      return;
    }
    if (this.#tokens === 2) this.#refilled = now;
    this.#tokens--;
    this.sync();
  }

  sync(): void {
    const { store } = this.#plane;
    const { netfilter } = this.#kernel;
    this.#full ||= netfilter.dump('nat')?.chains.some((c) => c.name === CANARY) !== true;
    if (this.#full) {
      for (const table of CANARY_TABLES) ensureChain(netfilter, table, CANARY);
      const jumped = ensureJumps(netfilter, jumpsOf(this.#config.behaviour));
      if (!jumped.ok) return this.#failed(jumped.error.message);
      this.#writer.forceFull();
    }
    const now = this.#plane.scheduler.now / seconds(1);
    const sync = this.#writer.next(this.#config, store.list('Service'), store.list('EndpointSlice'), netfilter.dump('nat')?.created ?? [], now);
    const restored = netfilter.restore(sync.text, { noflush: true, counters: true, test: false });
    if (!restored.ok) return this.#failed(restored.error.message);
    this.#full = false;
    this.#cleanUdp(udpPorts(sync.states));
    this.syncs++;
    this.#plane.log(`kube-proxy@${this.#config.node}`, `synced iptables rules: ${sync.states.length} service ports, ${sync.changed.size} services changed`);
  }

  #failed(message: string): void {
    this.#full = true;
    this.#plane.log(`kube-proxy@${this.#config.node}`, `Failed to execute iptables-restore: ${message}`);
    this.#loop.queue(RETRY);
  }

  /** Entries of UDP clients that point at endpoints which are gone, or at an address that had none before. */
  #cleanUdp(now: ReadonlyMap<string, UdpPort>): void {
    const { conntrack } = this.#kernel;
    const suspects = [...now].flatMap(([name, port]) => {
      const before = this.#udp.get(name)?.targets;
      return before !== undefined && (before.size === 0 || [...before].some((t) => !port.targets.has(t))) ? [port] : [];
    });
    this.#udp = now;
    if (suspects.length === 0) return;
    for (const { id, original, reply } of conntrack.list()) {
      if (original.protocol !== IPPROTO_UDP) continue;
      const to = `${formatIpv4(original.dst)}:${original.dport}`;
      const port = suspects.find((s) => s.vips.has(to) || (s.nodePort !== 0 && s.nodePort === original.dport));
      if (port !== undefined && !port.targets.has(`${formatIpv4(reply.src)}:${reply.sport}`)) conntrack.delete(id);
    }
  }
}

interface UdpPort {
  /** `ip:port` of the cluster IP, external IPs and load balancer IPs. */
  readonly vips: ReadonlySet<string>;
  readonly nodePort: number;
  /** Ready endpoints. */
  readonly targets: ReadonlySet<string>;
}

const udpPorts = (states: readonly ServicePortState[]): ReadonlyMap<string, UdpPort> =>
  new Map(states.filter((s) => s.info.protocol === 'udp').map(({ info, endpoints }) => [info.name, {
    vips: new Set([info.clusterIp, ...info.externalIps, ...info.lbIps].map((ip) => `${ip}:${info.port}`)), nodePort: info.nodePort, targets: new Set(endpoints.filter((e) => e.ready).map((e) => e.target)),
  }]));

/** The part of a Service or slice that kube-proxy looks at. */
const relevant = (object: unknown): string => {
  if (typeof object !== 'object' || object === null) return '';
  const { metadata: _metadata, ...rest } = object as Readonly<Record<string, unknown>>; // an API object
  return canonicalJson(rest);
};

