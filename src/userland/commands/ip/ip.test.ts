/** What the tool-parity referee found, as cases: each string is the real tool's (iproute2 in a namespace). */
import { describe, expect, test } from 'vitest';
import { aLink, anAddress, aRoute, fake, hw, ip4 } from '../../testing/fake-kernel.ts';

const LO = aLink({ ifindex: 1, name: 'lo', kind: 'loopback' });
const V9 = aLink({ ifindex: 3, name: 'v9', kind: 'veth', mac: hw('02:00:00:00:00:0b'), up: false, carrier: false, link: { ifindex: 2, name: 'v9p', netns: undefined, netnsid: undefined } });
const V9P = aLink({ ifindex: 2, name: 'v9p', kind: 'veth', mac: hw('02:00:00:00:00:0c'), up: false, carrier: false, link: { ifindex: 3, name: 'v9', netns: undefined, netnsid: undefined } });
const STATS = { rxPackets: 6, rxBytes: 504, rxErrors: 0, rxDropped: 0, txPackets: 6, txBytes: 504, txErrors: 0, txDropped: 0 };

describe('ip -s', () => {
  const head = '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN';
  const numbers = '    RX:  bytes packets errors dropped  missed   mcast           \n           504       6      0       0       0       0 \n';
  test('columns as wide as the names of the error rows', () => {
    expect(fake({ links: [{ ...LO, stats: STATS }] }).run('ip -s link show lo').stdout).toBe(`${head} mode DEFAULT group default qlen 1000\n    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n${numbers}    TX:  bytes packets errors dropped carrier collsns           \n           504       6      0       0       0       0 \n`);
  });
  test('-s -s adds the error rows', () => {
    expect(fake({ links: [{ ...LO, stats: STATS }] }).run('ip -s -s link show lo').stdout).toContain(
      '    RX errors:  length    crc   frame    fifo overrun\n                     0      0       0       0       0 \n    TX:  bytes packets');
  });
  test('below the addresses in ip addr', () => {
    const { stdout } = fake({ links: [{ ...LO, stats: STATS }], addresses: [anAddress('lo', 1, '127.0.0.1/8', { scope: 'host' })] }).run('ip -s addr');
    expect(stdout.indexOf('valid_lft')).toBeLessThan(stdout.indexOf('RX:'));
  });
});

describe('flags and states', () => {
  test.each([
    ['M-DOWN: the other end in the same namespace is down', V9, '3: v9@v9p: <BROADCAST,MULTICAST,M-DOWN> mtu 1500 qdisc noop state DOWN mode'],
    ['a device that was up keeps its queueing discipline', { ...V9, activated: true }, 'qdisc noqueue state DOWN'],
    ['a device that never was has none', { ...LO, up: false, carrier: false }, '<LOOPBACK> mtu 65536 qdisc noop state DOWN'],
    ['a bridge that never looked at its ports', aLink({ ifindex: 3, name: 'br9', kind: 'bridge', bridge: { ageingTime: 300, stp: false, vlanFiltering: false, priority: 32768, nfCallIptables: false, carrierUnknown: true } }), '<BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UNKNOWN'],
  ])('%s', (_name, link, part) => {
    expect(fake({ links: [V9P, link] }).run(`ip link show ${link.name}`).stdout).toContain(part);
  });
});

test('-4 leaves the link layer out, not where the other end is', () => {
  const eth0 = aLink({ ifindex: 2, name: 'eth0', kind: 'veth', mtu: 1450, link: { ifindex: 7, name: 'veth1', netns: '', netnsid: 0 } });
  expect(fake({ links: [eth0], addresses: [anAddress('eth0', 2, '10.42.1.4/24', { broadcast: ip4('10.42.1.255') })] }).run('ip -4 addr').stdout).toBe(
    '2: eth0@if7: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UP group default qlen 1000 link-netnsid 0\n    inet 10.42.1.4/24 brd 10.42.1.255 scope global eth0\n       valid_lft forever preferred_lft forever\n');
});

describe('ip addr filters', () => {
  const cni0 = aLink({ ifindex: 5, name: 'cni0', kind: 'bridge' });
  const port = aLink({ ifindex: 6, name: 'veth1', kind: 'veth', master: 'cni0' });
  const addresses = [anAddress('cni0', 5, '10.7.0.1/24', { label: 'cni0:1' }), anAddress('cni0', 5, '10.7.0.2/24', { secondary: true })];
  test.each([
    ["show label 'cni0:*'", ['10.7.0.1/24']], ['show secondary', ['10.7.0.2/24']], ['show primary', ['10.7.0.1/24']], ['show nomaster', ['10.7.0.1/24', '10.7.0.2/24']],
  ])('%s', (words, shown) => {
    const { stdout } = fake({ links: [cni0, port], addresses }).run(`ip addr ${words}`);
    expect([...stdout.matchAll(/inet (\S+)/g)].map((m) => m[1])).toEqual(shown);
    expect(stdout).not.toContain('veth1');
  });
  test('deleting without a length is warned of', () => {
    expect(fake({ links: [cni0], addresses }).run('ip addr del 10.7.0.1 dev cni0').stderr).toMatch(/^Warning: Executing wildcard deletion .*\n +Explicitly specify the prefix length \(10\.7\.0\.1\/32\)/);
  });
});

