/**
 * flanneld of one node with the VXLAN backend, as k3s embeds it.
 * Read first: facts section 4.1, 4.2; ip-link(8) vxlan, bridge(8) fdb.
 * Models: flannel 0.24.2 pkg/backend/vxlan/{vxlan,device,vxlan_network}.go, pkg/iptables/iptables.go, pkg/subnet/kube/kube.go; leases are Node objects.
 *   A peer that comes back with another MAC is "added" again: its old forwarding entry stays (the manager tells of no removal).
 *   From 0.24 the MAC of the node's annotation is kept over a restart; before, each start draws a new one.
 * Not modelled: DirectRouting, other backends, IPv6.
 */
import { parseCidr, parseIpv4, parseMac, formatMac, formatPrefix, mac, type Ipv4, type Mac, type Prefix } from '../../../engine/wire/addresses.ts';
import { must } from '../../../base/assert.ts';
import { seconds, type Nanos } from '../../../engine/sim/time.ts';
import type { TableName } from '../../../engine/trace/steps.ts';
import type { Kernel } from '../../../engine/uapi/kernel.ts';
import type { FileSystem } from '../../../userland/host.ts';
import type { Node } from '../../api/kinds.ts';
import { putFile } from '../../node/files.ts';
import { randomMac } from '../../api/names.ts';
import { LATENCY, Loop, type ControlPlane } from '../../plane.ts';
import { ensureChain, ensureRule } from '../kube-proxy/jumps.ts';
import { RuleWatch } from '../kube-proxy/rule-watch.ts';

export const FLANNEL_VNI = 1;
export const FLANNEL_DEVICE = `flannel.${FLANNEL_VNI}`;
/** The Linux kernel's own default, not IANA's 4789. */
export const FLANNEL_PORT = 8472;
const VXLAN_OVERHEAD = 50;
const BACKEND_DATA = 'flannel.alpha.coreos.com/backend-data';
const PUBLIC_IP = 'flannel.alpha.coreos.com/public-ip';

interface Lease {
  readonly subnet: Prefix;
  readonly publicIp: Ipv4;
  readonly vtepMac: ReturnType<typeof mac>;
}

interface FlannelRule {
  readonly table: TableName;
  readonly chain: string;
  readonly words: readonly string[];
}

const MASQ = ['-m', 'comment', '--comment', 'flanneld masq'];
const FORWARD = ['-m', 'comment', '--comment', 'flanneld forward'];
/** k3s pkg/agent/flannel/flannel.go */
const MASQ_RESYNC = seconds(60);
const FORWARD_RESYNC = seconds(50);

export interface FlannelOptions {
  readonly node: string;
  readonly internalIp: string;
  readonly clusterCidr: string;
  /** flannel 0.24 and later (k3s 1.29). */
  readonly keepsMac: boolean;
}

export class Flannel {
  readonly #plane: ControlPlane;
  readonly #kernel: Kernel;
  readonly #fs: FileSystem;
  readonly #o: FlannelOptions;
  readonly #peers = new Map<string, Lease>();
  mtu = 1450;

  constructor(plane: ControlPlane, kernel: Kernel, fs: FileSystem, options: FlannelOptions) {
    this.#plane = plane;
    this.#kernel = kernel;
    this.#fs = fs;
    this.#o = options;
  }

