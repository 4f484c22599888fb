/** Listings of tables that a fake kernel holds, against strings captured from the real tools (../shared/referee/captures, the seeds). */
import { describe, expect, test } from 'vitest';
import type { CtEntry, CtTuple, RuleDump, TableDump } from '../../engine/uapi/netfilter.ts';
import { aLink, anAddress, aRoute, fake, hw, ip4 } from '../testing/fake-kernel.ts';
import { count } from './iptables/list.ts';

const tuple = (src: string, dst: string, protocol: number, sport: number, dport: number, icmpType?: number): CtTuple => ({ src: ip4(src), dst: ip4(dst), protocol, sport, dport, icmpType, icmpCode: icmpType === undefined ? undefined : 0 });

const entry = (id: number, original: CtTuple, reply: CtTuple, part: Partial<CtEntry> = {}): CtEntry => ({ id, original, reply, state: undefined, timeout: 17.4, seenReply: true, assured: false, srcNat: false, dstNat: false, mark: 0, zone: 0, use: 1, ...part });

const ENTRIES = [
  entry(2855599433, tuple('10.65.94.199', '10.65.94.238', 17, 39189, 8472), tuple('10.65.94.238', '10.65.94.199', 17, 8472, 39189), { seenReply: false }),
  entry(2636428113, tuple('10.42.1.4', '10.43.180.238', 6, 41000, 80), tuple('10.42.0.8', '10.42.1.4', 6, 80, 41000), { state: 'TIME_WAIT', timeout: 58, assured: true, dstNat: true }),
  entry(3842516497, tuple('10.123.123.4', '10.123.123.1', 1, 11484, 0, 8), tuple('10.123.123.1', '10.123.123.4', 1, 11484, 0, 0), { timeout: 19 }),
];

