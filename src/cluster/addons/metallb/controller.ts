/**
 * MetalLB's controller: gives LoadBalancer services their addresses, and checks configuration that people apply.
 * Read first: metallb.io/concepts (address allocation).
 * Models: metallb controller/{main,service}.go, internal/k8s/webhooks (v0.14.5, v0.14.9): the order of its checks, events, log lines of level info.
 * Not modelled: its leader election by Secret, TLS, metrics' content, debug lines, dual stack.
 */
import { plus, seconds } from '../../../engine/sim/time.ts';
import type { Program } from '../../../engine/sim/process.ts';
import type { Kernel } from '../../../engine/uapi/kernel.ts';
import { formatIpv4, parseIpv4, type Ipv4 } from '../../../engine/wire/addresses.ts';
import { err, type Result } from '../../../base/result.ts';
import type { Service } from '../../api/kinds.ts';
import { hex } from '../../api/names.ts';
import { blankMeta } from '../../controllers/owned.ts';
import { recordEvent } from '../../events.ts';
import { httpServer } from '../../node/http-responder.ts';
import type { ProcessSpec } from '../../node/images.ts';
import { LATENCY, samePlain, type ControlPlane } from '../../plane.ts';
import { Allocator, claimOf } from './allocator.ts';
import { jsonLogger, type Logger } from './log.ts';
import { poolsFor } from './pools.ts';
import { annotation, poolAnnotation, requestedIp } from './requests.ts';
import { METALLB_VERSIONS, versionOf, type MetallbVersion } from './versions.ts';
import { keyOf, resourcesOf, Work } from './watch.ts';
import { validatorOf, WEBHOOK_PORT } from './webhook.ts';

const COMPONENT = 'metallb-controller';
export const METRICS_PORT = 7472;

const ingressOf = (s: Service): readonly string[] => (s.status.loadBalancer.ingress ?? []).flatMap((i) => (i.ip === undefined || i.ip === '' ? [] : [i.ip]));
const list = (ip: Ipv4): readonly string[] => [formatIpv4(ip)];

export class AddressController {
  readonly #plane: ControlPlane;
  readonly #version: MetallbVersion;
  readonly #log: Logger;
  readonly #namespace: string;
  readonly #allocator: Allocator;
  #config = '';

  constructor(plane: ControlPlane, version: MetallbVersion, log: Logger, namespace: string, allocator: Allocator) {
    this.#plane = plane;
    this.#version = version;
    this.#log = log;
    this.#namespace = namespace;
    this.#allocator = allocator;
  }

