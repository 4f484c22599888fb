import { describe, expect, test } from 'vitest';
import type { Step } from '../../trace/steps.ts';
import { RST, SYN } from '../../wire/packet.ts';
import { explainMiss } from './explain.ts';
import { Gate, ip, packet, tcp, TRACK, udp } from './testing/gate.ts';

const A = '10.0.0.1';
const B = '10.0.0.2';
const filter = (lines: string): string => `*filter\n${lines}\nCOMMIT\n`;

/** `chain:number verdict` of each rule step. */
const path = (g: Gate): string[] => g.world.recorder.steps.flatMap((s) => (s.kind === 'rule' ? [`${s.chain}:${s.index + 1} ${s.verdict}`] : []));
const counters = (g: Gate, chain: string): number[] => g.ns.netfilter.door().dump('filter')?.chains.find((c) => c.name === chain)?.rules.map((r) => r.packets) ?? [];

describe('NF9 walking', () => {
  test('jump comes back, return ends the chain, goto does not come back', () => {
    const g = new Gate(filter(':J - [0:0]\n:K - [0:0]\n:G - [0:0]\n-A FORWARD -j J\n-A FORWARD -g G\n-A FORWARD -j DROP\n-A J -j K\n-A J -p udp -j RETURN\n-A J -j DROP\n-A K -p tcp -j DROP\n-A G -p udp'));
    expect(g.forward(packet(A, B, udp(1, 2)))).toBeDefined();
    expect(path(g)).toEqual(['FORWARD:1 jump', 'J:1 jump', 'J:2 return', 'FORWARD:2 goto', 'G:1 continue']);
  });

  test('a return in a base chain, or its end, is the policy', () => {
    const g = new Gate(filter(':FORWARD DROP [0:0]\n-A FORWARD -p udp -j RETURN\n-A FORWARD -j ACCEPT'));
    expect(g.forward(packet(A, B, udp(1, 2)))).toBeUndefined();
    expect(g.world.recorder.steps.at(-1)).toMatchObject({ kind: 'dropped', reason: 'NETFILTER_DROP', detail: 'policy of filter FORWARD' });
    expect(g.ns.netfilter.door().dump('filter')?.chains.find((c) => c.name === 'FORWARD')).toMatchObject({ packets: 1, bytes: 32, policy: 'DROP' });
  });

  test('a drop says which rule', () => {
    const g = new Gate(filter('-A FORWARD -d 10.0.0.2/32 -p udp -m udp --dport 9 -j DROP'));
    g.forward(packet(A, B, udp(1, 9)));
    expect(g.world.recorder.steps.at(-1)).toMatchObject({ kind: 'dropped', detail: 'filter -A FORWARD -d 10.0.0.2/32 -p udp -m udp --dport 9 -j DROP' });
  });

  test('NF10 order at the hooks: raw, conntrack, mangle, nat, filter, security', () => {
    const g = new Gate(`${TRACK}*raw\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n*mangle\n:PREROUTING ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\nCOMMIT\n*nat\n:PREROUTING ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\nCOMMIT\n*security\n:FORWARD ACCEPT [0:0]\nCOMMIT\n`);
    g.forward(packet(A, B, udp(1, 2)));
    const order = g.world.recorder.steps.flatMap((s) => (s.kind === 'hook' ? [`${s.table} ${s.hook}`] : s.kind === 'conntrack' ? [`ct ${s.op}`] : []));
    expect(order).toEqual([
      'raw PREROUTING', 'ct new', 'mangle PREROUTING', 'nat PREROUTING', 'mangle FORWARD', 'filter FORWARD', 'security FORWARD', 'mangle POSTROUTING', 'nat POSTROUTING', 'ct confirm',
    ]);
  });

  test('NF11 counters belong to the rule: a new version of the chain keeps them', () => {
    const g = new Gate(filter('-A FORWARD -p udp\n-A FORWARD -p tcp'));
    g.forward(packet(A, B, udp(1, 2)));
    g.restore('*filter\n-I FORWARD 1 -p icmp\n-D FORWARD -p tcp\nCOMMIT\n');
    g.forward(packet(A, B, udp(1, 2)));
    expect(counters(g, 'FORWARD')).toEqual([0, 2]);
  });

  test('rules that did not change are the same values in the next version', () => {
    const g = new Gate(filter(':X - [0:0]\n-A X -j ACCEPT\n-A FORWARD -j X'));
    const before = g.ns.netfilter.table('filter');
    g.restore('*filter\n-A FORWARD -p tcp\nCOMMIT\n');
    const after = g.ns.netfilter.table('filter');
    expect(after?.chains.get('X')).toBe(before?.chains.get('X'));
    expect(after?.chains.get('FORWARD')?.rules[0]).toBe(before?.chains.get('FORWARD')?.rules[0]);
  });
});

