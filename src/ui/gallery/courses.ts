/** Scenarios as the gallery shows them: by course, in the order of its lessons. */
import type { ScenarioInfo } from '../../worker/protocol.ts';

export interface Course { readonly title: string; readonly lessons: readonly ScenarioInfo[] }

const OTHER = 'More scenarios';

/** Courses in the order in which their first lesson comes; what belongs to none comes last. `query`: words that all must occur. */
export function courses(list: readonly ScenarioInfo[], query: string): readonly Course[] {
  const words = query.toLowerCase().split(/\s+/).filter((w) => w !== '');
  const text = (s: ScenarioInfo): string => `${s.id} ${s.title} ${s.stack} ${s.summary} ${s.course?.title ?? ''}`.toLowerCase();
  const groups = new Map<string, ScenarioInfo[]>();
  for (const scenario of list) {
    const title = scenario.course?.title ?? OTHER;
    groups.set(title, [...(groups.get(title) ?? []), scenario]);
  }
  return [...groups]
    .map(([title, all]) => ({ title, lessons: all.filter((s) => words.every((w) => text(s).includes(w))).sort((a, b) => (a.course?.at ?? 0) - (b.course?.at ?? 0)) }))
    .filter((c) => c.lessons.length > 0)
    .sort((a, b) => Number(a.title === OTHER) - Number(b.title === OTHER));
}
