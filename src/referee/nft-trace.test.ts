import { describe, expect, it } from 'vitest';
import { differ, parseTrace } from './nft-trace.ts';

const packet = (id: string, where: string, more = ''): string =>
  `trace id ${id} ip ${where} packet: iif "cni0" ${more}ether saddr 82:58:68:26:58:6c ether daddr c6:1d:5f:d1:48:51 ip saddr 10.42.1.4 ip daddr 10.43.180.238 ip dscp cs0 ip ecn not-ect ip ttl 64 ip id 59548 ip length 60 tcp sport 33700 tcp dport 80 tcp flags == syn tcp window 64860 `;

const RUN = [
  packet('a1', 'raw PREROUTING'),
  'trace id a1 ip raw PREROUTING rule tcp dport 80 counter packets 0 bytes 0 meta nftrace set 1 (verdict continue)',
  'trace id a1 ip raw PREROUTING policy accept ',
  packet('a1', 'nat PREROUTING'),
  'trace id a1 ip nat PREROUTING rule  counter packets 7 bytes 9 jump KUBE-SERVICES (verdict jump KUBE-SERVICES)',
  packet('b2', 'filter FORWARD', 'oif "flannel.1" '),
  'trace id b2 ip filter FORWARD rule  counter packets 0 bytes 0 jump KUBE-FORWARD (verdict jump KUBE-FORWARD)',
].join('\n');

describe('traces of nft', () => {
  it('joins the parts of a packet whose trace id changes', () => {
    const [only, ...more] = parseTrace(RUN);
    expect(more).toEqual([]);
    expect(only?.what).toBe('10.42.1.4 > 10.43.180.238 syn');
    expect(only?.path).toHaveLength(6);
  });

  it('is blind to ids and counters', () => {
    const other = RUN.replaceAll('a1', 'ff').replace('packets 7 bytes 9', 'packets 70 bytes 90').replaceAll('59548', '111').replaceAll('33700', '40000');
    expect(differ(parseTrace(RUN), parseTrace(other))).toBeUndefined();
  });

  it.each([['a verdict', 'jump KUBE-SERVICES)', 'accept)'], ['a TTL', 'ip ttl 64', 'ip ttl 63'], ['a device', 'flannel.1', 'ens3'], ['a rule', 'jump KUBE-FORWARD (', 'jump FLANNEL-FWD (']])(
    'sees %s that differs', (_name, from, to) => {
      expect(differ(parseTrace(RUN), parseTrace(RUN.replaceAll(from, to)))).toBeDefined();
    });
});
