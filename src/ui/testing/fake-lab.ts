/** A LabApi that answers from a recording, for `vite --mode fake` and the page's own tests. Never in a build. */
import type { Action, LabApi, LabEvent, RunInfo, ScenarioInfo, TableView } from '../../worker/protocol.ts';
import { detail, tablesAt } from './fake-detail.ts';
import { curl, lost, noise, type FakeStep } from './fake-run.ts';
import { topology } from './fake-topology.ts';

const scenario: ScenarioInfo = { id: 'k3s-clusterip', title: 'A pod curls a ClusterIP service', stack: 'k3s · flannel · kube-proxy iptables', seed: 42, course: { title: 'Services on k3s', at: 2 }, summary: 'Three nodes, three nginx pods behind one address that no interface owns. Follow a request, its DNS query and its reply through every table that decides about it.' };
const PAGE = '<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n</head>\n<body>\n<h1>Welcome to nginx!</h1>\n</body>\n</html>\n';
const story = `# A pod curls a ClusterIP service

Three nodes run k3s. \`nginx-service\` has the address \`10.43.180.238\`, and **no interface in the cluster owns it**.

Ask for the page from inside \`test-pod\`:

[curl http://nginx-service](<run:test-pod curl http://nginx-service>)

Then press **Space** and watch.

## Where does the service address disappear?

The packet that left **test-pod** still carries \`10.43.180.238\`. Play until it reaches **vm2**'s PREROUTING hook and watch the destination.

- What decides between the three pods?
- Who remembers the choice?

[sudo conntrack -L](<run:vm2 sudo conntrack -L>)

## The wrapper

\`flannel.1\` puts the packet into another one, addressed to the other node.

\`\`\`
IP 10.65.94.199.41217 > 10.65.94.238.8472: OTV, flags [I] (0x08), overlay 0, instance 1
\`\`\`
`;
const prompts: Readonly<Record<string, string>> = { 'test-pod': 'test-pod:~# ', vm1: 'ubuntu@vm1:~$ ', vm2: 'ubuntu@vm2:~$ ', vm3: 'ubuntu@vm3:~$ ', 'vm-ext': 'ubuntu@vm-ext:~$ ' };

const wait = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

