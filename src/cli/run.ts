/** The commands of the headless lab, each a file of its own. */
import { RefusedError, UsageError } from './arguments.ts';
import { BugError } from '../base/assert.ts';

const COMMANDS: Readonly<Record<string, { readonly usage: string; readonly load: () => Promise<{ run(args: readonly string[]): Promise<number> }> }>> = {
  list: { usage: 'list', load: () => import('./list.ts') },
  exec: { usage: 'exec <scenario> --on <machine|pod|namespace/pod> -c "<line>" [...] | --json  [-f manifest.yaml] [--seed N]', load: () => import('./exec.ts') },
  trace: { usage: 'trace <scenario> --on X -c "<line>" [--json] [-f manifest.yaml] [--seed N]', load: () => import('./trace.ts') },
  replay: { usage: 'replay [<transcripts.yaml> ...] [--seed N] [--verbose]', load: () => import('./replay.ts') },
  fingerprint: { usage: 'fingerprint [<scenario> ...] [--twice] [--actions file.json] [--seed N]', load: () => import('./fingerprint.ts') },
  bench: { usage: 'bench', load: () => import('./bench.ts') },
  export: { usage: 'export <scenario> --format netns -o <dir> [--seed N]', load: () => import('./export.ts') },
  accept: { usage: 'accept [<scenario> ...]', load: () => import('./accept.ts') },
  manifests: { usage: 'manifests [--scenario ID] [--together] [--markdown] [--seed N] <file or folder> [...]  (tries each in a fresh world: what was applied, what was refused and where)', load: () => import('./manifests.ts') },
  'kube-proxy': { usage: 'kube-proxy --json < input.json (one {"config", "objects"} or a list of them; prints iptables-restore input)', load: () => import('./kube-proxy.ts') },
};

/** The exit code; what is to be read is written. */
export async function runCli(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  const command = name === undefined ? undefined : COMMANDS[name];
  if (command === undefined) {
    const help = name === undefined || name === 'help' || name === '--help';
    const text = `${help ? '' : `lab: no command "${name}"\n`}usage:\n${Object.values(COMMANDS).map((c) => `  lab ${c.usage}`).join('\n')}\n`;
    (help ? process.stdout : process.stderr).write(text);
    return help ? 0 : 2;
  }
  try {
    return await (await command.load()).run(rest);
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`lab ${name}: ${error.message}\nusage: lab ${command.usage}\n`);
      return 2;
    }
    if (error instanceof RefusedError) {
      process.stderr.write(`${error.message}\n`);
      return 1;
    }
    if (error instanceof BugError) {
      process.stderr.write(`lab: a bug of ours stopped the lab: ${error.stack ?? error.message}\n`);
      return 70;
    }
    throw error;
  }
}
