/**
 * The real `nft monitor trace` of vm2 (testing/trace-*.txt: Linux 6.18, kube-proxy's rules of kube-proxy-nat.rules) against ours for the same packets.
 * Trace ids and the counters that the tool had cached are not compared.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { must } from '../../../base/assert.ts';
import { nftTraceText } from '../../trace/nft-trace.ts';
import { parseMac } from '../../wire/addresses.ts';
import { ACK, PSH, SYN, type EthernetHeader, type Ipv4Packet } from '../../wire/packet.ts';
import type { Skb } from '../skb.ts';
import { Gate, packet, tcp } from './testing/gate.ts';

const read = (name: string): string => readFileSync(new URL(`./testing/${name}`, import.meta.url), 'utf8');
const RULES = read('kube-proxy-nat.rules');
const TRACE = '*raw\n-A PREROUTING -p tcp -m tcp --dport 80 -j TRACE\nCOMMIT\n';

const normal = (text: string): string[] =>
  text.split('\n').filter((line) => line !== '').map((line) => line.replace(/^trace id \w+ /, '').replace(/counter packets \d+ bytes \d+/, 'counter'));
/** Lines of the reference for one IP id: from its packet in raw PREROUTING to the next one. */
function reference(name: string, ids: readonly number[]): string[] {
  const out: string[] = [];
  let take = false;
  for (const line of normal(read(name))) {
    if (line.startsWith('ip raw PREROUTING packet:')) take = ids.some((id) => line.includes(` ip id ${id} `));
    if (take) out.push(line);
  }
  return out;
}

const mac = (src: string, dst: string): EthernetHeader => ({ src: must(parseMac(src), src), dst: must(parseMac(dst), dst), etherType: 0x0800 });
const ttl = (p: Skb['net'], n: number): Ipv4Packet => {
  if (p.kind !== 'ipv4') throw new Error('not IPv4');
  return { ...p, ttl: n };
};

describe('NF19 nft monitor trace', () => {
  test('a pod calls the ClusterIP: SYN, then an ACK of the established connection', () => {
    const g = new Gate(`${RULES}${TRACE}`, { inside: 'cni0', outside: 'flannel.1' });
    g.world.scripted.set('statistic', [0]); // the first endpoint, as there
    const { netfilter } = g.ns;
    const forward = (net: Ipv4Packet): void => {
      const skb = g.skb(net);
      skb.mac = mac('82:58:68:26:58:6c', 'c6:1d:5f:d1:48:51');
      expect(netfilter.hook('PREROUTING', skb, g.inside, undefined)).toBe(true);
      skb.net = ttl(skb.net, 63);
      expect(netfilter.hook('FORWARD', skb, g.inside, g.outside) && netfilter.hook('POSTROUTING', skb, g.inside, g.outside)).toBe(true);
    };
    const options = [{ kind: 'mss', value: 1410 }, { kind: 'sackOK' }, { kind: 'timestamps', value: 1, echo: 0 }, { kind: 'nop' }, { kind: 'wscale', shift: 10 }] as const;
    forward({ ...packet('10.42.1.4', '10.43.180.238', tcp(33700, 80, SYN, { seq: 99, window: 64860, options })), id: 59548 });
    // The answer comes by flannel.1; it meets no TRACE rule.
    const back = g.skb(packet('10.42.0.8', '10.42.1.4', tcp(80, 33700, SYN | ACK, { seq: 5, ack: 100, options })));
    expect(netfilter.hook('PREROUTING', back, g.outside, undefined) && netfilter.hook('FORWARD', back, g.outside, g.inside)).toBe(true);
    netfilter.hook('POSTROUTING', back, g.outside, g.inside);
    forward({ ...packet('10.42.1.4', '10.43.180.238', tcp(33700, 80, ACK, { seq: 100, ack: 6, window: 64, options: [{ kind: 'nop' }, { kind: 'nop' }, { kind: 'timestamps', value: 1, echo: 1 }] })), id: 59549 });
    const real = reference('trace-clusterip.txt', [59548, 59549]);
    expect(real).toHaveLength(24);
    expect(normal(nftTraceText(g.world.recorder.steps))).toEqual(real);
  });

  test('a pod calls itself through its Service: bridged after DNAT, masqueraded', () => {
    const g = new Gate(`${RULES}${TRACE}`, { inside: 'cni0', outside: 'flannel.1' });
    g.ns.fib.newAddress({ dev: 'cni0', address: must(packet('10.42.1.1', '1.1.1.1', tcp(1, 1, 0)).src, 'address'), prefixLength: 24 });
    g.world.scripted.set('statistic', [0x7fffffff, 0]); // not the first endpoint, but the second
    const { netfilter } = g.ns;
    const bridge = (net: Ipv4Packet): void => {
      const skb = g.skb(net);
      skb.mac = mac('22:8b:81:64:8a:ea', 'c6:1d:5f:d1:48:51');
      expect(netfilter.hook('PREROUTING', skb, g.inside, undefined)).toBe(true);
      skb.mac = mac('22:8b:81:64:8a:ea', '22:8b:81:64:8a:ea');
      expect(netfilter.hook('FORWARD', skb, g.inside, g.inside) && netfilter.hook('POSTROUTING', skb, undefined, g.inside)).toBe(true);
    };
    const options = [{ kind: 'mss', value: 1410 }, { kind: 'sackOK' }, { kind: 'timestamps', value: 1, echo: 0 }, { kind: 'nop' }, { kind: 'wscale', shift: 10 }] as const;
    const stamps = [{ kind: 'nop' }, { kind: 'nop' }, { kind: 'timestamps', value: 1, echo: 1 }] as const;
    bridge({ ...packet('10.42.1.2', '10.43.180.238', tcp(54216, 80, SYN, { seq: 99, window: 64860, options })), id: 39257 });
    const port = g.ns.conntrack.door().list()[0]?.reply.dport ?? 0;
    const back = g.skb(packet('10.42.1.2', '10.42.1.1', tcp(80, port, SYN | ACK, { seq: 5, ack: 100, options })));
    expect(netfilter.hook('PREROUTING', back, g.inside, undefined) && netfilter.hook('FORWARD', back, g.inside, g.inside)).toBe(true);
    const more = (flags: number, id: number, length: number, seq: number): void =>
      bridge({ ...packet('10.42.1.2', '10.43.180.238', tcp(54216, 80, flags, { seq, ack: 6, window: 64, options: stamps, payload: new Uint8Array(length) })), id });
    more(ACK, 39258, 0, 100);
    more(ACK | PSH, 39259, 77, 100);
    expect(normal(nftTraceText(g.world.recorder.steps))).toEqual(reference('trace-hairpin.txt', [39257, 39258, 39259]));
  });

  test('without a TRACE rule there is nothing, unless all is asked for', () => {
    const g = new Gate('*filter\n-A FORWARD -m comment --comment x -j ACCEPT\nCOMMIT\n');
    g.forward(packet('10.0.0.1', '10.0.0.2', tcp(1, 2, SYN)));
    expect(nftTraceText(g.world.recorder.steps)).toBe('');
    expect(nftTraceText(g.world.recorder.steps, { all: true })).toContain('ip filter FORWARD rule  counter packets 0 bytes 0 accept (verdict accept)');
  });
});
