/** Read first: ps(1), kill(1), pgrep(1), uptime(1), lsmod(8). Processes that shells of this host started, and those that own sockets; a machine's init. */
import type { SignalError } from '../../../engine/sim/process.ts';
import type { Command, Context } from '../../host.ts';
import { initOf, ownerOf, processesOf } from '../../shell/process-table.ts';
import { strftime } from '../../text/strftime.ts';
import { Exit, fail, gnu, print } from '../kit.ts';

interface Row {
  readonly pid: number;
  readonly user: string;
  readonly tty: boolean;
  readonly started: number;
  readonly name: string;
  readonly command: string;
}

function rows(context: Context): readonly Row[] {
  const out = new Map<number, Row>();
  for (const p of processesOf(context.host)) out.set(p.pid, { pid: p.pid, user: p.user, tty: p.tty, started: p.startedMillis, name: p.args[0] ?? '', command: p.title ?? p.args.join(' ') });
  const start = context.kernel.clock.wallMillis() - context.kernel.clock.now / 1e6;
  for (const s of context.kernel.sockets.list()) {
    const owner = s.pid === undefined || s.process === undefined ? undefined : ownerOf(context.host, s.pid, s.process);
    if (s.process === undefined || owner === undefined || out.has(owner.pid)) continue;
    out.set(owner.pid, { pid: owner.pid, user: 'root', tty: false, started: start, name: s.process, command: s.process });
  }
  const init = initOf(context.host);
  if (init !== undefined) out.set(1, { pid: 1, user: 'root', tty: false, started: start, ...init });
  return [...out.values()].sort((a, b) => a.pid - b.pid);
}

const clock = (seconds: number): string => strftime('%T', seconds * 1000);

const ps: Command = {
  name: 'ps', models: 'ps, ps aux, ps -ef, -e, -o pid,comm,args,user', notModelled: 'memory, CPU, threads, kernel threads',
  *run(context) {
    const args = context.args.slice(1).join(' ');
    yield {}; // the shell has forked the whole pipeline before ps reads /proc: `ps aux | grep x` finds grep
    const all = rows(context);
    const columns = /-o\s*(\S+)/.exec(args)?.[1];
    if (columns !== undefined) {
      const names = columns.split(',');
      const get: Readonly<Record<string, (r: Row) => string>> = { pid: (r) => String(r.pid).padStart(7), user: (r) => r.user.padEnd(8), comm: (r) => r.name.padEnd(15), cmd: (r) => r.command, args: (r) => r.command, command: (r) => r.command };
      for (const name of names) if (get[name.replace(/=.*/, '')] === undefined) return fail(context, `error: unknown user-defined format specifier "${name}"`);
      if (!columns.includes('=')) print(context, `${names.map((n) => (n === 'pid' ? '    PID' : n === 'user' ? 'USER    ' : n === 'comm' ? 'COMMAND        ' : n.toUpperCase() === 'ARGS' ? 'COMMAND' : n.toUpperCase())).join(' ').trimEnd()}\n`);
      for (const r of all) print(context, `${names.map((n) => get[n.replace(/=.*/, '')]?.(r) ?? '').join(' ').trimEnd()}\n`);
      return 0;
    }
    if (/^-?[axu]+w*$/.test(args) && args.includes('u')) {
      print(context, 'USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\n');
      for (const r of all) print(context, `${r.user.padEnd(8)} ${String(r.pid).padStart(7)}  0.0  0.0      0     0 ${(r.tty ? 'pts/0' : '?').padEnd(8)} S    ${strftime('%H:%M', r.started)}   0:00 ${r.command}\n`);
      return 0;
    }
    if (/^-[A-Za-z]*f/.test(args)) {
      print(context, 'UID          PID    PPID  C STIME TTY          TIME CMD\n');
      for (const r of all) print(context, `${r.user.padEnd(8)} ${String(r.pid).padStart(7)}       1  0 ${strftime('%H:%M', r.started)} ${(r.tty ? 'pts/0' : '?').padEnd(8)} 00:00:00 ${r.command}\n`);
      return 0;
    }
    if (args !== '' && !/^-?[eAax]+$/.test(args)) return fail(context, `error: unsupported option in this lab: ${args} (not modelled in this lab)`);
    print(context, '    PID TTY          TIME CMD\n');
    for (const r of args === '' ? all.filter((x) => x.tty) : all) print(context, `${String(r.pid).padStart(7)} ${(r.tty ? 'pts/0' : '?').padEnd(8)} 00:00:00 ${r.name}\n`);
    return 0;
  },
};

