import type { Lab } from './lab.ts';
import { Timeline } from './timeline/timeline.ts';

/** The hops of a scenario's suggested commands as text, and the fingerprint of the whole run: what a golden file holds. */
export function goldenText(lab: Lab): string {
  const timeline = new Timeline((ns) => lab.namespaceName(ns));
  for (const step of lab.steps) timeline.see(step);
  const lines: string[] = [];
  for (const { on, run } of lab.scenario.tries) {
    const head = lab.steps.length;
    const { stdout, stderr, code } = lab.exec(on, run);
    lines.push(`$ ${on}: ${run}`, ...(stdout + stderr).trimEnd().split('\n').map((l) => `  ${l}`), `  exit ${code}`);
    for (const step of lab.steps.slice(head)) {
      const event = timeline.see(step);
      if (event.hop) lines.push(`    #${event.pkt} ${event.title}  [${event.label}]`);
    }
  }
  return `${lines.join('\n')}\nfingerprint ${lab.fingerprint()}\n`;
}

/** Lines that one text has and the other has not, in order: enough to see what changed. */
export function changes(before: string, after: string): readonly string[] {
  const old = before.split('\n');
  const now = after.split('\n');
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head++;
  let tail = 0;
  while (tail < old.length - head && tail < now.length - head && old.at(-1 - tail) === now.at(-1 - tail)) tail++;
  return [...old.slice(head, old.length - tail).map((l) => `- ${l}`), ...now.slice(head, now.length - tail).map((l) => `+ ${l}`)];
}
