/** The observations of ../shared/transcripts/k3s-external-routing-from-pod.yaml, each derived from the world. */
import { describe, expect, it } from 'vitest';
import { openFromDisk } from '../../cli/scenarios.ts';
import { formatIpv4 } from '../../engine/wire/addresses.ts';
import type { Lab } from '../lab.ts';

const POD = 'test-pod-vm1';
const CALL = 'curl -s -m 3 10.123.123.100 --interface 11.11.11.11';

/** The pod with its second network, made from the node as the author did. */
function open(): Lab {
  const lab = openFromDisk('k3s-external-routing-from-pod', { trace: true });
  const made = lab.exec('vm1', 'for c in "link add br-inpod type bridge" "addr add 11.11.11.11/24 dev br-inpod" "link set up dev br-inpod"; do sudo nsenter -t 555560 -n ip $c || exit 1; done');
  expect(made).toMatchObject({ stderr: '', code: 0 });
  return lab;
}

describe('k3s-external-routing-from-pod', () => {
  it('foreign-source-breaks: the answer comes back to vm1, which sends it to its default gateway', () => {
    const lab = open();
    expect(lab.exec(POD, 'curl -s -m 3 10.123.123.100').stdout).toContain('Welcome to NGINX!');
    const head = lab.steps.length;
    expect(lab.exec(POD, CALL)).toMatchObject({ stdout: '', code: 28 });
    const toPod = lab.steps.slice(head).flatMap((s) => (s.kind === 'tx' && s.net.kind === 'ipv4' && formatIpv4(s.net.dst) === '11.11.11.11' ? [{ at: lab.namespaceName(s.ns)?.label, dev: s.dev }] : []));
    expect(toPod.filter((t) => t.at === 'vm1').length).toBeGreaterThan(0);
    expect(new Set(toPod.filter((t) => t.at === 'vm1').map((t) => t.dev))).toEqual(new Set(['ens3']));
  });

  it('foreign-source-fixed-by-node-route: a route to the pod in the node’s own namespace makes it work', () => {
    const lab = open();
    expect(lab.exec('vm1', 'sudo ip route add 11.11.11.0/24 via 10.42.0.27')).toMatchObject({ stderr: '', code: 0 });
    for (let i = 0; i < 6; i++) expect(lab.exec(POD, CALL).stdout).toContain('Welcome to NGINX!');
    lab.exec('vm1', 'sudo ip route del 11.11.11.0/24');
    expect(lab.exec(POD, CALL).code).toBe(28);
  });
});