const matching = (context: Context, pattern: string, full: boolean, exact: boolean): readonly Row[] => {
  const regex = new RegExp(exact ? `^(?:${pattern})$` : pattern);
  return rows(context).filter((r) => r.pid !== context.pid && regex.test(full ? r.command : r.name));
};

const pgrep: Command = gnu({
  name: 'pgrep', aliases: ['pkill', 'pidof', 'killall'], models: 'pattern, -f, -x, -l, -a; pkill and killall signal processes of this host’s shells', short: 'fxlaou9', long: { full: 'f', exact: 'x', 'list-name': 'l' },
  run(context, options) {
    const [pattern] = options.rest;
    const name = context.args[0] ?? 'pgrep';
    if (pattern === undefined) throw new Exit(2, `${name}: no matching criteria specified\nTry \`${name} --help' for more information.\n`);
    const found = matching(context, pattern, options.has('f'), options.has('x') || name === 'pidof' || name === 'killall');
    if (name === 'pkill' || name === 'killall') {
      const signal: SignalError['signal'] = options.has('9') ? 'SIGKILL' : 'SIGTERM';
      const table = processesOf(context.host);
      let hit = false;
      for (const r of found) {
        const entry = table.find((e) => e.pid === r.pid);
        entry?.process.kill(signal);
        hit ||= entry !== undefined;
      }
      if (!hit && name === 'killall') return fail(context, `${pattern}: no process found`.replace(/^/, ''));
      return hit ? 0 : 1;
    }
    if (name === 'pidof') {
      if (found.length > 0) print(context, `${found.map((r) => r.pid).reverse().join(' ')}\n`);
    } else for (const r of found) print(context, `${r.pid}${options.has('a') ? ` ${r.command}` : options.has('l') ? ` ${r.name}` : ''}\n`);
    return found.length > 0 ? 0 : 1;
  },
});

const kill: Command = {
  name: 'kill', models: 'signals INT, TERM, KILL, PIPE to processes of this host’s shells',
  *run(context) {
    return yield* context.run(`builtin kill ${context.args.slice(1).map((a) => `'${a.replace(/'/g, "'\\''")}'`).join(' ')}`);
  },
};

const uptime: Command = {
  name: 'uptime', models: 'since the lab began', aliases: ['w'],
  *run(context) {
    const up = Math.floor(context.kernel.clock.now / 1e9);
    const minutes = Math.floor(up / 60);
    print(context, ` ${strftime('%T', context.kernel.clock.wallMillis())} up ${minutes < 60 ? `${minutes} min` : clock(up).slice(0, 5).replace(/^0/, '')},  1 user,  load average: 0.00, 0.00, 0.00\n`);
    return 0;
  },
};

/** Modules that what this machine has needs. */
const lsmod: Command = {
  name: 'lsmod', models: 'the modules that the devices and tables of this machine need; sizes of Ubuntu 22.04', notModelled: 'other modules',
  *run(context) {
    const { netlink, netfilter, sysctl } = context.kernel;
    const kinds = new Set(netlink.links().map((l) => l.kind));
    const modules: [string, number, string][] = [];
    if (kinds.has('vxlan')) modules.push(['vxlan', 94208, '0'], ['udp_tunnel', 24576, '1 vxlan']);
    if (kinds.has('veth')) modules.push(['veth', 32768, '0']);
    if (sysctl.get('net.bridge.bridge-nf-call-iptables') !== undefined) modules.push(['br_netfilter', 32768, '0']);
    if (kinds.has('bridge')) modules.push(['bridge', 307200, modules.some(([n]) => n === 'br_netfilter') ? '1 br_netfilter' : '0'], ['stp', 16384, '1 bridge'], ['llc', 16384, '2 bridge,stp']);
    if (kinds.has('vlan')) modules.push(['8021q', 32768, '0']);
    if (netfilter.tables().length > 0) modules.push(['nf_tables', 249856, '0'], ['nfnetlink', 20480, '1 nf_tables'], ['nf_conntrack', 172032, '0']);
    print(context, 'Module                  Size  Used by\n');
    for (const [name, size, used] of modules) print(context, `${name.padEnd(20)} ${String(size).padStart(7)}  ${used}\n`);
    return 0;
  },
};

export const procps: readonly Command[] = [ps, pgrep, kill, uptime, lsmod];
