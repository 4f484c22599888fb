/**
 * The kubelet of one node: pods bound to it become sandboxes, containers, and a status.
 * Models: pkg/kubelet (v1.29) as seen from outside: phases, conditions, events, restart back-off, graceful end.
 * Not modelled: eviction, static pods, volumes other than config maps, init containers.
 */
import { must } from '../../base/assert.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { millis, seconds, type Nanos } from '../../engine/sim/time.ts';
import type { Program } from '../../engine/sim/process.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import { formatIpv4, mac, parseCidr, parseIpv4 } from '../../engine/wire/addresses.ts';
import type { Command, Host } from '../../userland/host.ts';
import { hex, randomMac, uuid } from '../api/names.ts';
import type { Pod } from '../api/kinds.ts';
import type { Container } from '../api/pod.ts';
import { recordEvent } from '../events.ts';
import { LATENCY, Loop, refOf, rfc3339, type ControlPlane } from '../plane.ts';
import { Canary } from '../addons/kube-proxy/canary.ts';
import { ensureChain, ensureRule } from '../addons/kube-proxy/jumps.ts';
import { BRIDGE, cniDel, type CniNode, type CniPlugin } from './cni.ts';
import { addHostPorts, deleteHostPorts } from './portmap.ts';
import { environmentOf, mountsOf } from './container-setup.ts';
import { configVolumeDir, formatResolv, kubeletDir, parseResolv, podHosts, podResolv, putFile, removeTree, sandboxDir, type DnsSettings } from './files.ts';
import { findImage, imageReference, type Image } from './images.ts';
import { HostLocal } from './ipam.ts';
import { probePort, runProbe } from './probe.ts';
import { podStatus, type ContainerSlot, type PodRecord } from './kubelet-status.ts';
import { minorOf } from '../version.ts';
import { handlesTerm, startContainer, stopContainer, type RunningContainer, type Sandbox } from './runtime.ts';

const CANARY_PERIOD = seconds(60);
/** Later kubelets leave dropping to kube-proxy. */
const LAST_WITH_DROP_MARK = 26;
const DROP_MARKED = ['-m', 'comment', '--comment', 'kubernetes firewall for dropping marked packets', '-m', 'mark', '--mark', '0x00008000/0x00008000', '-j', 'DROP'];
const LOCALNET_GUARD = '-m comment --comment @ -d 127.0.0.0/8 ! -s 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP'.split(' ').map((w) => (w === '@' ? 'block incoming localnet connections' : w));
const SANDBOX_TIME = millis(350);
const START_TIME = millis(80);
/** Megabytes a second from the registry, and what the look-up of a manifest costs. */
const PULL_RATE = 40;
const PULL_LOOKUP = 0.6;
const BACKOFF_FIRST = 10;
const BACKOFF_MAX = 300;

export interface KubeletOptions {
  readonly name: string;
  readonly host: Host;
  readonly internalIp: string;
  readonly clusterCidr: string;
  readonly dns: DnsSettings;
  readonly commands: readonly Command[];
  readonly cni: CniPlugin;
  /** The node's own resolver, as --resolv-conf names it. */
  readonly resolvConf: string;
}

export class Kubelet {
  readonly options: KubeletOptions;
  readonly #plane: ControlPlane;
  readonly #pods = new Map<string, PodRecord>();
  readonly #pulled = new Set<string>();
  #cni: CniNode | undefined;

  constructor(plane: ControlPlane, options: KubeletOptions) {
    this.#plane = plane;
    this.options = options;
  }

