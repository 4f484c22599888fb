import { describe, expect, test } from 'vitest';
import type { ScenarioInfo } from '../../worker/protocol.ts';
import { courses } from './courses.ts';

const scenario = (id: string, course?: [string, number], summary = ''): ScenarioInfo =>
  ({ id, title: `Title of ${id}`, stack: 'k3s', summary, seed: 1, course: course === undefined ? undefined : { title: course[0], at: course[1] } });

const list = [scenario('loose'), scenario('k3s-nodeport', ['k3s', 3]), scenario('kind-a', ['kind', 1]), scenario('k3s-clusterip', ['k3s', 2], 'DNAT on its own node')];
const shape = (query: string): readonly (readonly [string, readonly string[]])[] => courses(list, query).map((c) => [c.title, c.lessons.map((s) => s.id)]);

describe('courses', () => {
  test.each<[string, string, readonly (readonly [string, readonly string[]])[]]>([
    ['by course, lessons in order, the loose ones last', '', [['k3s', ['k3s-clusterip', 'k3s-nodeport']], ['kind', ['kind-a']], ['More scenarios', ['loose']]]],
    ['a word of a summary', 'dnat', [['k3s', ['k3s-clusterip']]]],
    ['every word must occur', 'k3s nodeport', [['k3s', ['k3s-nodeport']]]],
    ['the course counts too', 'kind', [['kind', ['kind-a']]]],
    ['nothing', 'zebra', []],
  ])('%s', (_, query, expected) => {
    expect(shape(query)).toEqual(expected);
  });
});
