import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openLab } from '../open.ts';
import type { ScenarioFiles } from './scenario.ts';

const folder = 'scenarios/k3s-clusterip';
const manifest = (name: string): string => readFileSync(`${folder}/manifests/${name}`, 'utf8');
const files = (change: (yaml: string) => string): ScenarioFiles => new Map([
  ['scenario.yaml', change(readFileSync(`${folder}/scenario.yaml`, 'utf8'))],
  ...['nginx-svc.yaml', 'test-pod.yaml'].map((name) => [`manifests/${name}`, manifest(name)] as const)]);

const placing = (lines: string) => (yaml: string): string => yaml.replace('\ncluster:\n', `\nfiles:\n${lines}\ncluster:\n`);

describe('files of the scenario on its machines', () => {
  test('without a word about them, the manifests lie where kubectl is', () => {
    const lab = openLab('k3s-clusterip', files((y) => y), { trace: false });
    if (!lab.ok) throw new Error(lab.error);
    expect(lab.value.files.map((f) => `${f.machine}:${f.path}`)).toEqual(['vm1:/home/ubuntu/nginx-svc.yaml', 'vm1:/home/ubuntu/test-pod.yaml']);
    expect(lab.value.exec('vm1', 'cat test-pod.yaml').stdout).toBe(manifest('test-pod.yaml'));
    expect(lab.value.exec('vm1', 'kubectl apply -f test-pod.yaml').stdout).toBe('pod/test-pod unchanged\n');
  });

  test('what the scenario says is all there is', () => {
    const lab = openLab('k3s-clusterip', files(placing('  vm2: { /srv/pod.yaml: manifests/test-pod.yaml }')), { trace: false });
    if (!lab.ok) throw new Error(lab.error);
    expect(lab.value.exec('vm2', 'cat /srv/pod.yaml').stdout).toBe(manifest('test-pod.yaml'));
    expect(lab.value.exec('vm1', 'ls').stdout).toBe('');
  });

  test.each([
    ['  vm2: { pod.yaml: manifests/absent.yaml }', 'scenario.yaml: files: vm2: manifests/absent.yaml is missing'],
    ['  vm9: { pod.yaml: manifests/test-pod.yaml }', 'scenario.yaml: files: there is no machine vm9'],
  ])('%s is refused', (lines, error) => {
    expect(openLab('k3s-clusterip', files(placing(lines)), { trace: false })).toEqual({ ok: false, error });
  });
});
