/**
 * MetalLB's controller: gives LoadBalancer services their addresses, and checks configuration that people apply.
 * Read first: metallb.io/concepts (address allocation).
 * Models: metallb controller/{main,service}.go, internal/k8s/webhooks (v0.14.5, v0.14.9): the order of its checks, events, log lines
 * from level info on (what the reconcilers say: reconcile.ts).
 * Not modelled: its leader election by Secret, TLS, metrics' content, debug lines, dual stack.
 */
import { plus, seconds } from '../../../engine/sim/time.ts';
import type { Program } from '../../../engine/sim/process.ts';
import type { Kernel } from '../../../engine/uapi/kernel.ts';
import { formatIpv4, parseIpv4, type Ipv4 } from '../../../engine/wire/addresses.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import type { Service } from '../../api/kinds.ts';
import { hex } from '../../api/names.ts';
import { blankMeta } from '../../controllers/owned.ts';
import { recordEvent } from '../../events.ts';
import { httpServer } from '../../node/http-responder.ts';
import type { ProcessSpec } from '../../node/images.ts';
import { LATENCY, samePlain, type ControlPlane } from '../../plane.ts';
import { Allocator, claimOf } from './allocator.ts';
import { jsonLogger, type Logger } from './log.ts';
import { configText, poolsFor, type Pool } from './pools.ts';
import { classFilter, Reconcilers, type SyncState } from './reconcile.ts';
import { annotation, poolAnnotation, quotedList, requestedIp } from './requests.ts';
import { METALLB_VERSIONS, versionOf, type MetallbVersion } from './versions.ts';
import { keyOf, resourcesOf, splitKey, Work } from './watch.ts';
import { validatorOf, WEBHOOK_PORT } from './webhook.ts';

const COMPONENT = 'metallb-controller';
export const METRICS_PORT = 7472;

const ingressOf = (s: Service): readonly string[] => (s.status.loadBalancer.ingress ?? []).flatMap((i) => (i.ip === undefined || i.ip === '' ? [] : [i.ip]));
const sorted = (map: Readonly<Record<string, string>>): unknown => Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
const list = (ip: Ipv4): readonly string[] => [formatIpv4(ip)];

/** The address that a service is to have, and whether it converged. */
interface Converged {
  readonly ip: Ipv4 | undefined;
  readonly state: SyncState;
}

export class AddressController {
  readonly #plane: ControlPlane;
  readonly #version: MetallbVersion;
  readonly #log: Logger;
  readonly #namespace: string;
  readonly #allocator: Allocator;
  #read: readonly Pool[] = [];
  #configured = false;

  constructor(plane: ControlPlane, version: MetallbVersion, log: Logger, namespace: string, allocator: Allocator) {
    this.#plane = plane;
    this.#version = version;
    this.#log = log;
    this.#namespace = namespace;
    this.#allocator = allocator;
  }

