/** What stands in a hook's box: the tables that exist there, in the kernel's order, and which one is being walked. Pure. */
import type { StepDetail, TimelineEvent } from '../../worker/protocol.ts';
import { hookOf, type Hook } from './places.ts';

/** Kernel priorities: raw -300, conntrack -200, mangle -150, dnat -100, filter 0, security 50, snat 100. */
const ORDER: Readonly<Record<Hook, readonly string[]>> = {
  PREROUTING: ['raw', 'conntrack', 'mangle', 'nat'],
  INPUT: ['mangle', 'filter', 'security', 'nat'],
  FORWARD: ['mangle', 'filter', 'security'],
  OUTPUT: ['raw', 'conntrack', 'mangle', 'nat', 'filter', 'security'],
  POSTROUTING: ['mangle', 'nat'],
};

/** `chains`: `nat/PREROUTING` and so on; undefined while not known. */
export const hookTables = (hook: Hook, chains: readonly string[] | undefined): readonly string[] =>
  ORDER[hook].filter((table) => (table === 'conntrack' ? chains === undefined || chains.length > 0 : chains?.includes(`${table}/${hook}`) === true));

export interface Walked { readonly table: string; readonly chain: string | undefined }

const CHAIN = /^\d+\/(raw|mangle|nat|filter|security)\/(.+)$/;

/** Which table of this hook the event under the playhead is in, and the chain that decided. */
export function walkedAt(place: string, event: TimelineEvent | undefined, detail: StepDetail | undefined): Walked | undefined {
  const hook = hookOf(place);
  if (event === undefined || hook === undefined || event.place !== place) return undefined;
  if (event.kind === 'conntrack') return { table: 'conntrack', chain: undefined };
  const won = detail?.step === event.step ? CHAIN.exec(detail.reason.won?.table ?? '') ?? CHAIN.exec(detail.tables.find((t) => CHAIN.test(t.id))?.id ?? '') : undefined;
  if (won?.[1] !== undefined && hookTables(hook, [`${won[1]}/${hook}`]).includes(won[1])) return { table: won[1], chain: won[2] === hook ? undefined : won[2] };
  const told = /\b(raw|mangle|nat|filter|security)\b/.exec(event.title);
  if (told?.[1] !== undefined) return { table: told[1], chain: undefined };
  return event.kind === 'nat' ? { table: 'nat', chain: undefined } : undefined;
}
