import { describe, expect, it, test } from 'vitest';
import { seconds } from '../../../engine/sim/time.ts';
import { lan } from '../../testing/lan.ts';
import { roundTrip, Statistics } from './statistics.ts';
import { ping } from './index.ts';

const masked = (text: string): string => text.replaceAll(/time=[\d.]+ ms/g, 'time=T ms').replaceAll(/(?<= = )[\d./]+ ms/g, 'R ms');

describe('ping on a real world', () => {
  it('answers come back', () => {
    const { a } = lan();
    const ran = a.run(ping, 'ping -c 2 10.0.0.2');
    expect(masked(ran.stdout)).toBe(`PING 10.0.0.2 (10.0.0.2) 56(84) bytes of data.
64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=T ms
64 bytes from 10.0.0.2: icmp_seq=2 ttl=64 time=T ms

--- 10.0.0.2 ping statistics ---
2 packets transmitted, 2 received, 0% packet loss, time 1000ms
rtt min/avg/max/mdev = R ms
`);
    expect(ran.code).toBe(0);
  });
  it('nobody at home: our own kernel says so after three ARP requests', () => {
    const { a } = lan();
    const ran = a.run(ping, 'ping -c 3 10.0.0.77');
    expect(ran.stdout).toMatch(/^PING 10\.0\.0\.77 \(10\.0\.0\.77\) 56\(84\) bytes of data\.\nFrom 10\.0\.0\.1 icmp_seq=1 Destination Host Unreachable\nFrom 10\.0\.0\.1 icmp_seq=2 Destination Host Unreachable\nFrom 10\.0\.0\.1 icmp_seq=3 Destination Host Unreachable\n\n--- 10\.0\.0\.77 ping statistics ---\n3 packets transmitted, 0 received, \+3 errors, 100% packet loss, time \d+ms\npipe 3\n$/);
    expect(ran.code).toBe(1);
  });
  it('Ctrl-C prints the statistics', () => {
    const { a, world } = lan();
    const ran = a.start(ping, 'ping 10.0.0.2');
    world.scheduler.runUntil(seconds(2.5));
    ran.process.kill('SIGINT');
    expect(ran.code()).toBe(0);
    expect(ran.stdout.text).toContain('\n--- 10.0.0.2 ping statistics ---\n3 packets transmitted, 3 received, 0% packet loss, time 2000ms\n');
  });
  it('a name is shown with its address, replies by their reverse name', () => {
    const { a } = lan({ names: { 'web.default.svc.cluster.local': '10.0.0.2', '2.0.0.10.in-addr.arpa': '10-0-0-2.web.default.svc.cluster.local' } });
    expect(masked(a.run(ping, 'ping -c 1 web').stdout).split('\n').slice(0, 2)).toEqual([
      'PING web.default.svc.cluster.local (10.0.0.2) 56(84) bytes of data.', '64 bytes from 10-0-0-2.web.default.svc.cluster.local (10.0.0.2): icmp_seq=1 ttl=64 time=T ms']);
  });
  test.each([
    ['ping -c 1 9.9.9.9', '', 'ping: connect: Network is unreachable\n', 2],
    ['ping', '', 'ping: usage error: Destination address required\n', 1],
    ['ping -c x 10.0.0.2', '', "ping: invalid argument: 'x'\n", 1],
    ['ping -c 0 10.0.0.2', '', "ping: invalid argument: '0': out of range: 1 <= value <= 9223372036854775807\n", 1],
    ['ping -t 300 10.0.0.2', '', "ping: invalid argument: '300': out of range: 0 <= value <= 255\n", 1],
    ['ping -M foo 10.0.0.2', '', 'ping: invalid -M argument: foo\n', 2],
    ['ping -I nodev 10.0.0.2', '', 'ping: SO_BINDTODEVICE nodev: No such device\n', 2],
    ['ping -c 1 nosuch', '', 'ping: nosuch: Name or service not known\n', 2],
    ['ping -c 1 -W 1 -q 10.0.0.77', 'PING 10.0.0.77 (10.0.0.77) 56(84) bytes of data.\n\n--- 10.0.0.77 ping statistics ---\n1 packets transmitted, 0 received, 100% packet loss, time 0ms\n\n', '', 1],
    ['ping -b -c 1 -W 1 10.0.0.255', 'PING 10.0.0.255 (10.0.0.255) 56(84) bytes of data.\n\n--- 10.0.0.255 ping statistics ---\n1 packets transmitted, 0 received, 100% packet loss, time 0ms\n\n', 'WARNING: pinging broadcast address\n', 1],
    ['ping -c 1 -M do -s 3000 10.0.0.2', 'PING 10.0.0.2 (10.0.0.2) 3000(3028) bytes of data.\n\n--- 10.0.0.2 ping statistics ---\n1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms\n\n', 'ping: local error: message too long, mtu=1500\n', 1],
  ] as const)('%s', (line, stdout, stderr, code) => {
    expect(lan().a.run(ping, line)).toEqual({ stdout, stderr, code });
  });
  it.each([['-I 10.0.0.1', ' from 10.0.0.1 :'], ['-I eth0', ' from 10.0.0.1 eth0:']])('%s', (option, from) => {
    expect(lan().a.run(ping, `ping -c 1 ${option} 10.0.0.2`).stdout).toContain(`PING 10.0.0.2 (10.0.0.2)${from} 56(84) bytes of data.\n64 bytes`);
  });
  it('large pings are fragmented', () => {
    expect(lan().a.run(ping, 'ping -c 1 -s 3000 10.0.0.2')).toMatchObject({ code: 0 });
  });
});

describe('numbers', () => {
  it.each([[17, '0.017 ms'], [1217, '1.21 ms'], [12345, '12.3 ms'], [229166, '229 ms']])('%i µs is %s', (micros, text) => expect(roundTrip(micros)).toBe(text));
  it('min, avg, max, mdev of a real run', () => {
    const s = new Statistics();
    s.transmitted = 1;
    s.reply(1, 1217);
    s.transmitted = 2;
    s.reply(2, 52);
    expect(s.text('x', 1002e6 as never, false)).toContain('rtt min/avg/max/mdev = 0.052/0.634/1.217/0.582 ms\n');
  });
});
