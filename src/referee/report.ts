/** What was compared, as Markdown for people and for the coverage page. */
import type { FlowReport } from './arena.ts';
import type { RefereeFigures } from '../worker/protocol.ts';
import { FACTS, STAND_INS } from './facts.ts';
import { sideBySide, type Divergence } from './compare.ts';

const NOT_REFEREED = ['ESP and XFRM interfaces', 'VTI', 'Geneve', 'Open vSwitch', '802.1Q devices (a veth of the same name stands in)'] as const;
const LEFT_OUT = ['When a neighbour is asked again (timers)', 'IGMP, IPv6', 'TCP windows and timestamps, initial sequence numbers', 'IP identification', 'ICMP echo identifiers', 'VXLAN source ports', 'addresses and TTL of later fragments (captures share their data)',
  'DESTROY events (entries go when the kernel finds time)', 'what an earlier flow left behind'] as const;

export class Report {
  readonly #seed: number;
  readonly #rows: string[] = [];
  readonly #divergences: string[] = [];
  readonly #unsteady: string[] = [];
  readonly #worlds = new Set<string>();
  readonly #hooks = new Set<string>();
  total = 0;
  #traversals = 0;
  #rules = 0;
  #crossings = 0;
  #events = 0;
  #lines = 0;
  #commands = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  flow(world: string, r: FlowReport): void {
    this.total++;
    this.#worlds.add(world);
    const events = [...r.kernel.events.values()].reduce((n, lines) => n + lines.length, 0);
    const rules = r.kernel.traversals.reduce((n, t) => n + t.steps.length, 0);
    for (const t of r.kernel.traversals) this.#hooks.add(t.hook.split(' ').slice(0, 2).join(' '));
    this.#traversals += r.kernel.traversals.length;
    this.#rules += rules;
    this.#crossings += r.kernel.crossings.length;
    this.#events += events;
    this.#rows.push(`| ${world} | ${r.flow.name} | ${r.kernel.results.join(', ')} | ${r.kernel.traversals.length} | ${rules} | ${r.kernel.crossings.length} | ${events} | ${r.divergences.length === 0 ? 'same' : `**${r.divergences.length} differ**`} |`);
    for (const d of r.divergences) this.#divergences.push(`${world}: ${r.flow.name}: ${sideBySide(d)}`);
  }

  tables(world: string, divergences: readonly Divergence[]): void {
    this.total++;
    for (const d of divergences) this.#divergences.push(`${world}: ${sideBySide(d)}`);
  }

  /** Differed in one run of a world and not in the next. */
  unsteady(world: string, text: string): void {
    this.#unsteady.push(`${world}: ${text}`);
  }
  get unsteadyCount(): number { return this.#unsteady.length; }

  /** Command lines that print the same, and those that do not as text. */
  commands(same: number, different: readonly string[]): void {
    this.total += same + different.length;
    this.#commands += same + different.length;
    this.#divergences.push(...different);
  }

  /** A job that threw. */
  broken(name: string, stack: string): void {
    this.total++;
    this.#divergences.push(`broken: ${name}: ${stack}`);
  }

  text(name: string, lines: number, difference: string | undefined): void {
    this.total++;
    this.#lines += lines;
    if (difference !== undefined) this.#divergences.push(`nft monitor trace: ${name}:\n${difference}`);
  }

  /** For the coverage page. */
  numbers(): Omit<RefereeFigures, 'date' | 'kernel' | 'mutations'> {
    return {
      seed: this.#seed, worlds: this.#worlds.size, flows: this.#rows.length, hooks: this.#traversals, rules: this.#rules, crossings: this.#crossings, conntrackEvents: this.#events,
      traceLines: this.#lines, commands: this.#commands, divergences: this.#divergences.length, notRefereed: NOT_REFEREED,
    };
  }

  figures(): string {
    return `${this.#worlds.size} worlds, ${this.#rows.length} flows, ${this.#traversals} chains traversed (${this.#hooks.size} kinds), ${this.#rules} rules and policies met, ${this.#crossings} crossings of devices, ${this.#events} conntrack events, ${this.#lines} lines of nft monitor trace, ${this.#commands} command lines; ${this.#divergences.length} divergences${this.#unsteady.length === 0 ? '' : `, ${this.#unsteady.length} seen once and not again`}`;
  }

  markdown(): string {
    return [
      '# Referee: the lab against real Linux', '', `Seed of the random worlds: ${this.#seed}. ${this.figures()}.`, '',
      '## Divergences', '', ...(this.#divergences.length === 0 ? ['None.'] : this.#divergences.map((d) => `\`\`\`\n${d}\n\`\`\``)), '',
      ...(this.#unsteady.length === 0 ? [] : ['## Seen once', '', 'Differed when the world ran first and not when it ran again: several processors decide in which order packets of both directions cross a node, and when a program runs.', '', ...this.#unsteady.map((d) => `\`\`\`\n${d}\n\`\`\``), '']),
      '## Chains traversed', '', ...[...this.#hooks].sort().map((h) => `- ${h}`), '',
      '## Not refereed', '', 'This kernel cannot:', '', ...NOT_REFEREED.map((w) => `- ${w}`), '', 'Left out of the comparison, because it is ephemeral or comes whenever the kernel likes:', '', ...LEFT_OUT.map((w) => `- ${w}`), '',
      '## Stand-ins', '', ...STAND_INS.map((f) => `- ${f}`), '', '## Facts', '', ...FACTS.map((f) => `- ${f}`), '', '## Flows', '', '| world | flow | the client saw | chains | rules met | crossings | conntrack events | |', '|---|---|---|---|---|---|---|---|', ...this.#rows, '',
    ].join('\n');
  }
}
