/** Read first: systemctl(1) reboot, shutdown(8). Models: systemd 249 (Ubuntu 22.04); the lab's terminals are consoles. */
import type { Program } from '../../../engine/sim/process.ts';
import type { Command, Context } from '../../host.ts';
import { fail, NOT_MODELLED } from '../kit.ts';

/** A container has no systemd to ask. */
const container = (context: Context): boolean => context.host.kernel.netns !== '';

function end(context: Context, again: boolean): number {
  if (container(context)) {
    context.stderr.write('System has not been booted with systemd as init system (PID 1). Can\'t operate.\nFailed to connect to bus: Host is down\n');
    return 1;
  }
  context.kernel.power.shutdown(again);
  return 0;
}

function simple(name: string, aliases: readonly string[], again: boolean): Command {
  return {
    name, aliases, models: 'at once', notModelled: 'wall messages, -w',
    *run(context): Program {
      const other = context.args.slice(1).find((a) => !['-f', '--force', '--no-wall'].includes(a));
      return other === undefined ? end(context, again) : fail(context, `${other.startsWith('-') ? `option ${other}` : 'Too many arguments.'}${other.startsWith('-') ? ` is ${NOT_MODELLED}` : ''}`);
    },
  };
}

const shutdown: Command = {
  name: 'shutdown', models: '-r now, -h now, -P now', notModelled: 'other times',
  *run(context): Program {
    const [first, second] = context.args.slice(1);
    const flag = first?.startsWith('-') === true ? first : '-P';
    const when = flag === first ? second : first;
    if (!['-r', '-h', '-P', '-H'].includes(flag)) return fail(context, `option ${flag} is ${NOT_MODELLED}`);
    if (when !== 'now' && when !== '+0') return fail(context, `shutdown at ${when ?? '+1'} is ${NOT_MODELLED}; use "now"`);
    return end(context, flag === '-r');
  },
};

export const power: readonly Command[] = [simple('reboot', [], true), simple('poweroff', ['halt'], false), shutdown];
