import { marked } from 'marked';
import { describe, expect, it } from 'vitest';
import { seconds } from '../engine/sim/time.ts';
import { Workbench } from '../lab/session/workbench.ts';
import { runBlock, runLink, storySteps } from '../ui/lesson/story.ts';
import { diskScenarios, openFromDisk } from './scenarios.ts';

interface Chip { readonly on: string; readonly run: string; readonly fails: boolean }

/** The commands of a story, in the order in which they stand there. */
function chipsOf(story: string): readonly Chip[] {
  const chips: Chip[] = [];
  marked.walkTokens(marked.lexer(story), (token) => {
    if (token.type === 'code') {
      const block = runBlock(String(token['lang'] ?? ''));
      if (block !== undefined) for (const run of token.text.split('\n')) if (run.trim() !== '') chips.push({ ...block, run });
    } else if (token.type === 'link') {
      const link = runLink(String(token['href']));
      if (link !== undefined) chips.push({ ...link, fails: token['title'] === 'fails' });
    }
  });
  return chips;
}

/** What is left running while the reader goes on. */
const goesOn = (run: string): boolean => /^(sudo )?tcpdump\b/.test(run);

/** What fits the panel of a 1440x900 page, with two or three commands. */
const MOST_WORDS = 105;

/** How long a reader looks at a command that has not ended. */
const PATIENCE_SECONDS = 90;

/** Chooses every chip in order, as the page does: in a terminal of that place, in a new one while that is busy. Names what is wrong. */
function walk(id: string, chips: readonly Chip[]): readonly string[] {
  const wrong: string[] = [];
  const codes = new Map<string, number>();
  const terminals = new Map<string, string>();
  const running = new Map<string, Chip>();
  const shown = new Map<string, string>();
  const bench = new Workbench(openFromDisk(id, { trace: false }), {
    output: (terminal, text) => { shown.set(terminal, (shown.get(terminal) ?? '') + text); },
    prompt: (terminal, _prompt, code) => {
      codes.set(terminal, code);
      const chip = running.get(terminal);
      running.delete(terminal);
      if (chip !== undefined && (code !== 0) !== chip.fails) wrong.push(`${chip.on}$ ${chip.run}\n  ended with ${code}${chip.fails ? ', and is marked "fails"' : ''}: ${shown.get(terminal) ?? ''}`);
    },
    edit: () => undefined,
  });
  for (const chip of chips) {
    const used = terminals.get(chip.on);
    const terminal = used !== undefined && !running.has(used) ? used : bench.open(chip.on)?.id;
    if (terminal === undefined) {
      wrong.push(`${chip.on}$ ${chip.run}\n  there is no ${chip.on}`);
      continue;
    }
    terminals.set(chip.on, terminal);
    shown.delete(terminal);
    running.set(terminal, chip);
    bench.input(terminal, chip.run);
    for (let s = 0; s < (goesOn(chip.run) ? 2 : PATIENCE_SECONDS) && running.has(terminal); s += 2) bench.advance(seconds(2));
    if (running.has(terminal) && !goesOn(chip.run)) wrong.push(`${chip.on}$ ${chip.run}\n  goes on after ${PATIENCE_SECONDS} s`);
  }
  for (const [, chip] of running) if (/ -c ?\d/.test(chip.run)) wrong.push(`${chip.on}$ ${chip.run}\n  never saw what it waits for`);
  return wrong;
}

describe('stories', () => {
  const stories = diskScenarios.ids().flatMap((id) => ((story) => (story === undefined ? [] : [{ id, story }]))(diskScenarios.files(id)?.get('story.md')));

  it.each(stories)('$id: every command of the story can be chosen in order', ({ id, story }) => {
    const chips = chipsOf(story);
    expect(chips).not.toEqual([]);
    expect(walk(id, chips)).toEqual([]);
  });

  it.each(stories)('$id: five to eight steps after the first, none that is long, the last to try', ({ story }) => {
    const [, ...steps] = storySteps(story);
    expect(steps.length).toBeGreaterThanOrEqual(5);
    expect(steps.length).toBeLessThanOrEqual(8);
    expect(steps.at(-1)?.title).toBe('Try');
    for (const step of steps) {
      const words = step.text.replace(/```run[^]*?```/g, '').replace(/\]\(<[^>]*>[^)]*\)/g, ']').split(/\s+/).filter((word) => /\w/.test(word)).length;
      expect(words, step.title).toBeLessThanOrEqual(MOST_WORDS);
    }
  });
});

