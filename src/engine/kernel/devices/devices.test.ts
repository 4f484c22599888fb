import { describe, expect, it } from 'vitest';
import { IPPROTO_UDP } from '../../wire/packet.ts';
import { formatMac } from '../../wire/addresses.ts';
import { micros, seconds } from '../../sim/time.ts';
import { Machine } from '../machine.ts';
import { rtnetlink } from '../netlink/rtnetlink.ts';
import type { Netns } from '../netns.ts';
import { Segment } from '../segment.ts';
import { Skb } from '../skb.ts';
import { addAddress, device, ip, mac, newWorld, ok, ping, settle, steps, twoHosts, up } from '../testing/worlds.ts';
import type { World } from '../world.ts';

/** One machine with two namespaces joined by a veth pair 10.1.0.1 - 10.1.0.2. */
function pair(): { readonly world: World; readonly a: Netns; readonly b: Netns } {
  const world = newWorld();
  const machine = new Machine(world, 'm');
  const b = machine.addNetns('b');
  const a = machine.init;
  ok(rtnetlink(a).newLink({ name: 'v0', kind: 'veth', peer: { name: 'v1', netns: 'b' } }));
  up(a, 'lo', 'v0');
  up(b, 'lo', 'v1');
  addAddress(a, 'v0', '10.1.0.1/24');
  addAddress(b, 'v1', '10.1.0.2/24');
  return { world, a, b };
}

const udp = (ns: Netns, dst: string, options: { readonly partial?: boolean; readonly mark?: number } = {}): void => {
  ns.ip.send({ dst: ip(dst), protocol: IPPROTO_UDP, payload: { kind: 'udp', srcPort: 9, dstPort: 9, payload: new Uint8Array(8) }, ...options });
};

/** What receivers see of an skb, by a tap. */
const tap = (ns: Netns, dev: string): Skb[] => {
  const seen: Skb[] = [];
  device(ns, dev).taps.push((skb, direction) => { if (direction === 'in' && skb.net.kind === 'ipv4') seen.push(Object.assign(Object.create(Skb.prototype) as Skb, skb)); });
  return seen;
};

describe('veth', () => {
  it('scrubs: mark, connection and route stay in the namespace; the checksum stays partial', () => {
    const { world, a, b } = pair();
    const seen = tap(b, 'v1');
    udp(a, '10.1.0.2', { partial: true, mark: 7 });
    settle(world);
    expect(seen.map((s) => [s.mark, s.ct, s.dst, s.nfBridge, s.socket, s.ipSummed])).toEqual([[0, undefined, undefined, undefined, undefined, 'partial']]);
  });

  it('drops what is larger than the receiving MTU', () => {
    const { world, a, b } = pair();
    ping(a, '10.1.0.2');
    settle(world);
    ok(rtnetlink(b).setLink('v1', { mtu: 500 }));
    a.ip.send({ dst: ip('10.1.0.2'), protocol: IPPROTO_UDP, payload: { kind: 'udp', srcPort: 9, dstPort: 9, payload: new Uint8Array(600) } });
    settle(world);
    expect(steps(world, 'dropped').map((s) => [s.reason, s.detail])).toContainEqual(['PKT_TOO_BIG', 'v1']);
  });

  it('has carrier while both ends are up; the peer is shown with its namespace', () => {
    const { a, b } = pair();
    expect(rtnetlink(a).link('v0')).toMatchObject({ carrier: true, link: { name: 'v1', netns: 'b', netnsid: 0 } });
    ok(rtnetlink(b).setLink('v1', { up: false }));
    expect(rtnetlink(a).link('v0')?.carrier).toBe(false);
  });

  it('in one namespace the peer gets the lower number; deleting one deletes both', () => {
    const { a } = pair();
    ok(rtnetlink(a).newLink({ name: 'x', kind: 'veth', peer: { name: 'y' } }));
    const links = (): string[] => rtnetlink(a).links().map((l) => `${l.ifindex} ${l.name}`);
    expect(links()).toEqual(['1 lo', '2 v0', '3 y', '4 x']);
    ok(rtnetlink(a).delLink('y'));
    expect(links()).toEqual(['1 lo', '2 v0']);
  });

  it('goes with its namespace', () => {
    const { a } = pair();
    a.machine.deleteNetns('b');
    expect(rtnetlink(a).links().map((l) => l.name)).toEqual(['lo']);
  });
});

