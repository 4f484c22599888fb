/**
 * Read first: multipass help, its documentation's command reference (1.13).
 * Models: list, info, shell, exec, start, stop, restart, version. The daemon reaches its machines over ssh, so what it can tell of one depends on the network.
 * Not modelled: images, launch, delete, mounts, snapshots, --format other than table.
 */
import type { Program } from '../../../engine/sim/process.ts';
import { millis, plus, seconds } from '../../../engine/sim/time.ts';
import { parseIpv4 } from '../../../engine/wire/addresses.ts';
import { logIn, openSession, runRemote } from '../../daemons/sshd/connect.ts';
import { SSH_PORT } from '../../daemons/sshd/sshd.ts';
import type { Command, Context, Host } from '../../host.ts';
import { Capture } from '../../shell/io.ts';
import { catching, Exit, NOT_MODELLED, print } from '../kit.ts';
import { remoteShell } from '../ssh/ssh.ts';
import { readInstances, type Instance } from './instances.ts';

/** ReturnCode::CommandLineError, CommandFail. */
const LINE_ERROR = 1;
const FAILED = 2;
/** Seconds that the daemon gives a machine to answer. */
const PATIENCE = 5;
const POLL = millis(500);
const START_LIMIT = seconds(300);
const ABSENT = ['alias', 'aliases', 'authenticate', 'clone', 'delete', 'find', 'get', 'launch', 'mount', 'networks', 'prefer', 'purge', 'recover', 'restore', 'set', 'snapshot', 'suspend', 'transfer', 'umount', 'unalias'];

const machine = (context: Context, instance: Instance): Host | undefined => context.host.peers?.().get(instance.name);
const isOn = (context: Context, instance: Instance): boolean => machine(context, instance)?.kernel.power.on !== false;
const stateOf = (context: Context, instance: Instance): string => (isOn(context, instance) ? 'Running' : 'Stopped');

/** Opens the daemon's ssh connection to an instance. The error is a sentence. */
function* session(context: Context, instance: Instance) {
  const address = parseIpv4(instance.managementIp ?? '');
  if (address === undefined) throw new Exit(FAILED, `${verb(context)} failed: instance "${instance.name}" has no address\n`);
  return yield* openSession(context.kernel, instance.managementIp ?? '', { address, port: SSH_PORT, user: instance.user, patience: PATIENCE });
}

const verb = (context: Context): string => context.args[1] ?? '';

/** Its own address first, then every other that the machine itself names. */
function* addresses(context: Context, instance: Instance): Program<readonly string[]> {
  if (!isOn(context, instance)) return [];
  const own = instance.managementIp ?? 'N/A';
  const opened = yield* session(context, instance);
  if (!opened.ok) return [own];
  const stdout = new Capture();
  yield* runRemote(context.kernel, opened.value, instance.user, 'ip -brief -family inet address show scope global', { stdout, stderr: stdout });
  const all = stdout.text.split('\n').flatMap((line) => line.trim().split(/\s+/).slice(2)).flatMap((word) => /^([\d.]+)\/\d+$/.exec(word)?.[1] ?? []);
  return [own, ...all.filter((a) => a !== own)];
}

function* list(context: Context, instances: readonly Instance[]): Program {
  if (instances.length === 0) {
    print(context, 'No instances found.\n');
    return 0;
  }
  const width = Math.max(24, ...instances.map((i) => i.name.length + 2));
  const row = (name: string, state: string, ip: string, image: string): string => `${name.padEnd(width)}${state.padEnd(18)}${ip.padEnd(17)}${image}`.trimEnd();
  const lines = [row('Name', 'State', 'IPv4', 'Image')];
  for (const instance of instances) {
    const [first = '--', ...others] = yield* addresses(context, instance);
    lines.push(row(instance.name, stateOf(context, instance), first, `Ubuntu ${instance.release}`), ...others.map((ip) => row('', '', ip, '')));
  }
  print(context, `${lines.join('\n')}\n`);
  return 0;
}

function* info(context: Context, instances: readonly Instance[]): Program {
  const blocks: string[] = [];
  for (const instance of instances) {
    const all = yield* addresses(context, instance);
    const on = isOn(context, instance);
    blocks.push(`Name:           ${instance.name}\nState:          ${stateOf(context, instance)}\nIPv4:           ${all.length === 0 ? '--' : all.join('\n                ')}\nRelease:        ${on ? `Ubuntu ${instance.release.replace(' LTS', '.4 LTS')}` : '--'}\n`);
  }
  print(context, blocks.join('\n'));
  return 0;
}

function* shell(context: Context, instance: Instance): Program {
  const opened = yield* session(context, instance);
  if (!opened.ok) throw new Exit(FAILED, `shell failed: ssh connection failed: '${opened.error}'\n`);
  const login = yield* logIn(context.kernel, opened.value, instance.user, context.host.peers?.() ?? new Map());
  if (!login.ok) throw new Exit(FAILED, `shell failed: ssh connection failed: '${login.error}'\n`);
  print(context, login.value.message);
  return yield* remoteShell(context, login.value.host, instance.user);
}

const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

