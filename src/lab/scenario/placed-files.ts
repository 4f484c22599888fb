/** The scenario's own files as they lie on its machines when the learner takes over. */
import { err, ok, type Result } from '../../base/result.ts';
import type { BuiltTopology } from '../topology/topology.ts';
import type { Scenario } from './scenario.ts';

export interface PlacedFile {
  readonly machine: string;
  /** Absolute. */
  readonly path: string;
  readonly text: string;
}

const FOLDER = 'manifests/';

export function placedFiles(scenario: Scenario, topology: BuiltTopology): Result<readonly PlacedFile[], string> {
  const out: PlacedFile[] = [];
  for (const { machine, user, kubeconfig } of topology.machines) {
    const given = scenario.placed?.[machine.name];
    const wanted = given ?? (kubeconfig && scenario.placed === undefined ? Object.fromEntries([...scenario.files.keys()].filter((f) => f.startsWith(FOLDER)).map((f) => [f.slice(FOLDER.length), f])) : {});
    for (const [path, file] of Object.entries(wanted)) {
      const text = scenario.files.get(file);
      if (text === undefined) return err(`scenario.yaml: files: ${machine.name}: ${file} is missing`);
      out.push({ machine: machine.name, path: path.startsWith('/') ? path : `${homeOf(user)}/${path}`, text });
    }
  }
  const unknown = Object.keys(scenario.placed ?? {}).find((name) => !topology.machines.some((m) => m.machine.name === name));
  return unknown === undefined ? ok(out) : err(`scenario.yaml: files: there is no machine ${unknown}`);
}

const homeOf = (user: string): string => (user === 'root' ? '/root' : `/home/${user}`);
