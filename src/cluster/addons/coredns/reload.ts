/**
 * The reload plugin: looks at the Corefile every 30 s, give or take, and runs it when it changed.
 * Models: coredns 1.10.1 plugin/reload, caddy.Instance.Restart. A Corefile that does not run leaves the old one running and is not tried again.
 */
import type { Result } from '../../../base/result.ts';
import { plus, seconds } from '../../../engine/sim/time.ts';
import type { Program } from '../../../engine/sim/process.ts';
import type { Kernel } from '../../../engine/uapi/kernel.ts';
import type { FileSystem } from '../../../userland/host.ts';
import type { ProcessSpec } from '../../node/images.ts';
import { parseCorefile, type Corefile, type Glob } from './corefile.ts';

const COREFILE = '/etc/coredns/Corefile';
const INTERVAL_SECONDS = 30;
const JITTER_SECONDS = 15;

/** filepath.Glob as far as a last part with `*`. */
export const globOf = (fs: FileSystem): Glob => (pattern) => {
  const at = pattern.lastIndexOf('/');
  const folder = pattern.startsWith('/') ? pattern.slice(0, at) : `/etc/coredns/${pattern.slice(0, Math.max(0, at))}`;
  const last = new RegExp(`^${pattern.slice(at + 1).split('*').map((t) => t.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('[^/]*')}$`);
  const names = fs.list(folder);
  return (names.ok ? names.value : []).filter((n) => last.test(n)).flatMap((n) => {
    const text = fs.read(`${folder}/${n}`);
    return text.ok ? [{ path: `${folder}/${n}`, text: text.value }] : [];
  });
};

export const readCorefile = (fs: FileSystem, glob: Glob): Result<Corefile, string> => {
  const file = fs.read(COREFILE);
  return parseCorefile(file.ok ? file.value : '', glob);
};

/** Its directive, wherever it stands. */
export const reloads = ({ blocks }: Corefile): readonly string[] | undefined => blocks.flatMap((b) => b.directives).find((d) => d.name === 'reload')?.args;

const secondsOf = (text: string | undefined, otherwise: number): number => {
  const [, n = '', unit = ''] = /^(\d+)(s|m)?$/.exec(text ?? '') ?? [];
  return n === '' ? otherwise : Number(n) * (unit === 'm' ? 60 : 1);
};

export interface Watched {
  readonly spec: ProcessSpec;
  readonly kernel: Kernel;
  readonly running: Corefile;
  readonly say: (text: string) => void;
  readonly warn: (c: Corefile) => void;
  /** Runs a configuration; says why it cannot. */
  readonly run: (c: Corefile) => string | undefined;
}

/** Ends when no reload is wanted any more. */
export function* watchCorefile({ spec, kernel, running, say, warn, run }: Watched): Program {
  const glob = globOf(spec.host.fs);
  const random = spec.random.fork('reload');
  let seen = running.sha512;
  for (let args = reloads(running); args !== undefined;) {
    const jitter = secondsOf(args[1], JITTER_SECONDS);
    yield { until: plus(kernel.clock.now, seconds(secondsOf(args[0], INTERVAL_SECONDS) - jitter / 2 + random.below(Math.max(1, jitter * 1000)) / 1000)) };
    const read = readCorefile(spec.host.fs, glob);
    if (read.ok) warn(read.value);
    const sum = read.ok ? read.value.sha512 : read.error;
    if (sum === seen) continue;
    seen = sum;
    say('[INFO] Reloading');
    const wrong = read.ok ? run(read.value) : read.error;
    if (wrong !== undefined || !read.ok) {
      say(`[ERROR] Restart failed: ${wrong ?? ''}`);
      say(`[ERROR] plugin/reload: Corefile changed but reload failed: ${wrong ?? ''}`);
      continue;
    }
    args = reloads(read.value);
    if (args !== undefined) say(`[INFO] plugin/reload: Running configuration SHA512 = ${read.value.sha512}`);
    say('[INFO] Reloading complete');
  }
  return 0;
}
