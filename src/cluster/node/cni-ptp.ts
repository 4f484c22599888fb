/**
 * CNI ADD of kind's conflist: ptp with host-local, portmap after it. DEL is the same as bridge's.
 * Read first: cni.dev/plugins/current/main/ptp.
 * Models: containernetworking/plugins 1.4.0 plugins/main/ptp/ptp.go: the pod's eth0 has its /24 as address but reaches all of it by the gateway;
 * the node's end carries the gateway address as a /32, and a host route leads to the pod. There is no bridge.
 * Not modelled: ipMasq (kindnet's conflist leaves it off), IPv6.
 */
import { err, ok, type Result } from '../../base/result.ts';
import { ANY, ipv4, prefix } from '../../engine/wire/addresses.ts';
import type { KernelError } from '../../engine/uapi/errno.ts';
import { broadcastOf, say, type CniAdd, type CniNode, type CniPlugin, type CniResult } from './cni.ts';

/** The device whose MTU kindnetd copies into the conflist. */
const UPLINK = 'eth0';

function ptpAdd(node: CniNode, add: CniAdd): Result<CniResult, string> {
  const { netlink } = node.kernel;
  const inside = node.kernel.inNetns(add.netns);
  if (!inside.ok) return err(`failed to open netns "${add.netns}": ${say(inside.error)}`);
  const pod = inside.value;
  const gateway = ipv4(node.subnet.address + 1);
  const reserved = node.ipam.reserve(add.containerId, 'eth0', add.ip);
  if (!reserved.ok) return err(`plugin type="ptp" failed (add): failed to allocate for range 0: ${reserved.error}`);
  const ip = reserved.value;
  const fail = (what: string, error: KernelError): Result<never, string> => {
    node.ipam.release(add.containerId);
    netlink.delLink(add.hostVeth);
    return err(`plugin type="ptp" failed (add): ${what}: ${say(error)}`);
  };

  node.kernel.sysctl.set('net.ipv4.ip_forward', '1');
  const mtu = netlink.link(UPLINK)?.mtu ?? 1500;
  const veth = netlink.newLink({ name: add.hostVeth, kind: 'veth', mac: add.hostMac, mtu, peer: { name: 'eth0', netns: add.netns, mac: add.mac, mtu } });
  if (!veth.ok) return fail('failed to make veth pair', veth.error);
  netlink.setLink(add.hostVeth, { up: true });
  pod.sysctl.set('net.ipv4.conf.eth0.arp_notify', '1');
  pod.netlink.setLink('lo', { up: true });
  const addressed = pod.netlink.newAddress({ dev: 'eth0', address: ip, prefixLength: node.subnet.length, broadcast: broadcastOf(node.subnet), scope: 'global' });
  if (!addressed.ok) return fail('failed to add IP addr to "eth0"', addressed.error);
  pod.netlink.setLink('eth0', { up: true });
  const byDefault = pod.netlink.newRoute({ dst: prefix(ANY, 0), protocol: 'boot', nexthops: [{ via: gateway, dev: 'eth0' }] }, 'add');
  if (!byDefault.ok) return fail('failed to add route', byDefault.error);
  const subnet = prefix(node.subnet.address, node.subnet.length);
  const connected = pod.netlink.delRoute({ dst: subnet, nexthops: [{ dev: 'eth0' }] });
  if (!connected.ok) return fail('failed to delete route', connected.error);
  for (const route of [
    { dst: prefix(gateway, 32), scope: 'link' as const, nexthops: [{ dev: 'eth0' }] },
    { dst: subnet, nexthops: [{ via: gateway, dev: 'eth0' }] },
  ]) {
    const routed = pod.netlink.newRoute({ ...route, protocol: 'boot', prefSrc: ip }, 'add');
    if (!routed.ok) return fail('failed to add route', routed.error);
  }

  const own = netlink.newAddress({ dev: add.hostVeth, address: gateway, prefixLength: 32, scope: 'global' });
  if (!own.ok) return fail(`failed to add IP addr to veth`, own.error);
  const toPod = netlink.newRoute({ dst: prefix(ip, 32), protocol: 'boot', scope: 'host', nexthops: [{ dev: add.hostVeth }] }, 'add');
  if (!toPod.ok) return fail(`failed to add route on host`, toPod.error);
  return ok({ kernel: pod, ip, gateway, subnet: node.subnet, hostVeth: add.hostVeth });
}

/** What kindnetd writes to /etc/cni/net.d/10-kindnet.conflist. */
export const KINDNET_CNI: CniPlugin = { network: 'kindnet', ipamDir: '/run/cni-ipam-state/kindnet', add: ptpAdd, deviceOf: (hostVeth) => hostVeth };
