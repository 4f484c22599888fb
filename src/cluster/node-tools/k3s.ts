/**
 * Read first: k3s --help.
 * Models: k3s -v; kubectl, crictl and ctr by its name; its flannel CNI plugin as far as it names itself.
 * Not modelled: starting a server or agent by hand, check-config, token, etcd-snapshot, secrets-encrypt, certificate, completion.
 */
import type { Program } from '../../engine/sim/process.ts';
import { NOT_MODELLED } from '../../userland/commands/kit.ts';
import type { Command, Context } from '../../userland/host.ts';
import { k3sBin, k3sParts } from '../distributions/k3s-parts.ts';

const TOOLS = ['kubectl', 'crictl', 'ctr'];
const ABSENT = ['server', 'agent', 'check-config', 'token', 'etcd-snapshot', 'secrets-encrypt', 'certificate', 'completion'];
/** Digits of a commit in versions. */
const SHORT = 8;

const help = (version: string): string => `NAME:
   k3s - Kubernetes, but small and simple

USAGE:
   k3s [global options] command [command options] [arguments...]

VERSION:
   ${version}

COMMANDS of this lab:
   kubectl  Run kubectl
   crictl   Run crictl
   ctr      Run ctr
   help, h  Shows a list of commands or help for one command
`;

function* main(version: string, context: Context): Program {
  const [, word = 'help', ...rest] = context.args;
  const { commit, go } = k3sParts(version);
  const named = `${version} (${commit.slice(0, SHORT)})`;
  if (TOOLS.includes(word)) return yield* context.exec([word, ...rest]);
  if (['help', 'h', '--help', '-h'].includes(word)) {
    context.stdout.write(help(named));
    return 0;
  }
  if (['-v', '--version'].includes(word)) {
    context.stdout.write(`k3s version ${named}\ngo version ${go}\n`);
    return 0;
  }
  if (word.startsWith('-')) {
    context.stderr.write(`Incorrect Usage: flag provided but not defined: ${word.replace(/^--/, '-')}\n\n`);
    context.stdout.write(help(named));
    return 1;
  }
  context.stderr.write(ABSENT.includes(word) ? `k3s ${word}: ${NOT_MODELLED}\n` : `No help topic for '${word}'\n`);
  return ABSENT.includes(word) ? 1 : 3;
}

/** containernetworking skel: without CNI_COMMAND a plugin says what it is. */
function* flannel(version: string, context: Context): Program {
  yield* [];
  const { flannel: plugin, commit } = k3sParts(version);
  const known = plugin !== undefined && !context.env.has('CNI_COMMAND');
  context.stderr.write(known ? `CNI Plugin flannel version ${plugin.version} (linux/${context.host.system.arch}) commit ${commit} built on ${plugin.built}\n` : `flannel: ${NOT_MODELLED}\n`);
  return known ? 0 : 1;
}

export const k3sTools = (version: string): readonly Command[] => [
  { name: 'k3s', models: '-v, kubectl, crictl, ctr', notModelled: 'server, agent and the other commands', run: (context) => main(version, context) },
  { name: `${k3sBin(version)}/flannel`, models: 'its version', notModelled: 'ADD, DEL, CHECK: the kubelet does them', run: (context) => flannel(version, context) },
];
