import { describe, expect, it, test } from 'vitest';
import { processesOf } from '../../userland/shell/process-table.ts';
import { must } from '../../base/assert.ts';
import { clusterWorld } from '../testing/cluster-world.ts';

const MANIFEST = `apiVersion: v1
kind: ConfigMap
metadata: {name: conf}
data:
  nginx.conf: "events {} http { server { listen 80; retrun 200; } }"
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {nodeName: vm1, containers: [{name: nginx, image: nginx}, {name: box, image: busybox, command: [sleep, infinity]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: own}
spec: {nodeName: vm1, hostNetwork: true, containers: [{name: box, image: busybox, command: [sleep, infinity]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: broken}
spec:
  nodeName: vm2
  containers: [{name: nginx, image: nginx, volumeMounts: [{name: conf, mountPath: /etc/nginx/nginx.conf, subPath: nginx.conf}]}]
  volumes: [{name: conf, configMap: {name: conf}}]
`;
const w = clusterWorld({ manifests: [MANIFEST] });
const run = (line: string, on = 'vm1') => w.run(on, line);
const idOf = (name: string): string => run(`crictl ps -q --name ${name}`).stdout.split('\n')[0] ?? '';
const json = (line: string): unknown => JSON.parse(run(line).stdout);

describe('crictl', () => {
  it('ps and pods tell of this node only, the newest first; exited containers with -a', () => {
    expect(run('crictl ps').stdout.split('\n')[0]).toMatch(/^CONTAINER {8}IMAGE {12}CREATED {2,}STATE {7}NAME {2,}ATTEMPT {5}POD ID {11}POD$/);
    expect(run('crictl pods --name web -q').stdout).toMatch(/^[\da-f]{64}\n$/);
    expect(run('crictl ps -q', 'vm2').stdout).not.toContain(idOf('nginx'));
    expect(run('crictl ps --name nginx', 'vm2').stdout.split('\n')).toHaveLength(2);
    expect(run('crictl ps -a --name nginx', 'vm2').stdout).toMatch(/Exited {6}nginx/);
  });

  it('inspect: the process, its pod’s namespaces, three lines with pid', () => {
    const pid = processesOf(must(w.machines.get('vm1'), 'vm1')).find((p) => p.title?.startsWith('nginx: master') === true)?.pid;
    const pause = Number(/"pid": (\d+)/.exec(run('crictl inspectp $(crictl pods -q --name web)').stdout)?.[1]);
    const text = run(`crictl inspect ${idOf('nginx').slice(0, 13)}`).stdout;
    expect(text.split('\n').filter((l) => l.includes('pid')).map((l) => l.trim())).toEqual([`"pid": ${pid ?? 0},`, '"pid": 1', '"type": "pid"']);
    expect(text).toContain(`"path": "/proc/${pause}/ns/net"`);
    expect(json(`crictl inspect ${idOf('nginx')}`)).toMatchObject({ status: { state: 'CONTAINER_RUNNING', metadata: { name: 'nginx', attempt: 0 } }, info: { pid, runtimeSpec: { linux: { namespaces: [{ type: 'pid' }, { type: 'ipc' }, { type: 'uts' }, { type: 'mount' }, { type: 'network' }, { type: 'cgroup' }] } } } });
    const host = run('crictl inspect $(crictl ps -q -p $(crictl pods -q --name own))').stdout;
    expect(host).not.toContain('"type": "network"');
  });

  it('exec runs inside, with the container’s exit code in its message', () => {
    expect(run(`crictl exec ${idOf('nginx')} hostname`).stdout).toBe('web\n');
    expect(run(`crictl exec -s ${idOf('nginx')} false`)).toMatchObject({ code: 1, stderr: 'FATA[0000] execing command in container: command terminated with exit code 1\n' });
  });

  test.each([
    ['crictl foo', "No help topic for 'foo'\n", 3], ['crictl stats', 'crictl stats: not modelled in this lab\n', 1], ['crictl ps -z', 'Incorrect Usage: flag provided but not defined: -z\n\nFATA[0000] flag provided but not defined: -z\n', 1],
    ['crictl inspect 0000', 'FATA[0000] getting the status of the container "0000": rpc error: code = NotFound desc = an error occurred when try to find container "0000": not found\n', 1],
  ])('%s', (line, stderr, code) => {
    expect(run(line)).toEqual({ stdout: '', stderr, code });
  });
});

