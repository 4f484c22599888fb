/** The text of `nft monitor trace`, the kernel's and the lab's, word by word. */
import { openFromDisk } from '../cli/scenarios.ts';
import { exportLab } from '../lab/export/export-lab.ts';
import { differ, parseTrace } from './nft-trace.ts';
import { ownTrace } from './own-trace.ts';
import type { Told } from './pool.ts';
import { RealWorld } from './real.ts';

interface Case {
  readonly name: string;
  /** Pod that calls, and the address. */
  readonly from: string;
  readonly url: string;
  /** Node whose rules are traced. */
  readonly node: string;
  /** Chain that must be met, so that chance picks the flow that the case is about. */
  readonly through: string;
}

const CASES: readonly Case[] = [
  { name: 'test-pod calls the ClusterIP, endpoint on another node', from: 'test-pod', url: 'http://10.43.180.238/', node: 'vm2', through: 'KUBE-SEP-LNMZPQ2U2A5TEEGP' },
  { name: 'test-pod calls the ClusterIP, endpoint on the same node', from: 'test-pod', url: 'http://10.43.180.238/', node: 'vm2', through: 'KUBE-SEP-3Y75O4B4KDVD7TMA' },
  { name: 'a pod reaches itself through its Service', from: 'nginx-deployment-7c79c4bf97-5j5bv', url: 'http://10.43.180.238/', node: 'vm2', through: 'KUBE-SEP-3Y75O4B4KDVD7TMA' },
];

const TRIES = 40;
const TRACE_RULES = ['iptables -t raw -I PREROUTING -p tcp -m multiport --ports 80 -j TRACE', 'iptables -t raw -I OUTPUT -p tcp -m multiport --ports 80 -j TRACE'];

async function fromKernel(real: RealWorld, c: Case): Promise<string> {
  for (const rule of TRACE_RULES) await real.exec(c.node, rule);
  // The neighbours' first ARP is not what is compared.
  await real.exec(c.from, `curl -s -m 5 -o /dev/null ${c.url}`);
  try {
    for (let i = 0; i < TRIES; i++) {
      const text = await real.trace(c.node, () => real.exec(c.from, `curl -s -m 5 -o /dev/null ${c.url}`));
      if (text.includes(`jump ${c.through}`)) return text;
    }
    throw new Error(`${TRIES} calls and none through ${c.through}`);
  } finally {
    for (const rule of TRACE_RULES) await real.exec(c.node, rule.replace(' -I ', ' -D '));
  }
}

export async function textCases(): Promise<Told> {
  const real = new RealWorld(exportLab(openFromDisk('k3s-clusterip', {})));
  const cases: { readonly c: Case; readonly packets: number; readonly lines: number; readonly difference: string | undefined }[] = [];
  try {
    await real.up();
    for (const c of CASES) {
      const theirs = parseTrace(await fromKernel(real, c));
      const ours = parseTrace(ownTrace(c.from, c.url, c.node, c.through, TRACE_RULES, TRIES));
      const difference = theirs.length === 0 ? 'the kernel traced nothing' : differ(theirs, ours);
      cases.push({ c, packets: theirs.length, lines: theirs.reduce((n, p) => n + p.path.length, 0), difference });
    }
    return (report) => {
      for (const { c, packets, lines, difference } of cases) {
        report.text(c.name, lines, difference);
        console.log(`${difference === undefined ? 'ok    ' : 'DIFFER'} nft monitor trace: ${c.name}: ${packets} packets, ${lines} trace lines`);
        if (difference !== undefined) console.log(difference);
      }
      return cases.filter((one) => one.difference !== undefined).length;
    };
  } finally {
    await real.down();
  }
}
