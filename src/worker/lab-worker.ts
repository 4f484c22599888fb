import { expose } from 'comlink';
import type { ScenarioFiles, ScenarioSource } from '../lab/scenario/scenario.ts';
import { LabService } from './lab-service.ts';

const texts = import.meta.glob<string>(['../../scenarios/**/*.{yaml,md}', '!**/transcripts.yaml'], { query: '?raw', import: 'default', eager: true });

const folders = new Map<string, Map<string, string>>();
for (const [path, text] of Object.entries(texts)) {
  const [id, ...inside] = path.replace('../../scenarios/', '').split('/');
  if (id === undefined) continue;
  const folder = folders.get(id) ?? new Map<string, string>();
  folder.set(inside.join('/'), text);
  folders.set(id, folder);
}

const bundled: ScenarioSource = {
  ids: () => [...folders.keys()].sort(),
  files: (id): ScenarioFiles | undefined => folders.get(id),
};

expose(new LabService(bundled));
