/** The observations of ../shared/transcripts/k3s-metallb-troubleshooting.yaml, each derived from the world. */
import { describe, expect, it } from 'vitest';
import { openFromDisk } from '../../cli/scenarios.ts';
import { seconds } from '../../engine/sim/time.ts';
import type { Lab } from '../lab.ts';

const VIP = '10.123.123.100';
const DARK = '10.123.123.99';
const VM2 = '52:54:00:b2:5b:52';
const DEBUG = `kubectl patch daemonset speaker -n metallb-system --type=json -p '[{"op":"replace","path":"/spec/template/spec/containers/0/args/1","value":"--log-level=debug"}]'`;

const open = (): Lab => openFromDisk('k3s-metallb-troubleshooting', { trace: true });
const out = (lab: Lab, on: string, line: string): string => lab.exec(on, line).stdout;
const speakers = (lab: Lab): ReadonlyMap<string, string> => new Map(out(lab, 'vm1', "kubectl get pods -n metallb-system -l component=speaker --no-headers -o custom-columns=N:.spec.nodeName,P:.metadata.name")
  .trim().split('\n').map((l): [string, string] => [l.split(/\s+/)[0] ?? '', l.split(/\s+/)[1] ?? '']));
const log = (lab: Lab, pod: string): readonly Readonly<Record<string, unknown>>[] => out(lab, 'vm1', `kubectl logs -n metallb-system ${pod}`).trim().split('\n').map((l) => JSON.parse(l) as Record<string, unknown>); // lines that the speaker wrote as JSON
/** Addresses whose announcement a speaker logged. */
const announced = (lab: Lab, pod: string): readonly unknown[] => log(lab, pod).filter((l) => l['event'] === 'serviceAnnounced').flatMap((l) => l['ips']);

describe('k3s-metallb-troubleshooting', () => {
  it('mlb-owner-logs-announced: the owner of an address says so in its log, the others do not', () => {
    const lab = open();
    const found = [...speakers(lab)].map(([node, pod]) => [node, [...new Set(announced(lab, pod))]] as const);
    expect(new Map(found)).toEqual(new Map([['vm1', []], ['vm2', [VIP]], ['vm3', ['1.2.3.4']]]));
  });

  it('mlb-all-speakers-have-responder: all listen on the same interfaces, one answers', () => {
    const lab = open();
    for (const pod of speakers(lab).values()) expect(log(lab, pod).filter((l) => l['event'] === 'createARPResponder').map((l) => l['interface'])).toEqual(['ens3', 'ens3.100']);
    const said = out(lab, 'vm-ext', `arping -I ens3.100 -c 3 -b ${VIP}`);
    expect([...new Set([...said.matchAll(/\[([0-9A-F:]{17})\]/gi)].map((m) => m[1]?.toLowerCase()))]).toEqual([VM2]);
  });

  it('mlb-arp-trace: with level debug the owner tells of every request, on both interfaces', () => {
    const lab = open();
    out(lab, 'vm1', DEBUG);
    lab.wait(seconds(120));
    out(lab, 'vm-ext', 'sudo ip neigh flush all');
    out(lab, 'vm-ext', `ping -c 1 -W 1 ${VIP}`);
    const said = [...speakers(lab)].map(([node, pod]) => [node, log(lab, pod).filter((l) => l['caller'] === 'arp.go:110' && l['ip'] === VIP && l['senderIP'] === '10.123.123.4').map((l) => `${String(l['interface'])} ${String(l['responseMAC'])}`)] as const);
    expect(new Map(said)).toEqual(new Map([['vm1', []], ['vm2', [`ens3 ${VM2}`, `ens3.100 ${VM2}`]], ['vm3', []]]));
  });

  it('mlb-no-ready-endpoint-no-announce: an address is given and nobody answers for it', () => {
    const lab = open();
    out(lab, 'vm1', 'kubectl apply -f test-NOT-READY-pod.yaml');
    lab.wait(seconds(20));
    expect(out(lab, 'vm1', "kubectl get svc never-ready-svc -o jsonpath='{.status.loadBalancer.ingress[0].ip}'")).toBe(DARK);
    for (const pod of speakers(lab).values()) expect(announced(lab, pod)).not.toContain(DARK);
    expect(out(lab, 'vm-ext', `ping -c 2 -W 1 ${DARK}`)).toContain('100% packet loss');
    expect(out(lab, 'vm-ext', 'arp -na')).toContain(`(${DARK}) at <incomplete> on ens3.100`);
  });

  it('mlb-ready-to-not-ready: when the last pod behind an address stops being ready, the address is withdrawn', () => {
    const lab = open();
    const pods = 'apiVersion: v1\nkind: Pod\nmetadata: {name: once-ready, labels: {app: never-ready}}\nspec: {containers: [{name: c, image: busybox, command: [sleep, "3600"], readinessProbe: {exec: {command: [test, "!", "-e", /tmp/ill]}, periodSeconds: 1}}]}\n';
    out(lab, 'vm1', 'kubectl apply -f test-NOT-READY-pod.yaml');
    expect(lab.apply(pods, 'once-ready.yaml').errors).toEqual([]);
    lab.wait(seconds(15));
    const owner = speakers(lab).get('vm2') ?? '';
    expect(announced(lab, owner)).toContain(DARK);
    out(lab, 'vm-ext', `ping -c 1 -W 1 ${DARK}`);
    expect(out(lab, 'vm-ext', 'arp -na')).toContain(`(${DARK}) at ${VM2}`);
    out(lab, 'vm1', 'kubectl exec once-ready -- touch /tmp/ill');
    lab.wait(seconds(10));
    expect(log(lab, owner).filter((l) => l['event'] === 'serviceWithdrawn').map((l) => [l['ip'], l['reason']])).toEqual([[[DARK], 'notOwner']]);
    out(lab, 'vm-ext', 'sudo ip neigh flush all');
    out(lab, 'vm-ext', `ping -c 1 -W 1 ${DARK}`);
    expect(out(lab, 'vm-ext', 'arp -na')).toContain(`(${DARK}) at <incomplete>`);
  });
});