describe('ctr', () => {
  it('lists sandboxes too, tasks by their pids, nothing in other namespaces', () => {
    const containers = run('ctr c ls -q').stdout.trim().split('\n');
    const running = run('crictl ps -q').stdout.trim().split('\n');
    const pods = run('crictl pods -q').stdout.trim().split('\n');
    expect(containers).toEqual([...running, ...pods].sort());
    expect(run('ctr t ls').stdout).toMatch(new RegExp(`^${idOf('nginx')} +\\d+ +RUNNING$`, 'm'));
    expect(run('ctr -n default c ls').stdout.trimEnd()).toBe('CONTAINER    IMAGE    RUNTIME');
  });

  it('info: namespaces by the pause process, the cgroup of the quality of service', () => {
    const pause = Number(/"pid": (\d+)/.exec(run('crictl inspectp $(crictl pods -q --name web)').stdout)?.[1]);
    expect(run(`ctr c info ${idOf('nginx')} | grep -A 5 '"type": "pid"'`).stdout.split('\n').map((l) => l.trim()).slice(0, 5)).toEqual(['"type": "pid"', '},', '{', '"type": "ipc",', `"path": "/proc/${pause}/ns/ipc"`]);
    expect(run(`ctr c info ${idOf('nginx')} | grep cgroupsPath`).stdout).toMatch(/"kubepods-besteffort-pod[\da-f]{8}_[\da-f]{4}_[\da-f]{4}_[\da-f]{4}_[\da-f]{12}\.slice:cri-containerd:[\da-f]{64}",/);
  });
});

it('a pod whose nginx.conf is wrong restarts for ever, and its log says why', () => {
  const pod = w.run('vm1', 'kubectl get pod broken --no-headers').stdout;
  expect(pod).toMatch(/CrashLoopBackOff|Error/);
  expect(w.run('vm1', 'kubectl logs broken').stdout).toContain('nginx: [emerg] unknown directive "retrun" in /etc/nginx/nginx.conf:1\n');
});

it('the sandbox’s processes go with the pod', () => {
  const vm1 = must(w.machines.get('vm1'), 'vm1');
  const count = (): number => processesOf(vm1).filter((p) => p.args[0] === '/pause').length;
  const before = count();
  w.run('vm1', 'kubectl delete pod own --now');
  w.wait(3);
  expect(count()).toBe(before - 1);
});

describe('k3s', () => {
  const version = (line: string): string => run(line).stdout.split('\n')[0] ?? '';
  test.each<[string, string, string, number]>([
    ['k3s -v', 'k3s version v1.29.5+k3s1 (4e53a323)\ngo version go1.21.9\n', '', 0],
    ['k3s server', '', 'k3s server: not modelled in this lab\n', 1],
    ['k3s nonsense', '', "No help topic for 'nonsense'\n", 3],
    ['k3s crictl version | grep RuntimeV', 'RuntimeVersion:  v1.7.15-k3s1\n', '', 0],
    ['k3s ctr c info none', '', 'ctr: container "none" in namespace "k8s.io": not found\n', 1],
    ['flannel', '', 'bash: line 1: flannel: command not found\n', 127],
  ])('%s', (line, stdout, stderr, code) => {
    expect(run(line)).toEqual({ stdout, stderr, code });
  });

  it('k3s kubectl is kubectl', () => {
    expect(version('k3s kubectl get pod web -o name')).toBe('pod/web');
  });
});
