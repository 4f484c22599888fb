/** Read first: nsenter(1) of util-linux. Models: the network namespace, by file (`--net=/run/netns/NAME`) or by a process (`-t PID -n`). */
import type { Program } from '../../../engine/sim/process.ts';
import { STRERROR } from '../../../engine/uapi/errno.ts';
import type { Kernel } from '../../../engine/uapi/kernel.ts';
import type { Command, Context } from '../../host.ts';
import { findCommand } from '../../shell/find-command.ts';
import { getopt, UsageError, type Options } from '../../text/getopt.ts';
import { enter, netnsOfPid } from '../ip/netns.ts';
import { catching, Exit, fail, NOT_MODELLED } from '../kit.ts';

const OTHERS: Readonly<Record<string, string>> = { m: 'mount', u: 'UTS', i: 'IPC', p: 'PID', C: 'cgroup', U: 'user', T: 'time', r: 'root folder', w: 'working folder' };

function chosen(context: Context, options: Options): Kernel {
  const file = options.value('n');
  const target = options.value('t');
  if (target !== undefined && !/^\d+$/.test(target)) throw new Exit(1, `nsenter: failed to parse pid: '${target}'\n`);
  const other = Object.keys(OTHERS).find((o) => options.has(o)) ?? (options.has('a') ? 'm' : undefined);
  if (other !== undefined) throw new Exit(1, `nsenter: entering another ${OTHERS[other] ?? ''} namespace is ${NOT_MODELLED}; use -n\n`);
  if (!options.has('n')) return context.kernel;
  const path = file !== undefined && file !== '' ? file : target === undefined ? undefined : `/proc/${target}/ns/net`;
  if (path === undefined) throw new Exit(1, 'nsenter: neither filename nor target pid supplied for ns/net\n');
  if (context.user !== 'root') throw new Exit(1, `nsenter: cannot open ${path}: ${STRERROR.EACCES}\n`);
  const ofProcess = /^\/proc\/(\d+)\/ns\/net$/.exec(path)?.[1];
  const name = ofProcess !== undefined ? netnsOfPid(context, ofProcess) : /^(?:\/var)?\/run\/netns\/([^/]+)$/.exec(path)?.[1];
  if (name === undefined || (name !== '' && !context.kernel.netnsList().includes(name))) throw new Exit(1, `nsenter: cannot open ${path}: ${STRERROR.ENOENT}\n`);
  return name === '' ? context.host.kernel : enter(context, name);
}

function* main(context: Context): Program {
  let options: Options;
  try {
    options = getopt(context.args.slice(1), { short: 'at:m::u::i::n::p::C::U::T::S:G:Fr::w::', long: { target: 't:', net: 'n::', mount: 'm::', uts: 'u::', ipc: 'i::', pid: 'p::', cgroup: 'C::', user: 'U::', time: 'T::', all: 'a', root: 'r::', wd: 'w::', 'no-fork': 'F' }, stopAtOperand: true });
  } catch (error) {
    if (error instanceof UsageError) throw new Exit(1, `nsenter: ${error.message}\nTry 'nsenter --help' for more information.\n`);
    throw error;
  }
  const kernel = chosen(context, options);
  const words = options.rest.length === 0 ? ['bash'] : options.rest;
  if (findCommand(context.host, words[0] ?? '') === undefined) return fail(context, `failed to execute ${words[0] ?? ''}: ${STRERROR.ENOENT}`, 127);
  return yield* context.exec(words, { kernel, tty: context.tty });
}

export const nsenter: Command = {
  name: 'nsenter', models: '--net=FILE (-n), and -t PID -n, with a command or a shell', notModelled: 'other kinds of namespaces',
  *run(context) {
    return yield* catching(context, main(context));
  },
};
