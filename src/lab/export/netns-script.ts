/**
 * A world as a shell script that builds the same network from namespaces of one real Linux machine.
 *
 * Models: what a world's tables hold now: devices, addresses, routes, policy rules, static neighbours and FDB entries,
 * sysctls that differ from a new namespace's, iptables rules. Not modelled: tc, IPv6, running connections.
 * A kernel without 802.1Q gets a veth of the VLAN device's name instead of the VLAN (the frames carry no tag then).
 */
import type { Kernel } from '../../engine/uapi/kernel.ts';
import { RT_TABLE_MAIN, type Link, type Route } from '../../engine/uapi/rtnetlink.ts';
import { formatIpv4, formatMac, formatPrefix } from '../../engine/wire/addresses.ts';
import { announcers, type Announced } from './announced.ts';

export interface ExportNamespace {
  /** Name it gets on the real machine. */
  readonly name: string;
  readonly kernel: Kernel;
  /** Addresses that a program in it answers ARP for. */
  readonly announces?: readonly Announced[];
  /** Shell commands that start its servers, each with the namespace already entered. */
  readonly servers: readonly string[];
}

export interface ExportWorld {
  readonly title: string;
  readonly namespaces: readonly ExportNamespace[];
  /** Segment that a NIC is plugged into: by namespace and device name. */
  readonly segmentOf: (namespace: string, device: string) => string | undefined;
  /** Namespace on the real machine of a machine's namespace in the world. */
  readonly nameOf: (machine: string, netns: string) => string;
}

export interface ExportedWorld {
  readonly script: string;
  /** iptables-restore input by file name. */
  readonly rules: ReadonlyMap<string, string>;
}

/** Namespaces get the user's prefix, so that a lab can be built twice. */
const place = (name: string): string => `"$P"${quote(name)}`;

const quote = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

const SWITCHES = place('segments');

/** Kernel device names are limited to 15 characters; a switch port is named by its order. */
const portName = (index: number): string => `p${index}`;

/** What ip(8) leaves a new device with; a veth plays a network card. */
const TX_QUEUE = 1000;
const CARDS: readonly Link['kind'][] = ['nic', 'vlan', 'loopback'];

const SYSCTLS = ['net.ipv4.ip_forward', 'net.ipv4.conf.all.rp_filter', 'net.ipv4.conf.default.rp_filter', 'net.ipv4.conf.all.route_localnet',
  'net.bridge.bridge-nf-call-iptables', 'net.ipv4.conf.all.send_redirects', 'net.ipv4.conf.default.send_redirects', 'net.ipv4.conf.all.accept_redirects',
  'net.ipv4.conf.default.accept_redirects', 'net.ipv4.conf.all.accept_local', 'net.ipv4.ip_forward_use_pmtu', 'net.ipv4.icmp_ratelimit', 'net.ipv4.ip_no_pmtu_disc'] as const;

const DEVICE_SYSCTLS = ['rp_filter', 'accept_local', 'route_localnet', 'send_redirects', 'accept_redirects', 'proxy_arp', 'arp_ignore', 'arp_announce', 'arp_notify'] as const;

const HEAD = (title: string): readonly string[] => [
  '#!/usr/bin/env bash',
  `# ${title}`,
  '#',
  '# The network of this lab, built from network namespaces of one Linux machine.',
  '# Needs root, and: iproute2 iptables procps python3.',
  '#',
  '#   ./up.sh                           build it        ./down.sh    remove it',
  '#   ip netns exec vm1 bash            a shell on vm1 (pods have their own names: ip netns)',
  '#   PREFIX=two- ./up.sh               a second copy: every namespace is called two-...',
  '#',
  '# *.rules are the iptables rules of each namespace, serve.py stands in for the servers of the pods,',
  '# announce.py for programs that answer ARP (MetalLB).',
  'set -euo pipefail',
  'cd "$(dirname "$0")"',
  'P="${PREFIX:-}"',
  '',
];

function routeWords(route: Route): string {
  const words = [route.type === 'unicast' ? '' : route.type, route.dst.length === 0 ? 'default' : formatPrefix(route.dst)];
  for (const hop of route.nexthops.length === 1 ? route.nexthops : []) {
    if (hop.via !== undefined) words.push('via', formatIpv4(hop.via));
    if (hop.dev !== undefined) words.push('dev', hop.dev);
    if (hop.onlink) words.push('onlink');
  }
  if (route.table !== RT_TABLE_MAIN) words.push('table', String(route.table));
  if (route.protocol !== 'boot') words.push('proto', route.protocol);
  if (route.prefSrc !== undefined) words.push('src', formatIpv4(route.prefSrc));
  if (route.priority !== 0) words.push('metric', String(route.priority));
  if (route.mtu !== undefined) words.push('mtu', String(route.mtu));
  if ((route.scope === 'link' || route.scope === 'host') && route.type === 'unicast' && route.nexthops.every((h) => h.via === undefined)) words.push('scope', route.scope);
  for (const hop of route.nexthops.length > 1 ? route.nexthops : []) {
    words.push('nexthop', ...(hop.via === undefined ? [] : ['via', formatIpv4(hop.via)]), ...(hop.dev === undefined ? [] : ['dev', hop.dev]), 'weight', String(hop.weight));
  }
  return words.filter((w) => w !== '').join(' ');
}

