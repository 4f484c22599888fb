/** A world is a function of scenario, actions and seed; looking at it changes nothing. */
import { describe, expect, it } from 'vitest';
import { openFromDisk } from '../../cli/scenarios.ts';

type Line = readonly [on: string, line: string];

const SESSIONS: readonly (readonly [name: string, lines: readonly Line[]])[] = [
  ['a page fetched by name', [['test-pod', 'curl -v http://nginx-service; dig nginx-service.default.svc.cluster.local'], ['vm2', 'sudo conntrack -L; sudo iptables-save -c']]],
  ['packets watched', [['vm2', 'sudo tcpdump -ni any port 80 & sleep 1; curl -s -o /dev/null http://10.43.180.238; sleep 1; kill %1; wait'], ['test-pod', 'ping -c 3 vm1; tracepath -n 10.42.0.8']]],
  ['a cluster that changes', [
    ['vm1', 'kubectl scale deployment nginx-deployment --replicas=5; sleep 10; kubectl get pods,endpoints -o wide'],
    ['vm1', 'kubectl delete pod test-pod --now; kubectl run other --image=nicolaka/netshoot -- sleep infinity; sleep 10; kubectl get pods -o wide; kubectl describe service nginx-service'],
    ['vm2', 'sudo iptables-save -t nat; sudo conntrack -E & sleep 1; for i in 1 2 3 4; do curl -s -o /dev/null http://10.43.180.238; done; kill %1; wait']]],
  ['what fails', [
    ['test-pod', 'curl -m 2 http://10.65.94.77; curl http://10.42.1.1:81; ping -c 2 -W 1 10.123.123.99; nslookup nobody.example'],
    ['vm2', 'sudo iptables -I FORWARD -p tcp --dport 80 -j DROP; sudo ip route del 10.42.2.0/24; sudo ip link set cni0 down'],
    ['test-pod', 'curl -m 3 http://nginx-service; echo $? $RANDOM'], ['vm2', 'ip -s link; ip neigh; cat /proc/net/dev 2>&1; ss -tan']]],
];

function play(lines: readonly Line[], seed: number, trace: boolean) {
  const lab = openFromDisk('k3s-clusterip', { seed, trace });
  const said = lines.map(([on, line]) => {
    const { stdout, stderr, code } = lab.exec(on, line);
    return { stdout, stderr, code };
  });
  return { said, hops: lab.world.hops, now: lab.now, fingerprint: trace ? lab.fingerprint() : undefined };
}

describe.each([42, 7])('with seed %i', (seed) => {
  it.each(SESSIONS)('%s: the same twice, and the same untraced', (_name, lines) => {
    const first = play(lines, seed, true);
    expect(first.said.some((s) => s.stdout.includes('not modelled') || s.stderr.includes('command not found'))).toBe(false);
    expect(play(lines, seed, true)).toEqual(first);
    expect(play(lines, seed, false)).toEqual({ ...first, fingerprint: undefined });
  });
});

it('another seed is another run', () => {
  const [, lines] = SESSIONS[0] ?? ['', []];
  expect(play(lines, 1, true).fingerprint).not.toBe(play(lines, 2, true).fingerprint);
});
