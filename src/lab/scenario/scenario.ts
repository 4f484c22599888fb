import type { RunInfo, ScenarioInfo } from '../../worker/protocol.ts';

/** The files of one scenario folder, by path inside it. */
export type ScenarioFiles = ReadonlyMap<string, string>;

/** Where scenarios come from: a disk in the CLI, the page's bundle in the browser. */
export interface ScenarioSource {
  ids(): readonly string[];
  files(id: string): ScenarioFiles | undefined;
}

export interface Scenario {
  readonly info: ScenarioInfo;
  readonly story: string;
  readonly tries: RunInfo['tries'];
  readonly files: ScenarioFiles;
}
