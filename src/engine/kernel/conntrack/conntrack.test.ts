/** Sequences as `conntrack -E` of Linux 6.18 showed them for the same packets (facts 6.4, and recorded for these tests). */
import { describe, expect, test } from 'vitest';
import { seconds } from '../../sim/time.ts';
import { emitIpv4Start } from '../../wire/ipv4.ts';
import { ACK, FIN, RST, SYN } from '../../wire/packet.ts';
import { echo, Gate, packet, tcp, TRACK, udp } from '../netfilter/testing/gate.ts';
import { ctStateOf } from './state.ts';

const A = '10.0.0.1';
const B = '10.0.0.2';
const gate = (): Gate => new Gate(TRACK).listen();

/** A connection from A:5000 to B:80, step by step. */
class Talk {
  readonly gate: Gate;
  client = 1000;
  server = 9000;
  constructor(g = gate()) {
    this.gate = g;
  }
  send(flags: number, length = 0): boolean {
    const sent = this.gate.forward(packet(A, B, tcp(5000, 80, flags, { seq: this.client, ack: flags & ACK ? this.server : 0, payload: new Uint8Array(length) })));
    this.client += length + (flags & (SYN | FIN) ? 1 : 0);
    return sent !== undefined;
  }
  answer(flags: number, length = 0): boolean {
    const sent = this.gate.forward(packet(B, A, tcp(80, 5000, flags, { seq: this.server, ack: this.client, payload: new Uint8Array(length) })), true);
    this.server += length + (flags & (SYN | FIN) ? 1 : 0);
    return sent !== undefined;
  }
  open(): this {
    this.send(SYN);
    this.answer(SYN | ACK);
    this.send(ACK);
    return this;
  }
}
const FLOW = '10.0.0.1:5000>10.0.0.2:80';
const BACK = '10.0.0.2:80>10.0.0.1:5000';

describe('CT3 events of TCP', () => {
  test('open, data, close by the client', () => {
    const t = new Talk().open();
    t.send(ACK, 10);
    t.answer(ACK, 20);
    t.send(ACK);
    t.send(FIN | ACK);
    t.answer(FIN | ACK);
    t.send(ACK);
    t.gate.wait(200);
    expect(t.gate.eventText()).toEqual([
      `NEW 120 SYN_SENT ${FLOW} [UNREPLIED] ${BACK}`, `UPDATE 60 SYN_RECV ${FLOW} ${BACK}`, `UPDATE 432000 ESTABLISHED ${FLOW} ${BACK} [ASSURED]`,
      `UPDATE 120 FIN_WAIT ${FLOW} ${BACK} [ASSURED]`, `UPDATE 30 LAST_ACK ${FLOW} ${BACK} [ASSURED]`, `UPDATE 120 TIME_WAIT ${FLOW} ${BACK} [ASSURED]`,
      `DESTROY 0 TIME_WAIT ${FLOW} ${BACK} [ASSURED]`,
    ]);
  });

  test('a reset ends an established connection in CLOSE', () => {
    const t = new Talk().open();
    t.answer(RST | ACK);
    expect(t.gate.eventText().at(-1)).toBe(`UPDATE 10 CLOSE ${FLOW} ${BACK} [ASSURED]`);
  });

  test('a refused SYN is gone at once', () => {
    const t = new Talk();
    t.send(SYN);
    t.answer(RST | ACK);
    expect(t.gate.eventText()).toEqual([`NEW 120 SYN_SENT ${FLOW} [UNREPLIED] ${BACK}`, `DESTROY 120 CLOSE ${FLOW} [UNREPLIED] ${BACK}`]);
  });

  test('a SYN that a rule drops is never confirmed: no event, no entry', () => {
    const g = new Gate('*filter\n-A FORWARD -m conntrack --ctstate NEW -j DROP\nCOMMIT\n').listen();
    expect(g.forward(packet(A, B, tcp(5000, 80, SYN)))).toBeUndefined();
    expect(g.events).toEqual([]);
    expect(g.ns.conntrack.door().count()).toBe(0);
  });
});

