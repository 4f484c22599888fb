/**
 * Records what the real bash and tools of this machine answer to the scripts in bash-cases.txt (separated by %% lines):
 * `npx tsx src/userland/testing/record-bash.ts`. Run by hand, on Debian 12; the test reads the recording only.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FILES } from './bash-files.ts';

const here = new URL('.', import.meta.url).pathname;
const scripts = readFileSync(join(here, 'bash-cases.txt'), 'utf8').split('\n%%\n').map((s) => s.replace(/\n$/, ''));
const out = scripts.map((script) => {
  const folder = mkdtempSync('/tmp/bashcase');
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
  const real = spawnSync('bash', ['-c', `cd ${folder}; ${script}`], { encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: '/root', LC_ALL: 'C.UTF-8', TZ: 'UTC' }, timeout: 5000, input: '' });
  rmSync(folder, { recursive: true });
  const clean = (text: string): string => text.replaceAll(folder, '/tmp/case');
  return { script, stdout: clean(real.stdout), stderr: clean(real.stderr), code: real.status };
});
writeFileSync(join(here, 'bash-cases.json'), `${JSON.stringify(out, undefined, 1)}\n`);
