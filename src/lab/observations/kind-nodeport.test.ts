/** The observations of ../shared/transcripts/kind-nodeport.yaml, each derived from the world. */
import { describe, expect, it } from 'vitest';
import { must } from '../../base/assert.ts';
import { diskScenarios, openFromDisk } from '../../cli/scenarios.ts';
import type { Lab } from '../lab.ts';
import { openLab } from '../open.ts';
import { ends, isPacket, isSyn } from './tcp-steps.ts';

const NODES = ['10.89.0.2', '10.89.0.3'];
const PODS = ['10.244.1.4', '10.244.1.5', '10.244.1.6'];

/** The scenario without what it publishes. */
function withoutMapping(): Lab {
  const files = new Map(must(diskScenarios.files('kind-nodeport'), 'kind-nodeport'));
  const text = must(files.get('scenario.yaml'), 'scenario.yaml');
  const without = text.replace(/, extraPortMappings: \[[^\]]*\]/, '');
  expect(without).not.toBe(text);
  files.set('scenario.yaml', without);
  const lab = openLab('kind-nodeport', files, { trace: false });
  if (!lab.ok) throw new Error(lab.error);
  return lab.value;
}

describe('kind-nodeport', () => {
  const lab = openFromDisk('kind-nodeport', { trace: true });

  it.each(NODES)('nodeport-open-on-all-nodes: %s answers on 30000, also where no pod runs', (node) => {
    expect(lab.exec('workstation', `curl -s ${node}:30000`).stdout).toMatch(/"pod":"frontend-deployment-/);
  });

  it('nodeport-open-on-all-nodes: a port outside the range is refused', () => {
    expect(lab.exec('workstation', 'kubectl create service nodeport far --tcp=80:8080 --node-port=40000').stderr).toMatch(/provided port is not in the valid range/);
  });

  it('kind-port-mapping-needed: localhost:30000 answers with the mapping and is refused without it', () => {
    expect(lab.exec('workstation', 'curl -s localhost:30000').stdout).toMatch(/"pod":"frontend-deployment-/);
    const bare = withoutMapping();
    const { stderr, code } = bare.exec('workstation', 'curl -sS localhost:30000');
    expect(`${stderr}${code}`).toMatch(/Failed to connect to localhost port 30000 .*\n7$/);
    expect(bare.exec('workstation', 'curl -s 10.89.0.2:30000').stdout).toMatch(/"pod":"frontend-deployment-/);
  });

  it('nodeport-snat-dnat: marked in KUBE-EXT, to a pod in KUBE-SEP, from the node in POSTROUTING; the answer has the outside address again', () => {
    const head = lab.steps.length;
    expect(lab.exec('workstation', 'curl -s -o /dev/null 10.89.0.2:30000').code).toBe(0);
    const steps = lab.steps.slice(head);
    const rules = steps.filter(isPacket('rule')).filter(isSyn);
    const chains = rules.map((s) => s.chain);
    expect(chains).toEqual(expect.arrayContaining(['KUBE-NODEPORTS', 'KUBE-EXT-L2KBDCMJUD65WX3D', 'KUBE-MARK-MASQ', 'KUBE-SVC-L2KBDCMJUD65WX3D', 'KUBE-POSTROUTING']));
    expect(rules.find((s) => s.chain === 'KUBE-MARK-MASQ')?.mark).toBe(0x4000);
    expect(rules.find((s) => s.chain === 'KUBE-POSTROUTING' && s.target === 'MASQUERADE')?.mark).toBe(0);
    const [arrived] = steps.filter(isPacket('delivered')).filter(isSyn);
    const [from, to] = (arrived === undefined ? '' : ends(arrived)).split(' > ');
    expect(from).toBe(NODES[0]);
    expect(PODS).toContain(to);
    const answer = steps.filter(isPacket('delivered')).map(ends).find((e) => e.endsWith('> 10.89.0.1'));
    expect(answer).toBe(`${NODES[0] ?? ''} > 10.89.0.1`);
  });
});
