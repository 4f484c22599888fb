/**
 * Records what the real ip, bridge, brctl, arp, iptables … answer to the lines of net-cases.txt, typed one after the other in one
 * network namespace with a second one beside it (`uhx2`). Run by hand as root on Debian 12; the test reads the recording only:
 * `npx tsx src/userland/testing/record-net.ts`.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const here = new URL('.', import.meta.url).pathname;
const sh = (...words: string[]): void => void spawnSync(words[0] ?? '', words.slice(1));
sh('ip', 'netns', 'add', 'uhm');
sh('ip', 'netns', 'add', 'uhx2');
const out = readFileSync(`${here}net-cases.txt`, 'utf8').split('\n').filter((l) => l !== '').map((line) => {
  // The second namespace exists already: inside `ip netns exec` a new one would be invisible to others.
  const real = line === 'ip netns add uhx2' ? { stdout: '', stderr: '', status: 0 } : spawnSync('ip', ['netns', 'exec', 'uhm', 'bash', '-c', line], { encoding: 'utf8', timeout: 8000 });
  return { line, stdout: real.stdout, stderr: real.stderr, code: real.status };
});
sh('ip', 'netns', 'del', 'uhm');
sh('ip', 'netns', 'del', 'uhx2');
writeFileSync(`${here}net-cases.json`, `${JSON.stringify(out, undefined, 1)}\n`);
