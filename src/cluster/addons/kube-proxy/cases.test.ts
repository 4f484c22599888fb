/** The table of Services: rules as documented, accepted by the engine and by the real iptables-restore, and packets that go where they should. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { CLUSTER_IP, EXTERNAL, type Case } from './testing/cases.ts';
import { SETTINGS, VERSIONS } from './testing/more-cases.ts';
import { POLICIES, STICKY } from './testing/policy-cases.ts';
import { lines, rule } from './testing/notation.ts';
import { KUBELET, NODE_IP, TestNode, type From } from './testing/node.ts';
import { defaultBehaviour } from './config.ts';
import { kubeProxyTool } from './tool.ts';

const write = (c: Case): string => {
  const answer = kubeProxyTool(JSON.stringify({ config: { nodeName: 'vm1', nodeIPs: [NODE_IP], clusterCIDR: '10.42.0.0/16', version: c.version ?? '1.29', ...c.config }, objects: c.objects }));
  expect(answer.ok ? [] : answer.error).toEqual([]);
  return answer.ok && typeof answer.value.texts === 'string' ? answer.value.texts : '';
};

const FIXED = /^-A KUBE-(POSTROUTING|MARK-MASQ|FIREWALL|FORWARD) |NOTE: this must be the last rule/;
function written(text: string, fixed: boolean): Readonly<Record<'filter' | 'nat', readonly string[]>> {
  const [filter = '', nat = ''] = text.split('*nat');
  const pick = (part: string): readonly string[] => part.split('\n').filter((l) => l.startsWith('-A') && FIXED.test(l) === fixed);
  return { filter: pick(filter), nat: pick(nat) };
}
function expected(notation: string): Readonly<Record<'filter' | 'nat', readonly string[]>> {
  const all = lines(notation).map(rule);
  return { filter: all.filter((r) => r.table === 'filter').map((r) => r.text), nat: all.filter((r) => r.table === 'nat').map((r) => r.text) };
}
/** Upstream keeps the order within a chain; that of lines of different chains does not show in the result, so chains are compared one by one. */
const byChain = (rules: readonly string[]): Readonly<Record<string, readonly string[]>> => {
  const out: Record<string, string[]> = {};
  for (const r of rules) (out[r.split(' ')[1] ?? ''] ??= []).push(r);
  return out;
};

function flow(node: TestNode, text: string): void {
  const [from = '', to = '', wanted = ''] = text.split(' > ');
  const [, address = '', port = '', protocol] = /^([\d.]+):(\d+)(?:\/(udp))?$/.exec(to) ?? [];
  const masq = wanted.endsWith(' masq');
  const targets = wanted.replace(/ masq$/, '').split(', ');
  const seen = new Set<string>();
  const marks = new Set<boolean>();
  for (let i = 0; i < (targets.length === 1 ? 3 : 40); i++) {
    const outcome = node.send(from as From, address, Number(port), protocol === 'udp' ? 'udp' : 'tcp'); // the table's own words
    seen.add(outcome.to);
    marks.add(outcome.masqueraded);
  }
  expect({ flow: text, to: [...seen].sort(), masq: [...marks] }).toEqual({ flow: text, to: targets.sort(), masq: [masq] });
}

const root = process.getuid?.() === 0 && spawnSync('unshare', ['-n', 'iptables-restore', '--version']).status === 0;
if (!root) process.stderr.write('kube-proxy cases: NOT checked with the real iptables-restore (needs root, unshare and iptables)\n');

const all = [['ClusterIP', CLUSTER_IP], ['reachable from outside', EXTERNAL], ['settings of the node', SETTINGS], ['releases', VERSIONS], ['policies', POLICIES]] as const;

describe.each(all)('%s', (_group, cases) => {
  it.each(cases.map((c) => [c.name, c] as const))('%s', (_name, c) => {
    const text = write(c);
    for (const [notation, fixed] of [[c.rules, false], [c.fixed, true]] as const) {
      if (notation === undefined) continue;
      const want = expected(notation);
      const have = written(text, fixed);
      expect(byChain(have.filter)).toEqual(byChain(want.filter));
      expect(byChain(have.nat)).toEqual(byChain(want.nat));
    }
    if (c.unloadable === true) return;
    const behaviour = defaultBehaviour(c.version);
    const node = new TestNode(text, behaviour);
    for (const row of lines(c.flows ?? '')) flow(node, row);
  });
});

describe('session affinity with several endpoints', () => {
  const sticky = (): TestNode => new TestNode(write({ name: 'sticky', objects: STICKY }), defaultBehaviour());
  const targets = (node: TestNode, from: From, to: string, port: number): readonly string[] => [...new Set(Array.from({ length: 30 }, () => node.send(from, to, port, 'tcp').to))];

  it('a client keeps its endpoint, on the cluster IP and on the node port; other clients have others', () => {
    const node = sticky();
    const seen = new Set<string>();
    for (let i = 100; i < 130; i++) {
      const own = targets(node, `pod 10.42.0.${i}`, '10.43.0.41', 80);
      expect(own).toHaveLength(1);
      own.forEach((t) => seen.add(t));
    }
    expect([...seen].sort()).toEqual(['10.42.0.8:8080', '10.42.0.9:8080', '10.42.1.2:8080']);
  });

  it('under external policy Local the outside sticks to an endpoint here', () => {
    for (let i = 0; i < 5; i++) {
      const own = targets(sticky(), 'outside', '10.65.94.238', 30080);
      expect(own).toHaveLength(1);
      expect(['10.42.0.8:8080', '10.42.0.9:8080']).toContain(own[0]);
    }
  });
});

it('has at least 60 inputs', () => {
  expect(all.reduce((n, [, cases]) => n + cases.length, 0)).toBeGreaterThanOrEqual(60);
});

it.skipIf(!root)('the real iptables-restore --test takes every text', () => {
  const texts = all.flatMap(([, cases]) => cases).filter((c) => c.unloadable !== true).map(write);
  // one namespace, one shell: a process each would be slow
  const script = texts.map((text) => `iptables-restore --noflush --counters --test <<'EOF' || echo failed\n${text}EOF\n`).join('');
  const result = spawnSync('unshare', ['-n', 'sh', '-s'], { encoding: 'utf8', input: `iptables-restore --noflush <<'EOF'\n${KUBELET}EOF\n${script}` });
  expect({ error: result.error, out: result.stdout, err: result.stderr }).toEqual({ error: undefined, out: '', err: '' });
});
