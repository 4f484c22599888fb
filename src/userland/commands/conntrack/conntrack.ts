/** Read first: conntrack(8). */
import { SignalError, WaitQueue } from '../../../engine/sim/process.ts';
import { STRERROR } from '../../../engine/uapi/errno.ts';
import type { CtEntry, CtEvent } from '../../../engine/uapi/netfilter.ts';
import type { Command, Context } from '../../host.ts';
import { catching, Exit, NOT_MODELLED, print } from '../kit.ts';
import { entryText, entryXml } from './entry-text.ts';
import { entryFilter, problem, readOptions, VERSION, type Given } from './filter.ts';
import { HELP } from './help.ts';

const footer = (context: Context, text: string): void => context.stderr.write(`conntrack ${VERSION} (conntrack-tools): ${text}\n`) ? undefined : undefined;

export const conntrack: Command = {
  name: 'conntrack', models: '-L -E -D -F -C -S -G; filters -p -s -d -r -q --sport --dport --reply-port-src/dst --state -m -u -n -g -j --icmp-*; -o extended,id,timestamp,xml; -e', notModelled: '-I, -U, expectations, labels',
  complete: () => ['-L', '-E', '-D', '-F', '-C', '-S', '-G', '-p', 'tcp', 'udp', 'icmp', '--sport', '--dport', '--src', '--dst', '--src-nat', '--dst-nat', '-o', 'extended', 'id', 'timestamp'],
  *run(context) {
    return yield* catching(context, main(context));
  },
};

const COMMANDS = ['L', 'G', 'D', 'I', 'U', 'E', 'F', 'C', 'S', 'V', 'h'];
const PORTED: readonly string[] = ['tcp', '6', 'udp', '17', 'sctp', '132', 'dccp', '33', 'udplite', '136'];
const LONG_NAMES: Readonly<Record<string, string>> = { p: 'protonum', s: 'src', d: 'dst', o: 'output', e: 'event-mask', t: 'timeout', u: 'status', z: 'zero', m: 'mark', b: 'buffer-size', r: 'reply-src', q: 'reply-dst' };
const longName = (key: string): string => LONG_NAMES[key] ?? key;
/** Options that a command does not take. */
const ILLEGAL: Readonly<Record<string, string>> = { L: 'etb', D: 'etzb', G: 'etzb', E: 'tz' };

interface OutputFormat {
  readonly extended: boolean;
  readonly id: boolean;
  readonly timestamp: boolean;
  readonly xml: boolean;
}

function output(given: Given): OutputFormat {
  const words = (given.get('o') ?? '').split(',').filter((w) => w !== '');
  for (const w of words) {
    if (['labels', 'save', 'services'].includes(w)) throw problem(`-o ${w} is ${NOT_MODELLED}`);
    // nf_conntrack_timestamp is off: entries have no start and stop. Only of events the listener is told.
    if (!['extended', 'id', 'timestamp', 'ktimestamp', 'userspace', 'xml'].includes(w)) throw problem(`Bad parameter \`${given.get('o') ?? ''}'`);
  }
  return { extended: words.includes('extended'), id: words.includes('id'), timestamp: words.includes('timestamp'), xml: words.includes('xml') };
}

