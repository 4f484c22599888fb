import { describe, expect, test } from 'vitest';
import { diskScenarios } from '../../cli/scenarios.ts';
import { seconds } from '../../engine/sim/time.ts';
import { openLab } from '../open.ts';
import { Workbench } from './workbench.ts';
import type { Action, EditorText } from '../../worker/protocol.ts';

function open() {
  const lab = openLab('k3s-clusterip', diskScenarios.files('k3s-clusterip') ?? new Map(), { trace: true });
  if (!lab.ok) throw new Error(lab.error);
  const edits: (EditorText | undefined)[] = [];
  const texts: string[] = [];
  const prompts: number[] = [];
  const bench = new Workbench(lab.value, { output: (_, text) => void texts.push(text), prompt: (_, __, code) => void prompts.push(code), edit: (_, text) => void edits.push(text) });
  const run = (line: string): void => {
    bench.open('vm1', 'vm1');
    bench.input('vm1', line);
    bench.advance(seconds(2));
  };
  return { lab: lab.value, bench, edits, texts, prompts, run };
}

describe('a text in a terminal\'s editor', () => {
  test('nano waits, time stands still, and what is saved is in the file', () => {
    const t = open();
    t.run('nano note.txt');
    expect(t.edits).toEqual([{ on: 'vm1', path: '/home/ubuntu/note.txt', text: '' }]);
    expect(t.prompts).toEqual([]);
    expect(t.bench.busy).toBe(false);
    t.bench.edited('vm1', 'hello');
    t.bench.advance(seconds(1));
    expect(t.prompts).toEqual([0]);
    expect(t.lab.exec('vm1', 'cat note.txt').stdout).toBe('hello\n');
  });

  test('leaving without saving changes nothing', () => {
    const t = open();
    t.run('nano test-pod.yaml');
    const text = t.edits[0]?.text ?? '';
    t.bench.edited('vm1', undefined);
    t.bench.advance(seconds(1));
    expect(t.prompts).toEqual([0]);
    expect(t.lab.exec('vm1', 'cat test-pod.yaml').stdout).toBe(text);
  });

  test('Ctrl+C closes it', () => {
    const t = open();
    t.run('nano test-pod.yaml');
    t.bench.interrupt('vm1');
    t.bench.advance(seconds(1));
    expect(t.edits.at(-1)).toBeUndefined();
    expect(t.prompts).toEqual([130]);
  });

  test('the log replayed makes the same world', () => {
    const t = open();
    t.run('nano test-pod.yaml');
    t.bench.edited('vm1', (t.edits[0]?.text ?? '').replace('name: test-pod', 'name: other-pod'));
    t.bench.advance(seconds(1));
    t.run('kubectl apply -f test-pod.yaml');
    expect(t.texts.join('')).toContain('pod/other-pod created');
    const again = open();
    again.bench.replay(t.bench.actions);
    expect(again.bench.actions).toEqual(t.bench.actions);
    t.lab.world.scheduler.runUntil(again.lab.now);
    again.lab.world.scheduler.runUntil(t.lab.now);
    expect(again.lab.fingerprint()).toBe(t.lab.fingerprint());
  });

  test('an answer nobody asked for is not an action', () => {
    const t = open();
    t.bench.open('vm1', 'vm1');
    t.bench.edited('vm1', 'x');
    expect(t.bench.actions).toEqual<readonly Action[]>([]);
  });

  test.each([
    ['nano', 'a buffer without a file is not modelled in this lab'],
    ['nano a b', 'several files at once are not modelled in this lab'],
    ['nano -l a', 'option -l is not modelled in this lab'],
    ['nano /etc', '"/etc" is a directory'],
  ])('%s is refused', (line, text) => {
    const t = open();
    t.run(line);
    expect(t.texts.join('')).toBe(`nano: ${text}\n`);
    expect(t.prompts).toEqual([1]);
  });

  test('where nobody sits there is no editor', () => {
    expect(open().lab.exec('vm1', 'vi test-pod.yaml')).toMatchObject({ code: 1, stderr: 'vi: there is no editor at this terminal; write files with cat > FILE <<EOF, or change them with sed -i\n' });
  });
});
