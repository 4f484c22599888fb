/** The observations of ../shared/transcripts/k3s-snat.yaml, each derived from the world. */
import { describe, expect, it } from 'vitest';
import { openFromDisk } from '../../cli/scenarios.ts';
import { formatIpv4 } from '../../engine/wire/addresses.ts';
import { seconds } from '../../engine/sim/time.ts';
import type { Lab } from '../lab.ts';

const HOST = 'fiveg-host-24-node4';
const VIP = '10.123.123.100';
const CLIENT = '10.123.123.254';
const OWNER_PODS = ['10.42.1.20', '10.42.1.21'];

const open = (): Lab => openFromDisk('k3s-snat', { trace: true });
const out = (lab: Lab, on: string, line: string): string => lab.exec(on, line).stdout;
const local = (lab: Lab): void => {
  out(lab, 'vm1', 'kubectl apply -f etp-local.yaml');
  lab.wait(seconds(3));
};
/** Source addresses of the SYNs that pods took in, by pod address. */
const seen = (lab: Lab, from: number): ReadonlyMap<string, string> => new Map(lab.steps.slice(from).flatMap((s): [string, string][] =>
  (s.kind === 'delivered' && s.net.kind === 'ipv4' && s.net.payload.kind === 'tcp' && (s.net.payload.flags & 0x12) === 0x02 && formatIpv4(s.net.dst).startsWith('10.42.') ? [[formatIpv4(s.net.dst), formatIpv4(s.net.src)]] : [])));
const calls = (lab: Lab, on: string, line: string): ReadonlyMap<string, string> => {
  const from = lab.steps.length;
  out(lab, on, line);
  return seen(lab, from);
};
/** Packets and target of each rule of the chain on the owner. */
const counters = (lab: Lab): readonly string[] => out(lab, 'vm2', 'sudo iptables -t nat -L KUBE-EXT-W47NQ5DDJKUWFTVY -n -v').trim().split('\n').slice(2).map((l) => l.trim().split(/\s+/)).map(([n, , target]) => `${n ?? ''} ${(target ?? '').replace(/-W47.*/, '')}`);

describe('k3s-snat', () => {
  it('snat-cluster-mode: every backend sees the owner, not the caller', () => {
    const lab = open();
    const got = calls(lab, HOST, `for i in $(seq 40); do curl -s ${VIP}; done`);
    expect(got.size).toBe(6);
    for (const [pod, client] of got) expect([pod, client]).toEqual([pod, OWNER_PODS.includes(pod) ? '10.42.1.1' : '10.42.1.0']);
  });

  it('no-snat-local-mode: the pod sees the caller’s own address', () => {
    const lab = open();
    local(lab);
    expect(calls(lab, HOST, `for i in $(seq 20); do curl -s ${VIP}; done`)).toEqual(new Map(OWNER_PODS.map((p) => [p, CLIENT])));
  });

  it('masq-rule-counter: with Cluster each connection is marked, with Local none', () => {
    const lab = open();
    out(lab, HOST, `for i in $(seq 9); do curl -s ${VIP}; done`);
    expect(counters(lab)).toEqual(['9 KUBE-MARK-MASQ', '9 KUBE-SVC']);
    local(lab);
    out(lab, HOST, `for i in 1 2; do curl -s ${VIP}; done`);
    expect(counters(lab)).toEqual(['0 KUBE-SVC', '0 KUBE-MARK-MASQ', '0 KUBE-SVC', '2 KUBE-SVL']);
  });

  it('local-source-uses-cluster-path: from an address of the node itself all pods are reached, masqueraded', () => {
    const lab = open();
    local(lab);
    const got = calls(lab, 'vm2', `for i in $(seq 40); do curl -s --interface 10.65.94.199 ${VIP}; done`);
    expect(got.size).toBe(6);
    expect([...got].filter(([pod]) => !OWNER_PODS.includes(pod)).map(([, client]) => client)).toEqual(Array.from({ length: 4 }, () => '10.42.1.0'));
    expect(counters(lab)).toEqual(['0 KUBE-SVC', '40 KUBE-MARK-MASQ', '40 KUBE-SVC', '0 KUBE-SVL']);
  });
});
