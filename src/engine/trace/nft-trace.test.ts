/** `packet:` lines as nft 1.0.6 printed them on Linux 6.18 for packets made by a raw socket. */
import { describe, expect, test } from 'vitest';
import { must } from '../../base/assert.ts';
import { nanos } from '../sim/time.ts';
import { parseIpv4, parseMac } from '../wire/addresses.ts';
import type { Ipv4Packet, TransportLayer } from '../wire/packet.ts';
import { nftTraceText } from './nft-trace.ts';
import type { Step } from './steps.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
const ip = (text: string): Ipv4Packet['src'] => must(parseIpv4(text), text);
const ether = (src: string, dst: string): NonNullable<Extract<Step, { kind: 'hook' }>['mac']> => ({ src: must(parseMac(src), src), dst: must(parseMac(dst), dst), etherType: 0x0800 });

function line(protocol: number, payload: TransportLayer, more: Partial<Ipv4Packet> = {}, step: Partial<Extract<Step, { kind: 'hook' }>> = {}): string {
  const net: Ipv4Packet = { kind: 'ipv4', tos: 0, id: 77, df: false, mf: false, offset: 0, ttl: 64, protocol, src: ip('10.9.0.1'), dst: ip('10.9.0.2'), payload, ...more };
  const hook: Step = {
    i: 0, t: nanos(0), ns: 1, kind: 'hook', pkt: 0xbd5e2595, mac: ether('16:9f:2f:dc:b4:23', '52:44:81:06:fb:25'), net, hook: 'PREROUTING', table: 'raw',
    iif: 'e1', oif: undefined, physIn: undefined, physOut: undefined, mark: 0, ctState: undefined, ...step,
  };
  return nftTraceText([hook], { all: true });
}
const HEAD = 'trace id bd5e2595 ip raw PREROUTING packet: iif "e1" ether saddr 16:9f:2f:dc:b4:23 ether daddr 52:44:81:06:fb:25 ip saddr 10.9.0.1 ip daddr 10.9.0.2 ';
const CS0 = 'ip dscp cs0 ip ecn not-ect ip ttl 64 ip id 77 ';
const tcp = (flags: number): TransportLayer => ({ kind: 'tcp', srcPort: 1, dstPort: 2, seq: 3, ack: 4, flags, window: 5, options: [], payload: new Uint8Array(0) });

describe('packet lines', () => {
  test.each<readonly [string, string, string]>([
    ['no flags', line(6, tcp(0)), `${HEAD}${CS0}ip length 40 tcp sport 1 tcp dport 2 tcp flags == 0x0 tcp window 5 \n`],
    ['SYN', line(6, tcp(2)), `${HEAD}${CS0}ip length 40 tcp sport 1 tcp dport 2 tcp flags == syn tcp window 5 \n`],
    ['SYN and ACK', line(6, tcp(0x12)), `${HEAD}${CS0}ip length 40 tcp sport 1 tcp dport 2 tcp flags == 0x12 tcp window 5 \n`],
    ['UDP with payload', line(17, { kind: 'udp', srcPort: 34212, dstPort: 7, payload: bytes('hi\n') }), `${HEAD}${CS0}ip length 31 udp sport 34212 udp dport 7 udp length 11 @th,64,24 0x68690a \n`],
    ['UDP without payload', line(17, { kind: 'udp', srcPort: 1, dstPort: 2, payload: new Uint8Array(0) }), `${HEAD}${CS0}ip length 28 udp sport 1 udp dport 2 udp length 8 \n`],
    ['twelve bytes at most, no leading zeros', line(17, { kind: 'udp', srcPort: 1, dstPort: 2, payload: bytes('\0\u0001cdefghabcdefghabcdefghabcdefgh') }), `${HEAD}${CS0}ip length 60 udp sport 1 udp dport 2 udp length 40 @th,64,96 0x163646566676861626364 \n`],
    ['echo reply', line(1, { kind: 'icmp', type: 0, code: 0, rest: (7 << 16) | 1, body: new Uint8Array(0) }), `${HEAD}${CS0}ip length 28 icmp type echo-reply icmp code net-unreachable icmp id 7 icmp sequence 1 \n`],
    ['all zero payload', line(1, { kind: 'icmp', type: 5, code: 1, rest: (7 << 16) | 1, body: new Uint8Array(28) }), `${HEAD}${CS0}ip length 56 icmp type redirect icmp code host-unreachable icmp id 7 icmp sequence 1 @th,64,96 0x0 \n`],
    ['SCTP', line(132, { kind: 'data', bytes: bytes('\0\u0001\0\u0002\0\0\0\u0003\0\0\0\u0004abcdefgh') }), `${HEAD}${CS0}ip length 40 sctp sport 1 sctp dport 2 sctp vtag 3 @th,96,64 0x6162636465666768 \n`],
    ['another protocol', line(200, { kind: 'data', bytes: bytes('abcdefgh') }), `${HEAD}${CS0}ip protocol 200 ip length 28 @th,0,64 0x6162636465666768 \n`],
    ['DSCP and ECN', line(6, tcp(16), { tos: 0xb9 }), `${HEAD}ip dscp ef ip ecn ect1 ip ttl 64 ip id 77 ip length 40 tcp sport 1 tcp dport 2 tcp flags == ack tcp window 5 \n`],
    ['made here', line(6, tcp(16), {}, { mac: undefined, iif: undefined, oif: 'e1' }), `trace id bd5e2595 ip raw PREROUTING packet: oif "e1" ip saddr 10.9.0.1 ip daddr 10.9.0.2 ${CS0}ip length 40 tcp sport 1 tcp dport 2 tcp flags == ack tcp window 5 \n`],
    ['over loopback', line(6, tcp(16), {}, { mac: ether('0:0:0:0:0:0', '0:0:0:0:0:0'), iif: 'lo' }), `trace id bd5e2595 ip raw PREROUTING packet: iif "lo" @ll,0,112 0x800 ip saddr 10.9.0.1 ip daddr 10.9.0.2 ${CS0}ip length 40 tcp sport 1 tcp dport 2 tcp flags == ack tcp window 5 \n`],
  ])('%s', (_, ours, real) => {
    expect(ours).toBe(real);
  });
});
