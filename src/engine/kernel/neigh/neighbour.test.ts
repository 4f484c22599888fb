import { describe, expect, it } from 'vitest';
import { seconds, millis } from '../../sim/time.ts';
import type { NudState } from '../../uapi/rtnetlink.ts';
import { formatMac, MAC_BROADCAST, MAC_ZERO } from '../../wire/addresses.ts';
import { ETH_P_ARP } from '../../wire/packet.ts';
import { rtnetlink } from '../netlink/rtnetlink.ts';
import { netifReceive } from '../rx.ts';
import { Skb } from '../skb.ts';
import { addAddress, device, ip, mac, newWorld, ok, ping, settle, steps, twoHosts, type TwoHosts } from '../testing/worlds.ts';

const TARGET = '10.0.0.9';
const OLD = mac('02:00:00:00:00:99');
const NEW = mac('02:00:00:00:00:aa');
const ME = mac('02:00:00:00:00:01');

/** An ARP packet comes in at a's eth0. */
function arp(w: TwoHosts, op: number, from: typeof OLD, options: { readonly to?: string; readonly broadcast?: boolean; readonly sender?: string } = {}): void {
  const targetIp = ip(options.to ?? '10.0.0.1');
  const payload = { kind: 'arp', op, senderMac: from, senderIp: ip(options.sender ?? TARGET), targetMac: op === 2 && options.to === TARGET ? from : MAC_ZERO, targetIp } as const;
  netifReceive(device(w.a, 'eth0'), new Skb(w.world.nextPacketId(), payload, { src: from, dst: options.broadcast === true ? MAC_BROADCAST : ME, etherType: ETH_P_ARP }));
}

const entry = (w: TwoHosts): { state: NudState; mac: string | undefined } | undefined => {
  const found = rtnetlink(w.a).neighbours().find((n) => n.ip === ip(TARGET));
  return found && { state: found.state, mac: found.mac === undefined ? undefined : formatMac(found.mac) };
};

/** ARP requests for the target sent since step `from`: 'b' broadcast, 'u' unicast. */
const asked = (w: TwoHosts, from: number): string =>
  steps(w.world, 'tx', w.a).filter((s) => s.i >= from && s.net.kind === 'arp' && s.net.op === 1 && s.net.targetIp === ip(TARGET)).map((s) => (s.mac?.dst === MAC_BROADCAST ? 'b' : 'u')).join('');

const put = (w: TwoHosts, state: NudState): void => ok(rtnetlink(w.a).newNeighbour({ dev: 'eth0', ip: ip(TARGET), mac: OLD, state }, 'replace'));

type Cause = (w: TwoHosts) => void;
const send: Cause = (w) => ping(w.a, TARGET);
const wait = (s: number): Cause => (w) => settle(w.world, seconds(s));
const confirm: Cause = (w) => w.a.neighbours.confirm(ip(TARGET), device(w.a, 'eth0'));
const reply = (from: typeof OLD): Cause => (w) => arp(w, 2, from);
const both = (...causes: Cause[]): Cause => (w) => causes.forEach((c) => c(w));

