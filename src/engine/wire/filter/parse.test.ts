import { describe, expect, it, test } from 'vitest';
import { emitFrame, parseFrame } from '../frame.ts';
import { SAMPLES, samplesPcap } from '../testing/frames.ts';
import { filterError, realTcpdump, runTcpdump } from '../testing/real-tcpdump.ts';
import { DEFAULT_PRINTER, TcpdumpPrinter } from '../tcpdump/printer.ts';
import { filterHostNames, FilterPacket, parseFilter } from './parse.ts';

const EXPRESSIONS = [
  'tcp', 'udp', 'icmp', 'arp', 'ip', 'not ip', 'vlan', 'vlan 100', 'vlan 101', 'vlan and icmp', 'tcp and port 80', 'tcp port 80', 'port 53', 'udp port 53 or tcp port 80',
  'host 10.42.0.8', 'src host 10.42.0.8', 'dst host 10.42.0.8', 'src 10.42.0.8', 'src or dst 10.42.0.8', 'src and dst 10.42.0.8', 'net 10.42.0.0/16', 'net 10.42', 'src net 10.42.0.0 mask 255.255.255.0', 'dst net 10.43.0.0/24',
  'port 80 or 443', 'host 10.42.0.8 or 10.0.0.1', 'not host 10.42.0.8 and port 80', 'portrange 50-90', 'src portrange 50-90', 'dst port 80', 'src port 80 and dst host 10.42.1.4', 'tcp dst port 80',
  'tcp[tcpflags] & tcp-syn != 0', 'tcp[tcpflags] & (tcp-syn|tcp-fin) != 0', 'tcp[13]=2', 'tcp[13] & 2 = 2', "tcp[tcpflags] == tcp-syn|tcp-ack", 'ip[8] < 64', 'ip[6:2] & 0x1fff != 0', 'ip[2:2] > 100', 'icmp[icmptype] = icmp-echo',
  'icmp[0] == 3 and icmp[1] == 4', 'ether[0] & 1 = 1', 'udp[8:2] = 0xaf5a', 'len > 100', 'length <= 60', 'greater 100', 'less 60', 'ether host 02:42:ac:11:00:02', 'ether src 02:42:ac:11:00:02', 'ether dst 02:42:ac:11:00:02',
  'ether proto 0x0806', 'ether proto \\arp', 'ip proto 1', 'ip proto \\tcp', 'proto 17', '(tcp or udp) and not port 53', 'tcp and (port 80 or port 22)', '!(arp)', 'tcp && port 80 || arp', 'arp or icmp and host 10.42.0.1',
  'ip host 10.0.0.1', 'arp host 10.0.0.1', 'arp src host 10.0.0.1', 'port http', 'tcp port ssh', 'not tcp and not udp and not icmp', 'ether broadcast', 'ether multicast', 'ip multicast', 'tcp[12:1] >> 4 > 5', 'ip[0] & 0xf != 5',
  'tcp and ((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) != 0', 'port (80 or 53)', '(host 10.42.0.8 and (port 80))', 'tcp port 80 and not src 10.42.1.4', 'ip6', 'icmp6', 'sctp',
] as const;

const BROKEN = [
  'foo', 'tcp port', 'port 99999', 'tcp[tcpflags] & tcp-syn', 'host 300.1.1.1', 'net 10.0.0.1/8', 'port nosuch', 'ip proto foo', 'ether host 1.2.3.4', 'and', 'tcp tcp', 'tcp[0', '1', 'ether proto foo', 'vlan 5000',
  'icmp port 80', 'less', 'tcp and host', 'not', 'host 10.0.0.0/24', 'net 10.0.0.0/33', '@', 'tcp[0:3]', 'foo[0]', 'tcp src port', 'src 10.0.0.1 and', 'dst host 1.1.1.1 or port 5 foo', '(tcp', 'tcp)', '()',
] as const;

const matching = (expression: string): string => {
  const filter = parseFilter(expression);
  if (!filter.ok) throw new Error(`${expression}: ${filter.error}`);
  const printer = new TcpdumpPrinter({ ...DEFAULT_PRINTER, noNames: true, absoluteSeq: true });
  return SAMPLES.map((s) => ({ s, frame: parseFrame(emitFrame(s.frame, { partialChecksum: s.partial })) }))
    .filter(({ frame }) => filter.value(new FilterPacket(frame))).map(({ frame }) => `${printer.frame(frame)}\n`).join('');
};

describe.skipIf(!realTcpdump)('libpcap picks the same packets', () => {
  test.each(EXPRESSIONS)('%s', (expression) => {
    expect(matching(expression)).toBe(runTcpdump(samplesPcap(), ['-S', expression]));
  });
  test.each(BROKEN)('and refuses in the same words: %s', (expression) => {
    const filter = parseFilter(expression);
    expect(filter.ok ? '' : filter.error).toBe(filterError(expression));
  });
});

describe('filters', () => {
  it.each(['foo', 'tcp port', 'and', '(tcp', '1', '@'])('%s is a syntax error', (text) => {
    expect(parseFilter(text)).toEqual({ ok: false, error: "can't parse filter expression: syntax error" });
  });
  it('a live capture sees behind an offloaded tag', () => {
    const tagged = SAMPLES.find((s) => s.name === 'vlan');
    const icmp = parseFilter('icmp');
    if (tagged === undefined || !icmp.ok) throw new Error('setup');
    expect(icmp.value(new FilterPacket(tagged.frame, { tagOffloaded: true }))).toBe(true);
    expect(icmp.value(new FilterPacket(tagged.frame))).toBe(false);
  });
  it('names are found before they are resolved', () => {
    expect(filterHostNames('host vm1 and not src nginx-service')).toEqual(['vm1', 'nginx-service']);
    expect(parseFilter('host vm1')).toEqual({ ok: false, error: "unknown host 'vm1'" });
  });
});
