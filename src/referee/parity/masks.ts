/**
 * What may differ between a command's output in a real namespace and in the lab, and why. Each rule is as narrow as its reason:
 * `ephemeral` values of this run, things that the `namespace` or its kernel necessarily has or lacks, texts of another `version` of the tool
 * (the lab speaks Ubuntu 22.04's: iptables 1.8.7, iproute2 5.15, conntrack 1.4.6, nft 1.0.2; here are Debian 12's 1.8.9, 6.1, 1.4.7, 1.0.6).
 */
export type Side = 'real' | 'lab';

export interface Mask {
  readonly kind: 'ephemeral' | 'namespace' | 'version';
  readonly why: string;
  readonly apply: (text: string, side: Side) => string;
}

type Change = (text: string) => string;
const onReal = (change: Change) => (text: string, side: Side): string => (side === 'real' ? change(text) : text);
const onLab = (change: Change) => (text: string, side: Side): string => (side === 'lab' ? change(text) : text);

/** Sorts runs of lines that match; the others keep their places. */
function sorted(text: string, pattern: RegExp): string {
  const all = text.split('\n');
  const where = all.flatMap((l, i) => (pattern.test(l) ? [i] : []));
  const mine = where.map((i) => all[i] ?? '').sort();
  where.forEach((i, n) => void (all[i] = mine[n] ?? ''));
  return all.join('\n');
}

const PROTOCOL_NAMES: Readonly<Record<string, string>> = { 0: 'all', 1: 'icmp', 6: 'tcp', 17: 'udp', 47: 'gre', 132: 'sctp' };

