/**
 * kindnetd of one node: the CNI configuration, a route to every other node's pods, and masquerading of what leaves the cluster.
 * Read first: kindnet's README; ../../node/cni-ptp.ts for what the configuration does.
 * Models: kubernetes-sigs/kind images/kindnetd v20240202 cmd/kindnetd/{main,cni,masq,routes}.go: routes are looked after every 10 s, rules every minute; a look that
 * would find everything in place is not an event. Nodes are one hop apart: no tunnel.
 * Not modelled: IPv6, network policies and nftables (kind 0.24 and later).
 */
import { must } from '../../../base/assert.ts';
import { formatIpv4, formatPrefix, parseCidr, parseIpv4, type Ipv4, type Prefix } from '../../../engine/wire/addresses.ts';
import { nanos, seconds } from '../../../engine/sim/time.ts';
import type { Kernel } from '../../../engine/uapi/kernel.ts';
import type { Route } from '../../../engine/uapi/rtnetlink.ts';
import type { FileSystem } from '../../../userland/host.ts';
import { putFile } from '../../node/files.ts';
import { LATENCY, Loop, type ControlPlane } from '../../plane.ts';
import { ensureChain, ensureRule } from '../kube-proxy/jumps.ts';
import { RuleWatch } from '../kube-proxy/rule-watch.ts';
import { conflist } from './conflist.ts';

export const CONFLIST = '/etc/cni/net.d/10-kindnet.conflist';
const CHAIN = 'KIND-MASQ-AGENT';
const MASQ_PERIOD = seconds(60);
const ROUTES_PERIOD = seconds(10);

export interface KindnetOptions {
  readonly node: string;
  readonly clusterCidr: string;
}

export class Kindnet {
  readonly #plane: ControlPlane;
  readonly #kernel: Kernel;
  readonly #fs: FileSystem;
  readonly #o: KindnetOptions;
  #stops: readonly (() => void)[] = [];

  constructor(plane: ControlPlane, kernel: Kernel, fs: FileSystem, options: KindnetOptions) {
    this.#plane = plane;
    this.#kernel = kernel;
    this.#fs = fs;
    this.#o = options;
  }

  start(): void {
    const { store, scheduler, alive } = this.#plane;
    const { netfilter, netlink } = this.#kernel;
    const own = must(store.get('Node', '', this.#o.node), `node ${this.#o.node}`);
    this.#masquerade();
    putFile(this.#fs, CONFLIST, conflist(must(own.spec.podCIDR, 'pod CIDR'), netlink.link('eth0')?.mtu));
    const loop = new Loop(this.#plane, ['Node'], LATENCY.controller, () => this.#routes());
    loop.queue();
    const since = scheduler.now;
    const rules = new RuleWatch({
      scheduler, alive, netfilter, table: 'nat', period: MASQ_PERIOD, missing: () => this.#masquerade(),
      intact: () => this.#rules().every(({ chain, words }) => netfilter.command({ op: 'check', table: 'nat', chain, spec: words }).ok),
    });
    const unwatch = netlink.watch(() => {
      if (alive?.() === false) unwatch();
      else if (this.#wrong().length > 0) loop.queue(nanos(ROUTES_PERIOD - ((scheduler.now - since) % ROUTES_PERIOD)));
    });
    this.#stops = [() => loop.stop(), () => rules.stop(), unwatch];
  }

  /** The process ends; routes and rules stay. */
  stop(): void {
    for (const stop of this.#stops) stop();
  }

  #rules(): readonly { readonly chain: string; readonly words: readonly string[] }[] {
    const comment = (text: string): readonly string[] => ['-m', 'comment', '--comment', `kind-masq-agent: ${text}`];
    return [
      { chain: CHAIN, words: ['-d', this.#o.clusterCidr, ...comment('local traffic is not subject to MASQUERADE'), '-j', 'RETURN'] },
      { chain: CHAIN, words: [...comment('outbound traffic is subject to MASQUERADE (must be last in chain)'), '-j', 'MASQUERADE'] },
      { chain: 'POSTROUTING', words: ['-m', 'addrtype', '!', '--dst-type', 'LOCAL', ...comment(`ensure nat POSTROUTING directs all non-LOCAL destination traffic to our custom ${CHAIN} chain`), '-j', CHAIN] },
    ];
  }

  /** SyncRules: appends what is missing. */
  #masquerade(): void {
    const { netfilter } = this.#kernel;
    ensureChain(netfilter, 'nat', CHAIN);
    for (const { chain, words } of this.#rules()) ensureRule(netfilter, 'append', 'nat', chain, words);
  }

  /** Other nodes whose pods have no route by their address. */
  #wrong(): readonly { readonly dst: Prefix; readonly via: Ipv4 }[] {
    const routes = this.#kernel.netlink.routes();
    return this.#plane.store.list('Node').flatMap((node) => {
      const dst = parseCidr(node.spec.podCIDR ?? '');
      const via = parseIpv4(node.status.addresses?.find((a) => a.type === 'InternalIP')?.address ?? '');
      if (node.metadata.name === this.#o.node || dst === undefined || via === undefined) return [];
      return routes.some((r) => sameDst(r, dst) && r.nexthops[0]?.via === via) ? [] : [{ dst, via }];
    });
  }

  /** syncRoute: the pods of a node by its address; a route by another gateway goes. Routes of nodes that left stay, as upstream. */
  #routes(): void {
    const { netlink } = this.#kernel;
    for (const { dst, via } of this.#wrong()) {
      for (const wrong of netlink.routes().filter((r) => sameDst(r, dst))) netlink.delRoute({ dst, nexthops: wrong.nexthops });
      const added = netlink.newRoute({ dst, protocol: 'boot', nexthops: [{ via }] }, 'add');
      this.#kernel.log(`kindnet@${this.#o.node}`, added.ok ? `Adding route ${formatPrefix(dst)} via ${formatIpv4(via)}` : `failed to add route ${formatPrefix(dst)}: ${added.error.errno}`);
    }
  }
}

const sameDst = (r: Route, dst: Prefix): boolean => r.dst.address === dst.address && r.dst.length === dst.length;
