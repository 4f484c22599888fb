/** Read first: sudo(8), su(1), id(1). Users of a host: its own and root; sudo never asks for a password. */
import type { Command, Context } from '../../host.ts';
import { loginEnvironment } from '../../shell/state.ts';
import { findCommand } from '../../shell/find-command.ts';
import { fail, gnu, NOT_MODELLED, print, warn } from '../kit.ts';
import { getopt, UsageError } from '../../text/getopt.ts';

const known = (context: Context, user: string): boolean => user === 'root' || user === context.host.user;

const homeOf = (context: Context, user: string): string => (user === context.host.user ? context.host.home : user === 'root' ? '/root' : `/home/${user}`);

const USAGE = 'usage: sudo -h | -K | -k | -V\nusage: sudo [-AbEHknPS] [-u user] [VAR=value] [-i | -s] [command]';

const sudo: Command = {
  name: 'sudo', models: '-u -i -s -E -H -n -k, VAR=value, a command', notModelled: 'sudoers, passwords, -l',
  complete: (host, words) => (words.length <= 2 ? host.commandNames() : []),
  *run(context) {
    let args = context.args.slice(1);
    const assignments = new Map<string, string>();
    let options;
    try {
      options = getopt(args, { short: 'u:isEHnkSAbP', long: { user: 'u:', login: 'i', shell: 's', 'preserve-env': 'E::', 'set-home': 'H', 'non-interactive': 'n' }, stopAtOperand: true });
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return fail(context, `${error.message}\n${USAGE}`);
    }
    args = [...options.rest];
    const user = options.value('u') ?? 'root';
    if (!known(context, user)) return fail(context, `unknown user ${user}\nsudo: error initializing audit plugin sudoers_audit`);
    if (context.user !== 'root' && context.host.user !== context.user) return fail(context, `${context.user} is not in the sudoers file.`);
    for (let first = args[0]; first !== undefined && /^[A-Za-z_]\w*=/.test(first); first = args[0]) {
      assignments.set(first.slice(0, first.indexOf('=')), first.slice(first.indexOf('=') + 1));
      args.shift();
    }
    const login = options.has('i');
    const env = new Map(options.has('E') ? context.env : loginEnvironment(context.host, user));
    if (!options.has('E')) for (const keep of ['TERM', 'LANG', 'DISPLAY']) if (context.env.has(keep)) env.set(keep, context.env.get(keep) ?? '');
    for (const [name, value] of [['USER', user], ['LOGNAME', user], ['SUDO_USER', context.user], ['SUDO_COMMAND', args.join(' ')], ...assignments] as const) env.set(name, value);
    const cwd = login ? homeOf(context, user) : context.cwd;
    const [name] = args;
    if (name === undefined) {
      if (!login && !options.has('s')) {
        warn(context, `${USAGE}\n`);
        return 1;
      }
      return yield* context.exec(['bash'], { user, env, cwd, tty: context.tty });
    }
    if (login || options.has('s')) return yield* context.exec(['bash', '-c', args.join(' ')], { user, env, cwd });
    if (findCommand(context.host, name) === undefined) return fail(context, `${name}: command not found`);
    return yield* context.exec(args, { user, env, cwd });
  },
};

const su: Command = gnu({
  name: 'su', models: '[-] [USER] [-c COMMAND] for root and for the host’s own user', short: 'lc:s:mp', long: { login: 'l', command: 'c:' },
  *run(context, options) {
    const rest = options.rest.filter((a) => a !== '-');
    const login = options.has('l') || options.rest.includes('-');
    const user = rest[0] ?? 'root';
    if (!known(context, user)) return fail(context, `user ${user} does not exist or the user entry does not contain all the required fields`);
    if (context.user !== 'root' && user !== context.user) return fail(context, `a password prompt is ${NOT_MODELLED}; use sudo su`);
    const command = options.value('c');
    const env = loginEnvironment(context.host, user);
    const cwd = login ? homeOf(context, user) : context.cwd;
    return yield* context.exec(command === undefined ? ['bash'] : ['bash', '-c', command], { user, env, cwd, tty: context.tty });
  },
});

const whoami: Command = gnu({
  name: 'whoami', models: 'the user', short: '',
  run(context) {
    print(context, `${context.user}\n`);
    return 0;
  },
});

const id: Command = gnu({
  name: 'id', models: '-u -g -n -G', short: 'ugnGr',
  run(context, options) {
    const user = options.rest[0] ?? context.user;
    if (!known(context, user)) return fail(context, `‘${user}’: no such user`);
    const uid = user === 'root' ? 0 : 1000;
    if (options.has('u') || options.has('g') || options.has('G')) print(context, `${options.has('n') ? user : uid}\n`);
    else print(context, uid === 0 ? 'uid=0(root) gid=0(root) groups=0(root)\n' : `uid=1000(${user}) gid=1000(${user}) groups=1000(${user}),4(adm),27(sudo)\n`);
    return 0;
  },
});

const sftp: Command = {
  name: 'sftp', models: 'refused', notModelled: 'its file transfer (scp is there)',
  *run(context) {
    return fail(context, `${context.args[0] ?? 'sftp'} to another host is ${NOT_MODELLED}`, 255);
  },
};

const APT: Command = {
  name: 'apt', aliases: ['apt-get', 'apk', 'snap', 'yum', 'dnf'], models: 'refused', notModelled: 'package managers: what a host has is given by its image',
  *run(context) {
    return fail(context, `installing packages is ${NOT_MODELLED}: the tools that the lab knows are installed already`, 100);
  },
};

export const users: readonly Command[] = [sudo, su, whoami, id, sftp, APT];
