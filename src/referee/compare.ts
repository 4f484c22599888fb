/** Two observations of one flow, side by side. */
import type { Observation } from './observation.ts';

export interface Divergence {
  /** `vm2: tcp 4000 C syn 0: hooks`. */
  readonly where: string;
  readonly kernel: readonly string[];
  readonly lab: readonly string[];
}

function grouped<T extends { readonly ns: string; readonly packet: string }>(all: readonly T[], lines: (one: T) => readonly string[]): ReadonlyMap<string, readonly string[]> {
  const out = new Map<string, string[]>();
  for (const one of all) {
    const key = `${one.ns}: ${one.packet}`;
    const list = out.get(key) ?? [];
    list.push(...lines(one));
    out.set(key, list);
  }
  return out;
}

function differences(what: string, kernel: ReadonlyMap<string, readonly string[]>, lab: ReadonlyMap<string, readonly string[]>): readonly Divergence[] {
  return [...new Set([...kernel.keys(), ...lab.keys()])].flatMap((key) => {
    const a = kernel.get(key) ?? [];
    const b = lab.get(key) ?? [];
    return a.length === b.length && a.every((line, i) => line === b[i]) ? [] : [{ where: `${key}: ${what}`, kernel: a, lab: b }];
  });
}

/** What each connection's entry went through, in order: two connections' events may come in any order. */
function byConnection(events: Observation['events']): ReadonlyMap<string, readonly string[]> {
  const out = new Map<string, string[]>();
  for (const [ns, lines] of events) {
    for (const line of lines) {
      const key = `${ns}: ${/proto \d+/.exec(line)?.[0] ?? ''} ${/\S+>\S+(?: type \S+)?/.exec(line)?.[0] ?? ''}`;
      const list = out.get(key) ?? [];
      list.push(line);
      out.set(key, list);
    }
  }
  return out;
}

export function compare(kernel: Observation, lab: Observation): readonly Divergence[] {
  return [
    ...differences('seen by the client', new Map([['results', kernel.results]]), new Map([['results', lab.results]])),
    ...differences('hooks', grouped(kernel.traversals, (t) => [t.hook, ...t.steps.map((s) => `  ${s}`)]), grouped(lab.traversals, (t) => [t.hook, ...t.steps.map((s) => `  ${s}`)])),
    ...differences('crossings', grouped(kernel.crossings, (c) => [c.text]), grouped(lab.crossings, (c) => [c.text])),
    ...differences('conntrack events', byConnection(kernel.events), byConnection(lab.events)),
  ];
}

export const compareTables = (kernel: ReadonlyMap<string, readonly string[]>, lab: ReadonlyMap<string, readonly string[]>): readonly Divergence[] => {
  const sorted = (tables: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, readonly string[]> => new Map([...tables].map(([ns, lines]) => [ns, [...lines].sort()]));
  return differences('at the end', sorted(kernel), sorted(lab));
};

/** The longest common subsequence as pairs of lines; undefined where a side has none. */
function align(a: readonly string[], b: readonly string[]): readonly (readonly [string | undefined, string | undefined])[] {
  const best: number[][] = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  const at = (i: number, j: number): number => best[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    const row = best[i];
    for (let j = b.length - 1; j >= 0; j--) if (row !== undefined) row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  }
  const out: [string | undefined, string | undefined][] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) out.push([a[i++], b[j++]]);
    else if (j >= b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1))) out.push([a[i++], undefined]);
    else out.push([undefined, b[j++]]);
  }
  return out;
}

/** `=` both, `-` only the kernel, `+` only the lab. Long equal stretches are cut. */
export function sideBySide(d: Divergence): string {
  const pairs = align(d.kernel, d.lab);
  const changed = pairs.map(([a, b]) => a === undefined || b === undefined);
  const lines = pairs.flatMap(([a, b], i) => {
    const close = changed.slice(Math.max(0, i - 3), i + 4).includes(true);
    if (!close) return changed[i - 4] === true ? ['      ...'] : [];
    return [b === undefined ? `  kernel - ${a ?? ''}` : a === undefined ? `  lab    + ${b}` : `         = ${a}`];
  });
  return [`${d.where}`, ...lines].join('\n');
}
