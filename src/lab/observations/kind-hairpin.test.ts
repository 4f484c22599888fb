/** The observations of ../shared/transcripts/kind-hairpin.yaml, each derived from the world. */
import { describe, expect, it } from 'vitest';
import { openFromDisk } from '../../cli/scenarios.ts';
import type { Step } from '../../engine/trace/steps.ts';
import type { Lab } from '../lab.ts';
import { ends, isPacket, isSyn, isSynAck } from './tcp-steps.ts';

const NODE = 'my-two-node-cluster-worker';
const A = '10.244.1.5';
const B = '10.244.1.6';
const SERVICE = '10.96.0.44';
/** ptp gives the node's end of every pod's veth the gateway's address: MASQUERADE takes that of the outgoing device. */
const GATEWAY = '10.244.1.1';
const TRIES = 12;
const CURL = `for i in $(seq ${TRIES}); do curl -s -m 2 http://${SERVICE}; echo; done`;

const open = (): Lab => openFromDisk('kind-hairpin', { trace: true });

interface Walk {
  readonly steps: readonly Step[];
  readonly answered: readonly string[];
}

function walk(lab: Lab): Walk {
  const head = lab.steps.length;
  const { stdout } = lab.exec('pod-a', CURL);
  return { steps: lab.steps.slice(head), answered: [...stdout.matchAll(/"pod":"(pod-.)"/g)].map((m) => m[1] ?? '') };
}

describe('kind-hairpin', () => {
  it('hairpin-walk: of the connections to itself the SYN is marked, DNATed and gets another source; those to the other pod keep theirs', () => {
    const lab = open();
    const { steps, answered } = walk(lab);
    expect(new Set(answered)).toEqual(new Set(['pod-a', 'pod-b']));
    const arrived = steps.filter(isPacket('delivered')).filter(isSyn).map(ends);
    expect(arrived.filter((e) => e === `${GATEWAY} > ${A}`)).toHaveLength(answered.filter((p) => p === 'pod-a').length);
    expect(arrived.filter((e) => e === `${A} > ${B}`)).toHaveLength(answered.filter((p) => p === 'pod-b').length);
    const rewrites = steps.filter(isPacket('nat')).filter(isSyn).map((s) => `${s.manip} ${ends(s)}`);
    expect(new Set(rewrites)).toEqual(new Set([`dst ${A} > ${A}`, `dst ${A} > ${B}`, `src ${GATEWAY} > ${A}`]));
  });

  it('hairpin-without-masquerade-dropped: without the mark the pod gets a packet from itself and drops it; calls to the other pod go on', () => {
    const lab = open();
    const chain = lab.exec(NODE, `iptables-save -t nat | grep -e "-s ${A}/32 .*MARK-MASQ" | cut -d" " -f2`).stdout.trim();
    expect(chain).toMatch(/^KUBE-SEP-/);
    expect(lab.exec(NODE, `iptables -t nat -D ${chain} 1`).code).toBe(0);
    const { steps, answered } = walk(lab);
    expect(new Set(answered)).toEqual(new Set(['pod-b']));
    expect(answered.length).toBeLessThan(TRIES);
    const dropped = steps.filter(isPacket('dropped')).filter(isSyn);
    expect(new Set(dropped.map(ends))).toEqual(new Set([`${A} > ${A}`]));
    expect(new Set(dropped.map((s) => lab.namespaceName(s.ns)?.label))).toEqual(new Set(['pod-a']));
  });

  it('hairpin-return: the answer goes to the node and comes back to the pod as from the Service', () => {
    const lab = open();
    const { steps } = walk(lab);
    const replies = steps.filter(isPacket('delivered')).filter(isSynAck).map(ends);
    expect(new Set(replies)).toEqual(new Set([`${SERVICE} > ${A}`]));
    const entries = lab.exec(NODE, `conntrack -L -p tcp -d ${SERVICE} 2>/dev/null`).stdout;
    expect(entries).toMatch(new RegExp(`src=${A} dst=${SERVICE} sport=\\d+ dport=80 src=${A} dst=${GATEWAY} sport=3000 dport=\\d+ `));
    expect(entries).toMatch(new RegExp(`src=${A} dst=${SERVICE} sport=(\\d+) dport=80 src=${B} dst=${A} sport=3000 dport=\\1 `));
  });

  it('hairpin-chain-order: PREROUTING, KUBE-SERVICES, KUBE-SVC, KUBE-SEP, KUBE-MARK-MASQ, then POSTROUTING and KUBE-POSTROUTING', () => {
    const lab = open();
    const { steps } = walk(lab);
    const snat = steps.filter(isPacket('nat')).find((s) => isSyn(s) && s.manip === 'src');
    const rules = steps.filter(isPacket('rule')).filter((s) => s.pkt === snat?.pkt && s.table === 'nat' && s.verdict !== 'continue' && lab.namespaceName(s.ns)?.netns === '').map((s) => s.chain.replace(/-[A-Z0-9]{16}$/, ''));
    const order = rules.filter((c, i) => rules.indexOf(c) === i);
    expect(order).toEqual(['PREROUTING', 'KUBE-SERVICES', 'KUBE-SVC', 'KUBE-SEP', 'POSTROUTING', 'KUBE-POSTROUTING']);
    const marked = steps.filter(isPacket('rule')).filter((s) => s.pkt === snat?.pkt && s.chain === 'KUBE-MARK-MASQ');
    expect(marked.length).toBeGreaterThan(0);
  });
});