  /** Device, subnet.env, rules, own lease; then follows the other nodes' leases. */
  start(): void {
    const node = must(this.#plane.store.get('Node', '', this.#o.node), `node ${this.#o.node}`);
    const subnet = must(parseCidr(node.spec.podCIDR ?? ''), `pod CIDR of ${this.#o.node}`);
    const { netlink } = this.#kernel;
    const gateway = netlink.routes().find((r) => r.dst.length === 0)?.nexthops[0]?.dev;
    const local = must(parseIpv4(this.#o.internalIp), 'node address');
    const lower = gateway ?? netlink.addresses().find((a) => a.address === local)?.dev;
    this.mtu = (netlink.link(lower ?? '')?.mtu ?? 1500) - VXLAN_OVERHEAD;
    const vtepMac = this.#ownMac(node);
    this.#check(netlink.newLink({ name: FLANNEL_DEVICE, kind: 'vxlan', mac: vtepMac, mtu: this.mtu, vxlan: { vni: FLANNEL_VNI, local, dev: lower, dstPort: FLANNEL_PORT, learning: false } }), 'add vxlan device');
    this.#check(netlink.newAddress({ dev: FLANNEL_DEVICE, address: subnet.address, prefixLength: 32, scope: 'global' }), 'add address');
    netlink.setLink(FLANNEL_DEVICE, { txQueueLen: 0 }); // the netlink library's LinkAttrs{} asks for a queue of 0
    this.#check(netlink.setLink(FLANNEL_DEVICE, { up: true }), 'set device up');
    const { store } = this.#plane;
    store.update('Node', {
      ...node,
      metadata: {
        ...node.metadata,
        annotations: {
          ...node.metadata.annotations, [BACKEND_DATA]: `{"VNI":${FLANNEL_VNI},"VtepMAC":"${formatMac(vtepMac)}"}`,
          'flannel.alpha.coreos.com/backend-type': 'vxlan', 'flannel.alpha.coreos.com/kube-subnet-manager': 'true', [PUBLIC_IP]: this.#o.internalIp,
        },
      },
    });
    this.#files();
    this.#rules(node.spec.podCIDR ?? '');
    new Loop(this.#plane, ['Node'], LATENCY.controller, () => this.#sync()).queue();
  }

  #ownMac(node: Node): Mac {
    const kept = this.#o.keepsMac ? vtepMacOf(node) : undefined;
    if (kept !== undefined) return kept;
    const { draw, mac: pinned } = this.#plane.api.pinBook.flannelMac(this.#o.node);
    return pinned ?? mac(randomMac(this.#plane.random.fork(draw === 0 ? `flannel/${this.#o.node}` : `flannel/${this.#o.node}/${draw}`)));
  }

  #files(): void {
    const { clusterCidr } = this.#o;
    const net = must(this.#plane.store.get('Node', '', this.#o.node)?.spec.podCIDR, 'pod CIDR').replace(/\.0\/(\d+)$/, '.1/$1');
    putFile(this.#fs, '/run/flannel/subnet.env', `FLANNEL_NETWORK=${clusterCidr}\nFLANNEL_SUBNET=${net}\nFLANNEL_MTU=${this.mtu}\nFLANNEL_IPMASQ=true\n`);
    putFile(this.#fs, '/var/lib/rancher/k3s/agent/etc/flannel/net-conf.json',
      `{\n\t"Network": "${clusterCidr}",\n\t"EnableIPv6": false,\n\t"EnableIPv4": true,\n\t"IPv6Network": "::/0",\n\t"Backend": {\n\t"Type": "vxlan"\n}\n}\n`);
  }

  /** Written at once, then looked after: when one is missing all are taken out and written again, in order. */
  #rules(subnet: string): void {
    const cluster = this.#o.clusterCidr;
    const masq = (...words: readonly string[]): FlannelRule => ({ table: 'nat', chain: 'FLANNEL-POSTRTG', words });
    const forward = (...words: readonly string[]): FlannelRule => ({ table: 'filter', chain: 'FLANNEL-FWD', words });
    this.#keep(MASQ_RESYNC, [
      { table: 'nat', chain: 'POSTROUTING', words: [...MASQ, '-j', 'FLANNEL-POSTRTG'] },
      masq('-m', 'mark', '--mark', '0x4000/0x4000', ...MASQ, '-j', 'RETURN'),
      masq('-s', subnet, '-d', cluster, ...MASQ, '-j', 'RETURN'),
      masq('-s', cluster, '-d', subnet, ...MASQ, '-j', 'RETURN'),
      masq('!', '-s', cluster, '-d', subnet, ...MASQ, '-j', 'RETURN'),
      masq('-s', cluster, '!', '-d', '224.0.0.0/4', ...MASQ, '-j', 'MASQUERADE', '--random-fully'),
      masq('!', '-s', cluster, '-d', cluster, ...MASQ, '-j', 'MASQUERADE', '--random-fully'),
    ]);
    this.#keep(FORWARD_RESYNC, [
      { table: 'filter', chain: 'FORWARD', words: [...FORWARD, '-j', 'FLANNEL-FWD'] },
      forward('-s', cluster, ...FORWARD, '-j', 'ACCEPT'),
      forward('-d', cluster, ...FORWARD, '-j', 'ACCEPT'),
    ]);
  }

  #keep(period: Nanos, rules: readonly [FlannelRule, ...FlannelRule[]]): void {
    const { netfilter } = this.#kernel;
    const { table } = rules[0];
    const own = rules.map((r) => r.chain).filter((chain) => chain.startsWith('FLANNEL-'));
    const write = (): void => {
      for (const chain of new Set(own)) ensureChain(netfilter, table, chain);
      for (const { chain, words } of rules) ensureRule(netfilter, 'append', table, chain, words);
    };
    write();
    new RuleWatch({
      scheduler: this.#plane.scheduler, alive: this.#plane.alive, netfilter, table, period,
      intact: () => rules.every(({ chain, words }) => netfilter.command({ op: 'check', table, chain, spec: words }).ok),
      missing: () => {
        this.#log('Some iptables rules are missing; deleting and recreating rules');
        for (const { chain, words } of rules) netfilter.command({ op: 'delete', table, chain, spec: words });
        write();
      },
    });
  }

