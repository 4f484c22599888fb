import { describe, expect, it, test } from 'vitest';
import { seconds } from '../../../engine/sim/time.ts';
import { lan } from '../../testing/lan.ts';
import { curl } from '../curl/index.ts';
import { ping } from '../ping/index.ts';
import { tcpdump } from './index.ts';

const lines = (text: string): string[] => text.split('\n');

describe('tcpdump on a real world', () => {
  it('banner, lines, and the footer at Ctrl-C', () => {
    const { a, world } = lan();
    const dump = a.start(tcpdump, 'tcpdump -ni eth0 icmp');
    a.run(ping, 'ping -c 1 10.0.0.2');
    dump.process.kill('SIGINT');
    expect(dump.stderr.text).toBe(`tcpdump: verbose output suppressed, use -v[v]... for full protocol decode
listening on eth0, link-type EN10MB (Ethernet), snapshot length 262144 bytes
2 packets captured
2 packets received by filter
0 packets dropped by kernel
`);
    expect(dump.stdout.text).toMatch(/^\d\d:\d\d:\d\d\.\d{6} IP 10\.0\.0\.1 > 10\.0\.0\.2: ICMP echo request, id \d+, seq 1, length 64\n\d\d:\d\d:\d\d\.\d{6} IP 10\.0\.0\.2 > 10\.0\.0\.1: ICMP echo reply, id \d+, seq 1, length 64\n\n$/);
    expect(dump.code()).toBe(0);
    expect(world.scheduler.now).toBeLessThan(seconds(20));
  });
  it('a curl from SYN to FIN with -v: partial checksums of what leaves', () => {
    const { a } = lan();
    const dump = a.start(tcpdump, 'tcpdump -vni eth0 tcp');
    a.run(curl, 'curl -s 10.0.0.2');
    const text = dump.stdout.text;
    expect(dump.stderr.text).toBe('tcpdump: listening on eth0, link-type EN10MB (Ethernet), snapshot length 262144 bytes\n');
    expect(text).toMatch(/Flags \[S\], cksum 0x[0-9a-f]{4} \((?:incorrect -> 0x[0-9a-f]{4}|correct)\), seq \d+, win 64240, options \[mss 1460,sackOK,TS val \d+ ecr 0,nop,wscale 7\], length 0\n/);
    expect(text).toContain('length 71: HTTP, length: 71\n\tGET / HTTP/1.1\n\tHost: 10.0.0.2\n\tUser-Agent: curl/8.7.1\n\tAccept: */*\n\t\n');
    expect(text).toContain('HTTP/1.1 200 OK');
  });
  it('-i any names the interface and the direction', () => {
    const { a } = lan();
    const dump = a.start(tcpdump, 'tcpdump -c 2 -nn -i any icmp');
    a.run(ping, 'ping -c 1 10.0.0.2');
    expect(lines(dump.stdout.text).map((l) => l.slice(16))).toEqual([expect.stringMatching(/^eth0 {2}Out IP 10\.0\.0\.1 > 10\.0\.0\.2: ICMP echo request/), expect.stringMatching(/^eth0 {2}In {2}IP 10\.0\.0\.2 > /), '']);
    expect(dump.stderr.text).toMatch(/^tcpdump: data link type LINUX_SLL2\ntcpdump: verbose output suppressed[^]*listening on any, link-type LINUX_SLL2 \(Linux cooked v2\), snapshot length 262144 bytes\n2 packets captured\n/);
  });
  it('-w and -r: what was written is read again', () => {
    const { a } = lan();
    const dump = a.start(tcpdump, 'tcpdump -i eth0 -w x.pcap icmp or arp');
    a.run(ping, 'ping -c 2 10.0.0.2');
    dump.process.kill('SIGINT');
    expect(dump.stdout.text).toBe('');
    expect(dump.stderr.text).toMatch(/^tcpdump: listening on eth0[^]*\n6 packets captured\n/);
    const read = a.run(tcpdump, 'tcpdump -nt -r x.pcap icmp');
    expect(read.stderr).toBe('reading from file x.pcap, link-type EN10MB (Ethernet), snapshot length 262144\n');
    expect(lines(read.stdout)).toHaveLength(5);
    expect(a.run(tcpdump, 'tcpdump -r x.pcap --count arp')).toMatchObject({ stdout: '2 packets\n', code: 0 });
  });
  it('without -n ports and hosts have names', () => {
    const { a } = lan({ names: { '2.0.0.10.in-addr.arpa': 'web.example' } });
    const dump = a.start(tcpdump, 'tcpdump -c 1 -i eth0 tcp');
    a.run(curl, 'curl -s 10.0.0.2');
    expect(dump.stdout.text).toMatch(/ IP 10\.0\.0\.1\.\d+ > web\.example\.http: Flags \[S\]/);
  });
  test.each([
    ['tcpdump -i nope', 'tcpdump: nope: No such device exists\n(No such device exists)\n'], ['tcpdump -i eth0 tcp port', "tcpdump: can't parse filter expression: syntax error\n"],
    ['tcpdump -c x -i eth0', 'tcpdump: invalid packet count x\n'], ['tcpdump -i eth0 host nosuch', "tcpdump: unknown host 'nosuch'\n"], ['tcpdump -r nofile', 'tcpdump: nofile: No such file or directory\n'],
    ['tcpdump -i eth0 -w /nodir/x', 'tcpdump: /nodir/x: No such file or directory\n'], ['tcpdump -y FOO -i eth0', 'tcpdump: -y: not modelled in this lab\n'],
  ])('%s', (line, stderr) => {
    expect(lan().a.run(tcpdump, line)).toEqual({ stdout: '', stderr, code: 1 });
  });
  it('time stamps: none, seconds, differences, date', () => {
    for (const [flag, pattern] of [['-t', /^IP/], ['-tt', /^\d{10}\.\d{6} IP/], ['-ttt', /^ 00:00:00\.000000 IP/], ['-tttt', /^2024-05-30 08:00:0\d\.\d{6} IP/], ['-ttttt', /^ 00:00:00\.000000 IP/]] as const) {
      const { a } = lan();
      const dump = a.start(tcpdump, `tcpdump ${flag} -c 1 -n -i eth0 icmp`);
      a.run(ping, 'ping -c 1 10.0.0.2');
      expect(dump.stdout.text, flag).toMatch(pattern);
    }
  });
});