describe('VLAN', () => {
  function vlans(): { readonly world: World; readonly hosts: readonly Netns[] } {
    const world = newWorld();
    const segment = new Segment(world, 'wire', micros(50));
    const hosts = [1, 2, 3].map((n) => {
      const machine = new Machine(world, `h${n}`);
      const ns = machine.init;
      machine.addNic(ns, { name: 'ens3', mac: mac(`52:54:00:00:00:0${n}`) }, segment);
      up(ns, 'lo', 'ens3');
      if (n < 3) {
        ok(rtnetlink(ns).newLink({ name: 'ens3.100', kind: 'vlan', link: 'ens3', vlanId: 100 }));
        up(ns, 'ens3.100');
        addAddress(ns, 'ens3.100', `10.123.123.${n}/24`);
      }
      return ns;
    });
    return { world, hosts };
  }

  it('tags on transmit, demultiplexes on receipt; the lower device sees the tag, the upper one does not', () => {
    const { world, hosts } = vlans();
    const [a, b] = hosts;
    if (a === undefined || b === undefined) throw new Error('hosts');
    ping(a, '10.123.123.2');
    settle(world);
    const seen = (ns: Netns, kind: 'rx' | 'tx'): string[] => steps(world, kind, ns).filter((s) => s.net.kind === 'ipv4').map((s) => `${s.dev} ${s.mac?.vlan?.id ?? '-'} ${s.bytes}`);
    expect(seen(a, 'tx')).toEqual(['ens3.100 - 98', 'ens3 100 102']);
    expect(seen(b, 'rx')).toEqual(['ens3 100 102', 'ens3.100 - 98']);
    expect(seen(a, 'rx')).toEqual(['ens3 100 102', 'ens3.100 - 98']);
  });

  it('a tag nobody here has is dropped', () => {
    const { world, hosts } = vlans();
    const [a, , c] = hosts;
    if (a === undefined || c === undefined) throw new Error('hosts');
    ping(a, '10.123.123.9');
    settle(world);
    expect(steps(world, 'dropped', c).map((s) => s.reason)).toEqual(['VLAN_UNKNOWN']);
  });

  it('has the MAC and state of its lower device', () => {
    const { hosts } = vlans();
    const nl = rtnetlink(hosts[0] as Netns);
    expect(nl.link('ens3.100')).toMatchObject({ vlanId: 100, up: true, carrier: true, link: { name: 'ens3' }, mac: mac('52:54:00:00:00:01') });
    ok(nl.setLink('ens3', { up: false }));
    expect(nl.link('ens3.100')?.up).toBe(false);
    expect(nl.setLink('ens3.100', { up: true })).toMatchObject({ error: { errno: 'ENETDOWN' } });
    expect(nl.newLink({ name: 'other', kind: 'vlan', link: 'ens3', vlanId: 100 })).toMatchObject({ error: { errno: 'EEXIST' } });
  });
});

describe('loopback, segment, dummy', () => {
  it('loopback keeps mark and partial checksum', () => {
    const { a, world } = twoHosts();
    const seen = tap(a, 'lo');
    udp(a, '10.0.0.1', { partial: true, mark: 5 });
    settle(world);
    expect(seen[0]).toMatchObject({ mark: 5, ipSummed: 'partial' });
  });

  it('a segment finishes partial checksums and forgets the sender\'s kernel', () => {
    const { a, b, world } = twoHosts();
    const seen = tap(b, 'eth0');
    udp(a, '10.0.0.2', { partial: true, mark: 5 });
    settle(world);
    expect(seen.map((s) => [s.mark, s.ipSummed])).toEqual([[0, 'unnecessary']]);
    expect(steps(world, 'tx', a).filter((s) => s.net.kind === 'ipv4').map((s) => s.partialChecksum)).toEqual([true]);
  });

  it('a device that cannot finishes the checksum before its taps', () => {
    const { a, world } = twoHosts();
    device(a, 'eth0').txChecksumOffload = false;
    udp(a, '10.0.0.2', { partial: true });
    settle(world);
    expect(steps(world, 'tx', a).filter((s) => s.net.kind === 'ipv4').map((s) => s.partialChecksum)).toEqual([false]);
  });

  it('a segment learns: a third host sees the request, not the answer', () => {
    const { world, segment, a } = twoHosts();
    const c = new Machine(world, 'c');
    c.addNic(c.init, { name: 'eth0', mac: mac('02:00:00:00:00:03') }, segment);
    up(c.init, 'eth0');
    ping(a, '10.0.0.2');
    settle(world, seconds(1));
    expect(steps(world, 'rx', c.init).map((s) => s.net.kind === 'arp' && s.net.op)).toEqual([1]);
  });

  it('a dummy swallows', () => {
    const { a, world } = twoHosts();
    ok(rtnetlink(a).newLink({ name: 'dummy0', kind: 'dummy' }));
    up(a, 'dummy0');
    addAddress(a, 'dummy0', '10.7.7.1/24');
    udp(a, '10.7.7.2');
    settle(world);
    expect(steps(world, 'tx', a).map((s) => s.dev)).toEqual(['dummy0']);
  });

  it('MACs that nobody chose are local, unicast, and the same for the same seed', () => {
    const macs = (seed: number): string[] => {
      const ns = new Machine(newWorld(seed), 'm').init;
      ok(rtnetlink(ns).newLink({ name: 'v', kind: 'veth', peer: { name: 'w' } }));
      return rtnetlink(ns).links().slice(1).map((l) => formatMac(l.mac));
    };
    expect(macs(1)).toEqual(macs(1));
    expect(macs(1)).not.toEqual(macs(2));
    for (const m of macs(3)) expect(Number.parseInt(m.slice(0, 2), 16) & 3).toBe(2);
  });
});
