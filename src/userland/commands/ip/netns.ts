/** Read first: ip-netns(8). Not modelled: attach, identify, pids, monitor. */
import type { Program } from '../../../engine/sim/process.ts';
import { STRERROR } from '../../../engine/uapi/errno.ts';
import type { Kernel } from '../../../engine/uapi/kernel.ts';
import type { Context } from '../../host.ts';
import { findCommand } from '../../shell/find-command.ts';
import { Exit } from '../kit.ts';
import { isPrefixOf, notModelled, unknownCommand, type Words } from './words.ts';

/** The kernel from a named namespace. */
export function enter(context: Context, name: string): Kernel {
  if (context.user !== 'root' && context.kernel.netnsList().includes(name)) throw new Exit(255, `setting the network namespace "${name}" failed: ${STRERROR.EPERM}\n`);
  const kernel = name === '' || !context.kernel.netnsList().includes(name) ? undefined : context.kernel.inNetns(name);
  if (kernel === undefined || !kernel.ok) throw new Exit(255, `Cannot open network namespace "${name}": ${STRERROR[kernel?.error.errno ?? 'ENOENT']}\n`);
  return kernel.value;
}

export function* netns(words: Words): Program {
  const { context } = words;
  const command = words.take();
  const { kernel } = context;
  if (command === undefined || isPrefixOf(command, 'list') || command === 'show' || command === 'lst') {
    for (const [i, name] of kernel.netnsList().entries()) words.print(`${name}${kernel.netns === '' && idOf(kernel, name) !== undefined ? ` (id: ${idOf(kernel, name) ?? i})` : ''}\n`);
    return 0;
  }
  const named = (): string => {
    const name = words.take();
    if (name === undefined) throw new Exit(1, 'No netns name specified\n');
    return name;
  };
  if (isPrefixOf(command, 'add')) {
    const name = named();
    if (context.user !== 'root') throw new Exit(1, `mkdir /var/run/netns failed: ${STRERROR.EACCES}\n`);
    const made = kernel.netnsAdd(name);
    if (!made.ok) throw new Exit(1, `Cannot create namespace file "/run/netns/${name}": ${STRERROR[made.error.errno]}\n`);
    return 0;
  }
  if (isPrefixOf(command, 'delete')) {
    const name = named();
    const gone = kernel.netnsDelete(name);
    if (!gone.ok) throw new Exit(1, `Cannot remove namespace file "/run/netns/${name}": ${STRERROR[gone.error.errno]}\n`);
    return 0;
  }
  if (isPrefixOf(command, 'exec')) {
    const name = named();
    const args = words.rest();
    const [program] = args;
    if (program === undefined) throw new Exit(1, 'No command specified\n');
    const inside = enter(context, name);
    if (findCommand(context.host, program) === undefined) throw new Exit(255, `exec of "${program}" failed: ${STRERROR.ENOENT}\n`);
    return yield* context.exec(args, { kernel: inside });
  }
  if (command === 'help') throw new Exit(255, 'Usage:\tip netns list\n\tip netns add NAME\n\tip [-all] netns delete [NAME]\n\tip [-all] netns exec [NAME] cmd ...\n');
  if (['identify', 'pids', 'monitor', 'attach', 'set', 'list-id'].some((n) => isPrefixOf(command, n))) throw notModelled(`ip netns ${command}`);
  throw unknownCommand(command, 'netns');
}

/** A namespace has an id here once a device of ours has its peer there. */
function idOf(kernel: Kernel, name: string): number | undefined {
  return kernel.netlink.links().find((l) => l.link?.netns === name)?.link?.netnsid;
}
