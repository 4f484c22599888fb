/**
 * Read first: apt(8), apt-get(8).
 * Models: apt 2.6 update, install -y (texts, exit code 100, the lock of non-root users).
 * Not modelled: mirrors (the lab has no Internet; packages.ts is what there is), dependencies, removal, sizes.
 */
import type { Program } from '../../../engine/sim/process.ts';
import type { Command, Context } from '../../host.ts';
import { libraryOf } from '../../resolver/lookup.ts';
import { NOT_MODELLED, print, warn } from '../kit.ts';
import { PACKAGES } from './packages.ts';

const READING = 'Reading package lists... Done\n';
const TREE = 'Building dependency tree... Done\nReading state information... Done\n';
const NO_MIRROR = `N: Mirrors are ${NOT_MODELLED}: what can be installed comes from the lab itself.\n`;
/** Options that change nothing here. */
const QUIET = /^(?:-y|--yes|--assume-yes|-q+|--quiet|--no-install-recommends|-f|--fix-broken|-V|--verbose-versions|--reinstall)$/;
const VERBS = ['update', 'install', 'list', 'show', 'search', 'remove', 'purge', 'autoremove', 'upgrade', 'full-upgrade', 'dist-upgrade', 'clean', 'policy', 'download', 'edit-sources', 'satisfy'];

function install(context: Context, names: readonly string[]): number {
  print(context, READING + TREE);
  const unknown = names.filter((n) => PACKAGES[n] === undefined);
  if (unknown.length > 0) {
    warn(context, `${unknown.map((n) => `E: Unable to locate package ${n}\n`).join('')}N: The packages of this lab are: ${Object.keys(PACKAGES).join(', ')}\n`);
    return 100;
  }
  const has = (name: string): boolean => PACKAGES[name]?.commands.every((c) => context.host.command(c) !== undefined) === true;
  const fresh = names.filter((n) => !has(n));
  for (const n of names.filter(has)) print(context, `${n} is already the newest version (${PACKAGES[n]?.version ?? ''}).\n`);
  if (fresh.length > 0) print(context, `The following NEW packages will be installed:\n  ${[...fresh].sort().join(' ')}\n`);
  print(context, `0 upgraded, ${fresh.length} newly installed, 0 to remove and 0 not upgraded.\n`);
  for (const n of fresh) {
    if (!(PACKAGES[n]?.commands ?? []).every((c) => context.host.install(c))) {
      warn(context, `E: ${n}: its commands are ${NOT_MODELLED}\n`);
      return 100;
    }
    print(context, `Setting up ${n} (${PACKAGES[n]?.version ?? ''}) ...\n`);
  }
  return 0;
}

function main(context: Context): number {
  const shown = context.args[0] ?? 'apt';
  if (libraryOf(context.host.fs) === 'musl') {
    warn(context, `sh: ${shown}: not found\n`);
    return 127;
  }
  if (shown === 'apt' && !context.tty) warn(context, '\nWARNING: apt does not have a stable CLI interface. Use with caution in scripts.\n\n');
  const words = context.args.slice(1).filter((w) => !QUIET.test(w));
  const option = words.find((w) => w.startsWith('-'));
  if (option !== undefined) {
    warn(context, `E: Command line option ${option.startsWith('--') ? option : `'${option.charAt(1)}' [from ${option}]`} is not understood in combination with the other options.\n`);
    return 100;
  }
  const [verb = '', ...names] = words;
  if (verb === '') {
    print(context, `apt 2.6.1 (amd64)\nUsage: apt [options] command\n\nModelled in this lab: update, install\n`);
    return 0;
  }
  if (!VERBS.includes(verb)) {
    warn(context, `E: Invalid operation ${verb}\n`);
    return 100;
  }
  if (verb !== 'update' && verb !== 'install') {
    warn(context, `E: ${shown} ${verb} is ${NOT_MODELLED}\n`);
    return 100;
  }
  if (context.user !== 'root') {
    const lock = verb === 'update' ? '/var/lib/apt/lists/lock' : '/var/lib/dpkg/lock-frontend';
    if (verb === 'update') print(context, READING.replace(' Done', ''));
    warn(context, verb === 'update' ? `E: Could not open lock file ${lock} - open (13: Permission denied)\nE: Unable to lock directory /var/lib/apt/lists/\n`
      : `E: Could not open lock file ${lock} - open (13: Permission denied)\nE: Unable to acquire the dpkg frontend lock (${lock}), are you root?\n`);
    return 100;
  }
  if (verb === 'install') return install(context, names);
  print(context, `${READING}${NO_MIRROR}`);
  return 0;
}

export const apt: Command = {
  name: 'apt', aliases: ['apt-get'], models: 'update, install of the packages in the lab\'s own table', notModelled: 'mirrors, dependencies, other verbs',
  complete: (_host, words) => (words.length <= 2 ? ['update', 'install'] : Object.keys(PACKAGES)),
  *run(context): Program {
    return main(context);
  },
};
