import { describe, expect, it } from 'vitest';
import { must } from '../base/assert.ts';
import { parseIpv4, parseMac } from '../engine/wire/addresses.ts';
import { emitFrame } from '../engine/wire/frame.ts';
import { ETH_P_ARP } from '../engine/wire/packet.ts';
import { withoutExpiring } from './arena.ts';
import { arpCrossings, arpOf, type ArpFrame } from './arp.ts';
import { compare, compareTables, sideBySide } from './compare.ts';
import { headersOf } from './headers.ts';
import { Labels } from './labels.ts';
import { entryText, type EntryText, type Observation } from './observation.ts';
import { lateServers } from './observe-real.ts';
import { crossingText, hookText } from './words.ts';

const ENTRY: EntryText = {
  protocol: 6, state: 'SYN_SENT', original: { src: '10.42.0.2', dst: '10.43.0.10', sport: 20000, dport: 80, type: undefined, code: undefined },
  reply: { src: '10.42.1.3', dst: '10.42.0.2', sport: 80, dport: 20000, type: undefined, code: undefined }, seenReply: false, assured: false, mark: 0, timeout: 120,
};

const OBSERVED: Observation = {
  results: ['reply'],
  traversals: [{ ns: 'n0', packet: 'tcp 20000 C syn 0', hook: 'nat PREROUTING iif cni0 oif - 10.42.0.2:20000>10.43.0.10:80 ttl 64', steps: ['PREROUTING 1 jump KUBE-SERVICES', 'policy accept'] }],
  crossings: [{ ns: 'n0', packet: 'tcp 20000 C syn 0', text: 'in  veth0 10.42.0.2:20000>10.43.0.10:80 ttl 64 len 60 df' }],
  events: new Map([['n0', [`NEW ${entryText(ENTRY)}`]]]),
};

describe('comparing', () => {
  it('equal observations do not diverge', () => {
    expect(compare(OBSERVED, structuredClone(OBSERVED))).toEqual([]);
  });

  const [traversal] = OBSERVED.traversals;
  const [crossing] = OBSERVED.crossings;
  if (traversal === undefined || crossing === undefined) throw new Error('observed');
  it.each<[string, Partial<Observation>, string]>([
    ['what the client saw', { results: ['timeout'] }, 'seen by the client'],
    ['a rule more', { traversals: [{ ...traversal, steps: ['PREROUTING 1 jump KUBE-SERVICES', 'KUBE-SERVICES 3 continue', 'policy accept'] }] }, 'hooks'],
    ['a verdict', { traversals: [{ ...traversal, steps: ['PREROUTING 1 jump KUBE-SERVICES', 'policy drop'] }] }, 'hooks'],
    ['a chain traversed twice', { traversals: [traversal, traversal] }, 'hooks'],
    ['a TTL', { crossings: [{ ...crossing, text: crossing.text.replace('ttl 64', 'ttl 63') }] }, 'crossings'],
    ['a device not crossed', { crossings: [] }, 'crossings'],
    ['another namespace', { crossings: [{ ...crossing, ns: 'n1' }] }, 'crossings'],
    ['an event missing', { events: new Map() }, 'conntrack events'],
    ['another translation', { events: new Map([['n0', [`NEW ${entryText({ ...ENTRY, reply: { ...ENTRY.reply, src: '10.42.1.4' } })}`]]]) }, 'conntrack events'],
    ['another time-out', { events: new Map([['n0', [`NEW ${entryText({ ...ENTRY, timeout: 60 })}`]]]) }, 'conntrack events'],
  ])('sees %s', (_name, change, kind) => {
    const found = compare(OBSERVED, { ...OBSERVED, ...change });
    expect(found.length).toBeGreaterThan(0);
    expect(found.every((d) => d.where.endsWith(kind))).toBe(true);
  });

  it('tables: order does not matter, contents do', () => {
    expect(compareTables(new Map([['n0', ['a', 'b']]]), new Map([['n0', ['b', 'a']]]))).toEqual([]);
    expect(compareTables(new Map([['n0', ['a']]]), new Map([['n0', []]]))).toHaveLength(1);
  });

  it('shows both sides', () => {
    expect(sideBySide({ where: 'n0: hooks', kernel: ['same', 'jump A'], lab: ['same', 'jump B'] })).toBe('n0: hooks\n         = same\n  kernel - jump A\n  lab    + jump B');
  });
});