describe('conntrack', () => {
  const shown = (n: number): string => `conntrack v1.4.6 (conntrack-tools): ${n} flow entries have been shown.\n`;
  test('-L: listing on stdout, footer on stderr', () => {
    expect(fake({ entries: [...ENTRIES] }).run('conntrack -L')).toEqual({
      stdout: 'udp      17 17 src=10.65.94.199 dst=10.65.94.238 sport=39189 dport=8472 [UNREPLIED] src=10.65.94.238 dst=10.65.94.199 sport=8472 dport=39189 mark=0 use=1\n'
        + 'tcp      6 58 TIME_WAIT src=10.42.1.4 dst=10.43.180.238 sport=41000 dport=80 src=10.42.0.8 dst=10.42.1.4 sport=80 dport=41000 [ASSURED] mark=0 use=1\n'
        + 'icmp     1 19 src=10.123.123.4 dst=10.123.123.1 type=8 code=0 id=11484 src=10.123.123.1 dst=10.123.123.4 type=0 code=0 id=11484 mark=0 use=1\n',
      stderr: shown(3), code: 0,
    });
  });

  test('-o extended,id', () => {
    expect(fake({ entries: ENTRIES.slice(0, 1) }).run('conntrack -L -o extended,id 2>/dev/null').stdout).toBe('ipv4     2 udp      17 17 src=10.65.94.199 dst=10.65.94.238 sport=39189 dport=8472 [UNREPLIED] src=10.65.94.238 dst=10.65.94.199 sport=8472 dport=39189 mark=0 use=1 id=2855599433\n');
  });

  test('-o xml', () => {
    expect(fake({ entries: ENTRIES.slice(0, 1) }).run('conntrack -L -o xml 2>/dev/null').stdout).toBe('<?xml version="1.0" encoding="utf-8"?>\n<conntrack>\n<flow><meta direction="original"><layer3 protonum="2" protoname="ipv4"><src>10.65.94.199</src><dst>10.65.94.238</dst></layer3><layer4 protonum="17" protoname="udp"><sport>39189</sport><dport>8472</dport></layer4></meta><meta direction="reply"><layer3 protonum="2" protoname="ipv4"><src>10.65.94.238</src><dst>10.65.94.199</dst></layer3><layer4 protonum="17" protoname="udp"><sport>8472</sport><dport>39189</dport></layer4></meta><meta direction="independent"><timeout>17</timeout><mark>0</mark><use>1</use><id>2855599433</id><unreplied/></meta></flow>\n</conntrack>\n');
  });

  test.each([
    ['-p tcp', 1], ['-p udp --dport 8472', 1], ['-p udp --dport 53', 0], ['-s 10.42.1.4', 1], ['--orig-dst 10.43.0.0/16', 1], ['--dst-nat', 1], ['-g 10.42.0.8', 1], ['-n', 0], ['-j', 1], ['-p tcp --state TIME_WAIT', 1], ['-u ASSURED', 1], ['-p 1', 1], ['--reply-src 10.42.0.8', 1],
  ])('-L %s shows %i', (filter, n) => {
    expect(fake({ entries: [...ENTRIES] }).run(`conntrack -L ${filter}`).stderr).toBe(shown(n));
  });

  test.each([
    ['-C -s 1.2.3.4', "Illegal option `--src' with this command"], ['-G -p tcp', "you have to specify `--src' and `--dst'"],
  ])('%s is refused', (words, text) => {
    expect(fake().run(`conntrack ${words}`).stderr).toContain(`(conntrack-tools): ${text}\n`);
  });

  test('a port that is no number is nought', () => {
    expect(fake({ entries: [...ENTRIES] }).run('conntrack -L -p tcp --sport abc').stderr).toBe(shown(0));
  });

  test('-D prints and deletes what matches; nothing matched is exit 1', () => {
    const f = fake({ entries: [...ENTRIES] });
    expect(f.run('conntrack -D -p tcp --dport 80').stderr).toBe('conntrack v1.4.6 (conntrack-tools): 1 flow entries have been deleted.\n');
    expect(f.run('conntrack -C').stdout).toBe('2\n');
    expect(f.run('conntrack -D -p tcp').code).toBe(1);
  });

  test('-E follows events until Ctrl+C', () => {
    const f = fake();
    f.scheduler.after(1_000_000 as never, () => {
      for (const listener of f.state.listeners) {
        const [, tcp] = ENTRIES;
        if (tcp !== undefined) for (const [type, part] of [['NEW', { state: 'SYN_SENT', timeout: 120, seenReply: false, assured: false }], ['UPDATE', { state: 'SYN_RECV', timeout: 60, assured: false }], ['DESTROY', { state: 'TIME_WAIT', timeout: 0 }]] as const) listener({ type, entry: { ...tcp, ...part }, at: f.scheduler.now });
      }
    });
    expect(f.run('conntrack -E -e NEW,UPDATES -o timestamp', { span: 2 })).toEqual({
      stdout: '[1716988168.001000]\t    [NEW] tcp      6 120 SYN_SENT src=10.42.1.4 dst=10.43.180.238 sport=41000 dport=80 [UNREPLIED] src=10.42.0.8 dst=10.42.1.4 sport=80 dport=41000\n'
        + '[1716988168.001000]\t [UPDATE] tcp      6 60 SYN_RECV src=10.42.1.4 dst=10.43.180.238 sport=41000 dport=80 src=10.42.0.8 dst=10.42.1.4 sport=80 dport=41000\n',
      stderr: 'conntrack v1.4.6 (conntrack-tools): 2 flow events have been shown.\n', code: 0,
    });
    expect(f.state.listeners.size).toBe(0);
  });

  test('only root may ask', () => {
    expect(fake({}, { user: 'ubuntu' }).run('conntrack -L')).toEqual({ stdout: '', stderr: 'conntrack v1.4.6 (conntrack-tools): Operation failed: sorry, you must be root or get CAP_NET_ADMIN capability to do this\n', code: 1 });
    expect(fake({}, { user: 'ubuntu' }).run('sudo conntrack -C').stdout).toBe('0\n');
  });
});

const rule = (save: string, list: Partial<RuleDump['list']>, packets = 0, bytes = 0, jump?: string): RuleDump => ({
  handle: 1, save, nft: '', packets, bytes, jump,
  list: { target: '', protocol: 'all', protocolNumber: 0, fragment: false, options: '--', in: '*', out: '*', source: '0.0.0.0/0', destination: '0.0.0.0/0', extra: '', extraNumeric: '', goto: false, ...list },
});

