import { describe, expect, it, test } from 'vitest';
import type { Command } from '../../host.ts';
import { lan } from '../../testing/lan.ts';
import { ping } from './index.ts';

/** ping as an image with busybox has it. */
const busybox: Command = { ...ping, run: (context) => ping.run({ ...context, host: { ...context.host, versions: { ping: 'busybox' } } }) };

const masked = (text: string): string => text.replaceAll(/time=[\d.]+ ms/g, 'time=T ms').replaceAll(/(?<= = )[\d./]+ ms/g, 'R ms');

describe('ping of busybox', () => {
  it('counts from 0', () => {
    const ran = lan().a.run(busybox, 'ping -c 2 10.0.0.2');
    expect(masked(ran.stdout)).toBe(`PING 10.0.0.2 (10.0.0.2): 56 data bytes
64 bytes from 10.0.0.2: seq=0 ttl=64 time=T ms
64 bytes from 10.0.0.2: seq=1 ttl=64 time=T ms

--- 10.0.0.2 ping statistics ---
2 packets transmitted, 2 packets received, 0% packet loss
round-trip min/avg/max = R ms
`);
    expect(ran.code).toBe(0);
  });

  it('says nothing of an ICMP error, and waits for -W', () => {
    const ran = lan().a.run(busybox, 'ping -c 1 -W 5 10.0.0.77');
    expect(ran).toMatchObject({ stdout: 'PING 10.0.0.77 (10.0.0.77): 56 data bytes\n\n--- 10.0.0.77 ping statistics ---\n1 packets transmitted, 0 packets received, 100% packet loss\n', stderr: '', code: 1 });
  });

  test.each([
    ['ping -q -c 1 -s 1000 10.0.0.2', 0, 'PING 10.0.0.2 (10.0.0.2): 1000 data bytes\n\n---'],
    ['ping -w 2 -c 5 10.0.0.2', 1, '2 packets transmitted, 2 packets received, 0% packet loss'],
    ['ping -c 1 -I 10.0.0.1 10.0.0.2', 0, 'PING 10.0.0.2 (10.0.0.2) from 10.0.0.1: 56 data bytes'],
  ])('%s', (line, code, text) => {
    const ran = lan().a.run(busybox, line);
    expect(ran.stdout).toContain(text);
    expect(ran.code).toBe(code);
  });

  test.each([
    ['ping nosuch', "ping: bad address 'nosuch'\n"], ['ping -A 10.0.0.2', 'ping: -A: not modelled in this lab\n'], ['ping', 'BusyBox v1.36.1 multi-call binary.\n\nUsage: ping [OPTIONS] HOST\n'],
  ])('%s is refused', (line, stderr) => {
    expect(lan().a.run(busybox, line)).toMatchObject({ stdout: '', stderr, code: 1 });
  });
});
