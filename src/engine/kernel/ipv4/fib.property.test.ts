import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contains, ipv4, prefix, type Ipv4, type Prefix } from '../../wire/addresses.ts';
import { emitIpv4 } from '../../wire/ipv4.ts';
import type { Ipv4Packet, TransportLayer } from '../../wire/packet.ts';
import { Skb } from '../skb.ts';
import { slices } from './fragment.ts';
import { selectNexthop } from './lookup.ts';
import { Lab } from './testing/lab.ts';

const address = fc.integer({ min: 0, max: 0x3ff }).map((n) => ipv4(0x0a000000 | ((n & 0x300) << 8) | (n & 0xff)));
const network = fc.tuple(address, fc.constantFrom(0, 7, 8, 14, 16, 20, 24, 28, 30, 31, 32)).map(([a, length]) => prefix(a, length));
const route = fc.record({ dst: network, priority: fc.integer({ min: 0, max: 3 }), tos: fc.constantFrom<number[]>(0, 0, 0, 0x10) });
type R = { readonly dst: Prefix; readonly priority: number; readonly tos: number };

const fresh = (): { lab: Lab; ns: ReturnType<Lab['ns']> } => {
  const lab = new Lab({ trace: false });
  const ns = lab.ns('a');
  lab.veth(ns, 'd0', lab.ns('b'), 'p0');
  lab.setup(ns, 'link set d0 up');
  return { lab, ns };
};

/** FIB5 by brute force: longest prefix, exact tos before none, lowest metric, oldest. */
function brute(routes: readonly R[], dst: Ipv4, tos: number): R | undefined {
  return routes.filter((r) => contains(r.dst, dst) && (r.tos === 0 || r.tos === tos))
    .map((r, i) => ({ r, i })).sort((a, b) => b.r.dst.length - a.r.dst.length || b.r.tos - a.r.tos || a.r.priority - b.r.priority || a.i - b.i)[0]?.r;
}

describe('routes', () => {
  it('FIB5 the lookup equals brute force over the list', () => {
    fc.assert(fc.property(fc.array(route, { maxLength: 30 }), fc.array(fc.tuple(address, fc.constantFrom(0, 0x10)), { minLength: 1, maxLength: 20 }), (wanted, questions) => {
      const { ns } = fresh();
      const have: R[] = [];
      for (const [i, r] of wanted.entries()) {
        // A next hop of its own tells which one answered.
        const added = ns.fib.newRoute({ ...r, nexthops: [{ via: ipv4(0xc0000000 + i), dev: 'd0', onlink: true }] }, 'add');
        const duplicate = have.some((o) => o.dst.address === r.dst.address && o.dst.length === r.dst.length && o.tos === r.tos && o.priority === r.priority);
        expect(added.ok).toBe(!duplicate);
        if (added.ok) have.push(r);
      }
      for (const [dst, tos] of questions) {
        const got = ns.fib.lookupOutput({ dst, tos });
        const expected = brute(have, dst, tos);
        expect(got.ok ? got.dst.gateway : undefined).toBe(expected === undefined ? undefined : ipv4(0xc0000000 + wanted.indexOf(expected)));
      }
    }), { numRuns: 200 });
  });

  it('FIB11 the cache never changes an answer', () => {
    const change = fc.oneof(route.map((r) => ({ kind: 'add' as const, r })), route.map((r) => ({ kind: 'del' as const, r })), fc.constant({ kind: 'flap' as const }));
    fc.assert(fc.property(fc.array(fc.tuple(change, address), { maxLength: 40 }), (changes) => {
      const { lab, ns } = fresh();
      const asked = new Set<Ipv4>();
      for (const [what, dst] of changes) {
        asked.add(dst);
        if (what.kind === 'flap') lab.ip(ns, 'link set d0 down', 'link set d0 up');
        else if (what.kind === 'add') ns.fib.newRoute({ ...what.r, nexthops: [{ dev: 'd0' }] }, 'add');
        else ns.fib.delRoute({ dst: what.r.dst, tos: what.r.tos, priority: what.r.priority });
        for (const a of asked) {
          const cached = ns.fib.lookupOutput({ dst: a });
          const { route: plain } = ns.fib.explain({ dst: a });
          expect(cached.ok).toBe(plain.ok);
          if (cached.ok && plain.ok) expect({ ...cached.dst, dev: 0, iif: 0 }).toEqual({ ...plain.dst, dev: 0, iif: 0 });
        }
      }
    }), { numRuns: 100 });
  });

  it('FIB12 rows passed over come with the reason', () => {
    const { lab, ns } = fresh();
    lab.setup(ns, 'route add default dev d0', 'route add 10.0.0.0/8 dev d0 tos 0x10', 'route add throw 10.0.0.0/16', 'rule add pref 5 from 9.9.9.9 table 7', 'rule add pref 6 table 8');
    const { route: found, passed } = ns.fib.explain({ dst: ipv4(0x0a000001) });
    expect(passed.map((p) => [p.rule.split('#')[0], p.route?.split('#')[0], p.why])).toEqual([
      ['0', undefined, 'no route in the table'], ['5', undefined, 'rule does not match'], ['6', undefined, 'no route in the table'],
      ['32766', '254/10.0.0.0/16', 'throw'], ['32766', undefined, 'no route in the table'], ['32767', undefined, 'no route in the table'],
    ]);
    expect(found.ok).toBe(false);
    expect(ns.fib.explain({ dst: ipv4(0x0a010001) }).passed.map((p) => p.why)).toContain('tos differs');
  });

  it('FIB13 multipath: a flow keeps its next hop, weights share the flows', () => {
    const { lab, ns } = fresh();
    lab.veth(ns, 'd1', lab.ns('b'), 'p1');
    lab.setup(ns, 'link set d1 up', 'route add 10.0.0.0/8 nexthop dev d0 weight 1 nexthop dev d1 weight 3');
    const alias = ns.fib.table(254)?.aliases(ipv4(0x0a000000), 8)[0];
    if (alias === undefined) throw new Error('no route');
    const picks = Array.from({ length: 4000 }, (_, i) => selectNexthop(alias, 0, ipv4(0xc0a80000 + i), ipv4(0x0a000000 + i * 7)));
    const share = picks.filter((n) => n === 1).length / picks.length;
    expect(share).toBeGreaterThan(0.7);
    expect(share).toBeLessThan(0.8);
    expect(selectNexthop(alias, 0, ipv4(1), ipv4(2))).toBe(selectNexthop(alias, 0, ipv4(1), ipv4(2)));
  });

  it('FIB14 tables are journaled: rows come and go as steps', () => {
    const lab = new Lab();
    const ns = lab.ns('a');
    lab.veth(ns, 'd0', lab.ns('b'), 'p0');
    lab.clear();
    lab.setup(ns, 'link set d0 up', 'addr add 10.0.0.1/24 dev d0', 'rule add pref 9 table 9', 'addr del 10.0.0.1/24 dev d0');
    const told = lab.steps('table').filter((s) => /\/(addresses|routes|rules)$/.test(s.table)).map((s) => `${s.before === undefined ? '+' : s.after === undefined ? '-' : '~'} ${s.table.split('/')[1]} ${s.key.split('#')[0]}`);
    expect(told).toEqual([
      '+ addresses 2/10.0.0.1/24', '+ routes 255/10.0.0.1/32', '+ routes 254/10.0.0.0/24', '+ routes 255/10.0.0.255/32', '+ rules 9',
      '- addresses 2/10.0.0.1/24', '- routes 254/10.0.0.0/24', '- routes 255/10.0.0.255/32', '- routes 255/10.0.0.1/32',
    ]);
  });
});

