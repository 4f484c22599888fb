/** Read first: nsenter(1), lsns(8), ethtool(8). Network namespaces by name (`--net=/run/netns/NAME`) or by a process of a pod. */
import { fnv1a } from '../../../base/prng.ts';
import type { Program } from '../../../engine/sim/process.ts';
import { STRERROR } from '../../../engine/uapi/errno.ts';
import type { Command, Context } from '../../host.ts';
import { findCommand } from '../../shell/find-command.ts';
import { getopt, UsageError } from '../../text/getopt.ts';
import { enter } from '../ip/netns.ts';
import { catching, Exit, fail, NOT_MODELLED, print } from '../kit.ts';

const nsenter: Command = {
  name: 'nsenter', models: '--net=FILE (-n), and -t PID -n for processes that own sockets in a named namespace', notModelled: 'other kinds of namespaces',
  *run(context) {
    return yield* catching(context, nsenterMain(context));
  },
};

function* nsenterMain(context: Context): Program {
  let options;
  try {
    options = getopt(context.args.slice(1), { short: 'at:m::u::i::n::p::C::U::T::S:G:Fr::w::', long: { target: 't:', net: 'n::', mount: 'm::', uts: 'u::', ipc: 'i::', pid: 'p::', all: 'a' }, stopAtOperand: true });
  } catch (error) {
    if (error instanceof UsageError) throw new Exit(1, `nsenter: ${error.message}\nTry 'nsenter --help' for more information.\n`);
    throw error;
  }
  const words = options.rest.length === 0 ? ['bash'] : options.rest;
  const file = options.value('n');
  const target = options.value('t');
  if (context.user !== 'root') return fail(context, `cannot open ${file ?? `/proc/${target ?? '?'}/ns/net`}: ${STRERROR.EACCES}`);
  let name: string | undefined;
  if (file !== undefined && file !== '') name = file.split('/').at(-1);
  else if (target !== undefined) {
    for (const ns of ['', ...context.kernel.netnsList()]) {
      const kernel = context.kernel.inNetns(ns);
      if (kernel.ok && kernel.value.sockets.list().some((s) => String(s.pid) === target)) name = ns;
    }
    if (name === undefined) return fail(context, `cannot open /proc/${target}/ns/net: ${STRERROR.ENOENT}`);
  } else throw new Exit(1, 'nsenter: no target PID specified\n');
  if (findCommand(context.host, words[0] ?? '') === undefined) return fail(context, `failed to execute ${words[0] ?? ''}: ${STRERROR.ENOENT}`, 127);
  if (name === '') return yield* context.exec(words);
  if (!context.kernel.netnsList().includes(name ?? '')) return fail(context, `cannot open ${file ?? ''}: ${STRERROR.ENOENT}`);
  return yield* context.exec(words, { kernel: enter(context, name ?? '') });
}

const lsns: Command = {
  name: 'lsns', models: '-t net: the network namespaces of this machine', notModelled: 'other types; inode numbers are derived from names',
  *run(context) {
    const args = context.args.slice(1).join(' ');
    if (args !== '' && !/-t\s*net/.test(args)) return fail(context, `types other than net are ${NOT_MODELLED}`);
    print(context, '        NS TYPE NPROCS   PID USER    NETNSID NSFS COMMAND\n');
    for (const [i, name] of ['', ...context.kernel.netnsList()].entries()) {
      const kernel = name === '' ? context.kernel : context.kernel.inNetns(name);
      const at = 'ok' in kernel ? (kernel.ok ? kernel.value : undefined) : kernel;
      const owner = at?.sockets.list().find((s) => s.pid !== undefined);
      const inode = name === '' ? 4026531840 : 4026532000 + (fnv1a(name) % 900);
      print(context, `${inode} net  ${String(name === '' ? 100 : 1).padStart(6)} ${String(name === '' ? 1 : owner?.pid ?? 1).padStart(5)} root ${(name === '' ? 'unassigned' : String(i - 1)).padStart(10)} ${name === '' ? '    ' : `/run/netns/${name}`} ${name === '' ? '/sbin/init' : owner?.process ?? '/pause'}\n`);
    }
    return 0;
  },
};

const ethtool: Command = {
  name: 'ethtool', models: '-S (veth: peer_ifindex), -k (checksum offloads), -i', notModelled: 'changing settings, link modes',
  *run(context) {
    const [, option, dev] = context.args;
    const name = option?.startsWith('-') === true ? dev : option;
    if (name === undefined) return fail(context, 'bad command line argument(s)\nFor more information run ethtool -h');
    const link = context.kernel.netlink.link(name);
    if (link === undefined) return fail(context, `Cannot get ${option === '-S' ? 'stats strings information' : 'driver information'}: ${STRERROR.ENODEV}`.replace('ethtool: ', ''), 71);
    switch (option) {
      case '-S': case '--statistics':
        if (link.kind !== 'veth') {
          context.stderr.write('no stats available\n');
          return 94;
        }
        print(context, `NIC statistics:\n     peer_ifindex: ${link.link?.ifindex ?? 0}\n`);
        return 0;
      case '-i': case '--driver':
        print(context, `driver: ${link.kind === 'nic' ? 'virtio_net' : link.kind === 'vlan' ? '802.1Q VLAN Support' : link.kind}\nversion: 1.0\nfirmware-version: \nexpansion-rom-version: \nbus-info: \n`);
        return 0;
      case '-k': case '--show-features':
        print(context, `Features for ${name}:\nrx-checksumming: on\ntx-checksumming: on\n\ttx-checksum-ip-generic: on\nscatter-gather: on\ntcp-segmentation-offload: off [fixed]\ngeneric-segmentation-offload: off [requested on]\ngeneric-receive-offload: off\n`);
        return 0;
      default: return fail(context, `${option ?? ''} is ${NOT_MODELLED}`);
    }
  },
};

export const namespaces: readonly Command[] = [nsenter, lsns, ethtool];
