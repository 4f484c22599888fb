/**
 * MetalLB's speaker, one per node: decides for every address whether this node announces it.
 * Read first: metallb.io/concepts/layer2.
 * Models: metallb speaker/{main,layer2_controller,bgp_controller}.go (v0.14.5, v0.14.9): events, log lines
 * from level info on and those that say why not.
 * Not modelled: BGP (its controller only says that no pool matches), the other debug lines, metrics' content, what joining a memberlist says.
 */
import { parse } from 'yaml';
import { ok, type Result } from '../../../base/result.ts';
import type { Program } from '../../../engine/sim/process.ts';
import { SignalError } from '../../../engine/sim/process.ts';
import { plus } from '../../../engine/sim/time.ts';
import type { Kernel } from '../../../engine/uapi/kernel.ts';
import { formatIpv4, parseIpv4, type Ipv4 } from '../../../engine/wire/addresses.ts';
import type { KindMap, Node, Service } from '../../api/kinds.ts';

import { blankMeta } from '../../controllers/owned.ts';
import { recordEvent } from '../../events.ts';
import { httpServer } from '../../node/http-responder.ts';
import type { ProcessSpec } from '../../node/images.ts';
import { LATENCY, samePlain } from '../../plane.ts';
import { Announcer } from './announcer.ts';
import { METRICS_PORT } from './controller.ts';
import { available, elect } from './election.ts';
import { jsonLogger, type Logger } from './log.ts';
import { Members } from './members.ts';
import { ringOf } from './ring.ts';
import { configText, poolHas, poolsFor, type Pool } from './pools.ts';
import { classFilter, Reconcilers, type SyncState } from './reconcile.ts';
import { keyOf, RELOAD, resourcesOf, splitKey, Work } from './watch.ts';
import { versionOf, type MetallbVersion } from './versions.ts';

const COMPONENT = 'metallb-speaker';
const EXCLUDE_FILE = '/etc/metallb/excludel2.yaml';

/** announcedInterfacesToExclude of the mounted ConfigMap. */
export function excludePattern(text: string): RegExp | undefined {
  const parsed: unknown = text === '' ? undefined : parse(text);
  const list: unknown = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'announcedInterfacesToExclude') : undefined;
  return Array.isArray(list) && list.length > 0 ? new RegExp(`(${list.map(String).join(')|(')})`) : undefined;
}

