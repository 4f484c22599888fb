/** Pod sandboxes of one node: network namespace, CNI ADD and DEL, host ports. Models: containerd 1.7 CRI RunPodSandbox, RemovePodSandbox. */
import { must } from '../../base/assert.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import { formatIpv4, mac, parseCidr, parseIpv4 } from '../../engine/wire/addresses.ts';
import { hex, randomMac, uuid } from '../api/names.ts';
import type { Pod } from '../api/kinds.ts';
import { refOf, type ControlPlane } from '../plane.ts';
import { BRIDGE, cniDel, type CniNode } from './cni.ts';
import { forgetCni, rememberCni } from './cni-cache.ts';
import { parseResolv, podResolv } from './files.ts';
import { HostLocal } from './ipam.ts';
import type { KubeletOptions } from './kubelet.ts';
import { addHostPorts, deleteHostPorts } from './portmap.ts';
import { startPause, stopPause, type Sandbox } from './runtime.ts';

export class Sandboxes {
  readonly #plane: ControlPlane;
  readonly #options: KubeletOptions;
  readonly #cni: CniNode;

  constructor(plane: ControlPlane, options: KubeletOptions) {
    this.#plane = plane;
    this.#options = options;
    const { fs } = options.host;
    const node = must(plane.store.get('Node', '', options.name), 'own node object');
    const subnet = must(parseCidr(node.spec.podCIDR ?? ''), 'pod CIDR');
    this.#cni = { kernel: this.#kernel, fs, ipam: new HostLocal(fs, subnet, options.cni.ipamDir), subnet, cluster: must(parseCidr(options.clusterCidr), 'cluster CIDR') };
  }

  get #kernel(): Kernel {
    return this.#options.host.kernel;
  }

  make(pod: Pod, attempt: number): Result<Sandbox, string> {
    const { namespace, name, uid } = pod.metadata;
    const pin = this.#plane.api.pinBook.sandbox(namespace, name);
    const random = this.#plane.random.fork(attempt === 0 ? `sandbox/${uid}` : `sandbox/${uid}/${attempt}`);
    const id = pin?.sandboxId ?? hex(random, 64);
    const host = { node: this.#options.host, pod, id, pid: pin?.pid, startedMillis: this.#plane.wallMillis() };
    if (pod.spec.hostNetwork === true) return ok({ id, netns: '', kernel: this.#kernel, ip: must(parseIpv4(this.#options.internalIp), 'node address'), hostVeth: undefined, pause: startPause(this.#kernel, host) });
    const netns = pin?.netns ?? `cni-${uuid(random)}`;
    const hostVeth = pin?.veth ?? `veth${hex(random, 8)}`;
    const made = this.#kernel.netnsAdd(netns);
    if (!made.ok) return err(`failed to create network namespace: ${made.error.errno}`);
    const { cni } = this.#options;
    const added = cni.add(this.#cni, {
      netns, containerId: id, hostVeth, hostMac: pin?.vethMac, ip: pin?.ip === undefined ? undefined : parseIpv4(pin.ip), mac: pin?.mac ?? mac(randomMac(random)),
      bridgeMac: this.#plane.pins.nodes[this.#options.name]?.cni0Mac ?? mac(randomMac(this.#plane.random.fork(`${BRIDGE}/${this.#options.name}`))),
    });
    if (!added.ok) {
      this.#kernel.netnsDelete(netns);
      return added;
    }
    for (const { name: key, value } of pod.spec.securityContext?.sysctls ?? []) {
      if (!added.value.kernel.sysctl.set(key, value).ok) return err(`sysctl "${key}": open /proc/sys/${key.replaceAll('.', '/')}: no such file or directory`);
    }
    const device = cni.deviceOf(hostVeth);
    this.#kernel.log(`cni@${this.#options.name}`, `ADD ${netns}: eth0 ${formatIpv4(added.value.ip)}/${added.value.subnet.length} on ${device}${device === hostVeth ? '' : ` port ${hostVeth}`}`, refOf(pod));
    if (cni.network === 'cbr0') {
      const resolved = this.#options.host.fs.read(this.#options.resolvConf);
      const resolv = podResolv(pod, parseResolv(resolved.ok ? resolved.value : ''), this.#options.dns);
      rememberCni(this.#cni, { pod, id, netns, result: added.value, resolv, wallMillis: this.#plane.wallMillis() });
    }
    const failed = addHostPorts(this.#kernel, pod, id, added.value.ip, added.value.subnet, { network: cni.network, device });
    if (failed !== undefined) return err(`plugin type="portmap" failed (add): ${failed}`);
    return ok({ id, netns, kernel: added.value.kernel, ip: added.value.ip, hostVeth, pause: startPause(added.value.kernel, host) });
  }

  end(pod: Pod, sandbox: Sandbox): void {
    stopPause(sandbox);
    if (sandbox.netns === '') return;
    deleteHostPorts(this.#kernel, pod, sandbox.id, this.#options.cni.network);
    cniDel(this.#cni, sandbox.netns, sandbox.id);
    forgetCni(this.#cni.fs, sandbox.id);
    this.#kernel.netnsDelete(sandbox.netns);
    this.#kernel.log(`cni@${this.#options.name}`, `DEL ${sandbox.netns}: ${formatIpv4(sandbox.ip)} released`, refOf(pod));
  }

  /** After a reboot the namespace is gone; CNI DEL still gives the address back. */
  forget(sandbox: Sandbox): void {
    this.#cni.ipam.release(sandbox.id);
    forgetCni(this.#cni.fs, sandbox.id);
  }
}
