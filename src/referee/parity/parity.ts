/** Runs each command line in the real namespace and in the lab and compares the bytes. */
import type { Lab } from '../../lab/lab.ts';
import { COMMANDS, type ParityCommand } from './commands.ts';
import { MASKS, type Side } from './masks.ts';

export interface Answer {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

export interface RealNamespaces {
  exec(ns: string, line: string): Promise<Answer>;
}

export interface ParityReport {
  readonly passed: number;
  readonly failed: number;
  readonly lines: readonly string[];
}

const quoted = (line: string): string => `'${line.replaceAll("'", "'\\''")}'`;

export function masked(answer: Answer, command: ParityCommand, side: Side): Answer {
  const apply = (text: string): string => command.masks.reduce((t, name) => MASKS[name].apply(t, side), text);
  return { stdout: apply(answer.stdout), stderr: apply(answer.stderr), code: answer.code };
}

/** The node's tools in a pod's namespace: images have few. */
export function inLab(lab: Lab, { on, run }: ParityCommand): Answer {
  const inside = `bash -c ${quoted(run)}`;
  let where = on;
  let line = `sudo ${inside}`;
  for (const machine of lab.machines.values()) {
    for (const netns of machine.kernel.netnsList()) {
      if (lab.cluster?.podOf(machine.name, netns)?.metadata.name !== on) continue;
      where = machine.name;
      line = `sudo ip netns exec ${netns} ${inside}`;
    }
  }
  if (lab.host(where)?.user === 'root') line = line.replace(/^sudo /, '');
  const { stdout, stderr, code } = lab.exec(where, line);
  return { stdout, stderr, code };
}

/** undefined: the same. */
export function difference(real: Answer, lab: Answer): string | undefined {
  const out: string[] = [];
  if (real.code !== lab.code) out.push(`    exit code: kernel ${real.code}, lab ${lab.code}`);
  for (const stream of ['stdout', 'stderr'] as const) {
    if (real[stream] === lab[stream]) continue;
    const [theirs, ours] = [real[stream].split('\n'), lab[stream].split('\n')];
    out.push(`    ${stream}:`);
    for (const l of theirs) if (!ours.includes(l)) out.push(`      - ${l}`);
    for (const l of ours) if (!theirs.includes(l)) out.push(`      + ${l}`);
    if (out.at(-1) === `    ${stream}:`) out.push('      the same lines in another order or number', ...theirs.map((l) => `      - ${l}`), ...ours.map((l) => `      + ${l}`));
  }
  return out.length === 0 ? undefined : out.join('\n');
}

export async function parity(lab: Lab, real: RealNamespaces, commands: readonly ParityCommand[] = COMMANDS): Promise<ParityReport> {
  const lines: string[] = [];
  let failed = 0;
  for (const command of commands) {
    const theirs = masked(await real.exec(command.on, command.run), command, 'real');
    const ours = masked(inLab(lab, command), command, 'lab');
    const diff = difference(theirs, ours);
    if (diff === undefined) continue;
    failed++;
    lines.push(`DIFFER ${command.on}: ${command.run}\n${diff}`);
  }
  const passed = commands.length - failed;
  lines.push(`command parity: ${passed} of ${commands.length} command lines print the same`);
  return { passed, failed, lines };
}
