/** Read first: ip-netns(8). Not modelled: attach, set, monitor. */
import type { Program } from '../../../engine/sim/process.ts';
import { STRERROR } from '../../../engine/uapi/errno.ts';
import type { Kernel } from '../../../engine/uapi/kernel.ts';
import type { Context } from '../../host.ts';
import { findCommand } from '../../shell/find-command.ts';
import { processesOf } from '../../shell/process-table.ts';
import { Exit } from '../kit.ts';
import { NETNS_HELP } from './help.ts';
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
    if (name === '.' || name === '..' || name.includes('/')) throw new Exit(255, `Invalid netns name "${name}"\n`);
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
    if (words.options.all === true) {
      for (const each of kernel.netnsList()) kernel.netnsDelete(each);
      return 0;
    }
    const name = named();
    const gone = kernel.netnsDelete(name);
    if (!gone.ok) throw new Exit(1, `Cannot remove namespace file "/run/netns/${name}": ${STRERROR[gone.error.errno]}\n`);
    return 0;
  }
  if (isPrefixOf(command, 'exec')) {
    const name = words.options.all === true ? '' : named();
    const args = words.rest();
    const [program] = args;
    if (program === undefined) throw new Exit(1, 'No command specified\n');
    if (words.options.all === true) {
      let code = 0;
      for (const each of kernel.netnsList()) {
        words.print(`\nnetns: ${each}\n`);
        code = (yield* context.exec(args, { kernel: enter(context, each) })) === 0 ? code : 1;
      }
      return code;
    }
    const inside = enter(context, name);
    if (findCommand(context.host, program) === undefined) throw new Exit(255, `exec of "${program}" failed: ${STRERROR.ENOENT}\n`);
    return yield* context.exec(args, { kernel: inside });
  }
  if (isPrefixOf(command, 'identify')) {
    const pid = words.take();
    if (pid !== undefined && !/^\d+$/.test(pid)) throw new Exit(1, `Specified string '${pid}' is not a pid\n`);
    const name = pid === undefined ? kernel.netns : netnsOfPid(context, pid);
    if (name === undefined) throw new Exit(1, `Cannot open network namespace: ${STRERROR.ENOENT}\n`);
    words.print(`${name}\n`);
    return 0;
  }
  if (isPrefixOf(command, 'pids')) {
    const name = named();
    if (!kernel.netnsList().includes(name)) throw new Exit(1, `Cannot open network namespace: ${STRERROR.ENOENT}\n`);
    for (const pid of pidsIn(context, name)) words.print(`${pid}\n`);
    return 0;
  }
  if (isPrefixOf(command, 'list-id')) {
    const ids = kernel.netnsList().flatMap((name) => ((id) => (id === undefined ? [] : [{ id, name }]))(idOf(kernel, name))).sort((a, b) => a.id - b.id);
    for (const { id, name } of ids) words.print(`nsid ${id} (iproute2 netns name: ${name})\n`);
    return 0;
  }
  if (isPrefixOf(command, 'help')) throw new Exit(255, NETNS_HELP);
  if (['monitor', 'attach', 'set'].some((n) => isPrefixOf(command, n))) throw notModelled(`ip netns ${command}`);
  throw unknownCommand(command, 'netns');
}

/** A namespace has an id here once a device of ours has its peer there. */
function idOf(kernel: Kernel, name: string): number | undefined {
  return kernel.netlink.links().find((l) => l.link?.netns === name)?.link?.netnsid;
}

/** Processes that live in a named namespace: those of the host's table, and owners of its sockets. */
function pidsIn(context: Context, name: string): readonly number[] {
  const inside = context.kernel.inNetns(name);
  const owners = inside.ok ? inside.value.sockets.list().flatMap((s) => (s.pid === undefined || s.pid === 1 ? [] : [s.pid])) : [];
  const known = processesOf(context.host).filter((p) => p.namespaces?.net === name).map((p) => p.pid);
  return [...new Set([...known, ...owners])].sort((a, b) => a - b);
}

/** '' : the first namespace, which has no name. undefined: no such process. */
export function netnsOfPid(context: Context, pid: string): string | undefined {
  if (pid === '1') return '';
  const entry = processesOf(context.host).find((p) => String(p.pid) === pid);
  if (entry !== undefined) return entry.namespaces?.net ?? '';
  return ['', ...context.kernel.netnsList()].find((name) => {
    const kernel = context.kernel.inNetns(name);
    return kernel.ok && kernel.value.sockets.list().some((s) => String(s.pid) === pid);
  });
}