/** IPv4 and TCP headers as they stand on the wire. */
function tcp(src: readonly number[], dst: readonly number[], seq: number, ack: number, flags: number, size = 0, more: { readonly ttl?: number; readonly sport?: number; readonly id?: number } = {}): Uint8Array {
  const b = new Uint8Array(40 + size);
  const view = new DataView(b.buffer);
  b[0] = 0x45;
  view.setUint16(2, 40 + size);
  view.setUint16(4, more.id ?? 1);
  b[8] = more.ttl ?? 64;
  b[9] = 6;
  b.set(src, 12);
  b.set(dst, 16);
  view.setUint16(20, more.sport ?? 20000);
  view.setUint16(22, 80);
  view.setUint32(24, seq);
  view.setUint32(28, ack);
  b[32] = 0x50;
  b[33] = flags;
  return b;
}

describe('names of packets', () => {
  const A = [10, 42, 0, 2];
  const B = [10, 43, 0, 10];
  const label = (labels: Labels, b: Uint8Array): string => {
    const h = headersOf(b);
    if (h === undefined) throw new Error('no IPv4');
    labels.learn(h);
    return labels.of(h);
  };

  it('count from the connection’s own numbers, whatever NAT does to addresses', () => {
    const labels = new Labels();
    expect(label(labels, tcp(A, B, 0xffffffff, 0, 2))).toBe('tcp 20000 C syn 0');
    expect(label(labels, tcp(A, [10, 42, 1, 3], 0xffffffff, 0, 2, 0, { ttl: 63, sport: 34000 }))).toBe('tcp 20000 C syn 0');
    expect(label(labels, tcp([10, 42, 1, 3], A, 777, 0, 18))).toBe('tcp 20000 S syn.ack 0:1');
    expect(label(labels, tcp(A, B, 0, 778, 24, 5))).toBe('tcp 20000 C psh.ack 1:1 +5');
  });

  it('a refusal belongs to the server, however small the client’s own number is', () => {
    const labels = new Labels();
    expect(label(labels, tcp(A, B, 0xfff00000 | 0, 0, 2))).toBe('tcp 20000 C syn 0');
    expect(label(labels, tcp(B, A, 0, (0xfff00000 + 1) >>> 0, 20))).toBe('tcp 20000 S rst.ack 0:1');
  });

  it('a packet of no known connection says so', () => {
    expect(label(new Labels(), tcp(A, B, 5, 5, 16))).toBe('tcp ? ack');
  });

  it('two connections from one port have two names', () => {
    const labels = new Labels();
    expect([label(labels, tcp(A, B, 100, 0, 2)), label(labels, tcp(A, B, 900_000, 0, 2)), label(labels, tcp(B, A, 7, 101, 18))]).toEqual(['tcp 20000 C syn 0', "tcp 20000' C syn 0", 'tcp 20000 S syn.ack 0:1']);
  });

  it('a traced ICMP error is known by its frame: of a connection of an earlier flow (world 52148)', () => {
    const about = tcp(A, B, 5, 5, 16);
    const error = new Uint8Array(28 + about.length);
    error.set([0x45, 0xc0, 0, error.length, 0, 77, 0, 0, 64, 1, 0, 0, ...B, ...A, 3, 13]);
    error.set(about, 28);
    const [whole, traced] = [headersOf(error), headersOf(error.subarray(0, 40))];
    if (whole === undefined || traced === undefined) throw new Error('no IPv4');
    const labels = new Labels();
    labels.learnInside(whole);
    expect(labels.traced(traced)).toBe('icmp 3/13 about tcp ? ack of 10.42.0.2 to 10.43.0.10 ttl 64');
    expect(new Labels().traced(traced)).toBe('icmp 3/13');
  });

  it('lines hold what must be equal: TTL, length, marks of checksum', () => {
    const h = headersOf(tcp(A, B, 1, 0, 2, 0, { ttl: 63 }));
    if (h === undefined) throw new Error('no IPv4');
    expect(crossingText({ out: true, dev: 'cni0', partial: true }, h)).toBe('out cni0 10.42.0.2:20000>10.43.0.10:80 ttl 63 len 40 partial');
    expect(hookText({ table: 'nat', hook: 'PREROUTING', iif: 'cni0', oif: undefined }, h)).toBe('nat PREROUTING iif cni0 oif - 10.42.0.2:20000>10.43.0.10:80 ttl 63');
  });

  it('what is no IPv4 is nothing', () => {
    expect(headersOf(new Uint8Array([0x60, 0, 0, 0]))).toBeUndefined();
  });
});

