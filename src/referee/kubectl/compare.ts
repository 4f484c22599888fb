/** One line through the real kubectl and through the lab's, in worlds of the same seed. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { must } from '../../base/assert.ts';
import { WORLD } from '../../cluster/kubectl/testing.ts';
import { clusterWorld, type ClusterWorld, type Ran } from '../../cluster/testing/cluster-world.ts';
import { Bridge } from './bridge.ts';
import { EXTRA, FILES } from './files.ts';

const ON = 'vm1';
const LAB_HOME = '/root';
const LAB_CONFIG = '/etc/rancher/k3s/k3s.yaml';
const LAB_SERVER = 'https://127.0.0.1:6443';
/** What an editor that waits for a terminal, or a watch, gets. */
const PATIENCE_MS = 15_000;

/** What differs for a reason. Applied to both sides. */
const MASKS: readonly (readonly [RegExp, string, why: string])[] = [
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, 'TIME', 'the lab has its own date'],
  [/\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000/g, 'TIME', 'the lab has its own date'],
  [/(?<=Client Version: |Kustomize Version: |Server Version: )\S+/g, 'VERSION', 'the binary at hand'],
  [/(?<=^[EWIF])\d{4} [\d:.]+ +\d+(?= )/gm, 'NOW PID', 'klog'],
];

export interface Compared {
  readonly verdict: 'same' | 'different' | 'refused';
  readonly real: readonly string[];
  readonly lab: readonly string[];
}

const linesOf = (ran: Ran): readonly string[] =>
  [['out', ran.stdout], ['err', ran.stderr], ['code', String(ran.code)]].flatMap(([where, text = '']) => MASKS.reduce((t, [what, by]) => t.replaceAll(what, by), text).split('\n').map((l) => `${where ?? ''}| ${l}`));

function newWorld(): ClusterWorld {
  const world = clusterWorld({ manifests: [...WORLD, EXTRA] });
  const host = must(world.machines.get(ON), ON);
  for (const [name, text] of Object.entries(FILES)) host.fs.write(`${LAB_HOME}/${name}`, text);
  return world;
}

/** A world that a line left as it was serves the next one too. */
class Fresh {
  #world: ClusterWorld | undefined;
  #at = '';

  get(): ClusterWorld {
    if (this.#world === undefined || this.#state(this.#world) !== this.#at) {
      this.#world = newWorld();
      this.#at = this.#state(this.#world);
    }
    return this.#world;
  }

  #state(w: ClusterWorld): string {
    return `${w.cluster.store.revision} ${Math.floor(w.cluster.plane.wallMillis() / 1000)} ${must(w.machines.get(ON), ON).fs.kind(LAB_CONFIG) ?? ''}`;
  }
}

export class Comparison {
  readonly #folder = mkdtempSync(join(tmpdir(), 'vethlab-kubectl-'));
  readonly #real = new Fresh();
  readonly #lab = new Fresh();
  readonly #bridge: Bridge;
  #server = '';

  constructor(binary: string) {
    for (const name of ['bin', 'home', 'cwd']) mkdirSync(join(this.#folder, name));
    symlinkSync(binary, join(this.#folder, 'bin/kubectl'));
    this.#bridge = new Bridge(this.#real.get());
  }

  async open(): Promise<void> {
    this.#server = await this.#bridge.open();
  }

  close(): void {
    this.#bridge.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async compare(line: string): Promise<Compared> {
    const world = this.#lab.get();
    if (line.includes(' config ')) must(world.machines.get(ON), ON).fs.write(LAB_CONFIG, this.#config(LAB_SERVER));
    const ours = world.run(ON, line);
    if (ours.stderr.includes('not modelled in this lab')) return { verdict: 'refused', real: [], lab: [] };
    const lab = linesOf(ours);
    const real = linesOf(await this.#run(line));
    return { verdict: real.length === lab.length && real.every((l, i) => l === lab[i]) ? 'same' : 'different', real, lab };
  }

  #config(server: string): string {
    return JSON.stringify({
      apiVersion: 'v1', kind: 'Config', preferences: {}, 'current-context': 'default', clusters: [{ name: 'default', cluster: { server } }], users: [{ name: 'default', user: {} }],
      contexts: [{ name: 'default', context: { cluster: 'default', user: 'default' } }],
    });
  }

  #run(line: string): Promise<Ran> {
    const at = (name: string): string => join(this.#folder, name);
    this.#bridge.use(this.#real.get());
    writeFileSync(at('k3s.yaml'), this.#config(this.#server));
    for (const [name, text] of Object.entries(FILES)) writeFileSync(at(`cwd/${name}`), text);
    const env = { PATH: `${at('bin')}:${process.env['PATH'] ?? ''}`, HOME: at('home'), KUBECONFIG: at('k3s.yaml'), TZ: 'UTC', EDITOR: 'false' };
    const own = (text: string): string => text.replaceAll(at('k3s.yaml'), LAB_CONFIG).replaceAll(at('cwd'), LAB_HOME).replaceAll(this.#server, LAB_SERVER);
    return new Promise((resolve, reject) => {
      const child = spawn('sh', ['-c', line], { env, cwd: at('cwd'), stdio: ['ignore', 'pipe', 'pipe'], detached: true });
      const late = setTimeout(() => void (child.pid !== undefined && process.kill(-child.pid)), PATIENCE_MS);
      let [stdout, stderr] = ['', ''];
      child.stdout.setEncoding('utf8').on('data', (text: string) => void (stdout += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => void (stderr += text));
      child.on('error', reject).on('close', (code) => {
        clearTimeout(late);
        resolve({ stdout: own(stdout), stderr: own(stderr), code: code ?? -1 });
      });
    });
  }
}
