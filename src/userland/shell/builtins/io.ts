/** echo, printf, read, history. */
import { millis, plus, toSeconds } from '../../../engine/sim/time.ts';
import { echoText } from '../../text/echo.ts';
import { formatPrintf } from '../../text/printf.ts';
import { splitFields } from '../expand.ts';
import { buffered, readAll } from '../io.ts';
import { stderr, stdin } from '../redirect.ts';
import type { Builtin } from './builtin.ts';

/** mapfile and readarray. */
const mapfile: Builtin = function* (call) {
  let trim = false;
  let most = Infinity;
  let name = 'MAPFILE';
  for (let i = 1; i < call.args.length; i++) {
    const arg = call.args[i] ?? '';
    if (arg === '-t') trim = true;
    else if (arg === '-n') most = Number(call.args[++i] ?? '0') || Infinity;
    else if (arg.startsWith('-')) return call.fail(`${arg}: not modelled in this lab`, 2);
    else name = arg;
  }
  const text = yield* readAll(buffered(stdin(call.fds)));
  call.state.unset(name);
  call.state.makeArray(name, false, (text.match(/[^\n]*\n|[^\n]+$/g) ?? []).slice(0, most).map((line, i) => [String(i), trim ? line.replace(/\n$/, '') : line]));
  return 0;
};

export const ioBuiltins: Readonly<Record<string, Builtin>> = {
  echo: (call) => {
    call.out(echoText(call.args.slice(1)));
    return 0;
  },
  printf: (call) => {
    let args = call.args.slice(1);
    let variable: string | undefined;
    if (args[0] === '-v') {
      variable = args[1];
      args = args.slice(2);
    }
    if (args[0] === '--') args = args.slice(1);
    const [format, ...values] = args;
    if (format === undefined) {
      stderr(call.fds).write('printf: usage: printf [-v var] format [arguments]\n');
      return 2;
    }
    const { text, errors } = formatPrintf(format, values, call.state.kernel.clock.wallMillis());
    if (variable === undefined) call.out(text);
    else call.state.set(variable, text);
    for (const error of errors) call.fail(error);
    return errors.length > 0 ? 1 : 0;
  },
  mapfile,
  readarray: mapfile,
  history: (call) => {
    if (call.args[1] === '-c') {
      call.state.history.length = 0;
      return 0;
    }
    const count = Number(call.args[1] ?? call.state.history.length);
    if (Number.isNaN(count)) return call.fail(`${call.args[1] ?? ''}: numeric argument required`);
    const from = Math.max(0, call.state.history.length - count);
    call.out(call.state.history.slice(from).map((line, i) => `${String(from + i + 1).padStart(5)}  ${line}\n`).join(''));
    return 0;
  },
  read: function* (call) {
    const names: string[] = [];
    let raw = false;
    let prompt = '';
    let timeout: number | undefined;
    let array: string | undefined;
    let count: number | undefined;
    for (let i = 1; i < call.args.length; i++) {
      const arg = call.args[i] ?? '';
      if (!arg.startsWith('-') || names.length > 0) {
        names.push(arg);
        continue;
      }
      for (const letter of arg.slice(1)) {
        if (letter === 'r') raw = true;
        else if (letter === 's' || letter === 'e') continue;
        else if (letter === 'p') prompt = call.args[++i] ?? '';
        else if (letter === 't') timeout = Number(call.args[++i] ?? '0');
        else if (letter === 'a') array = call.args[++i] ?? '';
        else if (letter === 'n') count = Number(call.args[++i] ?? '0');
        else if ('diNu'.includes(letter)) return call.fail(`-${letter}: not modelled in this lab`, 2);
        else {
          call.fail(`-${letter}: invalid option`, 2);
          stderr(call.fds).write('read: usage: read [-ers] [-a array] [-d delim] [-i text] [-n nchars] [-N nchars] [-p prompt] [-t timeout] [-u fd] [name ...]\n');
          return 2;
        }
      }
    }
    const bad = names.find((n) => !/^[A-Za-z_]\w*$/.test(n));
    if (bad !== undefined) return call.fail(`\`${bad}': not a valid identifier`);
    if (prompt !== '') stderr(call.fds).write(prompt);
    const input = buffered(stdin(call.fds));
    const reader = input.line();
    const deadline = timeout === undefined ? undefined : toSeconds(call.state.kernel.clock.now) + timeout;
    let line: string | undefined;
    for (;;) {
      const next = reader.next();
      if (next.done === true) {
        line = next.value;
        break;
      }
      if (deadline !== undefined && toSeconds(call.state.kernel.clock.now) >= deadline) return 142;
      yield deadline === undefined ? next.value : { ...next.value, until: plus(call.state.kernel.clock.now, millis(100)) };
    }
    if (line !== undefined && count !== undefined && line.length > count) {
      input.unread(line.slice(count));
      line = `${line.slice(0, count)}\n`;
    }
    const targets = names.length === 0 ? ['REPLY'] : names;
    if (line === undefined) {
      for (const name of targets) call.state.set(name, '');
      return 1;
    }
    const complete = line.endsWith('\n');
    let text = complete ? line.slice(0, -1) : line;
    if (!raw) text = text.replace(/\\([\s\S])/g, '$1');
    const ifs = call.state.get('IFS') ?? ' \t\n';
    const blanks = [...ifs].filter((c) => /\s/.test(c)).join('').replace(/[\\\]^-]/g, '\\$&');
    const trim = (t: string): string => ((names.length === 0 && array === undefined) || blanks === '' ? t : t.replace(new RegExp(`^[${blanks}]+|[${blanks}]+$`, 'g'), ''));
    text = trim(text);
    if (array !== undefined) {
      call.state.unset(array);
      const words = ifs === '' ? [text] : text.trim() === '' && blanks !== '' ? [] : splitFields(trim(text), ifs);
      call.state.makeArray(array, false, words.map((word, i) => [String(i), word]));
      return complete ? 0 : 1;
    }
    const separator = ifs === '' ? undefined : new RegExp(`[${[...ifs].map((c) => c.replace(/[\\\]^-]/g, '\\$&')).join('')}]`);
    for (const [i, name] of targets.entries()) {
      if (i === targets.length - 1 || separator === undefined) {
        call.state.set(name, text);
        text = '';
        continue;
      }
      const cut = text.search(separator);
      call.state.set(name, cut < 0 ? text : text.slice(0, cut));
      text = cut < 0 ? '' : trim(text.slice(cut + 1));
    }
    return complete ? 0 : 1;
  },
};
