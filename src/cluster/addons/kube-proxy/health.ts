/**
 * What kube-proxy answers over HTTP: one server per healthCheckNodePort, its own health, and on 127.0.0.1:10249 that and its mode.
 * Read first: facts 1.10 (last item).
 * Models: pkg/proxy/healthcheck/{service_health,proxier_health}.go (v1.29), Go's net/http order of headers.
 * Not modelled: /metrics, the configuration at /configz, the event of a port that is taken (the log says it).
 */
import type { Process } from '../../../engine/sim/process.ts';
import { plus, seconds, type Nanos } from '../../../engine/sim/time.ts';
import type { Kernel } from '../../../engine/uapi/kernel.ts';
import { ANY, formatIpv4, LOOPBACK, parseIpv4, type Ipv4 } from '../../../engine/wire/addresses.ts';
import type { HttpHeaders } from '../../../engine/wire/http.ts';
import type { Node } from '../../api/kinds.ts';
import { goAnswer, goText, NOT_FOUND, pathOf, type GoAnswer } from '../../node/go-http.ts';
import { httpServer } from '../../node/http-responder.ts';
import type { ServicePortState } from './rules.ts';

/** A change that is not in the rules after this long makes kube-proxy unhealthy (2 x syncPeriod). */
const HEALTH_TIMEOUT = seconds(60);
const DELETION_TAINT = 'ToBeDeletedByClusterAutoscaler';

interface Served {
  readonly port: number;
  readonly processes: readonly Process[];
  endpoints: number;
}

export interface HealthOptions {
  readonly kernel: Kernel;
  /** Name of the process that the sockets belong to. */
  readonly process: string;
  /** --healthz-bind-address, without its port. */
  readonly bind: Ipv4;
  /** --nodeport-addresses; undefined: all. */
  readonly nodePortAddresses: readonly string[] | undefined;
  readonly log: (text: string) => void;
}

const HEALTHZ_PORT = 10256;
const METRICS_PORT = 10249;

export class HealthServers {
  readonly #o: HealthOptions;
  readonly #services = new Map<string, Served>();
  #ports: readonly Process[] = [];
  #eligible = true;
  #pending: Nanos | undefined;
  readonly #started: Nanos;
  #updated = '0001-01-01 00:00:00 +0000 UTC';

  constructor(options: HealthOptions) {
    this.#o = options;
    this.#started = options.kernel.clock.now;
  }

  start(): void {
    this.#ports = [
      this.#serve(this.#o.bind, HEALTHZ_PORT, (path) => (path === '/healthz' || path === '/livez' ? this.#own(path === '/healthz') : NOT_FOUND)),
      this.#serve(LOOPBACK, METRICS_PORT, (path) => (path === '/healthz' ? goText('ok') : path === '/proxyMode' ? goText('iptables') : NOT_FOUND)),
    ];
  }

  /** A change came that the rules do not have yet. */
  queued(): void {
    this.#pending ??= this.#o.kernel.clock.now;
  }

  /** The rules are as the objects say. */
  updated(): void {
    this.#pending = undefined;
    this.#updated = this.#goTime();
  }

  /** A node that is being deleted takes no new connections of load balancers. */
  node(node: Node | undefined): void {
    this.#eligible = node !== undefined && node.metadata.deletionTimestamp === undefined && node.spec.taints?.some((t) => t.key === DELETION_TAINT) !== true;
  }

  /** Opens, keeps and closes ports, then counts the ready endpoints of this node. */
  sync(states: readonly ServicePortState[]): void {
    const wanted = new Map(states.filter((s) => s.info.healthCheckNodePort !== 0).map(({ info }) => [info.service, info.healthCheckNodePort]));
    for (const [service, served] of this.#services) {
      if (wanted.get(service) === served.port) continue;
      for (const process of served.processes) process.kill('SIGKILL');
      this.#services.delete(service);
    }
    const addresses = (this.#o.nodePortAddresses ?? ['0.0.0.0']).map((a) => parseIpv4(a) ?? ANY);
    for (const [service, port] of wanted) {
      if (!this.#services.has(service)) this.#services.set(service, { port, endpoints: 0, processes: addresses.map((a) => this.#serve(a, port, () => this.#service(service))) });
    }
    const local = new Map<string, Set<string>>();
    for (const { info, endpoints } of states) {
      if (!wanted.has(info.service)) continue;
      const ips = local.get(info.service) ?? new Set();
      local.set(info.service, ips);
      for (const e of endpoints) if (e.local && e.ready) ips.add(e.ip);
    }
    for (const [service, served] of this.#services) served.endpoints = local.get(service)?.size ?? 0;
  }

  /** Closes every port: the process ends, or the node goes down. */
  stop(): void {
    for (const process of this.#ports) process.kill('SIGKILL');
    for (const { processes } of this.#services.values()) for (const process of processes) process.kill('SIGKILL');
    this.#services.clear();
  }

  #serve(address: Ipv4, port: number, answer: (path: string) => GoAnswer): Process {
    const { kernel, process, log } = this.#o;
    return kernel.spawn(process, function* (own) {
      const code = yield* httpServer(own, process, port, (request) => goAnswer(answer(pathOf(request)), own.clock.wallMillis()), address);
      if (code === 1) log(`"Failed to start healthcheck" err="listen tcp ${formatIpv4(address)}:${port}: bind: address already in use" port=${port}`);
      return code;
    }).process;
  }

  #healthy(): boolean {
    return this.#pending === undefined || this.#o.kernel.clock.now < plus(this.#pending, HEALTH_TIMEOUT);
  }

  #answer(status: number, body: string, more: HttpHeaders = []): GoAnswer {
    return { status, body, headers: [['Content-Type', 'application/json'], ['X-Content-Type-Options', 'nosniff'], ...more] };
  }

  #service(service: string): GoAnswer {
    const [namespace = '', name = ''] = service.split('/');
    const count = this.#services.get(service)?.endpoints ?? 0;
    const healthy = this.#healthy();
    const body = `{\n\t"service": {\n\t\t"namespace": "${namespace}",\n\t\t"name": "${name}"\n\t},\n\t"localEndpoints": ${count},\n\t"serviceProxyHealthy": ${healthy}\n}`;
    return this.#answer(count > 0 && healthy ? 200 : 503, body, [['X-Load-Balancing-Endpoint-Weight', String(count)]]);
  }

  /** time.Time's String(): the wall clock, and seconds of the process's own. */
  #goTime(): string {
    const { clock } = this.#o.kernel;
    const wall = new Date(clock.wallMillis()).toISOString().replace('T', ' ').replace(/\.?0*Z$/, '');
    return `${wall} +0000 UTC m=+${((clock.now - this.#started) / seconds(1)).toFixed(9)}`;
  }

  /** lastUpdated is "now" while healthy, as upstream has it for compatibility. */
  #own(withNode: boolean): GoAnswer {
    const now = this.#goTime();
    const healthy = this.#healthy() && (!withNode || this.#eligible);
    const node = withNode ? `, "nodeEligible": ${this.#eligible}` : '';
    return this.#answer(healthy ? 200 : 503, `{"lastUpdated": "${healthy ? now : this.#updated}","currentTime": "${now}"${node}}`);
  }
}