const NAT: TableDump = {
  table: 'nat', created: ['KUBE-SVC-X', 'POSTROUTING', 'FLANNEL-POSTRTG'],
  chains: [
    { name: 'POSTROUTING', hook: 'POSTROUTING', policy: 'ACCEPT', packets: 1234, bytes: 123456, references: 0, rules: [rule('-m comment --comment "flanneld -j masq" -j FLANNEL-POSTRTG', { target: 'FLANNEL-POSTRTG', extra: '/* flanneld -j masq */', extraNumeric: '/* flanneld -j masq */' }, 99, 7934, 'FLANNEL-POSTRTG')] },
    { name: 'FLANNEL-POSTRTG', hook: undefined, policy: undefined, packets: 0, bytes: 0, references: 1, rules: [
      rule('! -s 10.42.0.0/16 -d 10.42.0.0/24 -p tcp -j RETURN', { target: 'RETURN', protocol: 'tcp', source: '!10.42.0.0/16', destination: '10.42.0.0/24', extra: 'tcp dpt:http', extraNumeric: 'tcp dpt:80' }, 123456, 12345678),
      rule('', {}),
    ] },
  ],
};

describe('iptables', () => {
  test('-L -n -v --line-numbers, as 1.8.7 prints it', () => {
    expect(fake({ tables: [NAT] }).run('iptables -t nat -L POSTROUTING -n -v --line-numbers; iptables -t nat -L FLANNEL-POSTRTG -nv --line-numbers').stdout).toBe(
      `Chain POSTROUTING (policy ACCEPT 1234 packets, 123K bytes)
num   pkts bytes target     prot opt in     out     source               destination         
1       99  7934 FLANNEL-POSTRTG  all  --  *      *       0.0.0.0/0            0.0.0.0/0            /* flanneld -j masq */
Chain FLANNEL-POSTRTG (1 references)
num   pkts bytes target     prot opt in     out     source               destination         
1     123K   12M RETURN     tcp  --  *      *      !10.42.0.0/16         10.42.0.0/24         tcp dpt:80
2        0     0            all  --  *      *       0.0.0.0/0            0.0.0.0/0           
`);
  });

  test('-S -v puts counters before the target, not before a -j inside a comment', () => {
    expect(fake({ tables: [NAT] }).run('iptables -t nat -S POSTROUTING -v').stdout).toBe('-P POSTROUTING ACCEPT -c 1234 123456\n-A POSTROUTING -m comment --comment "flanneld -j masq" -c 99 7934 -j FLANNEL-POSTRTG\n');
  });

  test('iptables-save -c: header, every base chain, dates of the simulated clock', () => {
    expect(fake({ tables: [NAT] }).run('iptables-save -c').stdout).toBe(
      `# Generated by iptables-save v1.8.7 (nf_tables) on Wed May 29 13:09:28 2024
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [1234:123456]
:FLANNEL-POSTRTG - [0:0]
[99:7934] -A POSTROUTING -m comment --comment "flanneld -j masq" -j FLANNEL-POSTRTG
[123456:12345678] -A FLANNEL-POSTRTG ! -s 10.42.0.0/16 -d 10.42.0.0/24 -p tcp -j RETURN
[0:0] -A FLANNEL-POSTRTG
COMMIT
# Completed on Wed May 29 13:09:28 2024
`);
  });

  test.each([[0, '    0 '], [99_999, '99999 '], [100_000, ' 100K '], [9_999_499, '9999K '], [9_999_500, '  10M '], [123_456_789_012, ' 123G ']])('count %i', (n, text) => {
    expect(count(n, false)).toBe(text);
  });

  test.each([
    ['-t nat -A POSTROUTING -s 10.0.0.0/8 ! -d 10.0.0.0/8 -m comment --comment "-n x" -j MASQUERADE', { op: 'append', table: 'nat', chain: 'POSTROUTING', spec: ['-s', '10.0.0.0/8', '!', '-d', '10.0.0.0/8', '-m', 'comment', '--comment', '-n x', '-j', 'MASQUERADE'] }],
    ['-I INPUT 3 -p tcp --dport 22 -j ACCEPT', { op: 'insert', table: 'filter', chain: 'INPUT', position: 3, spec: ['-p', 'tcp', '--dport', '22', '-j', 'ACCEPT'] }],
    ['-I INPUT -i eth0 -j DROP', { op: 'insert', table: 'filter', chain: 'INPUT', position: 1, spec: ['-i', 'eth0', '-j', 'DROP'] }],
    ['-w 5 -t raw -A PREROUTING -p tcp -m multiport --dports 80,443 -j TRACE', { op: 'append', table: 'raw', chain: 'PREROUTING', spec: ['-p', 'tcp', '-m', 'multiport', '--dports', '80,443', '-j', 'TRACE'] }],
    ['-D OUTPUT 2', { op: 'delete-number', table: 'filter', chain: 'OUTPUT', position: 2 }],
    ['--policy FORWARD DROP', { op: 'policy', table: 'filter', chain: 'FORWARD', policy: 'DROP' }],
    ['-E a b', { op: 'rename-chain', table: 'filter', chain: 'a', to: 'b' }],
    ['-F', { op: 'flush', table: 'filter', chain: undefined }],
    ['-vX KUBE', { op: 'delete-chain', table: 'filter', chain: 'KUBE' }],
  ])('iptables %s', (args, command) => {
    const f = fake();
    f.run(`iptables ${args}`);
    expect(f.state.iptables).toEqual([command]);
  });
});

