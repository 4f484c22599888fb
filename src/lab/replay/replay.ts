import { millis, seconds } from '../../engine/sim/time.ts';
import { Capture, NO_INPUT } from '../capture.ts';
import type { Lab } from '../lab.ts';
import { PAUSE, runToExit } from '../session/run.ts';
import { compare, type Difference } from './compare.ts';
import type { Transcript } from './transcript-file.ts';

/** What happens around a transcript: the corpus says it in prose (`during`, `when`), the scenario in commands. */
export interface StageDirection {
  readonly before?: readonly Stage[] | undefined;
  readonly during?: readonly Stage[] | undefined;
  /** Typed before in the same shell: variables that an earlier transcript set. */
  readonly typed?: string | undefined;
  /** In a world of its own, so that what it changes does not reach the transcripts after it. */
  readonly apart?: boolean | undefined;
  /** Apart, and in the world of that scenario: a section of a seed may show machines of several of its author's rebuilds. */
  readonly in?: string | undefined;
  /** What the tool really prints where the seed's text was made up or taken from elsewhere, and how that is known. */
  readonly instead?: { readonly output: string; readonly why: string } | undefined;
  /** What is really typed, where a page break or a placeholder of the seed's text stands in the way. */
  readonly command?: string | undefined;
  /** Why it is not played. */
  readonly skip?: string | undefined;
}

export interface Stage {
  readonly on: string;
  readonly run: string;
  readonly times?: number | undefined;
}

export type Verdict =
  | { readonly kind: 'passed'; readonly instead?: string | undefined }
  | { readonly kind: 'failed'; readonly difference: Difference }
  | { readonly kind: 'skipped'; readonly reason: string };

const NOT_MODELLED = 'not modelled in this lab';

function act(lab: Lab, stages: readonly Stage[] | undefined): void {
  for (const { on, run, times = 1 } of stages ?? []) for (let i = 0; i < times; i++) lab.exec(on, run);
}

/** Runs one transcript as at a terminal: both streams as they come, a Ctrl+C for what does not end. */
function perform(lab: Lab, transcript: Transcript, direction: StageDirection | undefined): { readonly text: string; readonly code: number } | undefined {
  act(lab, direction?.before);
  const host = lab.host(transcript.host === 'any node' ? lab.topology.nodes[0]?.name ?? '' : transcript.host);
  if (host === undefined) return undefined;
  const terminal = new Capture();
  const process = lab.begin(host, (direction?.typed === undefined ? '' : `${direction.typed}\n`) + (direction?.command ?? transcript.command), { stdin: NO_INPUT, stdout: terminal, stderr: terminal, tty: true });
  if (direction?.during === undefined) runToExit(lab.world.scheduler, process);
  else {
    lab.wait(millis(200));
    act(lab, direction.during);
    if (process.exitCode === undefined) {
      terminal.write('^C'); // the terminal's echo
      process.kill('SIGINT');
    }
    runToExit(lab.world.scheduler, process, seconds(5));
  }
  lab.wait(PAUSE);
  return { text: terminal.text, code: process.exitCode ?? 0 };
}

/** `fresh` opens the scenario (or another) anew, for transcripts that are played apart. */
export function replayOne(lab: Lab, transcript: Transcript, direction: StageDirection | undefined, fresh: (scenario?: string) => Lab): Verdict {
  if (direction?.skip !== undefined) return { kind: 'skipped', reason: direction.skip };
  const stage = direction?.apart === true || direction?.in !== undefined ? fresh(direction.in) : lab;
  const got = perform(stage, transcript, direction);
  if (got === undefined) return { kind: 'failed', difference: { reason: `no host "${transcript.host}"`, expected: [], actual: [] } };
  if (got.text.includes(NOT_MODELLED) && transcript.priority === 'flavour') return { kind: 'skipped', reason: NOT_MODELLED };
  if (!transcript.output_shown) {
    return got.code === 0 ? { kind: 'passed' } : { kind: 'failed', difference: { reason: `exit code ${got.code}`, expected: ['(accepted)'], actual: got.text.split('\n') } };
  }
  const difference = compare({
    output: direction?.instead?.output ?? transcript.output, compare: transcript.compare, ephemeral: transcript.ephemeral, elided: transcript.elided,
    fragment: transcript.fragment, collapse: transcript.whitespace === 'collapse', columns: transcript.columns }, got.text);
  return difference === undefined ? { kind: 'passed', instead: direction?.instead?.why } : { kind: 'failed', difference };
}
