/** The headless lab as a shell sees it: streams and exit codes. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import * as v from 'valibot';
import { runCli } from './run.ts';

const ROOT = join(import.meta.dirname, '../..');
const dir = mkdtempSync(join(tmpdir(), 'vethlab-'));
afterAll(() => rmSync(dir, { recursive: true }));

interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

/** In this process, so that a test costs a world and not also a start of Node. */
async function lab(args: readonly string[]): Promise<Ran> {
  const text = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[stream], 'write').mockImplementation((chunk) => {
      text[stream] += String(chunk);
      return true;
    });
  }
  vi.spyOn(console, 'log').mockImplementation((line) => void (text.stdout += `${String(line)}\n`));
  const code = await runCli(args);
  return { ...text, code };
}
afterEach(() => void vi.restoreAllMocks());

/** As a process of its own. */
function labProcess(args: readonly string[], input: string): Ran {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...args], { cwd: ROOT, input, encoding: 'utf8' });
  return { stdout, stderr, code: status };
}

const file = (name: string, text: string): string => {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
};

const POD = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: extra\nspec:\n';

describe('exec', () => {
  it('runs in one world in order and ends with the last code', async () => {
    const ran = await lab(['exec', 'k3s-clusterip', '--on', 'vm1', '-c', 'echo one > /tmp/f; echo e >&2', '-c', 'cat /tmp/f', '--on', 'default/test-pod', '-c', 'hostname; exit 3']);
    expect(ran).toEqual({ stdout: 'one\ntest-pod\n', stderr: 'e\n', code: 3 });
  });

  it('--json answers what it was asked, one object each', () => {
    const ran = labProcess(['exec', 'k3s-clusterip', '--json'], JSON.stringify([{ on: 'vm1', run: 'echo a; echo b >&2; exit 4' }, { on: 'nobody', run: 'true' }]));
    const [first, second] = v.parse(v.array(v.record(v.string(), v.unknown())), JSON.parse(ran.stdout));
    expect(first).toEqual({ on: 'vm1', run: 'echo a; echo b >&2; exit 4', stdout: 'a\n', stderr: 'b\n', code: 4 });
    expect(second).toMatchObject({ on: 'nobody', stdout: '', code: 125 });
    expect(ran.code).toBe(0);
  });

  it('-f applies further manifests and waits for what they make', async () => {
    const path = file('good.yaml', `${POD}  containers: [{ name: c, image: nginx }]\n`);
    const ran = await lab(['exec', 'k3s-clusterip', '-f', path, '--on', 'vm1', '-c', 'kubectl get pod extra --no-headers']);
    expect(ran.stdout).toMatch(/^extra\s+1\/1\s+Running/);
  });

  it.each<[string, string, RegExp]>([
    ['broken YAML', 'kind: [\n', /:2: error: error parsing /],
    ['an unknown kind', 'apiVersion: v1\nkind: Frob\nmetadata: { name: x }\n', /:2: error: resource mapping not found .*no matches for kind "Frob" in version "v1"/],
    ['an unknown field', `${POD}  contaners: []\n`, /:6: Error from server \(BadRequest\).*unknown field "spec\.contaners"/],
    ['an invalid value', 'apiVersion: v1\nkind: Service\nmetadata:\n  name: x\nspec:\n  ports:\n  - port: 99999\n', /:7: The Service "x" is invalid: [\s\S]*99999: must be between 1 and 65535/],
    ['two documents with one bad', `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: fine }\n---\n${POD}  containers: 5\n`, /:10: Error from server/],
  ])('-f with %s: place and reason on stderr, nothing runs', async (_name, text, expected) => {
    const ran = await lab(['exec', 'k3s-clusterip', '-f', file('bad.yaml', text), '--on', 'vm1', '-c', 'echo never']);
    expect(ran.stderr).toMatch(expected);
    expect(ran.stderr).toContain(join(dir, 'bad.yaml'));
    expect([ran.stdout, ran.code]).toEqual(['', 1]);
  });

  it.each<[string, readonly string[], RegExp]>([
    ['no scenario of that name', ['exec', 'nope', '--on', 'vm1', '-c', 'true'], /no scenario "nope" \(there are: .*k3s-clusterip/],
    ['a line without quotes', ['exec', 'k3s-clusterip', '--on', 'vm1', '-c', 'ls', '/etc'], /what is "\/etc"\?/],
    ['a seed that is none', ['exec', 'k3s-clusterip', '--seed', '-1', '--on', 'vm1', '-c', 'true'], /seed/],
    ['-c before --on', ['exec', 'k3s-clusterip', '-c', 'true'], /-c needs --on before it/],
    ['an unknown option', ['exec', '--frob'], /Unknown option '--frob'/],
    ['an unknown command', ['frob'], /lab: no command "frob"/],
  ])('usage error: %s', async (_name, args, expected) => {
    const ran = await lab(args);
    expect(ran.stderr).toMatch(expected);
    expect([ran.stdout, ran.code]).toEqual(['', 2]);
  });
});

describe('trace --json', () => {
  it('is one step a line and nothing else', async () => {
    const ran = await lab(['trace', 'k3s-clusterip', '--on', 'test-pod', '-c', 'ping -c 1 10.42.1.1; exit 7', '--json']);
    const steps = ran.stdout.trimEnd().split('\n').map((line) => v.parse(v.looseObject({ i: v.number(), t: v.number(), ns: v.number(), kind: v.string() }), JSON.parse(line)));
    expect(steps.length).toBeGreaterThan(30);
    expect(steps.map((s) => s.i)).toEqual(steps.map((_, n) => (steps[0]?.i ?? 0) + n));
    expect(ran.code).toBe(7);
  });
});

describe('replay', () => {
  it('knows a copy by its world, and counts', async () => {
    const copy = join(dir, 'copy.yaml');
    copyFileSync(join(ROOT, 'scenarios/k3s-clusterip/transcripts.yaml'), copy);
    const ran = await lab(['replay', copy]);
    expect(ran.stdout).toMatch(/\n?26 passed, 0 failed, 0 skipped\n$/);
    expect(ran.code).toBe(0);
  });

  it('shows a failure as a difference and fails', async () => {
    const path = file('k3s-clusterip.yaml', 'transcripts:\n- { id: a, host: vm1, command: echo yes, output: "no\\n", compare: exact, priority: core }\n- { id: b, host: nowhere, command: "true", compare: exact, priority: core }\n');
    const ran = await lab(['replay', path]);
    expect(ran.stdout).toMatch(/FAILED {2}k3s-clusterip a \(core\): line 1 differs\n {2}\$ echo yes\n {2}- no\n {2}\+ yes\n/);
    expect(ran.stdout).toMatch(/no host "nowhere"[\s\S]*\n0 passed, 2 failed, 0 skipped\n$/);
    expect(ran.code).toBe(1);
  });

  it.each<[string, () => string, RegExp]>([
    ['a missing file', () => join(dir, 'missing.yaml'), /missing\.yaml: ENOENT/],
    ['a world that is no scenario', () => file('other.yaml', 'world: { title: elsewhere }\ntranscripts: []\n'), /neither its name nor its world\.title is a scenario's/],
    ['broken YAML', () => file('k3s-clusterip.yaml', 'transcripts: ['), /k3s-clusterip\.yaml: .*Flow sequence/],
  ])('refuses %s', async (_name, path, expected) => {
    const ran = await lab(['replay', path()]);
    expect(ran.stderr).toMatch(expected);
    expect(ran.code).toBe(1);
  });
});
