import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { readTranscripts } from '../lab/replay/transcript-file.ts';
import { replayOne } from '../lab/replay/replay.ts';
import { readArgs, seedOf, UsageError } from './arguments.ts';
import { diskScenarios, openFromDisk } from './scenarios.ts';

interface Source {
  readonly scenario: string;
  readonly name: string;
  readonly text: string;
}

/** Without files: every scenario's own transcripts. A file's world is the scenario of the file's name (or of its folder). */
function sources(files: readonly string[]): Source[] {
  if (files.length === 0) {
    return diskScenarios.ids().flatMap((id) => {
      const text = diskScenarios.files(id)?.get('transcripts.yaml');
      return text === undefined ? [] : [{ scenario: id, name: `scenarios/${id}/transcripts.yaml`, text }];
    });
  }
  return files.map((file) => {
    const parts = file.split('/');
    const candidates = [basename(file).replace(/\.ya?ml$/, ''), parts.at(-2) ?? ''];
    const scenario = candidates.find((id) => diskScenarios.ids().includes(id));
    if (scenario === undefined) throw new UsageError(`${file}: no scenario of this name (there are: ${diskScenarios.ids().join(', ')})`);
    try {
      return { scenario, name: file, text: readFileSync(file, 'utf8') };
    } catch (error) {
      throw new UsageError(error instanceof Error ? error.message : String(error));
    }
  });
}

export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArgs(args, { seed: { type: 'string' }, verbose: { type: 'boolean', short: 'v' } });
  const seed = seedOf(values.seed);
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const source of sources(positionals)) {
    const transcripts = readTranscripts(source.text);
    if (!transcripts.ok) throw new UsageError(`${source.name}: ${transcripts.error}`);
    const open = () => openFromDisk(source.scenario, { seed });
    const lab = open();
    for (const transcript of transcripts.value) {
      const verdict = replayOne(lab, transcript, lab.scenario.replay.get(transcript.id), open);
      total[verdict.kind]++;
      if (verdict.kind === 'passed' && values.verbose === true) console.log(`ok      ${source.scenario} ${transcript.id}`);
      if (verdict.kind === 'skipped') console.log(`skipped ${source.scenario} ${transcript.id} (${transcript.priority}): ${verdict.reason}`);
      if (verdict.kind === 'failed') {
        console.log(`FAILED  ${source.scenario} ${transcript.id} (${transcript.priority}): ${verdict.difference.reason}`);
        console.log(`  $ ${transcript.command}`);
        for (const line of verdict.difference.expected) console.log(`  - ${line}`);
        for (const line of verdict.difference.actual) console.log(`  + ${line}`);
      }
    }
  }
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  return total.failed > 0 ? 1 : 0;
}
