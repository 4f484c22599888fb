/** Real Linux: namespaces built from an export, commands in them, and what nf_tables traced. Root only. */
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atEnd } from './at-end.ts';

const TOOLS = ['ip', 'bridge', 'iptables', 'iptables-restore', 'nft', 'sysctl', 'curl', 'python3'] as const;

/** Of this run alone, whoever else runs one on this machine. */
const unusedName = (): string => `v${process.pid.toString(36)}${randomBytes(3).toString('hex')}-`;

/** Why real Linux cannot be asked here; undefined: it can. */
export function unavailable(): string | undefined {
  if (process.platform !== 'linux') return 'not Linux';
  if (process.getuid?.() !== 0) return 'not root';
  const missing = TOOLS.filter((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0);
  if (missing.length > 0) return `missing ${missing.join(', ')} (npm run setup)`;
  const name = `${unusedName()}probe`;
  const probe = spawnSync('sh', ['-c', `ip netns add ${name} && ip netns del ${name}`]);
  return probe.status === 0 ? undefined : `no network namespaces: ${String(probe.stderr).trim()}`;
}

/**
 * Who sends by a way round is told so (ICMP redirect) after pauses that double from 20 ms on (ip_rt_send_redirect): whether the next packet comes before or after
 * one ends is the machine's affair. Once, then not before half an hour of silence (jiffies, HZ 250). On both sides.
 */
export const REDIRECTS = { 'net.ipv4.route.redirect_number': '1', 'net.ipv4.route.redirect_silence': '450000' } as const;

/**
 * Settings that all namespaces share. The neighbour table is one for the whole machine: with more entries than gc_thresh1 the kernel throws away old and failed
 * ones every few seconds, which a world of its own would never see.
 */
export function settleMachine(): void {
  const own = { 'net.ipv4.neigh.default.gc_thresh3': '65536', 'net.ipv4.neigh.default.gc_thresh2': '32768', 'net.ipv4.neigh.default.gc_thresh1': '16384', ...REDIRECTS };
  spawnSync('sysctl', ['-qw', ...Object.entries(own).map(([key, value]) => `${key}=${value}`)]);
}

interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

/** Worlds exist side by side: nobody waits for another's command. */
function ran(command: string, args: readonly string[], options: { readonly env?: NodeJS.ProcessEnv; readonly group?: (pid: number) => void } = {}): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: options.env, detached: options.group !== undefined });
    if (child.pid !== undefined) options.group?.(child.pid);
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (chunk) => void (stdout += String(chunk)));
    child.stderr.setEncoding('utf8').on('data', (chunk) => void (stderr += String(chunk)));
    child.on('error', (error) => resolve({ stdout, stderr: String(error), code: 127 }));
    child.on('close', (code) => resolve({ stdout, stderr, code: code ?? 1 }));
  });
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

export class RealWorld {
  /** Process group of up.sh while it runs. */
  #building: number | undefined;
  #callOff: (() => void) | undefined;
  readonly #dir: string;
  /** In front of every namespace's name, so that worlds can exist side by side and a run that broke off does not matter. */
  readonly prefix: string;

  constructor(files: ReadonlyMap<string, string>, prefix = unusedName()) {
    this.prefix = prefix;
    this.#dir = mkdtempSync(join(tmpdir(), 'vethlab-referee-'));
    mkdirSync(this.#dir, { recursive: true });
    for (const [name, text] of files) {
      writeFileSync(join(this.#dir, name), text);
      if (name.endsWith('.sh')) chmodSync(join(this.#dir, name), 0o755);
    }
  }

  get #env(): NodeJS.ProcessEnv {
    return { ...process.env, PREFIX: this.prefix };
  }

  /** Throws with the script's own words when a command of it fails. */
  async up(settle = 500): Promise<void> {
    this.#callOff = atEnd(() => this.#abandon());
    const log = join(this.#dir, 'up.log');
    // Servers stay behind in the background: a file takes their output, so that nobody waits for the pipe to close.
    const { code } = await ran('bash', ['-c', `bash ${join(this.#dir, 'up.sh')} >${log} 2>&1 </dev/null`], { env: this.#env, group: (pid) => void (this.#building = pid) });
    this.#building = undefined;
    if (code !== 0) throw new Error(`up.sh: exit ${code}\n${readFileSync(log, 'utf8').slice(-2000)}`);
    await wait(settle);
  }

  async down(): Promise<void> {
    await ran('bash', [join(this.#dir, 'down.sh')], { env: this.#env });
    this.#callOff?.();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  /** {@link down} for a process that ends now. */
  #abandon(): void {
    try {
      if (this.#building !== undefined) process.kill(-this.#building, 'SIGKILL');
    } catch {
      // It has just ended.
    }
    spawnSync('bash', [join(this.#dir, 'down.sh')], { env: this.#env });
    rmSync(this.#dir, { recursive: true, force: true });
  }

  exec(ns: string, line: string): Promise<Ran> {
    // timeout ends the whole group: a command that never ends must not hold the pipes of one that was killed.
    return ran('ip', ['netns', 'exec', this.prefix + ns, 'timeout', '-k', '1', '30', 'sh', '-c', line]);
  }

  /** Text of `nft monitor trace` in a namespace while `work` runs. */
  async trace(ns: string, work: () => Promise<unknown>): Promise<string> {
    const monitor = spawn('ip', ['netns', 'exec', this.prefix + ns, 'nft', 'monitor', 'trace'], { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    monitor.stdout.on('data', (chunk) => void (text += String(chunk)));
    await wait(500);
    await work();
    // Lines come in bursts: wait until none came for a while.
    for (let before = -1; before !== text.length;) {
      before = text.length;
      await wait(400);
    }
    monitor.kill('SIGTERM');
    return text;
  }
}