function* main(context: Context) {
  const args = context.args.slice(1);
  if (args.length === 0) {
    print(context, HELP);
    return 0;
  }
  const given = readOptions(args);
  const commands = COMMANDS.filter((c) => given.has(c));
  if (commands.length === 0 && given.size > 0 && [...given.keys()].some((k) => k !== 'f')) throw problem(`Illegal option \`--${longName([...given.keys()].find((k) => k !== 'f') ?? '')}' with this command`);
  const [command] = commands;
  if (command === undefined || command === 'h') {
    print(context, HELP);
    return 0;
  }
  if (commands.length > 1) throw problem("Can't use multiple commands".replace("Can't use multiple commands", `Invalid commands combination`));
  const table = given.get(command) ?? '';
  if (table !== '' && !['conntrack', 'expect', 'dying', 'unconfirmed'].includes(table)) throw problem(`unknown type \`${table}'`);
  if (command === 'V') {
    print(context, `conntrack ${VERSION} (conntrack-tools)\n`);
    return 0;
  }
  if ('FCS'.includes(command)) {
    const extra = [...given.keys()].find((k) => k !== command && k !== 'f');
    if (extra !== undefined) throw problem(`Illegal option \`--${longName(extra)}' with this command`);
  }
  // commands_v_options
  const illegal = [...given.keys()].find((k) => (ILLEGAL[command] ?? '').includes(k) && k.length === 1);
  if (illegal !== undefined) throw problem(`Illegal option \`--${longName(illegal)}' with this command`);
  const passes = entryFilter(given, () => void output(given));
  const format = output(given);
  const need = (...keys: readonly string[]): void => {
    const missing = keys.find((k) => !given.has(k));
    if (missing !== undefined) throw problem(`You need to supply the \`--${longName(missing)}' option for this command`);
  };
  if (command === 'I') need('p', 't');
  if (command === 'U' && context.user === 'root' && !context.kernel.conntrack.list().some(passes)) {
    footer(context, '0 flow entries have been updated.');
    return 1;
  }
  if (command === 'I' || command === 'U') throw new Exit(1, `conntrack: -${command} is ${NOT_MODELLED}\n`);
  if (command === 'G') for (const [key, name] of [['p', 'protonum']] as const) if (!given.has(key)) throw problem(`You need to supply the \`--${name}' option for this command`);
  if (command === 'G' && !(given.has('s') && given.has('d')) && !(given.has('r') && given.has('q'))) throw problem("you have to specify `--src' and `--dst'");
  if (command === 'G') {
    const protocol = given.get('p') ?? '';
    const ports = given.has('sport') && given.has('dport') || given.has('rsport') && given.has('rdport');
    if (PORTED.includes(protocol) && !ports) throw problem("you have to specify `--sport' and `--dport'");
    if (['icmp', '1'].includes(protocol) && !given.has('icmp-type')) throw problem("You need to supply the `--icmp-type' option for this command");
  }
  if (context.user !== 'root') throw new Exit(1, `conntrack ${VERSION} (conntrack-tools): Operation failed: sorry, you must be root or get CAP_NET_ADMIN capability to do this\n`);
  if (table === 'expect') {
    if (command === 'D') throw problem("You need to supply the `--src' option for this command");
    if (command === 'C') print(context, '0\n');
    else if (command === 'S') print(context, 'cpu=0   \texpect_new=0 expect_create=0 expect_delete=0 \n');
    else if (command === 'F') footer(context, 'expectation table has been emptied.');
    if ('CSF'.includes(command)) return 0;
    footer(context, '0 expectations have been shown.');
    return 0;
  }
  const { conntrack: ct } = context.kernel;
  switch (command) {
    case 'C':
      print(context, `${ct.count()}\n`);
      return 0;
    case 'F':
      ct.flush();
      footer(context, 'connection tracking table has been emptied.');
      return 0;
    case 'S': {
      const s = ct.stats();
      const names = ['found', 'invalid', 'insert', 'insert_failed', 'drop', 'early_drop', 'error', 'search_restart', 'clash_resolve', 'chaintoolong'] as const;
      print(context, `cpu=0   \t${names.map((n) => `${n}=${s[n]} `).join('')}\n`);
      return 0;
    }
    case 'G': case 'L': {
      const found = ct.list().filter(passes);
      if (command === 'G' && found.length === 0) throw new Exit(1, `conntrack ${VERSION} (conntrack-tools): Operation failed: such conntrack doesn't exist\n`);
      show(context, found, format);
      footer(context, `${found.length} flow entries have been shown.`);
      return 0;
    }
    case 'D': {
      const found = ct.list().filter(passes);
      for (const e of found) {
        const gone = ct.delete(e.id);
        if (!gone.ok) throw new Exit(1, `conntrack ${VERSION} (conntrack-tools): Operation failed: ${STRERROR[gone.error.errno]}\n`);
        print(context, `${format.xml ? entryXml(e) : entryText(e, { ...format, event: false })}\n`);
      }
      footer(context, `${found.length} flow entries have been deleted.`);
      return found.length === 0 ? 1 : 0;
    }
    default: return yield* events(context, given, passes, format);
  }
}

function show(context: Context, entries: readonly CtEntry[], format: OutputFormat): void {
  if (!format.xml) {
    for (const e of entries) print(context, `${entryText(e, { ...format, event: false })}\n`);
    return;
  }
  if (entries.length === 0) return;
  print(context, '<?xml version="1.0" encoding="utf-8"?>\n<conntrack>\n');
  for (const e of entries) print(context, `${entryXml(e)}\n`);
  print(context, '</conntrack>\n');
}

const TAGS = { NEW: '    [NEW] ', UPDATE: ' [UPDATE] ', DESTROY: '[DESTROY] ' } as const;

function eventTypes(given: Given): ReadonlySet<CtEvent['type']> {
  const text = given.get('e');
  if (text === undefined) return new Set(['NEW', 'UPDATE', 'DESTROY']);
  const out = new Set<CtEvent['type']>();
  for (const word of text.toUpperCase().split(',')) {
    if (word === 'ALL') return new Set(['NEW', 'UPDATE', 'DESTROY']);
    if (word === 'NEW' || word === 'DESTROY') out.add(word);
    else if (word === 'UPDATES' || word === 'UPDATE') out.add('UPDATE');
    else throw problem(`Bad parameter \`${text}'`);
  }
  return out;
}

function* events(context: Context, given: Given, passes: (e: CtEntry) => boolean, format: OutputFormat) {
  const types = eventTypes(given);
  const pending: CtEvent[] = [];
  const woken = new WaitQueue();
  const start = context.kernel.clock.wallMillis() - context.kernel.clock.now / 1e6;
  const stop = context.kernel.conntrack.subscribe((event) => {
    if (!types.has(event.type) || !passes(event.entry)) return;
    pending.push(event);
    woken.wake();
  });
  let shown = 0;
  try {
    for (;;) {
      for (const event of pending.splice(0)) {
        if (format.xml) print(context, `${shown === 0 ? '<?xml version="1.0" encoding="utf-8"?>\n<conntrack>\n' : ''}${entryXml(event.entry, event.type)}\n`);
        else {
          const micros = Math.floor(start * 1000 + event.at / 1000);
          const stamp = format.timestamp ? `[${Math.floor(micros / 1e6)}.${String(micros % 1e6).padStart(6, '0')}]\t` : '';
          print(context, `${stamp}${TAGS[event.type]}${entryText(event.entry, { ...format, event: true })}\n`);
        }
        shown++;
      }
      yield { on: [woken] };
    }
  } catch (error) {
    if (!(error instanceof SignalError) || (error.signal !== 'SIGINT' && error.signal !== 'SIGTERM')) throw error;
    footer(context, `${shown} flow events have been shown.`);
    return 0;
  } finally {
    stop();
  }
}