  /** Reads the pools again; says whether every service must be looked at. */
  configure(): boolean {
    const pools = poolsFor(resourcesOf(this.#plane.store, this.#namespace));
    if (!pools.ok) {
      this.#log.write('error', 'pool_controller.go:84', { controller: 'PoolReconciler', error: pools.error, msg: 'failed to parse the configuration' });
      return false;
    }
    const text = JSON.stringify(pools.value, (_key, value: unknown) => (value instanceof Set ? [...value] : value));
    if (text === this.#config) return false;
    this.#config = text;
    this.#allocator.setPools(pools.value);
    return true;
  }

  /** Brings one service to where it should be; says whether others may now get what they waited for. */
  reconcile(key: string): boolean {
    const slash = key.indexOf('/');
    const service = this.#plane.store.get('Service', key.slice(0, slash), key.slice(slash + 1));
    const held = this.#allocator.poolOf(key) !== undefined;
    if (service === undefined) {
      this.#allocator.release(key);
      if (held) this.#log.write('info', 'main.go:69', { event: 'serviceDeleted', msg: 'service deleted' });
      return held;
    }
    // Without --lb-class it leaves alone what asks for a class.
    if ((service.spec.loadBalancerClass ?? '') !== '' && service.spec.type === 'LoadBalancer') return false;
    const ip = this.#converge(key, service);
    this.#write(service, ip);
    return held && this.#allocator.poolOf(key) === undefined;
  }

  #converge(key: string, service: Service): Ipv4 | undefined {
    const { lines } = this.#version;
    const clear = (): undefined => {
      this.#allocator.release(key);
    };
    const clearing = (fields: Readonly<Record<string, unknown>>): undefined => {
      this.#log.write('info', lines.cleared, { event: 'clearAssignment', ...fields });
      return clear();
    };
    if (service.spec.type !== 'LoadBalancer' || this.#allocator.pools.length === 0) return clear();
    if ((service.spec.clusterIP ?? '') === '') return clearing({ reason: 'noClusterIPs', msg: 'No ClusterIPs' });
    const claim = claimOf(service, annotation(service, this.#version, 'allow-shared-ip') ?? '');
    let now: Ipv4 | undefined = parseIpv4(ingressOf(service)[0] ?? '');
    if (now === undefined) clear();
    else {
      const kept = this.#allocator.assign(claim, now);
      if (!kept.ok) {
        now = clearing({ error: kept.error, msg: 'current IP not allowed by config, clearing' });
        this.#event(service, 'Normal', 'ClearAssignment', `current IP for ${JSON.stringify(key)} not allowed by config, will attempt for new IP assignment: ${kept.error}`);
      }
      const pool = annotation(service, this.#version, 'address-pool') ?? '';
      if (now !== undefined && pool !== '' && this.#allocator.poolOf(key) !== pool) now = clearing({ reason: 'differentPoolRequested', msg: 'user requested a different pool than the one currently assigned' });
      const wanted = requestedIp(service, this.#version);
      if (!wanted.ok) {
        this.#log.write('error', lines.cleared, { event: 'loadbalancerIP', error: wanted.error, msg: 'invalid requested loadbalancer IPs' });
        this.#event(service, 'Warning', 'LoadBalancerFailed', `invalid requested loadbalancer IPs: ${wanted.error}`);
        return now;
      }
      if (now !== undefined && wanted.value !== undefined && now !== wanted.value) now = clearing({ reason: 'differentIPRequested', msg: 'user requested a different IP than the one currently assigned' });
    }
    if (now !== undefined) return now;
    const got = this.#allocate(service, claim);
    if (!got.ok) {
      this.#log.write('error', lines.allocated, { op: 'allocateIPs', error: got.error, msg: 'IP allocation failed' });
      this.#event(service, 'Warning', 'AllocationFailed', `Failed to allocate IP for ${JSON.stringify(key)}: ${got.error}`);
      return undefined;
    }
    this.#log.write('info', lines.allocated, { event: 'ipAllocated', ip: list(got.value), msg: 'IP address assigned by controller' });
    this.#event(service, 'Normal', 'IPAllocated', `Assigned IP ["${formatIpv4(got.value)}"]`);
    return got.value;
  }

  #allocate(service: Service, claim: ReturnType<typeof claimOf>): Result<Ipv4, string> {
    const wanted = requestedIp(service, this.#version);
    if (!wanted.ok) return wanted;
    const pool = annotation(service, this.#version, 'address-pool') ?? '';
    if (wanted.value === undefined) return pool === '' ? this.#allocator.fromAny(claim) : this.#allocator.fromPool(claim, pool);
    const got = this.#allocator.assign(claim, wanted.value);
    if (!got.ok || pool === '' || this.#allocator.poolOf(claim.key) === pool) return got;
    this.#allocator.release(claim.key);
    return err(`requested loadBalancer IP(s) ["${formatIpv4(wanted.value)}"] is not compatible with requested address pool ${pool}`);
  }

  #write(service: Service, ip: Ipv4 | undefined): void {
    const mine = METALLB_VERSIONS.map(poolAnnotation);
    const others = Object.entries(service.metadata.annotations ?? {}).filter(([k]) => !mine.includes(k));
    const pool = ip === undefined ? undefined : this.#allocator.poolOf(keyOf(service.metadata.namespace, service.metadata.name));
    const annotations = Object.fromEntries(pool === undefined ? others : [...others, [poolAnnotation(this.#version), pool]]);
    const changed: Service = {
      ...service,
      metadata: { ...service.metadata, ...(service.metadata.annotations === undefined && pool === undefined ? {} : { annotations }) },
      status: { ...service.status, loadBalancer: ip === undefined ? {} : { ingress: list(ip).map((text) => ({ ip: text })) } },
    };
    const was = service.status.loadBalancer.ingress ?? [];
    if (ip !== undefined && was.length === 1 && was[0]?.ip === formatIpv4(ip) && samePlain(changed.metadata, service.metadata)) return;
    if (ip === undefined && was.length === 0 && samePlain(changed.metadata, service.metadata)) return;
    this.#plane.store.update('Service', changed);
    this.#log.write('info', this.#version.lines.updated, { event: 'serviceUpdated', msg: 'updated service object' });
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
  const work = new Work(store, false);
  const controller = new AddressController(spec.plane, version, log, spec.namespace, new Allocator(spec.random.fork('pools')));
  makeSecret(spec);
  const metrics = kernel.spawn('controller', (own) => httpServer(own, 'controller', METRICS_PORT, () => ({ status: 200, headers: [['Content-Type', 'text/plain; version=0.0.4; charset=utf-8']], body: '' })));
  api.webhookServers.set(server, validatorOf(store, spec.namespace));
  try {
    for (;;) {
      yield { until: plus(kernel.clock.now, LATENCY.controller) };
      if (work.configChanged) {
        work.configChanged = false;
        if (controller.configure()) work.addAll(store);
      }
      for (let key = work.next(); key !== undefined; key = work.next()) if (controller.reconcile(key)) work.addAll(store);
      if (work.idle) yield { on: [work.ready], until: plus(kernel.clock.now, seconds(86_400)) };
    }
  } finally {
    work.stop();
    api.webhookServers.delete(server);
    metrics.process.kill('SIGTERM');
  }
}