  /** The node's chains that must be there before kube-proxy's first look. */
  prepareIptables(): void {
    ensureChain(this.#kernel.netfilter, 'mangle', 'KUBE-IPTABLES-HINT');
    ensureChain(this.#kernel.netfilter, 'filter', 'KUBE-FIREWALL');
  }

  /** pkg/kubelet/kubelet_network_linux.go: at start, and when somebody flushed iptables. */
  #syncIptables(): void {
    const { netfilter } = this.#kernel;
    this.prepareIptables();
    for (const from of ['OUTPUT', 'INPUT']) ensureRule(netfilter, 'prepend', 'filter', from, ['-j', 'KUBE-FIREWALL']);
    if (minorOf(this.#plane.store.get('Node', '', this.options.name)?.status.nodeInfo?.kubeletVersion ?? '') <= LAST_WITH_DROP_MARK) {
      ensureChain(netfilter, 'nat', 'KUBE-MARK-DROP');
      ensureRule(netfilter, 'append', 'nat', 'KUBE-MARK-DROP', ['-j', 'MARK', '--or-mark', '0x00008000']);
      ensureRule(netfilter, 'append', 'filter', 'KUBE-FIREWALL', DROP_MARKED);
    }
    ensureRule(netfilter, 'append', 'filter', 'KUBE-FIREWALL', LOCALNET_GUARD);
  }

  start(): void {
    this.#syncIptables();
    new Canary(this.#plane.scheduler, this.#kernel.netfilter, 'KUBE-KUBELET-CANARY', CANARY_PERIOD, () => this.#syncIptables()).start();
    const node = must(this.#plane.store.get('Node', '', this.options.name), 'own node object');
    const subnet = must(parseCidr(node.spec.podCIDR ?? ''), 'pod CIDR');
    this.#cni = { kernel: this.#kernel, fs: this.options.host.fs, ipam: new HostLocal(this.options.host.fs, subnet, this.options.cni.ipamDir), subnet, cluster: must(parseCidr(this.options.clusterCidr), 'cluster CIDR') };
    new Loop(this.#plane, ['Pod'], LATENCY.kubelet, () => this.#sync()).queue();
    this.#plane.store.watch((change) => {
      if (change.kind === 'ConfigMap' && change.type !== 'DELETED') this.#refreshVolumes();
    });
  }

  /** Running containers of a pod, in the order of its spec. */
  containers(uid: string): readonly RunningContainer[] {
    return [...(this.#pods.get(uid)?.slots.values() ?? [])].flatMap((s) => (s.running === undefined ? [] : [s.running]));
  }

  sandbox(uid: string): Sandbox | undefined {
    return this.#pods.get(uid)?.sandbox;
  }

  /** Output of a container's present (or previous) process. */
  log(uid: string, container: string, previous: boolean): string | undefined {
    const slot = this.#pods.get(uid)?.slots.get(container);
    return (previous ? slot?.last : (slot?.running ?? slot?.last))?.log.text;
  }

  get #kernel(): Kernel {
    return this.options.host.kernel;
  }

  #sync(): void {
    for (const pod of this.#plane.store.list('Pod')) {
      if (pod.spec.nodeName !== this.options.name) continue;
      const { uid } = pod.metadata;
      const record = this.#pods.get(uid);
      if (pod.metadata.deletionTimestamp !== undefined) this.#end(pod, record);
      else if (record === undefined) this.#begin(pod);
    }
  }

  #later(delay: Nanos, pod: Pod, step: (pod: Pod, record: PodRecord) => void): void {
    this.#plane.scheduler.after(delay, () => {
      const record = this.#pods.get(pod.metadata.uid);
      const now = this.#current(pod);
      if (record !== undefined && now !== undefined && !record.ending) step(now, record);
    });
  }