const datagram = fc.record({ length: fc.integer({ min: 0, max: 4000 }), mtu: fc.integer({ min: 68, max: 1500 }), seed: fc.integer(), tcp: fc.boolean() });

describe('fragments', () => {
  it('IP8 fragmentation, shuffled and with duplicates, then reassembly is identity', () => {
    fc.assert(fc.property(datagram, fc.infiniteStream(fc.integer({ min: 0, max: 1000 })), ({ length, mtu, seed, tcp }, order) => {
      const { lab, ns } = fresh();
      const payload = Uint8Array.from({ length }, (_, i) => (i * 31 + seed) & 255);
      const transport: TransportLayer = tcp
        ? { kind: 'tcp', srcPort: 1, dstPort: 2, seq: 3, ack: 4, flags: 16, window: 5, options: [], payload }
        : { kind: 'udp', srcPort: 1, dstPort: 2, payload };
      const packet: Ipv4Packet = { kind: 'ipv4', tos: 0, id: 77, df: false, mf: false, offset: 0, ttl: 64, protocol: tcp ? 6 : 17, src: ipv4(1), dst: ipv4(2), options: undefined, checksum: undefined, payload: transport };
      const pieces = slices(packet, mtu, false);
      for (const piece of pieces) expect(emitIpv4(piece).length).toBeLessThanOrEqual(mtu);
      // A fragment may be cut again on its way.
      const again = pieces.flatMap((p) => slices(p, Math.max(68, mtu - 100), false)).map((p, i) => ({ p, at: i % 3 === 0 ? order.next().value : i }));
      const shuffled = again.sort((a, b) => Number(a.at) - Number(b.at)).flatMap(({ p }, i) => (i % 5 === 0 && again.length > 1 ? [p, p] : [p]));
      let whole: Skb | undefined;
      for (const p of shuffled) {
        const skb = new Skb(lab.world.nextPacketId(), p);
        const done = ns.ip.defrag(skb);
        if (done !== undefined) whole ??= done;
        if (whole !== undefined) break;
      }
      expect(whole === undefined ? undefined : Array.from(emitIpv4(whole.net as Ipv4Packet))).toEqual(Array.from(emitIpv4(packet))); // made from an IPv4 packet
    }), { numRuns: 150 });
  });

  it('IP22 overlapping fragments kill the queue', () => {
    const lab = new Lab();
    const ns = lab.ns('a');
    const piece = (offset: number, length: number, mf: boolean): Skb => new Skb(lab.world.nextPacketId(), {
      kind: 'ipv4', tos: 0, id: 1, df: false, mf, offset, ttl: 9, protocol: 17, src: ipv4(1), dst: ipv4(2), payload: { kind: 'data', bytes: new Uint8Array(length) },
    });
    expect(ns.ip.defrag(piece(0, 16, true))).toBeUndefined();
    expect(ns.ip.defrag(piece(8, 24, true))).toBeUndefined();
    expect(ns.ip.defrag(piece(32, 8, false))).toBeUndefined();
    expect(lab.steps('dropped').length).toBe(2);
  });
});