describe('CT4 what a packet is called', () => {
  test('NEW until the first answer, ESTABLISHED after', () => {
    const g = gate();
    const names = [false, false, true, false].map((back) => {
      const skb = g.forward(back ? packet(B, A, udp(53, 4000)) : packet(A, B, udp(4000, 53)), back);
      return skb === undefined ? 'dropped' : ctStateOf(skb);
    });
    expect(names).toEqual(['NEW', 'NEW', 'ESTABLISHED', 'ESTABLISHED']);
  });

  test('an ACK out of nothing begins a connection (tcp_loose), and without it is INVALID', () => {
    const g = gate();
    expect(g.forward(packet(A, B, tcp(1, 2, ACK)))).toBeDefined();
    g.ns.sysctl.set('net.netfilter.nf_conntrack_tcp_loose', '0');
    expect(g.forward(packet(A, B, tcp(3, 4, ACK)))).toBeUndefined();
  });

  test('a picked-up connection without an answer waits 300 s, not five days', () => {
    const g = gate();
    g.forward(packet(A, B, tcp(1, 2, ACK)));
    expect(g.ns.conntrack.door().list()[0]).toMatchObject({ state: 'ESTABLISHED', timeout: 300 });
  });

  test('ICMP answers without a request are INVALID', () => {
    expect(gate().forward(packet(A, B, echo(0, 1)))).toBeUndefined();
  });

  test('an ICMP error about a connection is RELATED, about none INVALID', () => {
    const g = gate();
    const lost = packet(A, B, udp(4000, 53));
    const error = (about: typeof lost): ReturnType<typeof packet> => packet(B, A, { kind: 'icmp', type: 3, code: 3, rest: 0, body: emitIpv4Start(about, 28) });
    g.forward(lost);
    const related = g.forward(error(lost), true);
    expect(related === undefined ? '' : ctStateOf(related)).toBe('RELATED');
    expect(g.forward(error(packet(A, B, udp(4001, 53))), true)).toBeUndefined();
  });

  test('a segment outside the window is INVALID, unless be_liberal', () => {
    const t = new Talk().open();
    const stray = packet(A, B, tcp(5000, 80, ACK, { seq: 0x7000_0000, ack: 9001 }));
    expect(t.gate.forward(stray)).toBeUndefined();
    t.gate.ns.sysctl.set('net.netfilter.nf_conntrack_tcp_be_liberal', '1');
    expect(t.gate.forward(stray)).toBeDefined();
  });

  test('a reset outside the window leaves the connection as it was', () => {
    const t = new Talk().open();
    t.send(ACK, 10);
    t.answer(ACK, 10);
    expect(t.gate.forward(packet(B, A, tcp(80, 5000, RST, { seq: 1 })), true)).toBeUndefined();
    expect(t.gate.ns.conntrack.door().list()[0]).toMatchObject({ state: 'ESTABLISHED' });
  });

  test('NOTRACK makes it UNTRACKED', () => {
    const g = new Gate(`*raw\n-A PREROUTING -p udp -j NOTRACK\nCOMMIT\n${TRACK}`);
    const skb = g.forward(packet(A, B, udp(1, 2)));
    expect(skb === undefined ? '' : ctStateOf(skb)).toBe('UNTRACKED');
    expect(g.ns.conntrack.door().count()).toBe(0);
  });

  test('without a rule that asks for it nothing is tracked', () => {
    const g = new Gate('*filter\n-A FORWARD -p tcp -j ACCEPT\nCOMMIT\n');
    g.forward(packet(A, B, udp(1, 2)));
    expect(g.ns.conntrack.door().count()).toBe(0);
  });
});