describe('other tables', () => {
  const port = (portNo: number) => ({ portNo, hairpin: true, learning: true, flood: true, state: 'forwarding', cost: 2, priority: 32 }) as const;
  const node = () => fake({
    links: [
      aLink({ ifindex: 1, name: 'lo', kind: 'loopback' }), aLink({ ifindex: 2, name: 'ens3', kind: 'nic', mac: hw('52:54:00:c0:87:a0') }), aLink({ ifindex: 3, name: 'ens3.100', kind: 'vlan', vlanId: 100, mac: hw('52:54:00:c0:87:a0'), link: { ifindex: 2, name: 'ens3', netns: undefined, netnsid: undefined } }),
      aLink({ ifindex: 4, name: 'flannel.1', kind: 'vxlan' }), aLink({ ifindex: 5, name: 'cni0', kind: 'bridge', mac: hw('3e:07:f3:33:7f:da'), mtu: 1450, bridge: { ageingTime: 300, stp: false, vlanFiltering: false, priority: 0x8000, nfCallIptables: false } }),
      aLink({ ifindex: 6, name: 'veth39f5a18d', kind: 'veth', mac: hw('c2:00:00:00:00:02'), mtu: 1450, master: 'cni0', port: port(2), link: { ifindex: 2, name: 'eth0', netns: 'cni-b', netnsid: 1 } }),
      aLink({ ifindex: 7, name: 'veth06f7413c', kind: 'veth', mac: hw('c2:00:00:00:00:01'), mtu: 1450, master: 'cni0', port: port(1), link: { ifindex: 2, name: 'eth0', netns: 'cni-a', netnsid: 0 } }),
    ],
    addresses: [anAddress('lo', 1, '127.0.0.1/8', { scope: 'host' }), anAddress('ens3', 2, '10.65.94.199/24', { broadcast: ip4('10.65.94.255'), validLifetime: 3000, metric: 100 }), anAddress('cni0', 5, '10.42.1.1/24', { broadcast: ip4('10.42.1.255') })],
    routes: [aRoute('default', { via: '10.65.94.1', dev: 'ens3', protocol: 'dhcp', prefSrc: ip4('10.65.94.199'), priority: 100 }), aRoute('10.42.0.0/24', { via: '10.42.0.0', dev: 'flannel.1', onlink: true }), aRoute('10.42.1.0/24', { dev: 'cni0', protocol: 'kernel', scope: 'link', prefSrc: ip4('10.42.1.1') })],
    neighbours: [
      { ifindex: 5, dev: 'cni0', ip: ip4('10.42.0.8'), mac: hw('16:9b:6c:12:bd:34'), state: 'REACHABLE', used: 3, confirmed: 2, updated: 1, probes: 4 },
      { ifindex: 4, dev: 'flannel.1', ip: ip4('10.42.2.0'), mac: hw('62:80:53:01:cd:a1'), state: 'PERMANENT', used: 0, confirmed: 0, updated: 0, probes: 0 },
      { ifindex: 3, dev: 'ens3.100', ip: ip4('10.123.123.77'), mac: undefined, state: 'FAILED', used: 0, confirmed: 0, updated: 0, probes: 6 },
    ],
    fdb: [
      { mac: hw('62:80:53:01:cd:a1'), ifindex: 4, dev: 'flannel.1', master: undefined, dst: ip4('10.65.94.95'), where: 'self', kind: 'permanent', vlan: undefined, age: undefined, isLocal: false },
      { mac: hw('16:9b:6c:12:bd:34'), ifindex: 6, dev: 'veth39f5a18d', master: 'cni0', dst: undefined, where: 'master', kind: 'learned', vlan: undefined, age: 2.45, isLocal: false },
      { mac: hw('c2:00:00:00:00:02'), ifindex: 6, dev: 'veth39f5a18d', master: 'cni0', dst: undefined, where: 'master', kind: 'permanent', vlan: undefined, age: undefined, isLocal: true },
    ],
    sockets: [
      { protocol: 'tcp', state: 'LISTEN', local: { address: ip4('0.0.0.0'), port: 80 }, remote: undefined, recvQueue: 0, sendQueue: 128, process: 'nginx', pid: 42 },
      { protocol: 'tcp', state: 'ESTABLISHED', local: { address: ip4('10.42.1.2'), port: 80 }, remote: { address: ip4('10.42.1.4'), port: 49186 }, recvQueue: 0, sendQueue: 0, process: 'nginx', pid: 42 },
    ],
  });

  test.each([
    ['brctl show cni0', 'bridge name\tbridge id\t\tSTP enabled\tinterfaces\ncni0\t\t8000.3e07f3337fda\tno\t\tveth06f7413c\n\t\t\t\t\t\t\tveth39f5a18d\n'],
    ['brctl showmacs  cni0 | grep 16', '  2\t16:9b:6c:12:bd:34\tno\t\t   2.45\n'],
    ['arp -na', '? (10.42.0.8) at 16:9b:6c:12:bd:34 [ether] on cni0\n? (10.42.2.0) at 62:80:53:01:cd:a1 [ether] PERM on flannel.1\n? (10.123.123.77) at <incomplete> on ens3.100\n'],
    ['arp -n', 'Address                  HWtype  HWaddress           Flags Mask            Iface\n10.42.0.8                ether   16:9b:6c:12:bd:34   C                     cni0\n10.42.2.0                ether   62:80:53:01:cd:a1   CM                    flannel.1\n10.123.123.77                    (incomplete)                              ens3.100\n'],
    ['ip -s neigh show dev cni0', '10.42.0.8 lladdr 16:9b:6c:12:bd:34  used 3/2/1probes 4 REACHABLE \n'],
    ['bridge fdb', '62:80:53:01:cd:a1 dev flannel.1 dst 10.65.94.95 self permanent\n16:9b:6c:12:bd:34 dev veth39f5a18d master cni0 \nc2:00:00:00:00:02 dev veth39f5a18d master cni0 permanent\n'],
    ['bridge fdb show dev flannel.1', '62:80:53:01:cd:a1 dst 10.65.94.95 self permanent\n'],
    ['ip route', 'default via 10.65.94.1 dev ens3 proto dhcp src 10.65.94.199 metric 100 \n10.42.0.0/24 via 10.42.0.0 dev flannel.1 onlink \n10.42.1.0/24 dev cni0 proto kernel scope link src 10.42.1.1 \n'],
    ['ip -br a', 'lo               UNKNOWN        127.0.0.1/8 \nens3             UP             10.65.94.199/24 metric 100 \nens3.100@ens3    UP             \nflannel.1        UNKNOWN        \ncni0             UP             10.42.1.1/24 \nveth39f5a18d@if2 UP             \nveth06f7413c@if2 UP             \n'],
    ['ip a s ens3 | sed -n 3,4p', '    inet 10.65.94.199/24 metric 100 brd 10.65.94.255 scope global dynamic ens3\n       valid_lft 3000sec preferred_lft 3000sec\n'],
    ['ip link show veth39f5a18d', '6: veth39f5a18d@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue master cni0 state UP mode DEFAULT group default qlen 1000\n    link/ether c2:00:00:00:00:02 brd ff:ff:ff:ff:ff:ff link-netns cni-b\n'],
    ['ss -lntp', 'State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess                       \nLISTEN 0      128          0.0.0.0:80        0.0.0.0:*    users:(("nginx",pid=42,fd=3))\n'],
    ['netstat -tn', 'Active Internet connections (w/o servers)\nProto Recv-Q Send-Q Local Address           Foreign Address         State      \ntcp        0      0 10.42.1.2:80            10.42.1.4:49186         ESTABLISHED\n'],
  ])('%s', (line, expected) => {
    expect(node().run(line)).toEqual({ stdout: expected, stderr: '', code: 0 });
  });
});
