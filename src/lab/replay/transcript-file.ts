import * as v from 'valibot';
import { parse } from 'yaml';
import { err, ok, type Result } from '../../base/result.ts';

const Transcript = v.object({
  id: v.string(),
  host: v.string(),
  command: v.string(),
  output: v.optional(v.string(), ''),
  compare: v.picklist(['exact', 'unordered-lines', 'shape']),
  ephemeral: v.optional(v.array(v.string()), []),
  elided: v.optional(v.boolean(), false),
  fragment: v.optional(v.boolean(), false),
  whitespace: v.optional(v.picklist(['collapse', 'exact']), 'exact'),
  columns: v.optional(v.array(v.string())),
  output_shown: v.optional(v.boolean(), true),
  priority: v.picklist(['core', 'useful', 'flavour']),
});

const File = v.object({ world: v.optional(v.object({ title: v.optional(v.string()) })), transcripts: v.array(Transcript) });

/** One recorded command of a transcript file (see ../shared/transcripts/README.md). Fields that the replay does not use are not kept. */
export type Transcript = v.InferOutput<typeof Transcript>;

export interface TranscriptFile {
  /** `world.title`: which world it was recorded in. */
  readonly title: string | undefined;
  readonly transcripts: readonly Transcript[];
}

export function readTranscripts(text: string): Result<TranscriptFile, string> {
  let data: unknown;
  try {
    data = parse(text);
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
  const parsed = v.safeParse(File, data);
  if (!parsed.success) return err(`${v.getDotPath(parsed.issues[0]) ?? 'file'}: ${parsed.issues[0].message}`);
  return ok({ title: parsed.output.world?.title, transcripts: parsed.output.transcripts });
}
