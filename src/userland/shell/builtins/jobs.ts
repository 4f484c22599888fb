/** Read first: bash(1), JOB CONTROL. Modelled: background jobs, wait, kill. Not modelled: stopping, fg and bg of stopped jobs. */
import type { Process, SignalError } from '../../../engine/sim/process.ts';
import { waitFor } from '../io.ts';
import { stderr } from '../redirect.ts';
import { isService, processesOf } from '../process-table.ts';
import type { Job } from '../state.ts';
import type { Builtin, BuiltinCall } from './builtin.ts';

function find(call: BuiltinCall, spec: string): Job | undefined {
  const { jobs } = call.state;
  if (spec === '%%' || spec === '%+' || spec === '%') return jobs.at(-1);
  if (spec.startsWith('%')) return jobs.find((j) => String(j.number) === spec.slice(1) || j.command.startsWith(spec.slice(1)));
  return jobs.find((j) => String(j.pid) === spec);
}

const mark = (jobs: readonly Job[], job: Job): string => (job === jobs.at(-1) ? '+' : job === jobs.at(-2) ? '-' : ' ');

/** `[1]+  Done                    sleep 1` */
export function jobLine(jobs: readonly Job[], job: Job): string {
  const code = job.process.exitCode;
  const state = code === undefined ? 'Running' : code === 0 ? 'Done' : code === 143 ? 'Terminated' : code === 137 ? 'Killed' : code === 130 ? 'Interrupt' : `Exit ${code}`;
  return `[${job.number}]${mark(jobs, job)}  ${state.padEnd(23)} ${job.command}${code === undefined ? ' &' : ''}\n`;
}

const SIGNALS: Readonly<Record<string, SignalError['signal']>> = {
  INT: 'SIGINT', 2: 'SIGINT', TERM: 'SIGTERM', 15: 'SIGTERM', KILL: 'SIGKILL', 9: 'SIGKILL', PIPE: 'SIGPIPE', 13: 'SIGPIPE', HUP: 'SIGTERM', 1: 'SIGTERM',
};

export const jobBuiltins: Readonly<Record<string, Builtin>> = {
  jobs: (call) => {
    for (const job of [...call.state.jobs]) {
      call.out(jobLine(call.state.jobs, job));
    }
    call.state.jobs.splice(0, call.state.jobs.length, ...call.state.jobs.filter((j) => j.process.exitCode === undefined));
    return 0;
  },
  wait: function* (call) {
    const specs = call.args.slice(1);
    if (specs.length === 0) {
      for (const job of call.state.jobs) yield* waiting(job.process);
      call.state.jobs.length = 0;
      return 0;
    }
    let status = 0;
    for (const spec of specs) {
      const job = find(call, spec);
      if (job === undefined) {
        status = call.fail(spec.startsWith('%') ? `${spec}: no such job` : `pid ${spec} is not a child of this shell`, 127);
        continue;
      }
      status = yield* waiting(job.process);
      call.state.jobs.splice(call.state.jobs.indexOf(job), 1);
    }
    return status;
  },
  fg: function* (call) {
    if (!call.state.interactive) return call.fail('no job control');
    const job = find(call, call.args[1] ?? '%%');
    if (job === undefined) return call.fail(`${call.args[1] ?? 'current'}: no such job`);
    call.out(`${job.command}\n`);
    call.state.jobs.splice(call.state.jobs.indexOf(job), 1);
    return yield* waitFor(job.process);
  },
  bg: (call) => (!call.state.interactive ? call.fail('no job control') : find(call, call.args[1] ?? '%%') === undefined ? call.fail(`${call.args[1] ?? 'current'}: no such job`) : call.fail('job already in background', 0)),
  disown: (call) => {
    call.state.jobs.length = 0;
    return 0;
  },
  kill: (call) => {
    let args = call.args.slice(1);
    let signal: SignalError['signal'] | undefined = 'SIGTERM';
    const [first] = args;
    if (first === '-l') {
      call.out(' 2) SIGINT\t 9) SIGKILL\t13) SIGPIPE\t15) SIGTERM\n');
      return 0;
    }
    if (first !== undefined && /^-/.test(first)) {
      const name = first === '-s' || first === '-n' ? args[1] ?? '' : first.slice(1);
      args = args.slice(first === '-s' || first === '-n' ? 2 : 1);
      signal = name === '0' ? undefined : SIGNALS[name.replace(/^SIG/, '').toUpperCase()];
      if (signal === undefined && name !== '0') return call.fail(/^\d+$|^(USR|STOP|CONT|QUIT)/.test(name.replace(/^SIG/, '')) ? `${name}: not modelled in this lab` : `${name}: invalid signal specification`);
    }
    if (args.length === 0) {
      stderr(call.fds).write('kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]\n');
      return 2;
    }
    let status = 0;
    for (const spec of args) {
      const job = find(call, spec);
      const { host, user } = call.state;
      const entry = job === undefined ? processesOf(host).find((p) => String(p.pid) === spec) : undefined;
      const process = job?.process ?? entry?.process;
      const service = process === undefined && /^\d+$/.test(spec) && isService(host, Number(spec));
      if (user !== 'root' && (service || (entry !== undefined && entry.user !== user))) {
        status = call.fail(`(${spec}) - Operation not permitted`);
        continue;
      }
      if (service) {
        // init lets signals pass that it does not want.
        if (spec !== '1' && signal !== undefined) status = call.fail(`(${spec}) - ending a service is not modelled in this lab`);
        continue;
      }
      if (process === undefined || process.exitCode !== undefined) {
        status = call.fail(spec.startsWith('%') ? `${spec}: no such job` : /^-?\d+$/.test(spec) ? `(${spec}) - No such process` : `${spec}: arguments must be process or job IDs`);
      } else if (signal !== undefined) process.kill(signal);
    }
    return status;
  },
};

/** `wait` itself dies of a signal; the job lives on. */
function* waiting(process: Process) {
  while (process.exitCode === undefined) yield { on: [process.exited] };
  return process.exitCode;
}