export function createFakeLab(pause = 120): LabApi {
  let steps: FakeStep[] = [];
  let actions: Action[] = [];
  let emit: (event: LabEvent) => void = () => undefined;
  const terminals = new Map<string, string>();
  const head = (): number => steps.length - 1;
  const now = (): number => steps.at(-1)?.t ?? 0;

  const grow = (more: readonly FakeStep[]): void => {
    const from = steps.length;
    steps = [...steps, ...more];
    emit({ kind: 'grew', from, events: more, head: head(), now: now(), topology: undefined });
  };
  const run = (on: string, line: string): { readonly text: string; readonly code: number } => {
    const [name = ''] = line.trim().split(/\s+/);
    if (name === '') return { text: '', code: 0 };
    if (name === 'curl') { grow(curl(steps.length, now() + 2e9, steps.at(-1)?.pkt ?? 0)); return { text: PAGE, code: 0 }; }
    if (name === 'ping') { grow(lost(steps.length, now() + 1e9, steps.at(-1)?.pkt ?? 0)); return { text: 'PING nginx-service (10.43.180.238): 56 data bytes\n--- nginx-service ping statistics ---\n1 packets transmitted, 0 packets received, 100% packet loss\n', code: 1 }; }
    if (name === 'hostname') return { text: `${on}\n`, code: 0 };
    if (name === 'crash') { emit({ kind: 'bug', error: { title: 'Broken invariant', detail: 'packet #3 ended twice\n  at drop (kernel/drop.ts:41)' } }); return { text: '', code: 1 }; }
    return { text: `bash: ${name}: command not found\n`, code: 127 };
  };

  return {
    scenarios: async () => { await wait(pause); return [scenario]; },
    open: async (request, onEvent): Promise<RunInfo> => {
      if (request.scenario !== scenario.id) throw { title: 'No such scenario', detail: `There is no scenario called ${request.scenario}.` };
      emit = () => undefined;
      onEvent({ kind: 'progress', text: 'Booting vm1, vm2, vm3', done: 1, total: 3 });
      await wait(pause);
      onEvent({ kind: 'progress', text: 'kube-proxy writes its rules', done: 2, total: 3 });
      await wait(pause);
      steps = [...noise(0, 37)];
      actions = [...request.actions];
      for (const action of actions) if (action.kind === 'exec') { terminals.set(action.terminal, action.on); run(action.on, action.run); }
      emit = onEvent;
      onEvent({ kind: 'progress', text: 'Ready', done: 3, total: 3 });
      return { scenario, seed: request.seed ?? scenario.seed, story, topology, events: steps, head: head(), now: now(), start: 36, fingerprint: 'fake',
        files: [{ on: 'vm1', path: '/home/ubuntu/nginx-svc.yaml' }],
        tries: [{ on: 'test-pod', run: 'curl http://nginx-service', why: 'Ask the service for its page' }, { on: 'vm2', run: 'sudo conntrack -L', why: 'See what vm2 remembers' }, { on: 'vm1', run: 'kubectl get pods -o wide', why: 'Where the pods run' }],
        targets: [{ name: 'vm1', prompt: prompts['vm1'] ?? '', ns: 1 }, { name: 'vm2', prompt: prompts['vm2'] ?? '', ns: 2 }, { name: 'vm3', prompt: prompts['vm3'] ?? '', ns: 3 }, { name: 'vm-ext', prompt: prompts['vm-ext'] ?? '', ns: 4 }, { name: 'test-pod', prompt: prompts['test-pod'] ?? '', ns: 21 }] };
    },
    step: async (step) => {
      const s = steps[step];
      if (s === undefined) throw { title: 'No such step', detail: String(step) };
      return detail(s, steps);
    },
    tables: async (ns, step): Promise<readonly TableView[]> => tablesAt(ns, step, steps),
    openTerminal: async (on) => { const id = `t${terminals.size + 1}`; terminals.set(id, on); return { id, prompt: prompts[on] ?? `${on}:~# ` }; },
    input: async (terminal, line) => {
      const on = terminals.get(terminal) ?? '';
      const { text, code } = run(on, line);
      if (line.trim() !== '') { actions = [...actions, { kind: 'exec', at: now(), terminal, on, run: line }]; emit({ kind: 'actions', actions }); }
      if (text !== '') emit({ kind: 'terminal', id: terminal, text, step: head() });
      emit({ kind: 'prompt', id: terminal, prompt: prompts[on] ?? '# ', code });
    },
    edited: async () => undefined,
    interrupt: async (terminal) => { emit({ kind: 'prompt', id: terminal, prompt: prompts[terminals.get(terminal) ?? ''] ?? '# ', code: 130 }); },
    complete: async (_, line, cursor) => {
      const start = line.slice(0, cursor).lastIndexOf(' ') + 1;
      const word = line.slice(start, cursor);
      return { start, candidates: ['conntrack', 'curl', 'hostname', 'http://nginx-service', 'iptables', 'ip', 'ping', 'sudo'].filter((c) => c.startsWith(word)) };
    },
    apply: async () => ({ ok: false, text: 'not in the recording' }),
    fingerprint: async () => 'fake',
    coverage: async () => [{ subsystem: 'netfilter', name: 'DNAT', models: 'net/netfilter/xt_nat.c, Linux 6.1', notModelled: 'persistent' }, { subsystem: 'devices', name: 'vxlan', models: 'drivers/net/vxlan, Linux 6.1', notModelled: 'learning, multicast groups' }],
    referee: async () => ({ date: '2026-11-21', kernel: '6.18.44', seed: 1, worlds: 2, flows: 30, hooks: 900, rules: 4000, crossings: 1500, conntrackEvents: 300, traceLines: 120, commands: 150, divergences: 0, mutations: { made: 26, caught: 26 }, notRefereed: ['ESP and XFRM interfaces', 'VTI'] }),
    exportNetns: async () => ({ name: 'vethlab-k3s-clusterip', files: [{ path: 'up.sh', text: '#!/usr/bin/env bash\n' }, { path: 'README.md', text: '# Recorded\n' }] }),
    close: async () => undefined,
  };
}