/** from, cause, to, ARP requests sent (b broadcast, u unicast), MAC afterwards. */
const TABLE: readonly [name: string, from: NudState | 'none', cause: Cause, to: NudState, asks: string, lladdr?: typeof OLD][] = [
  ['first packet asks by broadcast', 'none', send, 'INCOMPLETE', 'b'],
  ['asks once a second', 'none', both(send, wait(1.5)), 'INCOMPLETE', 'bb'],
  ['fails after three requests', 'none', both(send, wait(3.5)), 'FAILED', 'bbb'],
  ['a reply to the request resolves', 'none', both(send, reply(NEW)), 'REACHABLE', 'b', NEW],
  ['a second reply within locktime is not believed', 'none', both(send, reply(OLD), reply(NEW)), 'REACHABLE', 'b', OLD],
  ['FAILED starts again with the next packet', 'FAILED', send, 'INCOMPLETE', 'b'],
  ['REACHABLE becomes STALE when its time is over', 'REACHABLE', wait(46), 'STALE', '', OLD],
  ['REACHABLE and confirmed again lives on', 'REACHABLE', both(wait(14), confirm, wait(14), confirm, wait(14)), 'REACHABLE', '', OLD],
  ['STALE is used at once and watched', 'STALE', send, 'DELAY', '', OLD],
  ['DELAY confirmed by the transport is REACHABLE', 'STALE', both(send, wait(2), confirm, wait(3.5)), 'REACHABLE', '', OLD],
  ['DELAY unconfirmed probes by unicast', 'STALE', both(send, wait(5.1)), 'PROBE', 'u', OLD],
  ['PROBE answered is REACHABLE', 'STALE', both(send, wait(5.1), reply(OLD)), 'REACHABLE', 'u', OLD],
  ['PROBE unanswered fails after three', 'STALE', both(send, wait(9)), 'FAILED', 'uuu'],
  ['a reply by broadcast does not prove reachability', 'STALE', (w) => arp(w, 2, OLD, { broadcast: true }), 'STALE', '', OLD],
  ['a request for us with the same address leaves REACHABLE', 'REACHABLE', (w) => arp(w, 1, OLD, { broadcast: true }), 'REACHABLE', '', OLD],
  ['a request for us with another address makes STALE', 'REACHABLE', both(wait(2), (w) => arp(w, 1, NEW, { broadcast: true })), 'STALE', '', NEW],
  ['gratuitous ARP changes an existing entry', 'REACHABLE', (w) => arp(w, 1, NEW, { to: TARGET, broadcast: true }), 'STALE', '', NEW],
  ['PERMANENT believes nobody', 'PERMANENT', both(wait(2), reply(NEW)), 'PERMANENT', '', OLD],
  ['PERMANENT stays for ever', 'PERMANENT', both(send, wait(4000)), 'PERMANENT', '', OLD],
  ['NOARP is used without asking', 'NOARP', both(send, wait(60)), 'NOARP', '', OLD],
];

describe('NUD states (net/core/neighbour.c)', () => {
  it.each(TABLE)('%s', (_name, from, cause, to, asks, lladdr) => {
    const w = twoHosts();
    if (from !== 'none') put(w, from);
    const head = w.world.recorder.head;
    cause(w);
    expect({ ...entry(w), asks: asked(w, head) }).toEqual({ state: to, asks, mac: lladdr === undefined ? undefined : formatMac(lladdr) });
  });

  it('reachable time is between half and one and a half of 30 s', () => {
    const times = Array.from({ length: 20 }, (_, seed) => {
      const w = twoHosts(newWorld(seed));
      put(w, 'REACHABLE');
      let t = 0;
      while (entry(w)?.state === 'REACHABLE' && t < 60) { settle(w.world, millis(500)); t += 0.5; }
      return t;
    });
    expect(Math.min(...times)).toBeGreaterThanOrEqual(15);
    expect(Math.max(...times)).toBeLessThanOrEqual(45.5);
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(5);
  });

  it('a world in which nothing happens comes to rest', () => {
    const w = twoHosts();
    ping(w.a, '10.0.0.2');
    let events = 0;
    while (w.world.scheduler.runNext()) expect(++events).toBeLessThan(200);
    expect(w.world.scheduler.now).toBeLessThan(seconds(120));
  });
});

describe('queue and failure', () => {
  it('101 packets wait; the oldest gives way', () => {
    const w = twoHosts();
    for (let i = 0; i < 103; i++) ping(w.a, TARGET, 1, i);
    expect(steps(w.world, 'dropped', w.a).map((s) => s.reason)).toEqual(['NEIGH_QUEUEFULL', 'NEIGH_QUEUEFULL']);
  });

  it('waiting packets fail with an ICMP host unreachable to their sender', () => {
    const w = twoHosts();
    ping(w.a, TARGET);
    settle(w.world, seconds(4));
    expect(steps(w.world, 'dropped', w.a).map((s) => s.reason)).toContain('NEIGH_FAILED');
    const errors = steps(w.world, 'created', w.a).filter((s) => s.net.kind === 'ipv4' && s.net.payload.kind === 'icmp' && s.net.payload.type === 3 && s.net.payload.code === 1);
    expect(errors).toHaveLength(1);
  });

  it('going down forgets all entries, a new MAC too', () => {
    const w = twoHosts();
    put(w, 'PERMANENT');
    ok(rtnetlink(w.a).setLink('eth0', { mac: mac('02:00:00:00:00:77') }));
    expect(entry(w)).toBeUndefined();
  });
});