export const MASKS = {
  'nic-is-veth': {
    kind: 'namespace', why: 'NICs and VLANs of the lab are veths to the namespace that plays the switch',
    apply: (text, side) => (side === 'real'
      ? text.replace(/^((?:\d+: )?(?:ens3|mpqemubr0)(?:\.100)?)@if\d+: /gm, '$1: ').replace(/^((?:ens3|mpqemubr0)(?:\.100)?)@if\d+ +/gm, (_, name: string) => `${name.padEnd(16)} `).replace(/ link-netns \S*segments\b/g, '').replace(/"link_index":\d+,(\s*)"ifname":"(ens3|mpqemubr0)((?:\.100)?)"/g, (_, gap: string, name: string, vlan: string) => `${vlan === '' ? '' : `"link":"${name}",${gap}`}"ifname":"${name}${vlan}"`)
      : text.replace(/^((?:\d+: )?(?:ens3|mpqemubr0)\.100)@\w+: /gm, '$1: ').replace(/^((?:ens3|mpqemubr0)\.100)@\w+ +/gm, (_, name: string) => `${name.padEnd(16)} `).replace(/^(\d+: (?:ens3|mpqemubr0): .* qdisc) fq_codel/gm, '$1 noqueue').replace(/"qdisc":( ?)"fq_codel"/g, '"qdisc":$1"noqueue"')),
  },
  'netns-name': { kind: 'namespace', why: 'the export names namespaces after pods, containerd after containers', apply: (text) => text.replace(/ link-netns(?:id)? \S+/g, ' link-netns NETNS').replace(/"link_netnsid":\d+|"link_netns":"[^"]*"/g, '"link_netns":NETNS') },
  ipv6: {
    kind: 'namespace', why: 'the lab has no IPv6: no inet6 addresses, no ff02:: neighbours',
    apply: onReal((text) => text.replace(/^ {4}inet6 .*\n {7}valid_lft .*\n/gm, '').replace(/^\d+: \S+ +inet6 .*\n/gm, '').replace(/ (?:fe80::[0-9a-f:]+|::1)\/\d+(?= )/g, '').replace(/^(\S+ +[A-Z]+)$/gm, '$1').replace(/^(?:ff02|fe80)::.*\n/gm, '').replace(/^.* pref medium\n/gm, '')
      .replace(/,\{"family":"inet6"[^}]*\}/g, '').replace(/,\{\n +"family": "inet6",[^}]*\}/g, '').replace(/(\[?),?\{\s*"local": ?"[0-9a-f]*:[^}]*\}/g, '$1').replace(/,\{\s*"dst": ?"(?:ff|fe80|multicast|local ff)[^}]*\}/g, '')),
  },
  'foreign-netns': { kind: 'ephemeral', why: 'ip looks up the names of all namespaces of this machine: one that is no part of the world went away meanwhile', apply: onReal((text) => text.replace(/^Error: Peer netns reference is invalid\.\n/gm, '')) },
  'igmp-neighbour': { kind: 'namespace', why: 'the lab joins no IGMP groups aloud', apply: onReal((text) => text.replace(/^224\.0\.0\.22 .*\n/gm, '')) },
  'lease-time': { kind: 'ephemeral', why: 'a DHCP lease runs down', apply: (text) => text.replace(/(valid_lft|preferred_lft) \d+sec/g, '$1 Nsec').replace(/("(?:valid|preferred)_life_time": ?)\d{1,5}\b/g, '$1N') },
  'gso-fields': { kind: 'version', why: 'ip 6.1 prints tso_max_size, tso_max_segs and gro_max_size, 5.15 does not', apply: onReal((text) => text.replace(/ tso_max_size \d+ tso_max_segs \d+ gro_max_size \d+/g, '').replace(/,\s*"tso_max_size": ?\d+,\s*"tso_max_segs": ?\d+,\s*"gro_max_size": ?\d+/g, '')) },
  'no-vlan-filtering': {
    kind: 'namespace', why: "this machine's kernel has no CONFIG_BRIDGE_VLAN_FILTERING, Ubuntu's has",
    apply: onLab((text) => text.replace(/ vlan_protocol 802\.1Q/g, '').replace(/ vlan_default_pvid 1 vlan_stats_enabled 0 vlan_stats_per_port 0/g, '').replace(/\s*"vlan_(?:protocol|default_pvid|stats_enabled|stats_per_port)": ?[^,]+,/g, '')),
  },
  'kernel-6': {
    kind: 'version', why: "this machine's kernel is newer than Ubuntu's 5.15: extended acks for address changes, interval_probe_time_ms",
    apply: onReal((text) => text.replaceAll('Error: ipv4: Address already assigned.', 'RTNETLINK answers: File exists').replaceAll('Error: ipv4: Address not found.', 'RTNETLINK answers: Cannot assign requested address').replace(/^net\.ipv4\.neigh\.\S+\.interval_probe_time_ms = .*\n/gm, '')),
  },
  'nft-warning': { kind: 'version', why: 'nft 1.0.6 warns of tables that iptables-nft made, 1.0.2 does not', apply: onReal((text) => text.replace(/^# Warning: table ip \w+ is managed by iptables-nft, do not touch!\n/gm, '')) },
  'control-plane': { kind: 'namespace', why: 'the export has no control plane: agents of the lab call its API server', apply: onLab((text) => text.replace(/^tcp .*:6443 .*\n/gm, '')) },
  handles: { kind: 'ephemeral', why: 'nft handles count every rule ever made', apply: (text) => text.replace(/# handle \d+/g, '# handle N') },
  'bridge-timers': { kind: 'ephemeral', why: 'timers of bridges and ports run', apply: (text) => text.replace(/(\w+_timer) +\d+\.\d\d/g, '$1 N').replace(/("\w+_timer": ?)\d+\.\d\d/g, '$1N').replace(/((?:gc|hold|message age|forward delay|hello|tcn|topology change) timer)(\t+) *\d+\.\d\d/g, '$1$2 N') },
  counters: { kind: 'ephemeral', why: 'packets that were seen before; columns are as wide as their numbers', apply: (text) => text.replace(/^ +(?:\d+ +){6}$/gm, '    NUMBERS').replace(/^( {4}[RT]X:) +(bytes) +(packets) /gm, '$1 $2 $3 ') },
  'neigh-order': { kind: 'ephemeral', why: 'the kernel lists neighbours by a hash with a random seed', apply: (text) => sorted(text.replace(/^\[(\{.*\})\]$/gm, (_, rows: string) => rows.replaceAll('},{', '}\n{')), /^\d+\.\d+\.\d+\.\d+ |^\? \(|^\{"dst"/) },
  'fdb-order': { kind: 'ephemeral', why: 'the kernel lists FDB entries by a hash with a random seed', apply: (text) => sorted(text.replace(/^\[(\{"mac".*\})\]$/gm, (_, rows: string) => rows.replaceAll('},{', '}\n{')), /^[0-9a-f]{2}(:[0-9a-f]{2}){5} .*\bdst |^\{"mac"/) },
  'mac-order': { kind: 'ephemeral', why: 'the kernel lists learned addresses by a hash with a random seed', apply: (text) => sorted(text, /^[0-9a-f]{2}(:[0-9a-f]{2}){5} .*\bmaster /) },
  ages: { kind: 'ephemeral', why: 'seconds since an entry was used', apply: (text) => text.replace(/used \d+(\/\d+)+/g, 'used N').replace(/("(?:used|updated|confirmed)": ?)\d+/g, '$1N').replace(/^( +\d+\t\S+\tno\t\t) *\d+\.\d\d$/gm, '$1 N') },
  'nud-state': { kind: 'ephemeral', why: 'how long ago a neighbour answered', apply: (text) => text.replace(/\b(REACHABLE|STALE|DELAY|PROBE) /g, 'ALIVE ') },
  'iptables-version': { kind: 'version', why: '1.8.9 and 1.8.7 name themselves', apply: onReal((text) => text.replaceAll('v1.8.9 (nf_tables)', 'v1.8.7 (nf_tables)')) },
  'numeric-protocol': {
    kind: 'version', why: 'iptables 1.8.9 -n prints protocols as numbers, 1.8.7 as names',
    apply: onReal((text) => text.replace(/^(.*?[ !])(\d{1,3}) +(?=(?:--|-f|!f) )/gm, (_, head: string, number: string) => `${head}${(PROTOCOL_NAMES[number] ?? number).padEnd(5)}`)),
  },
  'iproute2-version': { kind: 'version', why: '6.1.0 and 5.15.0 name themselves', apply: onReal((text) => text.replace(/iproute2-6\.1\.0(, libbpf \S+)?/g, (_, bpf?: string) => `iproute2-5.15.0${bpf === undefined ? '' : ', libbpf 0.5.0'}`)) },
  'nft-version': { kind: 'version', why: '1.0.6 and 1.0.2 name themselves', apply: onReal((text) => text.replaceAll('v1.0.6 (Lester Gooch #5)', 'v1.0.2 (Lester Gooch)')) },
  'bridge-version': { kind: 'version', why: '6.1.0 and iproute2-5.15.0 name themselves', apply: onReal((text) => text.replace(/^bridge utility, 6\.1\.0$/m, 'bridge utility, iproute2-5.15.0')) },
  'conntrack-version': { kind: 'version', why: '1.4.7 and 1.4.6 name themselves', apply: onReal((text) => text.replaceAll('v1.4.7 (conntrack-tools)', 'v1.4.6 (conntrack-tools)').replaceAll('system. Version 1.4.7', 'system. Version 1.4.6')) },
  'etc-networks': { kind: 'namespace', why: "Debian's /etc/networks names 127.0.0.0, Ubuntu's does not", apply: onReal((text) => text.replace(/loopback\/8 {0,1}/g, '127.0.0.0/8')) },
  date: { kind: 'ephemeral', why: 'when the tables were saved', apply: (text) => text.replace(/^(# (?:Generated|Completed).* on ).*$/gm, '$1DATE') },
  'rule-counters': { kind: 'ephemeral', why: 'packets that were seen before', apply: (text) => text.replace(/^\[\d+:\d+\]/gm, '[N:N]').replace(/ \[\d+:\d+\]$/gm, ' [N:N]').replace(/counter packets \d+ bytes \d+/g, 'counter packets N bytes N').replace(/ -c \d+ \d+/g, ' -c N N').replace(/^((?:\d+ +)?) *\d+[KMG]? +\d+[KMG]? (?=\S+ +\S+ +[-!])/gm, '$1N N ').replace(/\(policy (\w+) \d+[KMG]? packets, \d+[KMG]? bytes\)/g, '(policy $1 N packets, N bytes)') },
  cpus: { kind: 'namespace', why: 'this machine has more processors than the lab tells of: one line each', apply: onReal((text) => text.replace(/^cpu=[1-9]\d* .*\n/gm, '')) },
  'ss-diag': { kind: 'namespace', why: "this machine's kernel has no diag module for DCCP or SCTP", apply: onReal((text) => text.replace(/^RTNETLINK answers: Invalid argument\n/gm, '')) },
  'stand-in-server': {
    kind: 'namespace', why: 'the export starts one small Python server where the lab has nginx and systemd-resolved: another accept queue, process and address',
    apply: (text) => text.replace(/^((?:tcp +)?(?:LISTEN +)?0 +)\d+ +\S+:(\d+|[a-z]+) +(\S+?) *(?:users:.*)?$/gm, '$1QUEUE *:$2 $3').replace(/(Address:PortProcess) +$/gm, '$1').replace(/^(UNCONN +\d+ +\d+) +\S+:(\d+) +(\S+?) *$/gm, '$1 *:$2 $3').replace(/^((?:tcp|udp) +\d+ +\d+ )(?:127\.0\.0\.\d+|0\.0\.0\.0|\*):(\d+) +/gm, '$1*:$2 ').replace(/\b\d+\/[A-Za-z]\S*(?: \S+)* +$/gm, 'PID/NAME'),
  },
  'ping-times': { kind: 'ephemeral', why: 'round-trip times', apply: (text) => text.replace(/time=[\d.]+ ms/g, 'time=T ms').replace(/, time \d+ms/g, ', time Tms').replace(/(rtt min\/avg\/max\/mdev = )[\d./]+ ms/g, '$1T ms').replace(/, pipe \d+/g, '') },
  'flow-order': { kind: 'ephemeral', why: 'the kernel lists flows by a hash with a random seed', apply: (text) => sorted(text, /^(?:ipv4 +2 )?(?:tcp|udp|icmp) +\d+ /) },
  'tcp-of-all': { kind: 'namespace', why: '/proc/net/sockstat counts sockets of all namespaces that wait to be closed', apply: (text) => text.replace(/^TCP:   \d+ \(estab \d+, closed \d+,/gm, 'TCP:   N (N,') },
  'socket-order': { kind: 'ephemeral', why: 'the kernel lists sockets by a hash', apply: (text) => sorted(text, /^(?:LISTEN|UNCONN) |^(?:tcp|udp) /) },
  'flow-ids': { kind: 'ephemeral', why: 'ports, ids and timeouts of a flow', apply: (text) => text.replace(/^((?:ipv4 +2 )?(?:tcp|udp|icmp|unknown) +\d+) \d+ (?=\w+=|[A-Z_]+ src=)/gm, '$1 T ').replace(/\bsport=\d{4,}/g, 'sport=N').replace(/\bid=\d+/g, 'id=N').replace(/\bdport=\d{5}/g, 'dport=N') },
} satisfies Record<string, Mask>;

export type MaskName = keyof typeof MASKS;