describe('a server that the machine kept waiting', () => {
  const A = [10, 42, 0, 2];
  const B = [10, 42, 1, 3];
  const said = (b: Uint8Array, text = ''): Uint8Array => {
    b.set(new TextEncoder().encode(text), 40);
    return b;
  };
  const opened = [tcp(A, B, 100, 0, 2), tcp(B, A, 900, 101, 18), said(tcp(A, B, 101, 901, 24, 4), 'q016'), tcp(A, B, 105, 901, 17)];
  it.each<[string, readonly Uint8Array[], readonly string[]]>([
    ['acknowledges the FIN apart from its own', [tcp(B, A, 901, 106, 16), tcp(B, A, 901, 106, 17)], ['q016']],
    ['does both at once', [tcp(B, A, 901, 106, 17)], []],
    ['acknowledges only the data apart', [tcp(B, A, 901, 105, 16), tcp(B, A, 901, 106, 17)], []],
  ])('%s', (_name, more, late) => {
    const labels = new Labels();
    const all = [...opened, ...more].map((b) => must(headersOf(b), 'IPv4'));
    for (const h of all) labels.learn(h);
    expect([...lateServers(all, labels)]).toEqual(late);
  });
});

describe('what is about to expire', () => {
  it.each<[string, readonly (readonly [string, number])[], readonly (readonly [string, number])[], boolean]>([
    ['gone on one side', [['a', 100]], [['a', 100], ['b', 3]], true],
    ['gone on one side, beside one that reads the same', [['a', 100]], [['a', 100], ['a', 3]], true],
    ['not about to expire', [['a', 100]], [['a', 100], ['a', 30]], false],
    ['one for another', [['a', 3]], [['b', 30]], false],
  ])('%s', (_name, theirs, ours, same) => {
    const [a, b] = withoutExpiring(theirs, ours);
    expect([...a].sort().join() === [...b].sort().join()).toBe(same);
  });
});

describe('ARP', () => {
  const frame = (op: number, to: string, sender: string, target: string): ArpFrame => ({
    ns: 'n0', dev: 'eth0', out: true, to: must(parseMac(to), to),
    arp: { kind: 'arp', op, senderMac: must(parseMac('02:00:00:00:00:01'), ''), senderIp: must(parseIpv4(sender), sender), targetMac: must(parseMac('02:00:00:00:00:02'), ''), targetIp: must(parseIpv4(target), target) },
  });

  it('asks aloud and is answered: both are compared', () => {
    expect(arpCrossings([frame(1, 'ff:ff:ff:ff:ff:ff', '10.0.0.1', '10.0.0.2'), frame(2, '02:00:00:00:00:01', '10.0.0.2', '10.0.0.1')]).map((c) => `${c.packet}: ${c.text}`)).toEqual([
      'arp who-has 10.0.0.2 tell 10.0.0.1: out eth0 to ff:ff:ff:ff:ff:ff, 02:00:00:00:00:01',
      'arp 10.0.0.2 is-at, to 10.0.0.1: out eth0 to 02:00:00:00:00:01, 02:00:00:00:00:01 for 02:00:00:00:00:02',
    ]);
  });

  it('reads the same from bytes', () => {
    const f = frame(1, 'ff:ff:ff:ff:ff:ff', '10.0.0.1', '10.0.0.2');
    expect(arpOf(emitFrame({ kind: 'ethernet', header: { dst: f.to, src: f.arp.senderMac, etherType: ETH_P_ARP }, payload: f.arp }))).toEqual({ to: f.to, arp: f.arp });
  });
});