  /** What it reads of the API: pools without their advertisements. */
  read(): Result<string, string> {
    const pools = poolsFor({ ...resourcesOf(this.#plane.store, this.#namespace), l2: [], nodes: [] });
    if (!pools.ok) return pools;
    this.#read = pools.value;
    return ok(configText(pools.value));
  }

  /** Takes what was read last. */
  configure(): SyncState {
    this.#allocator.setPools(this.#read);
    this.#configured = true;
    return 'reprocess';
  }

  /** SetBalancer: brings one service to where it should be. */
  reconcile(key: string): SyncState {
    const service = this.#plane.store.get('Service', ...splitKey(key));
    const before = this.#allocator.ipOf(key);
    if (service === undefined) {
      if (before === undefined) return 'success';
      this.#allocator.release(key);
      this.#log.write('info', this.#version.lines.deleted, { event: 'serviceDeleted', msg: 'service deleted' });
      return 'reprocess';
    }
    if (!this.#configured) return 'success';
    const ip = this.#converge(key, service);
    const next = this.#changed(service, ip);
    if (samePlain(next.metadata, service.metadata) && samePlain(next.status, service.status)) return ip.state;
    this.#deprecated(service);
    let { state } = ip;
    if (before !== undefined && this.#allocator.ipOf(key) === undefined && this.#allocator.poolFor(before) !== undefined) {
      this.#log.write('info', this.#version.lines.reprocessed, { event: 'serviceUpdated', msg: 'removed loadbalancer from service, services will be reprocessed' });
      state = 'reprocess';
    }
    this.#plane.store.update('Service', next);
    this.#log.write('info', this.#version.lines.updated, { event: 'serviceUpdated', msg: 'updated service object' });
    return state;
  }

  #converge(key: string, service: Service): Converged {
    const { lines } = this.#version;
    const end = (state: SyncState): Converged => {
      this.#allocator.release(key);
      return { ip: undefined, state };
    };
    const clearing = (line: string, fields: Readonly<Record<string, unknown>>): undefined => {
      this.#log.write('info', line, { event: 'clearAssignment', ...fields });
      this.#allocator.release(key);
    };
    if (service.spec.type !== 'LoadBalancer') return end('success');
    if (this.#allocator.pools.length === 0) return end('no retry');
    if ((service.spec.clusterIP ?? '') === '') {
      clearing(lines.noClusterIps, { reason: 'noClusterIPs', msg: 'No ClusterIPs' });
      return end('no retry');
    }
    const claim = claimOf(service, annotation(service, this.#version, 'allow-shared-ip') ?? '');
    let now: Ipv4 | undefined = parseIpv4(ingressOf(service)[0] ?? '');
    if (now === undefined) this.#allocator.release(key);
    else {
      const kept = this.#allocator.assign(claim, now);
      if (!kept.ok) {
        now = clearing(lines.notAllowed, { error: kept.error, msg: 'current IP not allowed by config, clearing' });
        this.#event(service, 'Normal', 'ClearAssignment', `current IP for ${JSON.stringify(key)} not allowed by config, will attempt for new IP assignment: ${kept.error}`);
      }
      const pool = annotation(service, this.#version, 'address-pool') ?? '';
      if (now !== undefined && pool !== '' && this.#allocator.poolOf(key) !== pool) now = clearing(lines.otherPool, { reason: 'differentPoolRequested', msg: 'user requested a different pool than the one currently assigned' });
      const wanted = requestedIp(service, this.#version);
      if (!wanted.ok) {
        this.#log.write('error', lines.invalidRequest, { event: 'loadbalancerIP', error: wanted.error, msg: 'invalid requested loadbalancer IPs' });
        this.#event(service, 'Warning', 'LoadBalancerFailed', `invalid requested loadbalancer IPs: ${wanted.error}`);
        return { ip: now, state: 'no retry' };
      }
      if (wanted.value !== undefined && now !== wanted.value.ip) now = clearing(lines.otherIp, { reason: 'differentIPRequested', msg: 'user requested a different IP than the one currently assigned' });
    }
    if (now !== undefined) return { ip: now, state: 'success' };
    const got = this.#allocate(service, claim);
    if (!got.ok) {
      this.#log.write('error', lines.failed, { op: 'allocateIPs', error: got.error, msg: 'IP allocation failed' });
      this.#event(service, 'Warning', 'AllocationFailed', `Failed to allocate IP for ${JSON.stringify(key)}: ${got.error}`);
      return { ip: undefined, state: 'no retry' };
    }
    this.#log.write('info', lines.allocated, { event: 'ipAllocated', ip: list(got.value), msg: 'IP address assigned by controller' });
    this.#event(service, 'Normal', 'IPAllocated', `Assigned IP ["${formatIpv4(got.value)}"]`);
    return { ip: got.value, state: 'success' };
  }

  #allocate(service: Service, claim: ReturnType<typeof claimOf>): Result<Ipv4, string> {
    const wanted = requestedIp(service, this.#version);
    if (!wanted.ok) return wanted;
    const pool = annotation(service, this.#version, 'address-pool') ?? '';
    if (wanted.value === undefined) return pool === '' ? this.#allocator.fromAny(claim) : this.#allocator.fromPool(claim, pool);
    const { texts, ip } = wanted.value;
    if (ip === undefined) return err(`requested loadBalancer IP(s) ${quotedList(texts)} does not match the ipFamily of the service`);
    const got = this.#allocator.assign(claim, ip);
    if (!got.ok || pool === '' || this.#allocator.poolOf(claim.key) === pool) return got;
    this.#allocator.release(claim.key);
    return err(`requested loadBalancer IP(s) ${quotedList(texts)} is not compatible with requested address pool ${pool}`);
  }

  #changed(service: Service, { ip }: Converged): Service {
    const mine = METALLB_VERSIONS.map(poolAnnotation);
    const others = Object.entries(service.metadata.annotations ?? {}).filter(([k]) => !mine.includes(k));
    const pool = ip === undefined ? undefined : this.#allocator.poolOf(keyOf(service.metadata.namespace, service.metadata.name));
    const annotations = Object.fromEntries(pool === undefined ? others : [...others, [poolAnnotation(this.#version), pool]]);
    return {
      ...service,
      metadata: samePlain(sorted(annotations), sorted(service.metadata.annotations ?? {})) ? service.metadata : { ...service.metadata, annotations },
      status: samePlain(ip === undefined ? [] : list(ip), (service.status.loadBalancer.ingress ?? []).map((i) => i.ip)) ? service.status
        : { ...service.status, loadBalancer: ip === undefined ? {} : { ingress: list(ip).map((text) => ({ ip: text })) } },
    };
  }

  /** From v0.14.9 a service that is changed is told of its old annotations. */
  #deprecated(service: Service): void {
    const { lines: { deprecated }, annotations: [, old] } = this.#version;
    if (deprecated === '' || old === undefined) return;
    for (const key of Object.keys(service.metadata.annotations ?? {})) {
      if (!key.startsWith(old)) continue;
      this.#log.write('warn', deprecated, { event: 'deprecatedAnnotation', annotation: key, msg: 'The used annotation is deprecated. Support might get removed in future versions' });
      this.#event(service, 'Warning', 'deprecatedAnnotation', `Service uses deprecated annotation ${key}`);
    }
  }

  #event(service: Service, type: 'Normal' | 'Warning', reason: string, message: string): void {
    recordEvent(this.#plane, service, COMPONENT, type, reason, message);
  }
}

/** The key of the speakers' memberlist, made once: speakers wait for it to be mounted. */
function makeSecret(spec: ProcessSpec): void {
  const name = spec.env.get('METALLB_ML_SECRET_NAME') ?? '';
  const { api, store } = spec.plane;
  if (name === '' || store.get('Secret', spec.namespace, name) !== undefined) return;
  const key = hex(spec.random.fork('memberlist'), 128);
  api.create('Secret', { apiVersion: 'v1', kind: 'Secret', metadata: blankMeta(name, spec.namespace), stringData: { secretkey: key } });
}

/** `/controller --port=7472 --log-level=info` */
export function* metallbController(spec: ProcessSpec, kernel: Kernel): Program {
  const version = versionOf(spec.tag);
  const log = jsonLogger(spec.log, spec.args ?? [], () => kernel.clock.wallMillis());
  log.write('info', version.lines.controllerStart, {
    branch: 'dev', commit: 'dev', goversion: version.goVersion, msg: `MetalLB controller starting version ${version.version} (commit dev, branch dev)`, version: version.version });
  const address = kernel.netlink.addresses().find((a) => a.dev === 'eth0');
  const server = `${address === undefined ? '' : formatIpv4(address.address)}:${WEBHOOK_PORT}`;
  const { store, api } = spec.plane;
  const work = new Work(store, 'controller', spec.namespace);
  const controller = new AddressController(spec.plane, version, log, spec.namespace, new Allocator(spec.random.fork('pools')));
  const reconcilers = new Reconcilers({
    store, filtered: classFilter(spec.args ?? []), service: (key) => controller.reconcile(key), read: () => controller.read(), configure: () => controller.configure(), node: () => 'success' }, work, log);
  makeSecret(spec);
  const metrics = kernel.spawn('controller', (own) => httpServer(own, 'controller', METRICS_PORT, () => ({ status: 200, headers: [['Content-Type', 'text/plain; version=0.0.4; charset=utf-8']], body: '' })));
  api.webhookServers.set(server, validatorOf(store, spec.namespace));
  try {
    for (;;) {
      yield { until: plus(kernel.clock.now, LATENCY.controller) };
      const { now } = kernel.clock;
      for (let request = work.next(now); request !== undefined; request = work.next(now)) reconcilers.run(request, now);
      if (work.idle) yield { on: [work.ready], until: work.due ?? plus(now, seconds(86_400)) };
    }
  } finally {
    work.stop();
    api.webhookServers.delete(server);
    metrics.process.kill('SIGTERM');
  }
}

