import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Is tcpdump 4.99 here? Tests that need it say loudly that they were skipped. */
export const realTcpdump: boolean = (() => {
  const found = spawnSync('tcpdump', ['--version'], { encoding: 'utf8' });
  const there = `${found.stdout}${found.stderr}`.includes('tcpdump version 4.99');
  if (!there) process.stderr.write('SKIPPED: tcpdump 4.99 is not installed; the comparison with the real tool did not run\n');
  return there;
})();

/** What the real tool prints about a pcap file. Latin-1 text. */
export function runTcpdump(pcap: Uint8Array, args: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'vethlab-pcap-'));
  try {
    const file = join(folder, 'x.pcap');
    writeFileSync(file, pcap);
    return execFileSync('tcpdump', ['-nn', '-t', '-r', file, ...args], { stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, TZ: 'UTC' } }).toString('latin1');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The error the real tool gives for an expression; '' when it takes it. */
export function filterError(expression: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'vethlab-pcap-'));
  try {
    const file = join(folder, 'x.pcap');
    writeFileSync(file, Uint8Array.of(0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0));
    const ran = spawnSync('tcpdump', ['-nn', '-r', file, expression], { encoding: 'utf8' });
    return ran.status === 0 ? '' : ran.stderr.split('\n').filter((l) => l.startsWith('tcpdump: ')).join('').slice(9);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