function* exec(context: Context, instance: Instance, words: readonly string[]): Program {
  const opened = yield* session(context, instance);
  if (!opened.ok) throw new Exit(FAILED, `exec failed: ssh connection failed: '${opened.error}'\n`);
  const done = yield* runRemote(context.kernel, opened.value, instance.user, words.map(quoted).join(' '), context);
  if (!done.ok) throw new Exit(FAILED, `exec failed: ${done.error}\n`);
  return done.value;
}

/** Returns when the switch is as wanted. */
function* until(context: Context, instance: Instance, on: boolean): Program<void> {
  while (isOn(context, instance) !== on) yield { until: plus(context.kernel.clock.now, POLL) };
}

/** A started machine is ready once its ssh server answers. */
function* answers(context: Context, instance: Instance): Program<boolean> {
  const limit = plus(context.kernel.clock.now, START_LIMIT);
  while (context.kernel.clock.now < limit) {
    const opened = yield* session(context, instance);
    if (opened.ok) {
      opened.value.close();
      return true;
    }
    yield { until: plus(context.kernel.clock.now, POLL) };
  }
  return false;
}

/** stop asks the machine to shut down, start powers it on, restart is a reboot; each waits for its end. */
function* power(context: Context, chosen: readonly Instance[]): Program {
  for (const instance of chosen) {
    const door = machine(context, instance)?.kernel.power;
    if (door === undefined) continue;
    const stop = verb(context) === 'stop';
    if (verb(context) === 'restart' && !door.on) throw new Exit(FAILED, `restart failed: instance "${instance.name}" is not running\n`);
    if (verb(context) !== 'start' && door.on) {
      door.shutdown(!stop);
      yield* until(context, instance, false);
    }
    if (verb(context) === 'start' && !door.on) door.restore();
    if (stop) continue;
    yield* until(context, instance, true);
    if (!(yield* answers(context, instance))) throw new Exit(FAILED, `${verb(context)} failed: The following errors occurred:\n${instance.name}: timed out waiting for response\n`);
  }
  return 0;
}

function* main(context: Context): Program {
  const [, command = 'help', ...args] = context.args;
  const all = readInstances(context.host.fs);
  const dashes = args.indexOf('--');
  const mine = dashes < 0 ? args : args.slice(0, dashes);
  const option = mine.find((a) => a.startsWith('-') && a !== '--all');
  const names = mine.filter((a) => !a.startsWith('-'));
  if (command === 'help' || command === '--help' || command === '-h') {
    print(context, 'Usage: multipass [options] <command>\nCreate, control and connect to Ubuntu instances.\n\nAvailable commands of this lab:\n  exec     Run a command on an instance\n  info     Display information about instances\n  list     List all available instances\n  restart  Restart instances\n  shell    Open a shell on an instance\n  start    Start instances\n  stop     Stop running instances\n  version  Show version details\n');
    return 0;
  }
  if (command === 'version') {
    print(context, 'multipass   1.13.1\nmultipassd  1.13.1\n');
    return 0;
  }
  if (ABSENT.includes(command)) throw new Exit(FAILED, `multipass ${command} is ${NOT_MODELLED}\n`);
  if (!['list', 'ls', 'info', 'shell', 'sh', 'connect', 'exec', 'start', 'stop', 'restart'].includes(command)) throw new Exit(LINE_ERROR, `multipass: Unknown command or alias '${command}'.\nTry 'multipass help' for a list of commands.\n`);
  if (option !== undefined) throw new Exit(LINE_ERROR, `Unknown option '${option.replace(/^-+/, '')}'.\n`);
  if (command === 'list' || command === 'ls') return yield* list(context, all);
  const chosen = mine.includes('--all') || (command === 'info' && names.length === 0) ? all : (command === 'exec' ? names.slice(0, 1) : names).map((name) => {
    const found = all.find((i) => i.name === name);
    if (found === undefined) throw new Exit(FAILED, `${command} failed: instance "${name}" does not exist\n`);
    return found;
  });
  const [first] = chosen;
  if (first === undefined) throw new Exit(LINE_ERROR, command === 'shell' ? 'shell failed: instance "primary" does not exist\n' : 'Name argument or --all is required\n');
  if (command === 'info') return yield* info(context, chosen);
  if (command === 'start' || command === 'stop' || command === 'restart') return yield* power(context, chosen);
  if (!isOn(context, first)) throw new Exit(FAILED, `${command} failed: instance "${first.name}" is not running\n`);
  if (command !== 'exec') return yield* shell(context, first);
  const words = dashes < 0 ? names.slice(1) : args.slice(dashes + 1);
  if (words.length === 0) throw new Exit(LINE_ERROR, 'Wrong number of arguments\n');
  return yield* exec(context, first, words);
}

export const multipass: Command = {
  name: 'multipass', models: 'list, info, shell, exec, start, stop, restart, version', notModelled: 'images, launch, delete, mounts, snapshots',
  complete: (host, words) => (words.length <= 2 ? ['exec', 'info', 'list', 'restart', 'shell', 'start', 'stop', 'version'] : readInstances(host.fs).map((i) => i.name)),
  *run(context) {
    if (context.user !== 'root') {
      context.stderr.write(`${verb(context)} failed: cannot connect to the multipass socket\n`);
      return FAILED;
    }
    return yield* catching(context, main(context));
  },
};