  #sync(): void {
    const seen = new Set<string>();
    for (const node of this.#plane.store.list('Node')) {
      const { name } = node.metadata;
      const lease = leaseOf(node);
      if (name === this.#o.node || lease === undefined) continue;
      seen.add(name);
      const old = this.#peers.get(name);
      if (old !== undefined && old.publicIp === lease.publicIp && old.vtepMac === lease.vtepMac) continue;
      this.#add(name, lease);
    }
    for (const [name, lease] of this.#peers) {
      if (seen.has(name)) continue;
      this.#remove(lease);
      this.#peers.delete(name);
    }
  }

  #add(name: string, lease: Lease): void {
    const { netlink } = this.#kernel;
    const via = lease.subnet.address;
    this.#check(netlink.newNeighbour({ dev: FLANNEL_DEVICE, ip: via, mac: lease.vtepMac, state: 'PERMANENT' }, 'replace'), 'AddARP');
    this.#check(netlink.newFdb({ mac: lease.vtepMac, dev: FLANNEL_DEVICE, dst: lease.publicIp, where: 'self', kind: 'permanent' }, 'replace'), 'AddFDB');
    this.#check(netlink.newRoute({ dst: lease.subnet, nexthops: [{ via, dev: FLANNEL_DEVICE, onlink: true }] }, 'replace'), 'failed to add vxlanRoute');
    this.#peers.set(name, lease);
    this.#log(`Subnet added: ${formatPrefix(lease.subnet)} via ${name}`);
  }

  #remove(lease: Lease): void {
    const { netlink } = this.#kernel;
    netlink.delNeighbour(FLANNEL_DEVICE, lease.subnet.address);
    netlink.delFdb({ mac: lease.vtepMac, dev: FLANNEL_DEVICE, dst: lease.publicIp, where: 'self' });
    netlink.delRoute({ dst: lease.subnet, nexthops: [{ dev: FLANNEL_DEVICE }] });
    this.#log(`Subnet removed: ${formatPrefix(lease.subnet)}`);
  }

  #check(result: { readonly ok: boolean; readonly error?: { readonly errno: string } }, what: string): void {
    if (!result.ok) this.#log(`${what}: ${result.error?.errno ?? ''}`);
  }

  #log(text: string): void {
    this.#kernel.log(`flannel@${this.#o.node}`, text);
  }
}

const vtepMacOf = (node: Node): Mac | undefined => parseMac(/"VtepMAC":"([^"]+)"/.exec(node.metadata.annotations?.[BACKEND_DATA] ?? '')?.[1] ?? '');

/** undefined: that node's flannel has not registered yet. */
export function leaseOf(node: Node): Lease | undefined {
  const subnet = parseCidr(node.spec.podCIDR ?? '');
  const publicIp = parseIpv4(node.metadata.annotations?.[PUBLIC_IP] ?? '');
  const vtepMac = vtepMacOf(node);
  return subnet === undefined || publicIp === undefined || vtepMac === undefined ? undefined : { subnet, publicIp, vtepMac };
}
