/**
 * MetalLB's speaker, one per node: decides for every address whether this node announces it.
 * Read first: metallb.io/concepts/layer2.
 * Models: metallb speaker/{main,layer2_controller,bgp_controller}.go (v0.14.5, v0.14.9): events, log lines of level info and those that say why not.
 * Not modelled: BGP (its controller only says that no pool matches), the other debug lines, metrics' content.
 */
import { parse } from 'yaml';
import type { Program } from '../../../engine/sim/process.ts';
import { SignalError } from '../../../engine/sim/process.ts';
import { plus } from '../../../engine/sim/time.ts';
import type { Kernel } from '../../../engine/uapi/kernel.ts';
import { formatIpv4, parseIpv4, type Ipv4 } from '../../../engine/wire/addresses.ts';
import type { Node, Service } from '../../api/kinds.ts';
import { blankMeta } from '../../controllers/owned.ts';
import { recordEvent } from '../../events.ts';
import { httpServer } from '../../node/http-responder.ts';
import type { ProcessSpec } from '../../node/images.ts';
import { LATENCY } from '../../plane.ts';
import { Announcer } from './announcer.ts';
import { METRICS_PORT } from './controller.ts';
import { elect } from './election.ts';
import { jsonLogger, type Logger } from './log.ts';
import { Members } from './members.ts';
import { ringOf } from './ring.ts';
import { poolHas, poolsFor, type Pool } from './pools.ts';
import { resourcesOf, Work } from './watch.ts';
import { versionOf, type MetallbVersion } from './versions.ts';

const COMPONENT = 'metallb-speaker';
const EXCLUDE_FILE = '/etc/metallb/excludel2.yaml';

/** announcedInterfacesToExclude of the mounted ConfigMap. */
export function excludePattern(text: string): RegExp | undefined {
  const parsed: unknown = text === '' ? undefined : parse(text);
  const list: unknown = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'announcedInterfacesToExclude') : undefined;
  return Array.isArray(list) && list.length > 0 ? new RegExp(`(${list.map(String).join(')|(')})`) : undefined;
}

interface SpeakerParts {
  readonly spec: ProcessSpec;
  readonly node: string;
  readonly log: Logger;
  readonly version: MetallbVersion;
  readonly announcer: Announcer;
  readonly members: Members;
}

export class Speaker {
  readonly #p: SpeakerParts;
  /** Announced services and their addresses. */
  readonly #announced = new Map<string, { readonly ip: Ipv4; readonly interfaces: readonly string[] }>();
  #pools: readonly Pool[] | undefined;
  #text = '';

  constructor(parts: SpeakerParts) {
    this.#p = parts;
  }

