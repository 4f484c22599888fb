import { nftTraceText } from '../engine/trace/nft-trace.ts';
import { openFromDisk } from '../cli/scenarios.ts';

/** What `nft monitor trace` of the lab's node says of one call through a given endpoint's chain. */
export function ownTrace(from: string, url: string, node: string, through: string, rules: readonly string[], tries: number): string {
  const lab = openFromDisk('k3s-clusterip', {});
  for (const rule of rules) lab.exec(node, `sudo ${rule}`);
  lab.exec(from, `curl -s -m 5 -o /dev/null ${url}`);
  const ns = lab.machines.get(node)?.kernel.nsId;
  for (let i = 0; i < tries; i++) {
    const head = lab.steps.length;
    lab.exec(from, `curl -s -m 5 -o /dev/null ${url}`);
    const text = nftTraceText(lab.steps.slice(head).filter((step) => step.ns === ns));
    if (text.includes(`jump ${through}`)) return text;
  }
  throw new Error(`${tries} calls in the lab and none through ${through}`);
}
