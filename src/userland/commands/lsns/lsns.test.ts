import { describe, expect, it, test } from 'vitest';
import { WaitQueue } from '../../../engine/sim/process.ts';
import { registerProcess, type ProcessEntry } from '../../shell/process-table.ts';
import { aLink, fake } from '../../testing/fake-kernel.ts';

const veth = aLink({ ifindex: 6, name: 'veth1', kind: 'veth', link: { ifindex: 2, name: 'eth0', netns: 'cni-1', netnsid: 0 } });

/** A node with a pod of two containers: pause 5000, nginx 5001, sleep 5002. */
function node() {
  const lab = fake({ links: [veth], netns: ['cni-1'] });
  const never = new WaitQueue();
  const { process } = lab.kernel.spawn('forever', function* () {
    yield { on: [never] };
    return 0;
  });
  const shared = { net: 'cni-1', uts: 's1', ipc: 's1' };
  const own = (id: string) => ({ ...shared, mnt: id, pid: id, cgroup: id });
  const entry = (pid: number, user: string, args: readonly string[], namespaces: ProcessEntry['namespaces']): void => registerProcess(lab.host, { pid, user, args, process, startedMillis: 0, tty: false, namespaces });
  entry(5000, '65535', ['/pause'], own('p'));
  entry(5001, 'root', ['nginx', '-g', 'daemon off;'], own('c1'));
  entry(5002, 'root', ['sleep', 'infinity'], own('c2'));
  return lab;
}
const rows = (text: string): string[][] => text.trimEnd().split('\n').slice(1).map((l) => l.trim().split(/\s+/));

describe('lsns', () => {
  it('-p: net, uts and ipc are those of pause, mnt, pid and cgroup its own, time and user everybody’s', () => {
    const lab = node();
    const nginx = rows(lab.run('lsns -p 5001').stdout);
    expect(nginx.map((r) => [r[1], r[3], r.slice(5).join(' ')])).toEqual([
      ['time', '1', '/sbin/init'], ['user', '1', '/sbin/init'], ['net', '5000', '/pause'], ['uts', '5000', '/pause'], ['ipc', '5000', '/pause'],
      ['mnt', '5001', 'nginx -g daemon off;'], ['pid', '5001', 'nginx -g daemon off;'], ['cgroup', '5001', 'nginx -g daemon off;']]);
    const sleep = rows(lab.run('lsns -p 5002').stdout);
    const number = (table: string[][], kind: string): string | undefined => table.find((r) => r[1] === kind)?.[0];
    for (const kind of ['net', 'uts', 'ipc', 'time', 'user']) expect(number(sleep, kind)).toBe(number(nginx, kind));
    for (const kind of ['mnt', 'pid', 'cgroup']) expect(number(sleep, kind)).not.toBe(number(nginx, kind));
  });

  it('-t net has the columns of network namespaces, numbers to the right', () => {
    const [head, , pod] = node().run('lsns -t net').stdout.split('\n');
    expect(head).toBe('        NS TYPE NPROCS  PID USER     NETNSID NSFS             COMMAND');
    expect(pod).toMatch(/^40265322\d\d net {7}3 5000 65535 {10}0 \/run\/netns\/cni-1 \/pause$/);
  });

  test.each([
    ['lsns -t foo', '', 'lsns: unknown namespace type: foo\n', 1], ['lsns --foo', '', "lsns: unrecognized option '--foo'\nTry 'lsns --help' for more information.\n", 1], ['lsns -p abc', '', "lsns: invalid PID argument: 'abc'\n", 1],
    ['lsns -o FOO', '', 'lsns: unknown column: FOO\n', 1], ['lsns extra', '', "lsns: invalid namespace argument: 'extra'\n", 1], ['lsns -p 99999', '', '', 0], ['lsns -J', '', 'lsns: -J is not modelled in this lab\n', 1],
  ])('%s', (line, stdout, stderr, code) => {
    expect(node().run(line)).toEqual({ stdout, stderr, code });
  });
});

describe('nsenter', () => {
  test.each([
    ['nsenter -n true', 'nsenter: neither filename nor target pid supplied for ns/net\n', 1], ['nsenter -t 999999 -n true', 'nsenter: cannot open /proc/999999/ns/net: No such file or directory\n', 1],
    ['nsenter -t abc -n true', "nsenter: failed to parse pid: 'abc'\n", 1], ['nsenter --foo', "nsenter: unrecognized option '--foo'\nTry 'nsenter --help' for more information.\n", 1],
    ['nsenter --net=/nope true', 'nsenter: cannot open /nope: No such file or directory\n', 1], ['nsenter -t 1 -n foo', 'nsenter: failed to execute foo: No such file or directory\n', 127],
    ['nsenter -t 5000 -m true', 'nsenter: entering another mount namespace is not modelled in this lab; use -n\n', 1],
  ])('%s', (line, stderr, code) => {
    expect(node().run(line)).toEqual({ stdout: '', stderr, code });
  });
});

describe('ip netns, by process', () => {
  test.each([
    ['ip netns pids cni-1', '5000\n5001\n5002\n', '', 0], ['ip netns identify 5001', 'cni-1\n', '', 0], ['ip netns identify', '\n', '', 0], ['ip netns list-id', 'nsid 0 (iproute2 netns name: cni-1)\n', '', 0],
    ['ip netns pids nope', '', 'Cannot open network namespace: No such file or directory\n', 1], ['ip netns identify 999999', '', 'Cannot open network namespace: No such file or directory\n', 1],
    ['ip netns pids', '', 'No netns name specified\n', 1], ['ip -all netns exec', '', 'No command specified\n', 1],
  ])('%s', (line, stdout, stderr, code) => {
    expect(node().run(line)).toEqual({ stdout, stderr, code });
  });
});
