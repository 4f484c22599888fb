/**
 * CNI ADD and DEL as k3s' conflist runs them: flannel delegates to bridge with host-local, portmap after it.
 * Read first: facts sections 4.3 to 4.5; cni.dev spec 1.0.0.
 * Models: flannel cni-plugin 1.4.1, containernetworking/plugins 1.4.0 plugins/main/bridge, pkg/ip. Everything goes through netlink and sysctl.
 * Not modelled: bandwidth, IPv6, duplicate address detection.
 */
import { err, ok, type Result } from '../../base/result.ts';
import { ANY, ipv4, prefix, type Ipv4, type Mac, type Prefix } from '../../engine/wire/addresses.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import type { KernelError } from '../../engine/uapi/errno.ts';
import { STRERROR } from '../../engine/uapi/errno.ts';
import type { FileSystem } from '../../userland/host.ts';
import type { HostLocal } from './ipam.ts';

export const BRIDGE = 'cni0';

export interface CniAdd {
  readonly netns: string;
  readonly containerId: string;
  readonly hostVeth: string;
  readonly hostMac?: Mac | undefined;
  readonly ip?: Ipv4 | undefined;
  readonly mac?: Mac | undefined;
  readonly bridgeMac?: Mac | undefined;
}

export interface CniResult {
  readonly kernel: Kernel;
  readonly ip: Ipv4;
  readonly gateway: Ipv4;
  readonly subnet: Prefix;
  readonly hostVeth: string;
}

/** FLANNEL_SUBNET etc. of /run/flannel/subnet.env. */
export function readSubnetEnv(text: string): ReadonlyMap<string, string> {
  return new Map(text.split('\n').flatMap((line): [string, string][] => {
    const at = line.indexOf('=');
    return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1).trim()]];
  }));
}

export const say = (error: KernelError): string => error.extack ?? STRERROR[error.errno].toLowerCase();

/** A node's conflist as the kubelet's runtime uses it: the interface plug-in, then portmap. */
export interface CniPlugin {
  /** Name of the network: in portmap's rules and host-local's folder. */
  readonly network: string;
  /** host-local's folder. */
  readonly ipamDir: string;
  readonly add: (node: CniNode, add: CniAdd) => Result<CniResult, string>;
  /** Device of the node's that a pod's traffic comes in by. */
  readonly deviceOf: (hostVeth: string) => string;
}

export interface CniNode {
  readonly kernel: Kernel;
  readonly fs: FileSystem;
  readonly ipam: HostLocal;
  readonly subnet: Prefix;
  readonly cluster: Prefix;
}

function ensureBridge(node: CniNode, mtu: number, mac: Mac | undefined): Result<undefined, KernelError> {
  const { netlink } = node.kernel;
  if (netlink.link(BRIDGE) === undefined) {
    const made = netlink.newLink({ name: BRIDGE, kind: 'bridge', mtu, mac });
    if (!made.ok) return made;
  }
  return netlink.setLink(BRIDGE, { up: true });
}

function bridgeAdd(node: CniNode, add: CniAdd): Result<CniResult, string> {
  const env = node.fs.read('/run/flannel/subnet.env');
  if (!env.ok) return err('plugin type="flannel" failed (add): loadFlannelSubnetEnv failed: open /run/flannel/subnet.env: no such file or directory');
  const mtu = Number(readSubnetEnv(env.value).get('FLANNEL_MTU') ?? 1450);
  const { netlink } = node.kernel;
  const inside = node.kernel.inNetns(add.netns);
  if (!inside.ok) return err(`failed to open netns "${add.netns}": ${say(inside.error)}`);
  const pod = inside.value;
  const gateway = ipv4(node.subnet.address + 1);
  const fail = (what: string, error: KernelError): Result<never, string> => {
    node.ipam.release(add.containerId);
    netlink.delLink(add.hostVeth);
    return err(`plugin type="bridge" failed (add): ${what}: ${say(error)}`);
  };

  const bridge = ensureBridge(node, mtu, add.bridgeMac);
  if (!bridge.ok) return fail(`could not add "${BRIDGE}"`, bridge.error);
  const veth = netlink.newLink({ name: add.hostVeth, kind: 'veth', mac: add.hostMac, mtu, peer: { name: 'eth0', netns: add.netns, mac: add.mac, mtu } });
  if (!veth.ok) return fail('failed to make veth pair', veth.error);
  // plugins before 1.5 fill LinkAttrs themselves, which asks for a queue of 0
  netlink.setLink(add.hostVeth, { txQueueLen: 0 });
  pod.netlink.setLink('eth0', { txQueueLen: 0 });
  netlink.setLink(add.hostVeth, { up: true });
  const enslaved = netlink.setLink(add.hostVeth, { master: BRIDGE });
  if (!enslaved.ok) return fail(`failed to connect "${add.hostVeth}" to bridge ${BRIDGE}`, enslaved.error);
  netlink.setLink(add.hostVeth, { hairpin: true });

  const reserved = node.ipam.reserve(add.containerId, 'eth0', add.ip);
  if (!reserved.ok) {
    netlink.delLink(add.hostVeth);
    return err(`plugin type="bridge" failed (add): failed to allocate for range 0: ${reserved.error}`);
  }
  const ip = reserved.value;
  pod.sysctl.set('net.ipv4.conf.eth0.arp_notify', '1');
  pod.netlink.setLink('lo', { up: true });
  const addressed = pod.netlink.newAddress({ dev: 'eth0', address: ip, prefixLength: node.subnet.length, broadcast: broadcastOf(node.subnet), scope: 'global' });
  if (!addressed.ok) return fail('failed to add IP addr to "eth0"', addressed.error);
  pod.netlink.setLink('eth0', { up: true }); // after the address: arp_notify announces it
  for (const dst of [node.cluster, prefix(ANY, 0)]) {
    const routed = pod.netlink.newRoute({ dst, protocol: 'boot', nexthops: [{ via: gateway, dev: 'eth0' }] }, 'add');
    if (!routed.ok) return fail('failed to add route', routed.error);
  }

  if (!netlink.addresses().some((a) => a.dev === BRIDGE && a.address === gateway)) {
    for (const old of netlink.addresses().filter((a) => a.dev === BRIDGE)) netlink.delAddress(BRIDGE, old.address, old.prefixLength); // forceAddress
    const set = netlink.newAddress({ dev: BRIDGE, address: gateway, prefixLength: node.subnet.length, broadcast: broadcastOf(node.subnet) });
    if (!set.ok) return fail(`failed to add IP address to "${BRIDGE}"`, set.error);
    const now = netlink.link(BRIDGE);
    if (now !== undefined) netlink.setLink(BRIDGE, { mac: now.mac }); // from now on the kernel leaves it alone
  }
  node.kernel.sysctl.set('net.ipv4.ip_forward', '1');
  return ok({ kernel: pod, ip, gateway, subnet: node.subnet, hostVeth: add.hostVeth });
}

/** flannel's conflist of k3s. */
export const FLANNEL_CNI: CniPlugin = { network: 'cbr0', ipamDir: '/var/lib/cni/networks/cbr0', add: bridgeAdd, deviceOf: () => BRIDGE };

export function cniDel(node: CniNode, netns: string, containerId: string): void {
  node.ipam.release(containerId);
  const inside = node.kernel.inNetns(netns);
  if (inside.ok) inside.value.netlink.delLink('eth0');
}

export const broadcastOf = (p: Prefix): Ipv4 => ipv4(p.address + 2 ** (32 - p.length) - 1);