describe('NF12 runs of rules by destination', () => {
  const many = (n: number, from: (i: number) => string): string => Array.from({ length: n }, (_, i) => `-A FORWARD -d ${from(i)}/32 -p tcp -m tcp --dport ${80 + (i % 3)} -j MARK --or-mark ${2 ** (i % 8)}`).join('\n');
  const address = (i: number): string => `10.43.${Math.floor(i / 5)}.${i % 5}`;

  test('steps and counters are those of the plain walk', () => {
    // One rule in between that names a network cuts the run; few rules are not indexed at all.
    const rules = `${many(40, address)}\n-A FORWARD -d 10.43.0.0/16 -p tcp\n${many(12, address)}`;
    const indexed = new Gate(filter(rules));
    const plain = new Gate(filter(rules.replace(/-d (10\.43\.\d+\.\d+)\/32/g, '-m iprange --dst-range $1-$1')));
    for (let i = 0; i < 60; i++) for (const g of [indexed, plain]) g.forward(packet(A, address(i % 45), tcp(1000, 80 + (i % 4), SYN)));
    const steps = (g: Gate): unknown[] => g.world.recorder.steps.flatMap((s: Step) => (s.kind === 'rule' ? [[s.pkt, s.index, s.mark, s.verdict]] : []));
    expect(steps(indexed).length).toBeGreaterThan(50);
    expect(steps(indexed)).toEqual(steps(plain));
    expect(counters(indexed, 'FORWARD')).toEqual(counters(plain, 'FORWARD'));
  });

  test('by destination port too: TCP and UDP of one number, a rule that counts before it looks at the port', () => {
    const ports = (n: number, at: number): string => Array.from({ length: n }, (_, i) => `-A FORWARD -p ${i % 3 === 0 ? 'udp' : 'tcp'} -m comment --comment "n ${i}" -m ${i % 3 === 0 ? 'udp' : 'tcp'} --dport ${at + (i % 9)} -j MARK --or-mark ${2 ** (i % 8)}`).join('\n');
    const rules = `${ports(30, 100)}\n-A FORWARD -p tcp -m statistic --mode nth --every 2 --packet 0 -m tcp --dport 101 -j MARK --or-mark 0x1000\n${ports(12, 100)}\n-A FORWARD -p tcp -m tcp ! --dport 101\n${ports(9, 101)}`;
    const indexed = new Gate(filter(rules));
    const plain = new Gate(filter(rules.replace(/ --dport (\d+) -j/g, (_all, p: string) => ` --dport ${p}:${p} -j`).replace(/-m (tcp|udp) --dport (\d+):\d+/g, '-m multiport --dports $2')));
    for (let i = 0; i < 60; i++) for (const g of [indexed, plain]) g.forward(packet(A, B, i % 4 === 0 ? udp(1000, 98 + (i % 13)) : tcp(1000, 98 + (i % 13), SYN)));
    const steps = (g: Gate): unknown[] => g.world.recorder.steps.flatMap((s: Step) => (s.kind === 'rule' ? [[s.pkt, s.index, s.mark, s.verdict]] : []));
    expect(steps(indexed).length).toBeGreaterThan(50);
    expect(steps(indexed)).toEqual(steps(plain));
    expect(counters(indexed, 'FORWARD')).toEqual(counters(plain, 'FORWARD'));
  });

  test('the cost does not grow with the rules', () => {
    const time = (n: number): number => {
      const g = new Gate(filter(many(n, (i) => `10.${43 + Math.floor(i / 60000)}.${Math.floor(i / 250) % 250}.${i % 250}`)), { trace: false });
      const skb = g.skb(packet(A, '9.9.9.9', tcp(1, 80, SYN)));
      const run = (times: number): number => {
        const start = performance.now();
        for (let i = 0; i < times; i++) g.ns.netfilter.hook('FORWARD', skb, g.inside, g.outside);
        return performance.now() - start;
      };
      run(2000);
      return Math.min(run(5000), run(5000), run(5000));
    };
    expect(time(10_000)).toBeLessThan(20 * Math.max(time(20), 0.5));
  });
});