test('flags: NOARP after MULTICAST', () => {
  expect(fake({ links: [aLink({ ifindex: 4, name: 'flannel.1', kind: 'vxlan', noArp: true })] }).run('ip link').stdout).toContain('<BROADCAST,MULTICAST,NOARP,UP,LOWER_UP>');
});

test('a label shows addresses without their link', () => {
  expect(fake({ links: [LO], addresses: [anAddress('lo', 1, '127.0.0.1/8', { scope: 'host' })] }).run('ip addr show label lo').stdout).toBe('    inet 127.0.0.1/8 scope host lo\n       valid_lft forever preferred_lft forever\n');
});

describe('JSON', () => {
  const addresses = [anAddress('lo', 1, '127.0.0.1/8', { scope: 'host' })];
  test('a nested list is indented twice', () => {
    expect(fake({ links: [LO], addresses }).run('ip -j -p addr show lo').stdout).toContain('        "addr_info": [ {\n                "family": "inet",\n');
  });
  test('-4 leaves the link layer out; addresses have no linkmode', () => {
    expect(fake({ links: [LO], addresses }).run('ip -4 -j addr').stdout).toBe(
      '[{"ifindex":1,"ifname":"lo","flags":["LOOPBACK","UP","LOWER_UP"],"mtu":65536,"qdisc":"noqueue","operstate":"UNKNOWN","group":"default","txqlen":1000,"addr_info":[{"family":"inet","local":"127.0.0.1","prefixlen":8,"scope":"host","label":"lo","valid_life_time":4294967295,"preferred_life_time":4294967295}]}]\n');
  });
  test('routes leave out what the filter fixed', () => {
    expect(fake({ links: [LO], routes: [aRoute('10.42.1.0/24', { dev: 'lo', protocol: 'kernel', scope: 'link', prefSrc: ip4('10.42.1.1') })] }).run('ip -j route show dev lo').stdout).toBe(
      '[{"dst":"10.42.1.0/24","protocol":"kernel","scope":"link","prefsrc":"10.42.1.1","flags":[]}]\n');
  });
  test('rules', () => {
    expect(fake().run('ip -j rule').stdout).toBe('[{"priority":0,"src":"all","table":"local"},{"priority":32766,"src":"all","table":"main"},{"priority":32767,"src":"all","table":"default"}]\n');
  });
});

describe('ip neigh get', () => {
  const links = [aLink({ ifindex: 2, name: 'v9', kind: 'veth' })];
  const neighbours = [{ ifindex: 2, dev: 'v9', ip: ip4('10.9.9.5'), mac: hw('02:00:00:00:00:01'), state: 'PERMANENT', used: 0, confirmed: 0, updated: 0, probes: 0 } as const];
  test.each([
    ['10.9.9.5 dev v9', '10.9.9.5 dev v9 lladdr 02:00:00:00:00:01 PERMANENT \n', 0],
    ['10.9.9.6 dev v9', 'Error: Neighbour entry not found.\n', 2],
    ['10.9.9.5', 'Device and address are required arguments.\n', 1],
    ['nosuch dev v9', 'Error: any valid address is expected rather than "nosuch".\n', 1],
    ['10.9.9.5 dev nosuch', 'Cannot find device "nosuch"\n', 1],
  ])('%s', (words, text, code) => {
    const got = fake({ links, neighbours: [...neighbours] }).run(`ip neigh get ${words}`);
    expect([got.stdout + got.stderr, got.code]).toEqual([text, code]);
  });
});

describe('errors', () => {
  test.each([
    ['ip addr show scope nosuch', 'Error: argument "nosuch" is wrong: invalid "scope"\n\n', 255],
    ['ip rule add pref abc', 'Error: argument "abc" is wrong: preference value is invalid\n\n', 255],
    ['ip rule add nosuch', 'Error: argument "nosuch" is wrong: Failed to parse rule type\n', 255],
    ['ip rule add fwmark abc', 'Error: argument "abc" is wrong: fwmark value is invalid\n\n', 255],
    ['ip rule add table nosuch', 'Error: argument "nosuch" is wrong: invalid table ID\n\n', 255],
    ['ip route add 10.5.0.0/16 dev lo metric abc', 'Error: argument "abc" is wrong: "metric" value is invalid\n\n', 255],
    ['ip route add 10.5.0.0/16 dev lo table nosuch', 'Error: argument "nosuch" is wrong: "table" value is invalid\n\n', 255],
    ['ip route get 10.0.0.1 mark nosuch', 'Error: argument "nosuch" is wrong: invalid mark value\n', 255],
    ['ip link add averyveryverylongname type bridge', 'Error: Attribute failed policy validation.\n', 2],
    ['ip link add foo type vxlan', 'Error: Required attributes not provided to perform the operation.\n', 2],
    ['ip neigh add nosuch dev lo', 'Error: any valid address is expected rather than "nosuch".\n', 1],
  ])('%s', (line, stderr, code) => {
    expect(fake({ links: [LO] }).run(line)).toEqual({ stdout: '', stderr, code });
  });
});
