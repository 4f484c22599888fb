import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { readTranscripts } from '../lab/replay/transcript-file.ts';
import { replayOne } from '../lab/replay/replay.ts';
import { readArgs, RefusedError, seedOf } from './arguments.ts';
import { diskScenarios, openFromDisk } from './scenarios.ts';

interface Source {
  readonly scenario: string;
  readonly name: string;
  readonly text: string;
}

/** Without files: every scenario's own transcripts. A file's world is the scenario of the file's name, of its folder, or of the same `world.title`. */
function sources(files: readonly string[]): Source[] {
  if (files.length === 0) {
    return diskScenarios.ids().flatMap((id) => {
      const text = diskScenarios.files(id)?.get('transcripts.yaml');
      return text === undefined ? [] : [{ scenario: id, name: `scenarios/${id}/transcripts.yaml`, text }];
    });
  }
  return files.map((file) => {
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch (error) {
      throw new RefusedError(error instanceof Error ? `${file}: ${error.message}` : String(error));
    }
    const parts = file.split('/');
    const candidates = [basename(file).replace(/\.ya?ml$/, ''), parts.at(-2) ?? ''];
    const scenario = candidates.find((id) => diskScenarios.ids().includes(id)) ?? ofSameWorld(text);
    if (scenario === undefined) throw new RefusedError(`${file}: neither its name nor its world.title is a scenario's (there are: ${diskScenarios.ids().join(', ')})`);
    return { scenario, name: file, text };
  });
}

const titleOf = (text: string): string | undefined => {
  const read = readTranscripts(text);
  return read.ok ? read.value.title : undefined;
};

/** A copy under another name: the scenario whose own transcripts tell of the same world. */
function ofSameWorld(text: string): string | undefined {
  const title = titleOf(text);
  return title === undefined ? undefined : diskScenarios.ids().find((id) => titleOf(diskScenarios.files(id)?.get('transcripts.yaml') ?? '') === title);
}

export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArgs(args, { seed: { type: 'string' }, verbose: { type: 'boolean', short: 'v' } });
  const seed = seedOf(values.seed);
  const total = { passed: 0, failed: 0, skipped: 0 };
  let instead = 0;
  for (const source of sources(positionals)) {
    const transcripts = readTranscripts(source.text);
    if (!transcripts.ok) throw new RefusedError(`${source.name}: ${transcripts.error}`);
    const open = (scenario = source.scenario) => openFromDisk(scenario, { seed });
    const lab = open();
    for (const transcript of transcripts.value.transcripts) {
      const verdict = replayOne(lab, transcript, lab.scenario.replay.get(transcript.id), open);
      total[verdict.kind]++;
      if (verdict.kind === 'passed' && values.verbose === true) console.log(`ok      ${source.scenario} ${transcript.id}`);
      if (verdict.kind === 'passed' && verdict.instead !== undefined) {
        instead++;
        console.log(`ok      ${source.scenario} ${transcript.id}, not as in the seed: ${verdict.instead}`);
      }
      if (verdict.kind === 'skipped') console.log(`skipped ${source.scenario} ${transcript.id} (${transcript.priority}): ${verdict.reason}`);
      if (verdict.kind === 'failed') {
        console.log(`FAILED  ${source.scenario} ${transcript.id} (${transcript.priority}): ${verdict.difference.reason}`);
        console.log(`  $ ${transcript.command}`);
        for (const line of verdict.difference.expected) console.log(`  - ${line}`);
        for (const line of verdict.difference.actual) console.log(`  + ${line}`);
      }
    }
  }
  if (instead > 0) console.log(`${instead} of those that passed are held to what the real tool prints, because the seed's text cannot be its output (each named above)`);
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  return total.failed > 0 ? 1 : 0;
}
