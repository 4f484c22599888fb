/**
 * Ways to break the engine. Each must be seen by the referee: they test the referee, not the engine.
 * `find` stands exactly once in its file, so a change of the engine cannot make a mutation empty unnoticed.
 */
export interface Mutation {
  readonly name: string;
  /** Below src. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** How the divergence shows: part of its `where`. */
  readonly seenIn: 'seen by the client' | 'hooks' | 'crossings' | 'conntrack events' | 'conntrack table at the end';
}

const KERNEL = 'engine/kernel';

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'the reply of a DNAT is translated back at POSTROUTING instead of PREROUTING', file: `${KERNEL}/netfilter/netfilter.ts`, seenIn: 'hooks',
    find: '      nat.packet(skb, ct, manip);\n',
    replace: `      const late = skb.ctInfo === 'established-reply' && (hook === 'PREROUTING' || hook === 'POSTROUTING');
      if (!late || hook === 'POSTROUTING') nat.packet(skb, ct, manip);
      if (late && hook === 'POSTROUTING') nat.packet(skb, ct, 'dst');
`,
  },
  {
    name: 'the mark for masquerading is not set', file: `${KERNEL}/netfilter/targets/MARK/MARK.ts`, seenIn: 'hooks',
    find: '    c.skb.mark = ((c.skb.mark & ~mask) ^ value) >>> 0;', replace: '    void (c.skb.mark & mask & value);',
  },
  {
    name: 'hairpin mode of a bridge port is ignored', file: `${KERNEL}/devices/bridge/forward.ts`, seenIn: 'seen by the client',
    find: 'to.forwarding && (to.hairpin || to !== from)', replace: 'to.forwarding && to !== from',
  },
  {
    name: 'the TTL of bridged packets is decremented', file: `${KERNEL}/devices/bridge/br-netfilter.ts`, seenIn: 'crossings',
    find: "  const passed = bridge.dev.netns.netfilter.hook('FORWARD', skb, bridge.dev, bridge.dev);",
    replace: "  if (skb.net.kind === 'ipv4') skb.net = { ...skb.net, ttl: skb.net.ttl - 1 };\n  const passed = bridge.dev.netns.netfilter.hook('FORWARD', skb, bridge.dev, bridge.dev);",
  },
  {
    name: 'the TTL of routed packets is not decremented', file: `${KERNEL}/ipv4/packet-ops.ts`, seenIn: 'crossings',
    find: 'ttl: p.ttl - 1, protocol', replace: 'ttl: p.ttl, protocol',
  },
  {
    name: 'a packet with TTL 1 is forwarded once more', file: `${KERNEL}/ipv4/forward.ts`, seenIn: 'seen by the client',
    find: 'if (packet.ttl <= 1) {', replace: 'if (packet.ttl < 1) {',
  },
  {
    name: 'nat rules are consulted for every packet of a connection', file: `${KERNEL}/netfilter/netfilter.ts`, seenIn: 'hooks',
    find: "if ((skb.ctInfo === 'new' || related) && !nat.initialized(ct, manip)) {\n        if (slot",
    replace: "if (skb.ctInfo !== 'established-reply') {\n        if (slot",
  },
  {
    name: 'filter comes before nat at OUTPUT', file: `${KERNEL}/netfilter/netfilter.ts`, seenIn: 'hooks',
    find: "    if (manip === 'dst' && nat !== undefined) plan.push(nat);\n    for (const name of AFTER) addTable(name);\n",
    replace: "    for (const name of AFTER) addTable(name);\n    if (manip === 'dst' && nat !== undefined) plan.push(nat);\n",
  },
  {
    name: 'filter comes before mangle at FORWARD', file: `${KERNEL}/netfilter/netfilter.ts`, seenIn: 'hooks',
    find: '    for (const name of BEFORE_NAT_DST) addTable(name);\n    const manip',
    replace: "    if (hook === 'FORWARD') addTable('filter');\n    for (const name of BEFORE_NAT_DST) addTable(name);\n    if (hook === 'FORWARD') return plan;\n    const manip",
  },
  {
    name: 'the rules of FORWARD are walked from the last to the first', file: `${KERNEL}/netfilter/compiled.ts`, seenIn: 'hooks',
    find: '    this.#rules = source.rules.map((rule) => old.get(rule)',
    replace: "    if (source.name === 'FORWARD') source = { ...source, rules: [...source.rules].reverse() };\n    this.#rules = source.rules.map((rule) => old.get(rule)",
  },
  {
    name: 'MASQUERADE takes the address of cni0', file: `${KERNEL}/netfilter/targets/MASQUERADE/MASQUERADE.ts`, seenIn: 'conntrack events',
    find: 'c.ns.fib.selectAddress(c.oif, dst?.nexthop(p.dst) ?? p.dst,', replace: "c.ns.fib.selectAddress(c.ns.device('cni0') ?? c.oif, p.dst,",
  },
  {
    name: 'source ports are not kept apart when two clients clash', file: `${KERNEL}/netfilter/nat/unique-tuple.ts`, seenIn: 'conntrack events',
    find: '    return this.#conntrack.taken(this.#reply, entry, harder);', replace: '    return this.#conntrack.taken(this.#reply, entry, harder) && false;',
  },
  {
    name: 'a bridge does not learn addresses', file: `${KERNEL}/devices/bridge/forward.ts`, seenIn: 'crossings',
    find: '  if (port.learning) bridge.fdb.learn(port, header.src);\n', replace: '',
  },
  {
    name: 'br_netfilter is off', file: `${KERNEL}/devices/bridge/br-netfilter.ts`, seenIn: 'hooks',
    find: "!(bridge.nfCallIptables || ns.sysctl.flag('net.bridge.bridge-nf-call-iptables'))", replace: 'bridge.dev.up',
  },
  {
    name: 'a packet that the bridge passes up traverses PREROUTING again', file: `${KERNEL}/ipv4/input.ts`, seenIn: 'hooks',
    find: '  if (skb.nfBridge !== undefined) return receiveFinish(ns, skb);\n', replace: '',
  },
  {
    name: 'connections to the machine itself are never confirmed', file: `${KERNEL}/netfilter/netfilter.ts`, seenIn: 'conntrack events',
    find: "if (tracked && (hook === 'INPUT' || hook === 'POSTROUTING')) plan.push", replace: "if (tracked && hook === 'POSTROUTING') plan.push",
  },
  {
    name: 'an established TCP connection is forgotten after a day', file: `${KERNEL}/conntrack/tcp.ts`, seenIn: 'conntrack events',
    find: '  let timeout = timeouts.tcp[state] ?? 0;', replace: '  let timeout = Math.min(86400, timeouts.tcp[state] ?? 0);',
  },
  {
    name: 'what a tunnel unwraps keeps the connection of its wrapping', file: `${KERNEL}/devices/vxlan/vxlan.ts`, seenIn: 'conntrack events',
    find: '    scrub(skb, false);\n    if (skb.checksumStart', replace: '    const { ct } = skb;\n    scrub(skb, false);\n    skb.ct = ct;\n    if (skb.checksumStart',
  },
  {
    name: 'rp_filter is ignored', file: `${KERNEL}/ipv4/input-route.ts`, seenIn: 'hooks',
    find: "fib.sysctl.maxConf(iif, 'rp_filter')", replace: "(fib.sysctl.maxConf(iif, 'rp_filter') & 0)",
  },
  {
    name: 'REJECT always says that the host is unreachable', file: `${KERNEL}/netfilter/targets/REJECT/REJECT.ts`, seenIn: 'crossings',
    find: 'icmpSend(c.skb, ICMP_DEST_UNREACH, code, 0)', replace: 'icmpSend(c.skb, ICMP_DEST_UNREACH, 1, 0)',
  },
  {
    name: 'the MTU is ignored when sending', file: `${KERNEL}/ipv4/output.ts`, seenIn: 'crossings',
    find: "  const mtu = dst.direction === 'input' ? dst.forwardMtu(ns.ip.conf.forwardUsePmtu) : dst.mtu;", replace: '  const mtu = 65535;',
  },
  {
    name: 'a packet too large to forward is dropped without a word', file: `${KERNEL}/ipv4/forward.ts`, seenIn: 'seen by the client',
    find: '      ns.ip.icmpSend(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, mtu);\n', replace: '',
  },
  {
    name: 'ICMP errors are sent without precedence', file: `${KERNEL}/ipv4/icmp-send.ts`, seenIn: 'crossings',
    find: '(packet.tos & IPTOS_TOS_MASK) | IPTOS_PREC_INTERNETCONTROL', replace: '(packet.tos & IPTOS_TOS_MASK)',
  },
  {
    name: 'a packet translated at OUTPUT keeps its first route', file: `${KERNEL}/ipv4/output.ts`, seenIn: 'crossings',
    find: '  skb.dst = route.dst;\n  if (recorder.on) fibStep(ns, skb, packet, route.dst);\n', replace: '',
  },
  {
    name: 'an ICMP error quotes the packet as it was after translation', file: `${KERNEL}/netfilter/nat/nat-core.ts`, seenIn: 'crossings',
    find: "const body = rewriteEmbedded(p.payload.body, manip === 'src' ? 'dst' : 'src', other);", replace: 'const { body } = p.payload;',
  },
  {
    name: 'routes are looked up shortest prefix first', file: `${KERNEL}/ipv4/fib-table.ts`, seenIn: 'seen by the client',
    find: '    for (const length of this.#lengths) {\n      const list = this.#byLength[length]?.get((dst & maskOf(length)) >>> 0);',
    replace: '    for (const length of this.#lengths.filter((n) => n > 0).reverse()) {\n      const list = this.#byLength[length]?.get((dst & maskOf(length)) >>> 0);',
  },
];