describe('ARP (net/ipv4/arp.c)', () => {
  it('asks with the source address of the waiting packet, answers to the asker', () => {
    const w = twoHosts();
    ping(w.a, '10.0.0.2');
    settle(w.world);
    const arps = steps(w.world, 'created').filter((s) => s.net.kind === 'arp').map((s) => s.net.kind === 'arp' && [s.net.op, s.net.senderIp, s.net.targetIp, s.mac?.dst]);
    expect(arps).toEqual([[1, ip('10.0.0.1'), ip('10.0.0.2'), MAC_BROADCAST], [2, ip('10.0.0.2'), ip('10.0.0.1'), ME]]);
  });

  it.each([
    ['0', true],
    ['1', false],
    ['8', false],
  ])('arp_ignore %s: answers for an address of another device: %s', (value, answered) => {
    const w = twoHosts();
    ok(rtnetlink(w.a).newLink({ name: 'dummy0', kind: 'dummy' }));
    addAddress(w.a, 'dummy0', '10.9.9.9/32');
    ok(w.a.sysctl.set('net.ipv4.conf.eth0.arp_ignore', value));
    arp(w, 1, OLD, { to: '10.9.9.9', broadcast: true });
    expect(steps(w.world, 'created', w.a).some((s) => s.net.kind === 'arp' && s.net.op === 2)).toBe(answered);
  });

  it('proxy_arp answers for what it would forward', () => {
    const w = twoHosts();
    ok(rtnetlink(w.a).newLink({ name: 'v0', kind: 'veth', peer: { name: 'v1' } }));
    for (const name of ['v0', 'v1']) ok(rtnetlink(w.a).setLink(name, { up: true }));
    addAddress(w.a, 'v0', '10.9.9.1/24');
    ok(w.a.sysctl.set('net.ipv4.ip_forward', '1'));
    arp(w, 1, OLD, { to: '10.9.9.7', broadcast: true });
    expect(steps(w.world, 'created', w.a).filter((s) => s.net.kind === 'arp' && s.net.op === 2)).toHaveLength(0);
    ok(w.a.sysctl.set('net.ipv4.conf.eth0.proxy_arp', '1'));
    arp(w, 1, OLD, { to: '10.9.9.7', broadcast: true });
    expect(steps(w.world, 'created', w.a).filter((s) => s.net.kind === 'arp' && s.net.op === 2)).toHaveLength(1);
  });

  it('arp_notify announces the addresses of a device that comes up', () => {
    const w = twoHosts();
    ok(w.a.sysctl.set('net.ipv4.conf.eth0.arp_notify', '1'));
    ok(rtnetlink(w.a).setLink('eth0', { up: false }));
    ok(rtnetlink(w.a).setLink('eth0', { up: true }));
    const garp = steps(w.world, 'created', w.a).filter((s) => s.net.kind === 'arp');
    expect(garp.map((s) => s.net.kind === 'arp' && [s.net.senderIp, s.net.targetIp])).toEqual([[ip('10.0.0.1'), ip('10.0.0.1')]]);
  });
});

describe('netlink', () => {
  const nl = (w: TwoHosts): ReturnType<typeof rtnetlink> => rtnetlink(w.a);
  const cases: readonly [string, (w: TwoHosts) => unknown, string, string?][] = [
    ['add what is there', (w) => { put(w, 'PERMANENT'); return nl(w).newNeighbour({ dev: 'eth0', ip: ip(TARGET), mac: NEW }, 'add'); }, 'EEXIST'],
    ['change what is not there', (w) => nl(w).newNeighbour({ dev: 'eth0', ip: ip(TARGET), mac: NEW }, 'change'), 'ENOENT'],
    ['delete what is not there', (w) => nl(w).delNeighbour('eth0', ip(TARGET)), 'ENOENT'],
    ['no address given', (w) => nl(w).newNeighbour({ dev: 'eth0', ip: ip(TARGET) }, 'add'), 'EINVAL', 'No link layer address given'],
    ['no such device', (w) => nl(w).newNeighbour({ dev: 'eth7', ip: ip(TARGET), mac: NEW }, 'add'), 'ENODEV'],
  ];
  it.each(cases)('%s', (_name, request, errno, extack) => {
    expect(request(twoHosts())).toEqual({ ok: false, error: { errno, extack } });
  });
});