export function exportNetns(world: ExportWorld): ExportedWorld {
  const lines: string[] = [];
  const rules = new Map<string, string>();
  const made = new Set<string>();
  const segments = new Set<string>();
  let ports = 0;
  const out = (line: string): void => void lines.push(line);

  for (const line of HEAD(world.title)) out(line);
  for (const ns of world.namespaces) out(`ip netns add ${place(ns.name)}`);
  out(`ip netns add ${SWITCHES}`);
  out(`ip -n ${SWITCHES} link set lo up`);
  out('# The switches between machines only carry frames.');
  out(`ip netns exec ${SWITCHES} sysctl -qw net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-arptables=0 2>/dev/null || true`);

  const segmentBridge = (segment: string): string => {
    const name = segment.slice(0, 15);
    if (!segments.has(name)) {
      segments.add(name);
      out(`ip -n ${SWITCHES} link add ${quote(name)} type bridge`);
      out(`ip -n ${SWITCHES} link set ${quote(name)} up`);
    }
    return name;
  };
  const plug = (ns: string, link: Link, segment: string): void => {
    const bridge = segmentBridge(segment);
    const port = portName(++ports);
    out(`ip link add ${quote(link.name)} index ${link.ifindex} netns ${place(ns)} address ${formatMac(link.mac)} mtu ${link.mtu} type veth peer name ${port} netns ${SWITCHES} mtu ${link.mtu}`);
    out(`ip -n ${SWITCHES} link set ${port} master ${quote(bridge)} up`);
  };

  for (const ns of world.namespaces) {
    out('');
    out(`# ${ns.name}`);
    const { netlink, sysctl } = ns.kernel;
    const links = [...netlink.links()].sort((a, b) => a.ifindex - b.ifindex);
    for (const link of links) {
      const key = `${ns.name} ${link.name}`;
      if (made.has(key)) continue;
      switch (link.kind) {
        case 'loopback': break;
        case 'nic': plug(ns.name, link, world.segmentOf(ns.name, link.name) ?? 'lan'); break;
        case 'vlan': {
          const lower = link.link?.name ?? '';
          plug(ns.name, link, `${world.segmentOf(ns.name, lower) ?? 'lan'}.${link.vlanId ?? 0}`);
          break;
        }
        case 'dummy': out(`ip -n ${place(ns.name)} link add ${quote(link.name)} index ${link.ifindex} address ${formatMac(link.mac)} mtu ${link.mtu} type dummy`); break;
        case 'bridge': out(`ip -n ${place(ns.name)} link add ${quote(link.name)} index ${link.ifindex} address ${formatMac(link.mac)} type bridge`); break;
        case 'vxlan': {
          const x = link.vxlan;
          if (x === undefined) break;
          out(`ip -n ${place(ns.name)} link add ${quote(link.name)} index ${link.ifindex} address ${formatMac(link.mac)} mtu ${link.mtu} type vxlan id ${x.vni} local ${formatIpv4(x.local)}`
            + `${x.dev === undefined ? '' : ` dev ${quote(x.dev)}`} dstport ${x.dstPort}${x.learning ? '' : ' nolearning'}`);
          break;
        }
        case 'veth': {
          const peer = link.link;
          if (peer === undefined) break;
          const other = peer.netns === undefined ? ns.name : world.nameOf(ns.kernel.machine, peer.netns);
          const far = world.namespaces.find((n) => n.name === other)?.kernel.netlink.link(peer.name);
          out(`ip link add ${quote(link.name)} index ${link.ifindex} netns ${place(ns.name)} address ${formatMac(link.mac)} mtu ${link.mtu} type veth peer name ${quote(peer.name)} netns ${place(other)}`
            + `${far === undefined ? '' : ` index ${far.ifindex} address ${formatMac(far.mac)} mtu ${far.mtu}`}`);
          made.add(`${other} ${peer.name}`);
          break;
        }
      }
      made.add(key);
    }
    for (const link of links) {
      if (link.master !== undefined) {
        out(`ip -n ${place(ns.name)} link set ${quote(link.name)} master ${quote(link.master)}`);
        if (link.port?.hairpin === true) out(`bridge -n ${place(ns.name)} link set dev ${quote(link.name)} hairpin on`);
      }
      if (link.txQueueLen !== TX_QUEUE && !CARDS.includes(link.kind)) out(`ip -n ${place(ns.name)} link set ${quote(link.name)} txqueuelen ${link.txQueueLen}`);
      if (link.kind === 'bridge') out(`ip -n ${place(ns.name)} link set ${quote(link.name)} mtu ${link.mtu}`);
    }
    const settings = SYSCTLS.flatMap((key) => ((value) => (value === undefined ? [] : [`${key}=${value}`]))(sysctl.get(key)));
    for (const link of links) {
      for (const key of DEVICE_SYSCTLS) {
        // A key of a device whose name has a dot is written with slashes.
        const path = `net/ipv4/conf/${link.name}/${key}`;
        const value = sysctl.get(path);
        if (value !== undefined && value !== sysctl.get(`net.ipv4.conf.default.${key}`)) settings.push(`${path}=${value}`);
      }
    }
    out(`ip netns exec ${place(ns.name)} sysctl -qw ${settings.join(' ')}`);
    for (const link of links) if (link.up) out(`ip -n ${place(ns.name)} link set ${quote(link.name)} up`);
    for (const a of netlink.addresses()) {
      if (a.dev === 'lo' && a.prefixLength === 8) continue;
      out(`ip -n ${place(ns.name)} addr add ${formatIpv4(a.address)}/${a.prefixLength}${a.broadcast === undefined ? '' : ` brd ${formatIpv4(a.broadcast)}`} dev ${quote(a.dev)}`
        + `${a.metric === undefined ? '' : ` metric ${a.metric}`}${a.validLifetime === undefined ? '' : ` valid_lft ${Math.ceil(a.validLifetime)} preferred_lft ${Math.ceil(a.validLifetime)}`}`);
    }
  }
  // Peers may have come up later than a namespace's own routes need them: routes last.
  for (const ns of world.namespaces) {
    out('');
    out(`# routes and tables of ${ns.name}`);
    const { netlink, netfilter } = ns.kernel;
    const routes = netlink.routes(0).filter((r) => r.table !== 255 && r.protocol !== 'kernel');
    for (const r of routes.filter((r) => r.nexthops.every((h) => h.via === undefined))) out(`ip -n ${place(ns.name)} route replace ${routeWords(r)}`);
    for (const r of routes.filter((r) => r.nexthops.some((h) => h.via !== undefined))) out(`ip -n ${place(ns.name)} route replace ${routeWords(r)}`);
    for (const r of netlink.rules().filter((r) => ![0, 32766, 32767].includes(r.priority))) {
      const words = [`priority ${r.priority}`, r.invert ? 'not' : '', r.src === undefined ? '' : `from ${formatPrefix(r.src)}`, r.dst === undefined ? '' : `to ${formatPrefix(r.dst)}`,
        r.iif === undefined ? '' : `iif ${r.iif}`, r.oif === undefined ? '' : `oif ${r.oif}`, r.fwmark === undefined ? '' : `fwmark ${r.fwmark}/${r.fwmask ?? 0xffffffff}`,
        r.action === 'lookup' ? `lookup ${r.table}` : r.action];
      out(`ip -n ${place(ns.name)} rule add ${words.filter((w) => w !== '').join(' ')}`);
    }
    for (const n of netlink.neighbours()) {
      if (n.state === 'PERMANENT' && n.mac !== undefined) out(`ip -n ${place(ns.name)} neigh replace ${formatIpv4(n.ip)} lladdr ${formatMac(n.mac)} dev ${quote(n.dev)} nud permanent`);
    }
    for (const f of netlink.fdb()) {
      if (f.dst !== undefined) out(`bridge -n ${place(ns.name)} fdb append ${formatMac(f.mac)} dev ${quote(f.dev)} dst ${formatIpv4(f.dst)} self permanent`);
    }
    const text = netfilter.tables().map((table) => {
      const dump = netfilter.dump(table);
      if (dump === undefined) return '';
      // Base chains that nobody made yet stay unmade: a hook without a chain is not traversed.
      const made = dump.created.flatMap((name) => dump.chains.filter((c) => c.name === name));
      const chains = made.map((c) => `:${c.name} ${c.policy ?? '-'} [0:0]`);
      const all = made.flatMap((c) => c.rules.map((r) => `-A ${c.name} ${r.save}`));
      return [`*${table}`, ...chains, ...all, 'COMMIT'].join('\n');
    }).filter((t) => t !== '').join('\n');
    if (text !== '') {
      rules.set(`${ns.name}.rules`, `${text}\n`);
      out(`ip netns exec ${place(ns.name)} iptables-restore < ${quote(`${ns.name}.rules`)}`);
    }
    for (const server of [...announcers(ns.announces ?? []), ...ns.servers]) out(`ip netns exec ${place(ns.name)} ${server}`);
  }
  return { script: `${lines.join('\n')}\n`, rules };
}

export function teardown(world: ExportWorld): string {
  const names = [...world.namespaces.map((n) => n.name), 'segments'];
  return [
    '#!/usr/bin/env bash', '# Ends what up.sh started: processes by namespace, then the namespaces.', 'P="${PREFIX:-}"',
    `for n in ${names.map(quote).join(' ')}; do`,
    '  [ -e "/run/netns/$P$n" ] || continue',
    '  ip netns pids "$P$n" 2>/dev/null | xargs -r kill 2>/dev/null || true',
    '  ip netns del "$P$n" || true',
    'done', '',
  ].join('\n');
}