const poolOf = (pools: readonly Pool[], ip: Ipv4): Pool | undefined => pools.find((p) => poolHas({ ...p, avoidBuggyIps: false }, ip));

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
  readonly #announced = new Map<string, Ipv4>();
  /** Whether a node may announce, as it was when it was last looked at. */
  readonly #nodes = new Map<string, boolean>();
  #pools: readonly Pool[] | undefined;
  #read: readonly Pool[] = [];

  constructor(parts: SpeakerParts) {
    this.#p = parts;
  }

  read(): Result<string, string> {
    const { spec } = this.#p;
    const pools = poolsFor(resourcesOf(spec.api, spec.namespace));
    if (!pools.ok) return pools;
    this.#read = pools.value;
    return ok(configText(pools.value));
  }

  /** SetConfig: not while an address that is announced has no place in it; its service loses it soon. */
  configure(): SyncState {
    for (const [service, ip] of this.#announced) {
      if (poolOf(this.#read, ip) !== undefined) continue;
      this.#p.log.write('error', this.#p.version.lines.configRejected, {
        op: 'setConfig', service, ip: [formatIpv4(ip)], error: 'service has no configuration under new config', msg: 'new configuration rejected' });
      return 'retry';
    }
    this.#pools = this.#read;
    return 'reprocess';
  }

  /** SetNode */
  node(name: string): SyncState {
    const { spec, log, node } = this.#p;
    const object = spec.api.get('Node', '', name);
    const may = object !== undefined && available(object);
    const before = this.#nodes.get(name);
    this.#nodes.set(name, may);
    if (name === node) log.write('info', 'speakerlist.go:273', { op: 'memberDiscovery', msg: 'triggering discovery' });
    return before === undefined || before === may ? 'success' : 'reprocess';
  }

  /** SetBalancer */
  reconcile(key: string): SyncState {
    const { spec, log, version, announcer, node } = this.#p;
    const service = spec.api.get('Service', ...splitKey(key));
    if (service === undefined) return this.#withdraw(key, 'serviceDeleted');
    if (service.spec.type !== 'LoadBalancer') return this.#withdraw(key, 'notLoadBalancer');
    if (this.#pools === undefined) return 'success';
    const given = service.status.loadBalancer.ingress?.[0]?.ip;
    if (given === undefined) return this.#withdraw(key, 'noIPAllocated');
    const ip = parseIpv4(given);
    if (ip === undefined) {
      log.write('error', version.lines.invalidIp, { op: 'setBalancer', error: `invalid LoadBalancer IP ${JSON.stringify(given)}`, msg: 'invalid IP allocated by controller' });
      return this.#withdraw(key, 'invalidIP');
    }
    const pool = poolOf(this.#pools, ip);
    if (pool === undefined) {
      log.write('error', version.lines.ipNotAllowed, { ips: [given], op: 'setBalancer', error: 'assigned IP not allowed by config', msg: 'IP allocated by controller not allowed by config' });
      return this.#withdraw(key, 'ipNotAllowed', { ips: [given] });
    }
    const about = { ips: [given], pool: pool.name };
    if ((this.#announced.get(key) ?? ip) !== ip) this.#withdraw(key, 'loadBalancerIPChanged', about);
    log.write('debug', version.lines.bgpSkipped, { ...about, protocol: 'bgp', event: 'skipping should announce bgp', service: key, reason: 'pool not matching my node' });
    if (!this.#owner(service, key, given, pool)) return this.#withdraw(key, 'notOwner', { ...about, protocol: 'layer2' });
    const advs = pool.l2.filter((a) => a.nodes.has(node));
    const interfaces = advs.some((a) => a.interfaces === undefined) ? undefined : [...new Set(advs.flatMap((a) => a.interfaces ?? []))];
    const present = announcer.interfaces;
    if (interfaces !== undefined && !interfaces.some((i) => present.includes(i))) {
      log.write('warn', version.lines.noInterface, { ...about, op: 'SetBalancer', protocol: 'layer2', service: key, localIfs: present, msg: "the specified interfaces used to announce LB IP don't exist" });
      this.#event(service, 'Warning', 'announceFailed', `the interfaces specified by LB IP "${formatIpv4(ip)}" doesn't exist in assigned node ${JSON.stringify(node)} with protocol "layer2"`);
    } else announcer.set(key, { ip, interfaces });
    this.#announced.set(key, ip);
    log.write('info', version.lines.announced, { ...about, event: 'serviceAnnounced', msg: 'service has IP, announcing', protocol: 'layer2' });
    this.#event(service, 'Normal', 'nodeAssigned', `announcing from node ${JSON.stringify(node)} with protocol "layer2"`);
    return 'success';
  }

  /** One ServiceL2Status for each service that this node announces, none for others. */
  keepStatus(): void {
    const { spec, node, version, announcer } = this.#p;
    if (!version.l2Status || !spec.api.connected || !spec.api.serves('ServiceL2Status')) return;
    const label = (name: string): string => `metallb.io/${name}`;
    const statusOf = (key: string): KindMap['ServiceL2Status']['status'] | undefined => {
      const adv = this.#announced.has(key) ? announcer.of(key) : undefined;
      const [serviceNamespace, serviceName] = splitKey(key);
      return adv === undefined ? undefined : { node, serviceName, serviceNamespace, interfaces: (adv.interfaces ?? []).map((name) => ({ name })) };
    };
    const told = new Set<string>();
    for (const s of spec.api.list('ServiceL2Status', spec.namespace).filter(({ metadata }) => metadata.labels?.[label('node')] === node)) {
      const key = keyOf(s.status.serviceNamespace ?? '', s.status.serviceName ?? '');
      const status = statusOf(key);
      if (status === undefined || told.has(key)) spec.plane.api.delete('ServiceL2Status', spec.namespace, s.metadata.name);
      else if (!samePlain(s.status.interfaces, status.interfaces)) spec.api.update('ServiceL2Status', { ...s, status });
      if (status !== undefined) told.add(key);
    }
    for (const key of this.#announced.keys()) {
      const status = statusOf(key);
      if (status === undefined || told.has(key)) continue;
      const [serviceNamespace, serviceName] = splitKey(key);
      spec.plane.api.create('ServiceL2Status', {
        apiVersion: 'metallb.io/v1beta1', kind: 'ServiceL2Status', spec: {}, status,
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

  /** `about`: what the logger already held. */
  #withdraw(key: string, reason: string, about: Readonly<Record<string, unknown>> = {}): SyncState {
    const { announcer, log, version } = this.#p;
    const ip = this.#announced.get(key);
    if (ip === undefined) return 'success';
    announcer.delete(key);
    this.#announced.delete(key);
    log.write('info', version.lines.withdrawn, { ...about, event: 'serviceWithdrawn', ip: [formatIpv4(ip)], reason, msg: 'withdrawing service announcement' });
    return 'success';
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
    log.write('error', version.lines.noNodeName, { op: 'startup', error: 'must specify --node-name or METALLB_NODE_NAME', msg: 'missing configuration' });
    return 1;
  }
  const file = spec.host.fs.read(EXCLUDE_FILE);
  const members = new Members({ kernel, ring: ringOf(spec.plane.api), underlay: spec.plane.underlay, name: node, addr: spec.env.get('METALLB_ML_BIND_ADDR') ?? '', random: spec.random.fork('memberlist') });
  const announcer = new Announcer(kernel, log, excludePattern(file.ok ? file.value : ''));
  const speaker = new Speaker({ spec, node, log, version, announcer, members });
  const work = new Work(spec.api, 'speaker', spec.namespace);
  const reconcilers = new Reconcilers({
    store: spec.api, filtered: classFilter(spec.args ?? []), service: (key) => speaker.reconcile(key), read: () => speaker.read(), configure: () => speaker.configure(), node: (name) => speaker.node(name) }, work, log);
  const metrics = kernel.spawn('speaker', (own) => httpServer(own, 'speaker', METRICS_PORT, () => ({ status: 200, headers: [['Content-Type', 'text/plain; version=0.0.4; charset=utf-8']], body: '' })));
  try {
    for (;;) {
      announcer.tick();
      const { events, sync } = members.poll(kernel.clock.now);
      for (const e of events) log.write('info', 'speakerlist.go:312', { msg: 'node event - forcing sync', 'node addr': e.addr, 'node event': e.type, 'node name': e.name });
      if (sync !== undefined) log.write('debug', 'net.go:962', { component: 'Memberlist', msg: `memberlist: Initiating push/pull sync with: ${sync}` });
      if (events.length > 0) work.add(RELOAD);
      const { now } = kernel.clock;
      for (let request = work.next(now); request !== undefined; request = work.next(now)) reconcilers.run(request, now);
      speaker.keepStatus();
      const due = [members.due, ...(work.due === undefined ? [] : [work.due])].reduce((a, b) => (b < a ? b : a), announcer.due);
      yield { on: [work.ready, ...members.ready], until: due };
      if (!work.idle) yield { until: plus(kernel.clock.now, LATENCY.controller) };
    }
  } catch (error) {
    // Whoever is told to stop says goodbye to the others; whoever is cut off cannot.
    if (error instanceof SignalError && error.signal === 'SIGTERM') {
      const say = (caller: string, msg: string): void => log.write('info', caller, { op: 'shutdown', msg });
      say(version.lines.speakerShutdown, 'starting shutdown');
      say('speakerlist.go:297', 'leaving memberlist cluster');
      members.leave();
      log.write('info', 'speakerlist.go:299', { op: 'shutdown', msg: 'left memberlist cluster', error: null });
      log.write('info', 'speakerlist.go:301', { op: 'shutdown', msg: 'memberlist shutdown', error: null });
    }
    throw error;
  } finally {
    work.stop();
    members.close();
    announcer.close();
    metrics.process.kill('SIGTERM');
  }
}