  /** Reads the configuration again; says whether every service must be looked at. */
  configure(): boolean {
    const { spec, log } = this.#p;
    const pools = poolsFor(resourcesOf(spec.api, spec.namespace));
    if (!pools.ok) {
      log.write('error', 'config_controller.go:146', { controller: 'ConfigReconciler', error: pools.error, msg: 'failed to parse the configuration' });
      return false;
    }
    const excluded = spec.api.list('Node').map((n) => [n.metadata.name, n.metadata.labels?.['node.kubernetes.io/exclude-from-external-load-balancers'], n.status.conditions?.find((c) => c.type === 'NetworkUnavailable')?.status]);
    const text = JSON.stringify([pools.value, excluded], (_key, value: unknown) => (value instanceof Set ? [...value] : value));
    if (text === this.#text) return false;
    this.#text = text;
    this.#pools = pools.value;
    return true;
  }

  reconcile(key: string): void {
    const { spec, log, version, announcer, node } = this.#p;
    const slash = key.indexOf('/');
    const [namespace, name] = [key.slice(0, slash), key.slice(slash + 1)];
    const service = spec.api.get('Service', namespace, name);
    if (service === undefined) return this.#withdraw(key, 'serviceDeleted');
    if (service.spec.type !== 'LoadBalancer') return this.#withdraw(key, 'notLoadBalancer');
    if (this.#pools === undefined || (service.spec.loadBalancerClass ?? '') !== '') return undefined;
    const given = service.status.loadBalancer.ingress?.[0]?.ip;
    if (given === undefined) return this.#withdraw(key, 'noIPAllocated');
    const ip = parseIpv4(given);
    if (ip === undefined) return this.#withdraw(key, 'invalidIP');
    const pool = this.#pools.find((p) => poolHas({ ...p, avoidBuggyIps: false }, ip));
    if (pool === undefined) {
      log.write('error', version.lines.announced, { ips: [given], op: 'setBalancer', error: 'assigned IP not allowed by config', msg: 'IP allocated by controller not allowed by config' });
      return this.#withdraw(key, 'ipNotAllowed');
    }
    if ((this.#announced.get(key)?.ip ?? ip) !== ip) this.#withdraw(key, 'loadBalancerIPChanged');
    const about = { ips: [given], pool: pool.name };
    log.write('debug', version.lines.bgpSkipped, { ...about, protocol: 'bgp', event: 'skipping should announce bgp', service: key, reason: 'pool not matching my node' });
    if (!this.#owner(service, key, given, pool)) return this.#withdraw(key, 'notOwner');
    const advs = pool.l2.filter((a) => a.nodes.has(node));
    const interfaces = advs.some((a) => a.interfaces === undefined) ? undefined : [...new Set(advs.flatMap((a) => a.interfaces ?? []))];
    const present = announcer.interfaces;
    if (interfaces !== undefined && !interfaces.some((i) => present.includes(i))) {
      log.write('warn', version.lines.noInterface, { ...about, op: 'SetBalancer', protocol: 'layer2', service: key, localIfs: present, msg: "the specified interfaces used to announce LB IP don't exist" });
      this.#event(service, 'Warning', 'announceFailed', `the interfaces specified by LB IP "${formatIpv4(ip)}" doesn't exist in assigned node ${JSON.stringify(node)} with protocol "layer2"`);
    } else announcer.set(key, { ip, interfaces });
    this.#announced.set(key, { ip, interfaces: interfaces ?? [] });
    log.write('info', version.lines.announced, { ...about, event: 'serviceAnnounced', msg: 'service has IP, announcing', protocol: 'layer2' });
    this.#event(service, 'Normal', 'nodeAssigned', `announcing from node ${JSON.stringify(node)} with protocol "layer2"`);
    return undefined;
  }

  /** One ServiceL2Status for each service that this node announces, none for others. */
  keepStatus(): void {
    const { spec, node, version } = this.#p;
    if (!version.l2Status || !spec.api.connected || !spec.api.serves('ServiceL2Status')) return;
    const label = (name: string): string => `metallb.io/${name}`;
    const mine = spec.api.list('ServiceL2Status', spec.namespace).filter((s) => s.metadata.labels?.[label('node')] === node);
    const told = new Set<string>();
    for (const s of mine) {
      const key = `${s.status.serviceNamespace ?? ''}/${s.status.serviceName ?? ''}`;
      if (this.#announced.has(key) && !told.has(key)) told.add(key);
      else spec.plane.api.delete('ServiceL2Status', spec.namespace, s.metadata.name);
    }
    for (const [key, { interfaces }] of this.#announced) {
      if (told.has(key)) continue;
      const [serviceNamespace = '', serviceName = ''] = key.split('/');
      spec.plane.api.create('ServiceL2Status', {
        apiVersion: 'metallb.io/v1beta1', kind: 'ServiceL2Status', spec: {}, status: { node, serviceName, serviceNamespace, interfaces: interfaces.map((name) => ({ name })) },
        metadata: {
          ...blankMeta('', spec.namespace), generateName: 'l2-',
          labels: { [label('node')]: node, [label('service-name')]: serviceName, [label('service-namespace')]: serviceNamespace },
        },
      });
    }
  }

  #owner(service: Service, key: string, ip: string, pool: Pool): boolean {
    const { spec, members, node, log, version } = this.#p;
    const nodes = new Map(spec.api.list('Node').map((n): [string, Node] => [n.metadata.name, n]));
    const election = elect({
      ip, pool, nodes, speakers: members.usable, myNode: node, localOnly: service.spec.externalTrafficPolicy === 'Local', ignoreExclude: spec.args?.includes('--ignore-exclude-lb') === true,
      slices: spec.api.list('EndpointSlice', service.metadata.namespace).filter((s) => s.metadata.labels?.['kubernetes.io/service-name'] === service.metadata.name),
    });
    const about = { ips: [ip], pool: pool.name, service: key };
    if (election.reason === 'failed no active endpoints') log.write('debug', version.lines.l2Inactive, { ...about, event: 'shouldannounce', protocol: 'l2', message: election.reason });
    else if (election.reason !== undefined) {
      log.write('debug', election.reason === 'no available nodes' ? version.lines.l2None : version.lines.l2Skipped, { ...about, event: 'skipping should announce l2', protocol: 'layer2', reason: election.reason });
    }
    return election.owner === node;
  }

  #withdraw(key: string, reason: string): undefined {
    const { announcer, log, version } = this.#p;
    const ip = this.#announced.get(key)?.ip;
    if (ip === undefined) return;
    announcer.delete(key);
    this.#announced.delete(key);
    log.write('info', version.lines.withdrawn, { event: 'serviceWithdrawn', ip: [formatIpv4(ip)], reason, msg: 'withdrawing service announcement' });
  }

  #event(service: Service, type: 'Normal' | 'Warning', reason: string, message: string): void {
    recordEvent(this.#p.spec.plane, service, COMPONENT, type, reason, message);
  }
}

/** `/speaker --port=7472 --log-level=info` */
export function* metallbSpeaker(spec: ProcessSpec, kernel: Kernel): Program {
  const version = versionOf(spec.tag);
  const log = jsonLogger(spec.log, spec.args ?? [], () => kernel.clock.wallMillis());
  log.write('info', version.lines.speakerStart, {
    branch: 'dev', commit: 'dev', goversion: version.goVersion, msg: `MetalLB speaker starting version ${version.version} (commit dev, branch dev)`, version: version.version });
  const node = spec.env.get('METALLB_NODE_NAME') ?? '';
  if (node === '') {
    log.write('error', version.lines.speakerStart, { op: 'startup', error: 'must specify --node-name or METALLB_NODE_NAME', msg: 'missing configuration' });
    return 1;
  }
  const file = spec.host.fs.read(EXCLUDE_FILE);
  const members = new Members({ kernel, ring: ringOf(spec.plane.api), underlay: spec.plane.underlay, name: node, addr: spec.env.get('METALLB_ML_BIND_ADDR') ?? '', random: spec.random.fork('memberlist') });
  const announcer = new Announcer(kernel, log, excludePattern(file.ok ? file.value : ''));
  const speaker = new Speaker({ spec, node, log, version, announcer, members });
  const work = new Work(spec.api, true);
  const metrics = kernel.spawn('speaker', (own) => httpServer(own, 'speaker', METRICS_PORT, () => ({ status: 200, headers: [['Content-Type', 'text/plain; version=0.0.4; charset=utf-8']], body: '' })));
  try {
    for (;;) {
      announcer.tick();
      const { events, sync } = members.poll(kernel.clock.now);
      for (const e of events) log.write('info', 'speakerlist.go:310', { msg: 'node event - forcing sync', 'node addr': e.addr, 'node event': e.type, 'node name': e.name });
      if (sync !== undefined) log.write('debug', 'net.go:962', { component: 'Memberlist', msg: `memberlist: Initiating push/pull sync with: ${sync}` });
      if (events.length > 0) work.addAll(spec.api);
      if (work.configChanged) {
        work.configChanged = false;
        if (speaker.configure()) work.addAll(spec.api);
      }
      for (let key = work.next(); key !== undefined; key = work.next()) speaker.reconcile(key);
      speaker.keepStatus();
      const due = announcer.due < members.due ? announcer.due : members.due;
      yield { on: [work.ready, ...members.ready], until: due };
      if (!work.idle) yield { until: plus(kernel.clock.now, LATENCY.controller) };
    }
  } catch (error) {
    // Whoever is told to stop says goodbye to the others; whoever is cut off cannot.
    if (error instanceof SignalError && error.signal === 'SIGTERM') members.leave();
    throw error;
  } finally {
    work.stop();
    members.close();
    announcer.close();
    metrics.process.kill('SIGTERM');
  }
}
