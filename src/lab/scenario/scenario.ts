import type { RunInfo, ScenarioInfo } from '../../worker/protocol.ts';
import type { Stage, StageDirection } from '../replay/replay.ts';
import type { TopologySpec } from '../topology/all.ts';
import type { ClusterSpec } from './read.ts';

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
  /** Machines that stand open on the canvas at start. */
  readonly open: readonly string[];
  /** Wall clock, ms since 1970, when the learner takes over. */
  readonly nowMillis: number;
  readonly topology: TopologySpec;
  /** Run on the settled world before it is handed over. */
  readonly history: readonly Stage[];
  /** Machine: path on it to the file of the scenario that lies there; undefined: the manifests, where kubectl is. */
  readonly placed: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined;
  readonly cluster: ClusterSpec;
  readonly replay: ReadonlyMap<string, StageDirection>;
  readonly files: ScenarioFiles;
}
