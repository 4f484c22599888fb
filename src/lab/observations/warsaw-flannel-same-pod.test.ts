/** The observations of ../shared/transcripts/warsaw-flannel-same-pod.yaml, each derived from the world. */
import { describe, expect, it } from 'vitest';
import { openFromDisk } from '../../cli/scenarios.ts';
import type { Lab } from '../lab.ts';

function open(): Lab {
  const lab = openFromDisk('warsaw-flannel-same-pod', { trace: true });
  expect(lab.exec('xubulab', 'kubectl apply -f nginx-busybox.yaml && sleep 20').code).toBe(0);
  return lab;
}

const said = (lab: Lab, on: string, line: string): string => lab.exec(on, line).stdout;

describe('warsaw-flannel-same-pod', () => {
  it('waw-same-pod-localhost: the other container answers on localhost, and nothing leaves the loopback', () => {
    const lab = open();
    const head = lab.steps.length;
    expect(said(lab, 'nginx-busybox', 'wget -q -O - localhost')).toContain('Welcome to nginx!');
    const devices = new Set(lab.steps.slice(head).flatMap((s) => (s.kind === 'tx' && lab.namespaceName(s.ns)?.label === 'nginx-busybox' ? [s.dev] : [])));
    expect([...devices]).toEqual(['lo']);
  });

  it('waw-same-pod-pid-isolated: both see the listener on port 80, its process only who runs it', () => {
    const lab = open();
    lab.exec('nginx-busybox/nginx', 'apt install -y net-tools');
    const owners = (on: string): readonly string[] => said(lab, on, 'netstat -tlpn').split('\n').filter((l) => l.includes(':80 ')).map((l) => l.split(/LISTEN\s+/)[1]?.trim() ?? '');
    expect(owners('nginx-busybox')).toEqual(['-', '-']);
    expect(owners('nginx-busybox/nginx')).toEqual(['1/nginx: master pro', '1/nginx: master pro']);
  });

  it('waw-pause-holds-namespaces: net, uts and ipc are those of /pause for both containers, mnt, pid and cgroup are their own', () => {
    const lab = open();
    const pids = [...said(lab, 'kpi094', 'sudo crictl ps').matchAll(/^(\w{13}) .* (?:busybox|nginx) /gm)].map((m) => said(lab, 'kpi094', `sudo crictl inspect ${m[1] ?? ''} | jq .info.pid`).trim());
    expect(pids).toHaveLength(2);
    const spaces = pids.map((pid) => new Map(said(lab, 'kpi094', `sudo lsns -p ${pid}`).split('\n').slice(1).filter((l) => l !== '').map((l): [string, { ns: string; command: string }] => {
      const [ns = '', type = '', , , , ...command] = l.trim().split(/\s+/);
      return [type, { ns, command: command.join(' ') }];
    })));
    for (const type of ['net', 'uts', 'ipc']) {
      expect(new Set(spaces.map((s) => s.get(type)?.ns)).size).toBe(1);
      expect(spaces[0]?.get(type)?.command).toBe('/pause');
    }
    for (const type of ['mnt', 'pid', 'cgroup']) expect(new Set(spaces.map((s) => s.get(type)?.ns)).size).toBe(2);
  });

  it('waw-same-node-bonus: between two pods of one node nothing goes through flannel.1', () => {
    const lab = open();
    const pod = 'apiVersion: v1\\nkind: Pod\\nmetadata: { name: neighbour }\\nspec: { nodeName: kpi094, containers: [{ name: b, image: busybox, command: [sleep, infinity] }] }\\n';
    expect(lab.exec('xubulab', `printf '${pod}' | kubectl apply -f - && sleep 10`).code).toBe(0);
    const head = lab.steps.length;
    expect(said(lab, 'neighbour', 'wget -q -O - 10.42.1.30')).toContain('Welcome to nginx!');
    const devices = new Set(lab.steps.slice(head).flatMap((s) => (s.kind === 'tx' && s.net.kind === 'ipv4' && s.net.payload.kind === 'tcp' ? [s.dev] : [])));
    expect(devices.has('flannel.1')).toBe(false);
    expect(devices.has('eth0')).toBe(true);
  });
});