describe('NF13 draws', () => {
  const split = filter(':E1 - [0:0]\n:E2 - [0:0]\n:E3 - [0:0]\n-A FORWARD -m statistic --mode random --probability 0.33333333349 -g E1\n-A FORWARD -m statistic --mode random --probability 0.5 -g E2\n-A FORWARD -g E3');

  test('scripted draws come first, 31 bits, compared as the kernel does', () => {
    const g = new Gate(split);
    g.world.scripted.set('statistic', [715827882, 715827883, 1073741823, 715827883, 1073741824]);
    for (let i = 0; i < 3; i++) g.forward(packet(A, B, udp(1, 2)));
    expect(path(g)).toEqual(['FORWARD:1 goto', 'FORWARD:2 goto', 'FORWARD:3 goto']);
    const first = g.world.recorder.steps.find((s) => s.kind === 'rule');
    expect(first).toMatchObject({ draw: { value: 715827882, bound: 715827883 } });
  });

  test('three endpoints get a third each', () => {
    const g = new Gate(split, { trace: false });
    for (let i = 0; i < 3000; i++) g.forward(packet(A, B, udp(1, 2)));
    for (const n of counters(g, 'FORWARD')) expect(Math.abs(n - 1000)).toBeLessThan(120);
  });

  test('nth matches every third packet, beginning with the given one', () => {
    const g = new Gate(filter('-A FORWARD -m statistic --mode nth --every 3 --packet 1 -j DROP'));
    const passed = Array.from({ length: 7 }, () => g.forward(packet(A, B, udp(1, 2))) !== undefined);
    expect(passed).toEqual([true, false, true, true, false, true, true]);
  });
});

describe('NF14 matches that remember', () => {
  test('limit: burst, then the rate', () => {
    const g = new Gate(filter('-A FORWARD -m limit --limit 1/sec --limit-burst 2 -j ACCEPT\n-A FORWARD -j DROP'));
    const try_ = (): boolean => g.forward(packet(A, B, udp(1, 2))) !== undefined;
    expect([try_(), try_(), try_()]).toEqual([true, true, false]);
    g.wait(1);
    expect([try_(), try_()]).toEqual([true, false]);
  });

  test('recent: set, then found within its seconds, then not', () => {
    const g = new Gate(filter('-A FORWARD -m recent --rcheck --seconds 10 --reap --name X --rsource -j ACCEPT\n-A FORWARD -p tcp -m recent --set --name X --rsource -j ACCEPT\n-A FORWARD -j DROP'));
    const probe = (): boolean => g.forward(packet(A, B, udp(1, 2))) !== undefined;
    expect(probe()).toBe(false);
    g.forward(packet(A, B, tcp(1, 2, SYN)));
    expect(probe()).toBe(true);
    g.wait(11);
    expect(probe()).toBe(false);
  });

  test('a rule keeps what it remembers when another rule changes', () => {
    const g = new Gate(filter('-A FORWARD -m limit --limit 1/hour --limit-burst 1 -j ACCEPT\n-A FORWARD -j DROP'));
    expect(g.forward(packet(A, B, udp(1, 2)))).toBeDefined();
    g.restore('*filter\n-I FORWARD 1 -p tcp\nCOMMIT\n');
    expect(g.forward(packet(A, B, udp(1, 2)))).toBeUndefined();
  });
});

describe('NF15 marks', () => {
  test.each([
    ['--set-mark 0x5', 0xf0, 0x5], ['--set-mark 0x5/0xf', 0xff, 0xf5], ['--or-mark 0x4000', 0x1, 0x4001], ['--and-mark 0xf', 0xff, 0xf], ['--xor-mark 0x4000', 0x4001, 0x1],
    ['--set-xmark 0x1/0xff', 0xabff, 0xab01], ['--set-xmark 0x0/0x10000', 0x30000, 0x20000],
  ])('MARK %s on 0x%i', (option, before, after) => {
    const g = new Gate(`*mangle\n-A FORWARD -j MARK ${option}\nCOMMIT\n`);
    const skb = g.skb(packet(A, B, udp(1, 2)));
    skb.mark = before;
    g.ns.netfilter.hook('FORWARD', skb, g.inside, g.outside);
    expect(skb.mark).toBe(after);
  });

  test('CONNMARK saves and restores', () => {
    const g = new Gate('*mangle\n-A FORWARD -i in0 -j MARK --set-mark 7\n-A FORWARD -i in0 -j CONNMARK --save-mark\n-A FORWARD -i out0 -j CONNMARK --restore-mark\nCOMMIT\n');
    g.forward(packet(A, B, udp(1, 2)));
    expect(g.forward(packet(B, A, udp(2, 1)), true)?.mark).toBe(7);
    expect(g.ns.conntrack.door().list()[0]?.mark).toBe(7);
  });
});

