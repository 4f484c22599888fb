import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { runCli } from './run.ts';

const dir = mkdtempSync(join(tmpdir(), 'vethlab-manifests-'));
afterAll(() => rmSync(dir, { recursive: true }));
afterEach(() => void vi.restoreAllMocks());

const POD = 'apiVersion: v1\nkind: Pod\nmetadata: {name: web, labels: {app: web}}\nspec:\n  hostPID: true\n  containers: [{name: web, image: nginx}]\n';
const SERVICE = 'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  selector: {app: web}\n  ports: [{port: 80}]\n';
const NO_IMAGE = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: none}\nspec:\n  replicas: 2\n  selector: {matchLabels: {a: b}}\n  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: no/such}]}}\n';
const WRONG = 'apiVersion: v1\nkind: Service\nmetadata: {name: bad}\nspec:\n  ports:\n  - port: 0\n';

mkdirSync(join(dir, 'deep'));
writeFileSync(join(dir, 'a.yaml'), `${POD}---\n${SERVICE}`);
writeFileSync(join(dir, 'b.yml'), `${WRONG}---\n${NO_IMAGE}`);
writeFileSync(join(dir, 'deep', 'c.yaml'), 'kind: List\napiVersion: v1\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: one}\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: two}\n  wrong: 1\n');
writeFileSync(join(dir, 'notes.txt'), 'no manifest');

async function manifests(...args: readonly string[]): Promise<{ readonly text: string; readonly code: number }> {
  let text = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  return { code: await runCli(['manifests', ...args]), text };
}

describe('lab manifests', () => {
  it('tells what became of every object, with the place of each refusal; refusals are no bugs', async () => {
    const { text, code } = await manifests(dir);
    expect(code).toBe(0);
    expect(text).toMatch(/^a\.yaml\n {2}applied Pod web: Running \(without effect: spec\.hostPID\)\n {2}applied Service web: ClusterIP 10\.43\.\d+\.\d+, 1 endpoint\n/);
    expect(text).toContain('b.yml\n  refused Service bad: spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive');
    expect(text).toContain('[b.yml:6 spec.ports[0].port]');
    expect(text).toContain('  applied Deployment none: 0/2 ready; Pending: ImagePullBackOff (no/such)\n');
    expect(text).toContain('deep/c.yaml\n  applied ConfigMap one: stored\n  refused ConfigMap two: ConfigMap in version "v1": unknown field "wrong" [deep/c.yaml:10 wrong]\n');
    expect(text).toMatch(/\n3 files: 4 objects applied, 2 refused, 0 bugs\n$/);
  });

  it('--markdown makes a table', async () => {
    const { text } = await manifests('--markdown', '--scenario', 'k3s-clusterip', join(dir, 'a.yaml'));
    expect(text.split('\n')[2]).toBe(`| ${join(dir, 'a.yaml')} | Pod web | applied | Running (without effect: spec.hostPID) |`);
  });

  it('--together tries all in one world, in their order', async () => {
    writeFileSync(join(dir, 'deep', 'd.yaml'), 'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers: [{name: c, image: nginx, envFrom: [{configMapRef: {name: one}}]}]\n');
    expect((await manifests(join(dir, 'deep'))).text).toContain('applied Pod p: Pending: CreateContainerConfigError (c)');
    expect((await manifests('--together', join(dir, 'deep'))).text).toContain('applied Pod p: Running');
  });

  it('needs something that is there', async () => {
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect((await manifests()).code).toBe(2);
    expect((await manifests(join(dir, 'none'))).code).toBe(1);
  });
});
