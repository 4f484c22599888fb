/** The observations of ../shared/transcripts/k3s-two-vips.yaml, each derived from the world. */
import { describe, expect, it } from 'vitest';
import { openFromDisk } from '../../cli/scenarios.ts';
import { seconds } from '../../engine/sim/time.ts';
import type { Lab } from '../lab.ts';

const HOST = 'fiveg-host-24-node4';
const ZONE1 = '10.123.123.201';
const ZONE2 = '10.123.123.202';
const VM1 = '52:54:00:e2:c3:ec';
const VM3 = '52:54:00:db:2b:ce';

const open = (): Lab => openFromDisk('k3s-two-vips', { trace: true });
const out = (lab: Lab, on: string, line: string): string => lab.exec(on, line).stdout;
/** `server client` of each answer, without ports. */
const calls = (lab: Lab, ip: string, n: number): readonly string[] => [...out(lab, HOST, `for i in $(seq ${n}); do curl -s ${ip}; done`).matchAll(/server => ([\d.]+):8080 \n {2}- http client {2}=> ([\d.]+):\d+/g)].map((m) => `${m[1] ?? ''} ${m[2] ?? ''}`);
const owner = (lab: Lab, ip: string): string | undefined => {
  out(lab, HOST, 'sudo ip neigh flush all');
  out(lab, HOST, `curl -s -m 3 ${ip}`);
  return new RegExp(`\\(${ip.replaceAll('.', '\\.')}\\) at (\\S+)`).exec(out(lab, HOST, 'arp -na'))?.[1];
};

describe('k3s-two-vips', () => {
  it('zone-requests-reach-zone-pods: each address leads to pods of its zone', () => {
    const lab = open();
    expect(new Set(calls(lab, ZONE1, 20).map((c) => c.split(' ')[0]))).toEqual(new Set(['10.42.0.37', '10.42.1.35']));
    expect(new Set(calls(lab, ZONE2, 5).map((c) => c.split(' ')[0]))).toEqual(new Set(['10.42.2.36']));
  });

  it('cluster-mode-same-owner: both stand behind vm1, because an advertisement without selectors is still there', () => {
    const lab = open();
    expect([owner(lab, ZONE1), owner(lab, ZONE2)]).toEqual([VM1, VM1]);
    out(lab, 'vm1', 'kubectl delete l2advertisement l2-metalb -n metallb-system');
    lab.wait(seconds(2));
    expect([owner(lab, ZONE1), owner(lab, ZONE2)]).toEqual([VM1, VM3]);
  });

  it('local-mode-non-fate-sharing: with Local each address is of a node with a pod of its zone', () => {
    const lab = open();
    out(lab, 'vm1', 'kubectl apply -f nginx-mlb-2-vips-local.yaml');
    lab.wait(seconds(5));
    expect([owner(lab, ZONE1), owner(lab, ZONE2)]).toEqual([VM1, VM3]);
    expect(new Set([...calls(lab, ZONE1, 5), ...calls(lab, ZONE2, 5)])).toEqual(new Set(['10.42.0.37 10.123.123.254', '10.42.2.36 10.123.123.254']));
  });

  it('snat-address-depends-on-backend-node: flannel.1 of the owner for a pod elsewhere, cni0 for one on the owner', () => {
    const lab = open();
    expect(new Set([...calls(lab, ZONE1, 20), ...calls(lab, ZONE2, 5)])).toEqual(new Set(['10.42.0.37 10.42.0.1', '10.42.1.35 10.42.0.0', '10.42.2.36 10.42.0.0']));
  });
});