  #current(pod: Pod): Pod | undefined {
    const now = this.#plane.store.get('Pod', pod.metadata.namespace, pod.metadata.name);
    return now?.metadata.uid === pod.metadata.uid ? now : undefined;
  }

  #begin(pod: Pod): void {
    const slots = new Map(pod.spec.containers.map((c): [string, ContainerSlot] =>
      [c.name, { running: undefined, last: undefined, ended: undefined, restarts: 0, ready: false, waiting: { reason: 'ContainerCreating' }, backoff: 0 }]));
    this.#pods.set(pod.metadata.uid, { sandbox: undefined, slots, ending: false, gone: false });
    this.#status(pod);
    this.#later(SANDBOX_TIME, pod, (now, record) => this.#sandbox(now, record));
  }

  #sandbox(pod: Pod, record: PodRecord): void {
    const made = this.#makeSandbox(pod);
    if (!made.ok) {
      recordEvent(this.#plane, pod, 'kubelet', 'Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox: ${made.error}`, this.options.name);
      this.#later(seconds(10), pod, (now, again) => this.#sandbox(now, again));
      return;
    }
    record.sandbox = made.value;
    this.#writeFiles(pod, made.value);
    for (const container of pod.spec.containers) this.#pull(pod, container);
  }

  #makeSandbox(pod: Pod): Result<Sandbox, string> {
    const { namespace, name, uid } = pod.metadata;
    const pin = this.#plane.api.pinBook.sandbox(namespace, name);
    const random = this.#plane.random.fork(`sandbox/${uid}`);
    const id = pin?.sandboxId ?? hex(random, 64);
    if (pod.spec.hostNetwork === true) return ok({ id, netns: '', kernel: this.#kernel, ip: must(parseIpv4(this.options.internalIp), 'node address'), hostVeth: undefined });
    const netns = `cni-${uuid(random)}`;
    const hostVeth = pin?.veth ?? `veth${hex(random, 8)}`;
    const made = this.#kernel.netnsAdd(netns);
    if (!made.ok) return err(`failed to create network namespace: ${made.error.errno}`);
    const added = this.options.cni.add(must(this.#cni, 'CNI of a started node'), {
      netns, containerId: id, hostVeth, hostMac: pin?.vethMac, ip: pin?.ip === undefined ? undefined : parseIpv4(pin.ip), mac: pin?.mac ?? mac(randomMac(random)),
      bridgeMac: this.#plane.pins.nodes[this.options.name]?.cni0Mac ?? mac(randomMac(this.#plane.random.fork(`${BRIDGE}/${this.options.name}`))),
    });
    if (!added.ok) {
      this.#kernel.netnsDelete(netns);
      return added;
    }
    const device = this.options.cni.deviceOf(hostVeth);
    this.#kernel.log(`cni@${this.options.name}`, `ADD ${netns}: eth0 ${formatIpv4(added.value.ip)}/${added.value.subnet.length} on ${device}${device === hostVeth ? '' : ` port ${hostVeth}`}`, refOf(pod));
    const failed = addHostPorts(this.#kernel, pod, id, added.value.ip, added.value.subnet, { network: this.options.cni.network, device });
    if (failed !== undefined) return err(`plugin type="portmap" failed (add): ${failed}`);
    return ok({ id, netns, kernel: added.value.kernel, ip: added.value.ip, hostVeth });
  }

  #hostname(pod: Pod): string {
    return pod.spec.hostNetwork === true ? this.options.host.hostname : (pod.spec.hostname ?? pod.metadata.name).slice(0, 63);
  }

  #writeFiles(pod: Pod, sandbox: Sandbox): void {
    const { fs } = this.options.host;
    const dir = kubeletDir(pod.metadata.uid);
    const resolved = fs.read(this.options.resolvConf);
    const node = parseResolv(resolved.ok ? resolved.value : '');
    const nodeHosts = fs.read('/etc/hosts');
    putFile(fs, `${dir}/etc-hosts`, pod.spec.hostNetwork === true ? `# Kubernetes-managed hosts file (host network).\n${nodeHosts.ok ? nodeHosts.value : ''}` : podHosts(pod, formatIpv4(sandbox.ip), this.#hostname(pod)));
    putFile(fs, `${sandboxDir(sandbox.id)}/resolv.conf`, formatResolv(podResolv(pod, node, this.options.dns)));
    putFile(fs, `${sandboxDir(sandbox.id)}/hostname`, `${this.#hostname(pod)}\n`);
    this.#volumes(pod);
  }

  #volumes(pod: Pod): void {
    for (const volume of pod.spec.volumes ?? []) {
      if (volume.configMap === undefined) continue;
      const data = this.#plane.store.get('ConfigMap', pod.metadata.namespace, volume.configMap.name)?.data ?? {};
      const items = volume.configMap.items?.map((i) => [i.path, data[i.key] ?? ''] as const) ?? Object.entries(data);
      for (const [path, text] of items) putFile(this.options.host.fs, `${configVolumeDir(pod.metadata.uid, volume.name)}/${path}`, text);
    }
  }

  #refreshVolumes(): void {
    for (const pod of this.#plane.store.list('Pod')) if (pod.spec.nodeName === this.options.name && this.#pods.get(pod.metadata.uid)?.sandbox !== undefined) this.#volumes(pod);
  }

  #pull(pod: Pod, container: Container): void {
    const slot = this.#slot(pod, container);
    if (slot === undefined) return;
    const image = findImage(container.image);
    const ref = imageReference(container.image);
    const key = `${ref.name}:${ref.tag}`;
    const event = (type: 'Normal' | 'Warning', reason: string, message: string): void => recordEvent(this.#plane, pod, 'kubelet', type, reason, message, this.options.name, `spec.containers{${container.name}}`);
    if (this.#pulled.has(key) && container.imagePullPolicy !== 'Always' && image !== undefined) {
      event('Normal', 'Pulled', `Container image "${container.image}" already present on machine`);
      this.#later(START_TIME, pod, (now) => this.#run(now, container, image));
      return;
    }
    event('Normal', 'Pulling', `Pulling image "${container.image}"`);
    if (image === undefined) {
      this.#later(seconds(PULL_LOOKUP), pod, (now) => {
        const message = `failed to pull and unpack image "${key}": failed to resolve reference "${key}": pull access denied, repository does not exist or may require authorization (this lab has no such image)`;
        event('Warning', 'Failed', `Failed to pull image "${container.image}": ${message}`);
        event('Warning', 'Failed', 'Error: ErrImagePull');
        slot.waiting = { reason: slot.backoff === 0 ? 'ErrImagePull' : 'ImagePullBackOff', message };
        this.#status(now);
        slot.backoff = Math.min(BACKOFF_MAX, slot.backoff === 0 ? BACKOFF_FIRST : slot.backoff * 2);
        this.#later(seconds(2), now, (then) => {
          slot.waiting = { reason: 'ImagePullBackOff', message: `Back-off pulling image "${container.image}"` };
          event('Normal', 'BackOff', `Back-off pulling image "${container.image}"`);
          event('Warning', 'Failed', 'Error: ImagePullBackOff');
          this.#status(then);
        });
        this.#later(seconds(slot.backoff), now, (then) => this.#pull(then, container));
      });
      return;
    }
    const took = this.#pulled.has(key) ? PULL_LOOKUP : PULL_LOOKUP + image.megabytes / PULL_RATE;
    this.#later(seconds(took), pod, (now) => {
      this.#pulled.add(key);
      const text = `${took.toFixed(3)}s`;
      event('Normal', 'Pulled', `Successfully pulled image "${container.image}" in ${text} (${text} including waiting)`);
      this.#later(START_TIME, now, (then) => this.#run(then, container, image));
    });
  }

  #slot(pod: Pod, container: Container): ContainerSlot | undefined {
    return this.#pods.get(pod.metadata.uid)?.slots.get(container.name);
  }

  #run(pod: Pod, container: Container, image: Image): void {
    const record = this.#pods.get(pod.metadata.uid);
    const slot = this.#slot(pod, container);
    if (record?.sandbox === undefined || slot === undefined) return;
    const { namespace, name, uid } = pod.metadata;
    const { sandbox } = record;
    const event = (reason: string, message: string): void => recordEvent(this.#plane, pod, 'kubelet', 'Normal', reason, message, this.options.name, `spec.containers{${container.name}}`);
    const pin = this.#plane.api.pinBook.current(namespace, name);
    const id = slot.restarts === 0 && pod.spec.containers[0]?.name === container.name && pin?.containerId !== undefined ? pin.containerId : hex(this.#plane.random.fork(`container/${uid}/${container.name}/${slot.restarts}`), 64);
    event('Created', `Created container ${container.name}`);
    const running = startContainer({
      plane: this.#plane, pod, container, image, id, sandbox, hostname: this.#hostname(pod), commands: this.options.commands, env: environmentOf(this.#plane.store, pod, container, { node: this.options.name, hostIp: this.options.internalIp, podIp: formatIpv4(sandbox.ip) }),
      mounts: mountsOf(this.options.host.fs, pod, container, sandbox.id), startedAt: this.#plane.api.now('Pod', namespace, name), wallMillis: this.#plane.wallMillis(),
    });
    event('Started', `Started container ${container.name}`);
    slot.running = running;
    slot.ready = container.readinessProbe === undefined || container.readinessProbe.exec !== undefined;
    this.#status(pod);
    if (running.process.exitCode === undefined) running.process.exited.add(() => this.#exited(pod, container, running));
    else this.#exited(pod, container, running);
    if (!slot.ready) this.#probe(pod, container, running);
  }

  #exited(pod: Pod, container: Container, running: RunningContainer): void {
    const record = this.#pods.get(pod.metadata.uid);
    const slot = this.#slot(pod, container);
    const now = this.#current(pod);
    if (record === undefined || slot === undefined || slot.running !== running) return;
    const exitCode = running.process.exitCode ?? 0;
    slot.last = running;
    slot.running = undefined;
    slot.ready = false;
    slot.ended = { exitCode, finishedAt: rfc3339(this.#plane.wallMillis()) };
    if (record.ending || now === undefined) return;
    const policy = pod.spec.restartPolicy ?? 'Always';
    if (policy === 'Never' || (policy === 'OnFailure' && exitCode === 0)) return this.#status(now);
    const wait = slot.backoff;
    slot.backoff = Math.min(BACKOFF_MAX, wait === 0 ? BACKOFF_FIRST : wait * 2);
    if (wait > 0) {
      slot.waiting = { reason: 'CrashLoopBackOff', message: `back-off ${wait < 60 ? `${wait}s` : `${Math.floor(wait / 60)}m${wait % 60}s`} restarting failed container=${container.name} pod=${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})` };
      recordEvent(this.#plane, pod, 'kubelet', 'Warning', 'BackOff', `Back-off restarting failed container ${container.name} in pod ${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`, this.options.name, `spec.containers{${container.name}}`);
    }
    this.#status(now);
    this.#later(wait === 0 ? millis(1000) : seconds(wait), now, (then) => {
      slot.restarts++;
      this.#pull(then, container);
    });
    return undefined;
  }

  #probe(pod: Pod, container: Container, running: RunningContainer): void {
    const probe = container.readinessProbe;
    const sandbox = this.#pods.get(pod.metadata.uid)?.sandbox;
    if (probe === undefined || sandbox === undefined) return;
    const target = probe.httpGet?.port ?? probe.tcpSocket?.port;
    const port = target === undefined ? undefined : probePort(pod, container, target);
    if (port === undefined) return;
    const attempt = (): void => void this.#kernel.spawn('kubelet', (kernel) => this.#probeOnce(kernel, pod, container, running, () => runProbe(kernel, probe, sandbox.ip, port), () => this.#plane.scheduler.after(seconds(probe.periodSeconds ?? 10), attempt)));
    this.#plane.scheduler.after(seconds(probe.initialDelaySeconds ?? 0), attempt);
  }

  *#probeOnce(kernel: Kernel, pod: Pod, container: Container, running: RunningContainer, run: () => ReturnType<typeof runProbe>, again: () => void): Program {
    const slot = this.#slot(pod, container);
    if (slot?.running !== running) return 0;
    const result = yield* run();
    const now = this.#current(pod);
    if (this.#slot(pod, container)?.running !== running || now === undefined) return 0;
    if (result.ok) {
      slot.ready = true;
      this.#status(now);
    } else {
      recordEvent(this.#plane, now, 'kubelet', 'Warning', 'Unhealthy', `Readiness probe failed: ${result.message}`, kernel.machine, `spec.containers{${container.name}}`);
      again();
    }
    return 0;
  }

  #end(pod: Pod, record: PodRecord | undefined): void {
    if (record === undefined) return void this.#remove(pod);
    if (record.ending) return undefined;
    record.ending = true;
    const grace = pod.metadata.deletionGracePeriodSeconds ?? 30;
    const running = [...record.slots.values()].flatMap((s) => (s.running === undefined ? [] : [s.running]));
    for (const container of running) {
      recordEvent(this.#plane, pod, 'kubelet', 'Normal', 'Killing', `Stopping container ${container.name}`, this.options.name, `spec.containers{${container.name}}`);
      if (handlesTerm(container)) stopContainer(container, 'SIGTERM');
    }
    const left = running.some((c) => c.process.exitCode === undefined);
    this.#status(pod);
    this.#plane.scheduler.after(left && grace > 0 ? seconds(grace) : millis(100), () => {
      for (const container of running) stopContainer(container, 'SIGKILL');
      this.#tearDown(pod, record);
    });
    return undefined;
  }

  #tearDown(pod: Pod, record: PodRecord): void {
    const { sandbox } = record;
    record.gone = true;
    if (sandbox !== undefined && sandbox.netns !== '') {
      deleteHostPorts(this.#kernel, pod, sandbox.id, this.options.cni.network);
      cniDel(must(this.#cni, 'CNI of a started node'), sandbox.netns, sandbox.id);
      this.#kernel.netnsDelete(sandbox.netns);
      this.#kernel.log(`cni@${this.options.name}`, `DEL ${sandbox.netns}: ${formatIpv4(sandbox.ip)} released`, refOf(pod));
    }
    const { fs } = this.options.host;
    removeTree(fs, kubeletDir(pod.metadata.uid));
    if (sandbox !== undefined) removeTree(fs, sandboxDir(sandbox.id));
    this.#pods.delete(pod.metadata.uid);
    this.#remove(pod);
  }

  #remove(pod: Pod): void {
    if (this.#current(pod) !== undefined) this.#plane.store.delete('Pod', pod.metadata.namespace, pod.metadata.name);
  }

  #status(given: Pod): void {
    const pod = this.#current(given);
    const record = this.#pods.get(given.metadata.uid);
    if (pod === undefined || record === undefined || record.gone) return;
    const now = this.#plane.api.now('Pod', pod.metadata.namespace, pod.metadata.name);
    this.#plane.store.update('Pod', { ...pod, status: podStatus(pod, record, this.options.internalIp, now) });
  }
}
