/** The observations of ../shared/transcripts/k3s-etp-local.yaml, each derived from the world. */
import { beforeAll, describe, expect, it } from 'vitest';
import { openFromDisk } from '../../cli/scenarios.ts';
import { seconds } from '../../engine/sim/time.ts';
import type { Lab } from '../lab.ts';

const VIP = '10.123.123.100';
const OWNERS = ['10.42.1.20', '10.42.1.21'];
const ALL = ['10.42.0.25', '10.42.0.26', ...OWNERS, '10.42.2.21', '10.42.2.22'];
const EXT = 'sudo iptables -t nat -S KUBE-EXT-W47NQ5DDJKUWFTVY';

const out = (lab: Lab, on: string, line: string): string => lab.exec(on, line).stdout;
const pods = (text: string): readonly string[] => [...new Set([...text.matchAll(/pod IP address: (\S+)/g)].map((m) => m[1] ?? ''))].sort();
const calls = (n: number): string => `for i in $(seq ${n}); do curl -s ${VIP}; done`;

describe('k3s-etp-local', () => {
  let lab: Lab;
  let before = '';
  beforeAll(() => {
    lab = openFromDisk('k3s-etp-local', { trace: true });
    before = out(lab, 'vm1', EXT);
    out(lab, 'vm1', 'kubectl apply -f nginx-mlb-svc-local.yaml');
    lab.wait(seconds(15));
  });

  it('etp-local-external-only-local-pods: from outside only the pods on the owner’s node answer', () => {
    expect(pods(out(lab, 'fiveg-host-24-node4', calls(40)))).toEqual(OWNERS);
    expect(pods(out(lab, 'vm-ext', calls(40)))).toEqual(OWNERS);
  });

  it('etp-local-pod-spread-over-all: a pod of the cluster reaches all six', () => {
    expect(pods(out(lab, 'test-pod', calls(80)))).toEqual(ALL);
  });

  it('etp-local-ext-chain-changes: pods are let through to KUBE-SVC, the default becomes KUBE-SVL with the two local pods', () => {
    const after = out(lab, 'vm1', EXT);
    expect(before).not.toContain('-s 10.42.0.0/16');
    expect(before.trimEnd().split('\n').at(-1)).toBe('-A KUBE-EXT-W47NQ5DDJKUWFTVY -j KUBE-SVC-W47NQ5DDJKUWFTVY');
    expect(after).toMatch(/-s 10\.42\.0\.0\/16 .* -j KUBE-SVC-W47NQ5DDJKUWFTVY/);
    expect(after.trimEnd().split('\n').at(-1)).toBe('-A KUBE-EXT-W47NQ5DDJKUWFTVY -j KUBE-SVL-W47NQ5DDJKUWFTVY');
    for (const [vm, local] of [['vm1', ['10.42.0.25', '10.42.0.26']], ['vm2', OWNERS], ['vm3', ['10.42.2.21', '10.42.2.22']]] as const) {
      expect([...out(lab, vm, 'sudo iptables -t nat -S KUBE-SVL-W47NQ5DDJKUWFTVY').matchAll(/-> ([\d.]+):8080/g)].map((m) => m[1])).toEqual(local);
    }
  });

  it('itp-local-no-effect-on-vip: internalTrafficPolicy Local changes neither the chain nor where a pod’s calls go', () => {
    const chain = out(lab, 'vm1', EXT);
    out(lab, 'vm1', 'kubectl apply -f itp-local.yaml');
    lab.wait(seconds(3));
    expect(out(lab, 'vm1', EXT)).toBe(chain);
    expect(pods(out(lab, 'test-pod', calls(80)))).toEqual(ALL);
    // The ClusterIP is another matter: test-pod's node has two pods.
    expect(pods(out(lab, 'test-pod', 'for i in $(seq 30); do curl -s 10.43.159.55; done'))).toEqual(OWNERS);
  });
});
