/**
 * kindnetd of one node: the CNI configuration, a route to every other node's pods, and masquerading of what leaves the cluster.
 * Read first: kindnet's README; ../../node/cni-ptp.ts for what the configuration does.
 * Models: kubernetes-sigs/kind images/kindnetd v20240202 cmd/kindnetd/{main,cni,masq,routes}.go. Nodes are one hop apart: no tunnel.
 * Not modelled: IPv6, the repetition of all this every minute, network policies and nftables (kind 0.24 and later).
 */
import { must } from '../../../base/assert.ts';
import { formatIpv4, formatPrefix, parseCidr, parseIpv4 } from '../../../engine/wire/addresses.ts';
import type { Kernel } from '../../../engine/uapi/kernel.ts';
import type { FileSystem } from '../../../userland/host.ts';
import { putFile } from '../../node/files.ts';
import { LATENCY, Loop, type ControlPlane } from '../../plane.ts';
import { ensureChain, ensureRule } from '../kube-proxy/jumps.ts';
import { conflist } from './conflist.ts';

export const CONFLIST = '/etc/cni/net.d/10-kindnet.conflist';
const CHAIN = 'KIND-MASQ-AGENT';

export interface KindnetOptions {
  readonly node: string;
  readonly clusterCidr: string;
}

export class Kindnet {
  readonly #plane: ControlPlane;
  readonly #kernel: Kernel;
  readonly #fs: FileSystem;
  readonly #o: KindnetOptions;
  #loop: Loop | undefined;

  constructor(plane: ControlPlane, kernel: Kernel, fs: FileSystem, options: KindnetOptions) {
    this.#plane = plane;
    this.#kernel = kernel;
    this.#fs = fs;
    this.#o = options;
  }

  start(): void {
    const own = must(this.#plane.store.get('Node', '', this.#o.node), `node ${this.#o.node}`);
    this.#masquerade();
    putFile(this.#fs, CONFLIST, conflist(must(own.spec.podCIDR, 'pod CIDR'), this.#kernel.netlink.link('eth0')?.mtu));
    this.#loop = new Loop(this.#plane, ['Node'], LATENCY.controller, () => this.#routes());
    this.#loop.queue();
  }

  /** The process ends; routes and rules stay. */
  stop(): void {
    this.#loop?.stop();
  }

  #masquerade(): void {
    const { netfilter } = this.#kernel;
    ensureChain(netfilter, 'nat', CHAIN);
    const comment = (text: string): readonly string[] => ['-m', 'comment', '--comment', `kind-masq-agent: ${text}`];
    ensureRule(netfilter, 'append', 'nat', CHAIN, ['-d', this.#o.clusterCidr, ...comment('local traffic is not subject to MASQUERADE'), '-j', 'RETURN']);
    ensureRule(netfilter, 'append', 'nat', CHAIN, [...comment('outbound traffic is subject to MASQUERADE (must be last in chain)'), '-j', 'MASQUERADE']);
    ensureRule(netfilter, 'append', 'nat', 'POSTROUTING',
      ['-m', 'addrtype', '!', '--dst-type', 'LOCAL', ...comment(`ensure nat POSTROUTING directs all non-LOCAL destination traffic to our custom ${CHAIN} chain`), '-j', CHAIN]);
  }

  /** syncRoute: the pods of a node by its address; a route by another gateway goes. Routes of nodes that left stay, as upstream. */
  #routes(): void {
    const { netlink } = this.#kernel;
    for (const node of this.#plane.store.list('Node')) {
      if (node.metadata.name === this.#o.node) continue;
      const dst = parseCidr(node.spec.podCIDR ?? '');
      const via = parseIpv4(node.status.addresses?.find((a) => a.type === 'InternalIP')?.address ?? '');
      if (dst === undefined || via === undefined) continue;
      const there = netlink.routes().filter((r) => r.dst.address === dst.address && r.dst.length === dst.length);
      for (const wrong of there.filter((r) => r.nexthops[0]?.via !== via)) netlink.delRoute({ dst, nexthops: wrong.nexthops });
      if (there.some((r) => r.nexthops[0]?.via === via)) continue;
      const added = netlink.newRoute({ dst, protocol: 'boot', nexthops: [{ via }] }, 'add');
      this.#kernel.log(`kindnet@${this.#o.node}`, added.ok ? `Adding route ${formatPrefix(dst)} via ${formatIpv4(via)}` : `failed to add route ${formatPrefix(dst)}: ${added.error.errno}`);
    }
  }
}