describe('CT5 UDP and ICMP', () => {
  test('a two-way flow is a stream, ASSURED, once it is older than two seconds', () => {
    const g = gate();
    for (const [pause, back] of [[0, false], [0, true], [0.5, false], [0, true], [1.7, false], [0, true]] as const) {
      g.wait(pause);
      g.forward(back ? packet(B, A, udp(53, 4000)) : packet(A, B, udp(4000, 53)), back);
    }
    expect(g.eventText()).toEqual([
      'NEW 30 10.0.0.1:4000>10.0.0.2:53 [UNREPLIED] 10.0.0.2:53>10.0.0.1:4000', 'UPDATE 30 10.0.0.1:4000>10.0.0.2:53 10.0.0.2:53>10.0.0.1:4000',
      'UPDATE 120 10.0.0.1:4000>10.0.0.2:53 10.0.0.2:53>10.0.0.1:4000 [ASSURED]',
    ]);
  });

  test('echo: NEW, UPDATE at the answer, DESTROY 30 s later, at that time', () => {
    const g = gate();
    g.forward(packet(A, B, echo(8, 7)));
    g.forward(packet(B, A, echo(0, 7)), true);
    g.wait(60);
    expect(g.events.map((e) => [e.type, e.at])).toEqual([['NEW', 0], ['UPDATE', 0], ['DESTROY', seconds(30)]]);
    expect(g.events[0]?.entry).toMatchObject({ original: { sport: 7, icmpType: 8, icmpCode: 0 }, reply: { icmpType: 0 } });
  });

  test('timeouts come from sysctl', () => {
    const g = gate();
    g.ns.sysctl.set('net.netfilter.nf_conntrack_udp_timeout', '5');
    g.forward(packet(A, B, udp(1, 2)));
    expect(g.ns.conntrack.door().list()[0]?.timeout).toBe(5);
    g.wait(6);
    expect(g.ns.conntrack.door().list()).toEqual([]);
  });
});

describe('CT6 the table', () => {
  test('a world without listeners has nothing left to do: expiry is lazy', () => {
    const g = new Gate(TRACK);
    g.forward(packet(A, B, udp(1, 2)));
    expect(g.world.scheduler.nextAt()).toBeUndefined();
  });

  test('TIME_WAIT is opened again by a new SYN: the old entry goes, a new one comes', () => {
    const t = new Talk().open();
    t.send(FIN | ACK);
    t.answer(FIN | ACK);
    t.send(ACK);
    t.client += 100000;
    t.send(SYN);
    expect(t.gate.eventText().slice(-2)).toEqual([`DESTROY 120 TIME_WAIT ${FLOW} ${BACK} [ASSURED]`, `NEW 120 SYN_SENT ${FLOW} [UNREPLIED] ${BACK}`]);
  });

  test('delete, flush and unknown ids', () => {
    const g = gate();
    g.forward(packet(A, B, udp(1, 2)));
    g.forward(packet(A, B, udp(3, 4)));
    const door = g.ns.conntrack.door();
    expect(door.delete(99)).toMatchObject({ ok: false, error: { errno: 'ENOENT' } });
    expect(door.delete(door.list()[0]?.id ?? 0)).toMatchObject({ ok: true });
    expect(door.count()).toBe(1);
    door.flush();
    expect(g.events.map((e) => e.type)).toEqual(['NEW', 'NEW', 'DESTROY', 'DESTROY']);
  });

  test('a full table drops what is new once nothing unassured is left to evict', () => {
    const g = gate();
    g.ns.sysctl.set('net.netfilter.nf_conntrack_max', '2');
    for (const port of [1, 2, 3]) expect(g.forward(packet(A, B, udp(port, 9)))).toBeDefined();
    expect(g.ns.conntrack.door().stats()).toMatchObject({ early_drop: 1 });
    expect(g.ns.conntrack.door().count()).toBe(2);
  });

  test('every change of a row is a table step with before and after', () => {
    const g = gate();
    g.forward(packet(A, B, udp(4000, 53)));
    g.forward(packet(B, A, udp(53, 4000)), true);
    g.wait(31);
    const rows = g.world.recorder.steps.filter((s) => s.kind === 'table' && s.table.endsWith('/conntrack'));
    expect(rows.map((s) => (s.kind === 'table' ? [s.before === undefined, s.after === undefined] : []))).toEqual([[true, false], [false, false], [false, true]]);
  });
});