test('NF16 TCPMSS lowers and never raises', () => {
  const g = new Gate('*mangle\n-A FORWARD -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1000\nCOMMIT\n');
  const mss = (value: number): number | undefined => {
    const skb = g.forward(packet(A, B, tcp(1, 2, SYN, { options: [{ kind: 'mss', value }] })));
    const options = skb?.net.kind === 'ipv4' && skb.net.payload.kind === 'tcp' ? skb.net.payload.options : [];
    return options.find((o) => o.kind === 'mss')?.value;
  };
  expect([mss(1460), mss(536)]).toEqual([1000, 536]);
});

test('NF17 explainMiss names the first question that fails', () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['-d 10.43.0.1/32 -p tcp -m tcp --dport 443', '-d 10.43.0.1/32: destination is 10.0.0.2'], ['! -s 10.0.0.0/8', '! -s 10.0.0.0/8: source is 10.0.0.1'],
    ['-p tcp', '-p tcp: protocol is udp'], ['-i cni+', '-i cni+: in device is in0'], ['! -o out0', '! -o out0: out device is out0'],
    ['-p udp -m udp --dport 53', '-m udp --dport 53: destination port is 9'], ['-m mark --mark 0x4000/0x4000', '-m mark --mark 0x4000/0x4000: mark is 0x1'],
    ['-m conntrack --ctstate RELATED,ESTABLISHED', '-m conntrack --ctstate RELATED,ESTABLISHED: state is NEW'], ['-p udp -m udp --dport 9', undefined],
    ['-m conntrack ! --ctstate NEW', '-m conntrack ! --ctstate NEW: state is NEW'],
  ];
  const g = new Gate(filter(cases.map(([rule]) => `-A FORWARD ${rule}`).join('\n')));
  const rules = g.ns.netfilter.table('filter')?.chains.get('FORWARD')?.rules ?? [];
  const snapshot = { hook: 'FORWARD' as const, net: packet(A, B, udp(1, 9)), mark: 1, iif: 'in0', oif: 'out0', physIn: undefined, physOut: undefined, ctState: 'NEW' };
  expect(rules.map((rule) => explainMiss(rule, snapshot))).toEqual(cases.map(([, text]) => text));
});

describe('NF18 REJECT', () => {
  test('an ICMP error goes out before the drop, and belongs to the connection', () => {
    const g = new Gate(`${TRACK}*filter\n-A FORWARD -p udp -j REJECT\n-A FORWARD -p tcp -j REJECT --reject-with tcp-reset\nCOMMIT\n`);
    g.ns.fib.newAddress({ dev: 'in0', address: ip('10.0.0.254'), prefixLength: 24 });
    g.inside.up = true;
    const route = { dst: { address: ip('10.0.0.0'), length: 24 }, nexthops: [{ via: undefined, dev: 'in0', onlink: false }] };
    g.ns.fib.newRoute(route, 'replace');
    const skb = g.skb(packet(A, B, tcp(5000, 80, SYN, { seq: 7 })));
    const { netfilter } = g.ns;
    expect(netfilter.hook('PREROUTING', skb, g.inside, undefined) && netfilter.hook('FORWARD', skb, g.inside, g.outside)).toBe(false);
    const created = g.world.recorder.steps.find((s) => s.kind === 'created');
    expect(created).toMatchObject({ net: { src: ip(B), dst: ip(A), ttl: 64, id: 0, payload: { kind: 'tcp', flags: RST | 16, seq: 0, ack: 8, window: 0 } } });
    const kinds = g.world.recorder.steps.filter((s) => s.kind === 'created' || (s.kind === 'rule' && s.target === 'REJECT') || s.kind === 'dropped').map((s) => s.kind);
    expect(kinds.indexOf('created')).toBeLessThan(kinds.indexOf('rule'));
    expect(g.ns.conntrack.door().count()).toBe(0);
  });
});
