/**
 * Read first: wget(1), busybox wget.
 * Models: GNU wget 1.21.3 and busybox 1.36 wget for HTTP: -O -q -nv -S --spider -T -t --header -U; files in the current folder.
 * Not modelled: TLS, recursion, continuation, progress bars that move.
 */
import type { Program } from '../../../engine/sim/process.ts';
import { minus, toSeconds } from '../../../engine/sim/time.ts';
import { formatIpv4, parseIpv4 } from '../../../engine/wire/addresses.ts';
import { fromUtf8, utf8 } from '../../../engine/wire/bytes.ts';
import { header } from '../../../engine/wire/http.ts';
import type { Command, Context } from '../../host.ts';
import { libraryOf, lookup, lookupErrorText } from '../../resolver/lookup.ts';
import { getopt, UsageError, type Options } from '../../text/getopt.ts';
import { parseOptions, type CurlOptions } from '../curl/options.ts';
import { transfer, type CurlError, type Exchange, type Marks, type Pool } from '../curl/transfer.ts';
import { follow, parseUrl, type CurlUrl } from '../curl/url.ts';

const isBusybox = (context: Context): boolean => libraryOf(context.host.fs) === 'musl' || context.host.fs.kind('/bin/busybox') !== undefined;

const stamp = (context: Context): string => new Date(context.kernel.clock.wallMillis()).toISOString().slice(0, 19).replace('T', ' ');

/** `2.13 MB/s` */
function rate(bytes: number, seconds: number): string {
  const perSecond = seconds > 0 ? bytes / seconds : bytes;
  const units = ['B/s', 'KB/s', 'MB/s', 'GB/s'];
  let value = perSecond;
  let unit = 0;
  while (value >= 1024 && unit < 3) {
    value /= 1024;
    unit++;
  }
  return `${value >= 99.95 ? value.toFixed(0) : value >= 9.995 ? value.toFixed(1) : value.toFixed(2)} ${units[unit] ?? ''}`;
}

/** progress.c: a dot per KB, fifty in a row. */
function dots(bytes: number, speed: string, seconds: number): string {
  const short = speed.replace(/^(\S+) (.)B?\/s$/, '$1$2').padStart(5);
  const spent = seconds >= 1 ? seconds.toFixed(1) : seconds >= 0.001 ? seconds.toFixed(3).replace(/0+$/, '') : '0';
  const whole = Math.floor(bytes / 1024);
  const rows: string[] = [];
  for (let row = 0; row <= Math.floor(Math.max(0, whole - 1) / 50); row++) {
    let cells = '';
    for (let i = 0; i < 50; i++) cells += `${i % 10 === 0 ? ' ' : ''}${row * 50 + i < whole ? '.' : ' '}`;
    const last = (row + 1) * 50 >= whole;
    const percent = last ? 100 : Math.floor(((row + 1) * 50 * 1024 * 100) / bytes);
    rows.push(`${String(row * 50).padStart(6)}K${cells}${String(percent).padStart(3)}% ${short}${last ? `=${spent}s` : ' 0s'}`);
  }
  return rows.join('\n');
}

interface Job {
  readonly options: Options;
  readonly busybox: boolean;
  readonly quiet: boolean;
  readonly brief: boolean;
}

function clientOptions(job: Job): CurlOptions {
  const { options, busybox } = job;
  const agent = options.value('U') ?? (busybox ? 'Wget' : 'Wget/1.21.3');
  const base = busybox ? ['-H', 'Accept:', '-H', 'Connection: close'] : ['-H', 'Accept-Encoding: identity', '-H', 'Connection: Keep-Alive'];
  const timeout = options.value('T');
  const parsed = parseOptions(['-A', agent, ...base, ...(options.given.get('header') ?? []).flatMap((h) => ['-H', h]), ...(timeout === undefined || !/^\d+(\.\d+)?$/.test(timeout) ? [] : ['-m', timeout]), ...(options.has('spider') ? ['-I'] : [])]);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

type Got = { readonly exchange: Exchange; readonly url: CurlUrl; readonly body: Uint8Array; readonly seconds: number } | { readonly error: CurlError; readonly url: CurlUrl };

function* fetchOne(context: Context, url: CurlUrl, client: CurlOptions, pool: Pool): Program<Got> {
  const start = context.kernel.clock.now;
  const marks: Marks = { start, nameLookup: start, connect: start, preTransfer: start, startTransfer: start };
  const done = yield* transfer(context, url, client, pool, marks, { trace: () => undefined, body: () => true, progress: () => undefined });
  return done.ok ? { exchange: done.value, url, body: done.value.body, seconds: toSeconds(minus(context.kernel.clock.now, marks.preTransfer)) } : { error: done.error, url };
}

const fileName = (url: CurlUrl): string => url.target.replace(/[?#].*/, '').split('/').at(-1) || 'index.html';

const inCwd = (context: Context, file: string): string => (file.startsWith('/') ? file : `${context.cwd.replace(/\/$/, '')}/${file}`);

function* gnuWget(context: Context, first: CurlUrl, job: Job, pool: Pool): Program {
  const { stderr, stdout, kernel, host } = context;
  const say = (text: string): void => {
    if (!job.quiet && !job.brief) stderr.write(text);
  };
  const client = clientOptions(job);
  let url = first;
  for (let hop = 0; hop <= 20; hop++) {
    say(`--${stamp(context)}--  ${url.text}\n`);
    let address = parseIpv4(url.host);
    let label = url.host;
    if (address === undefined) {
      say(`Resolving ${url.host} (${url.host})... `);
      const library = libraryOf(host.fs);
      const found = yield* lookup(kernel, host.fs, url.host, { library });
      if (!found.ok || found.value.addresses[0] === undefined) {
        say(`failed: ${lookupErrorText(found.ok ? 'NODATA' : found.error, library)}.\n`);
        if (!job.quiet) stderr.write(`wget: unable to resolve host address ‘${url.host}’\n`);
        return 4;
      }
      address = found.value.addresses[0];
      label = `${url.host} (${url.host})|${formatIpv4(address)}|`;
      say(`${found.value.addresses.map(formatIpv4).join(', ')}\n`);
    }
    say(`Connecting to ${label}:${url.port}... `);
    const got = yield* fetchOne(context, url, { ...client, resolve: [`${url.host}:${url.port}:${formatIpv4(address)}`] }, pool);
    if ('error' in got) {
      const { error } = got;
      say(error.code === 7 ? 'failed: Connection refused.\n' : error.code === 28 ? 'failed: Connection timed out.\nGiving up.\n\n' : error.code === 52 ? 'connected.\nHTTP request sent, awaiting response... No data received.\nGiving up.\n\n' : `failed: ${error.message}.\n`);
      return 4;
    }
    const { exchange, body } = got;
    say('connected.\nHTTP request sent, awaiting response... ');
    say(job.options.has('S') ? `\n${exchange.head.trimEnd().split('\r\n').map((l) => `  ${l}\n`).join('')}` : `${exchange.head.split('\r\n')[0]?.replace(/^HTTP\/\S+ /, '') ?? ''}\n`);
    const location = exchange.status >= 300 && exchange.status < 400 ? header(exchange.headers, 'location') : undefined;
    if (location !== undefined) {
      const next = follow(url, location);
      if (!next.ok) return 8;
      say(`Location: ${location} [following]\n`);
      url = next.value;
      continue;
    }
    if (exchange.status >= 400) {
      if (!job.quiet) stderr.write(`${job.brief ? `${url.text}:\n` : ''}${stamp(context)} ERROR ${exchange.head.split('\r\n')[0]?.replace(/^HTTP\/\S+ /, '').replace(' ', ': ') ?? ''}.\n\n`.replace(/\n\n$/, job.brief ? '\n' : '\n\n'));
      return 8;
    }
    const type = header(exchange.headers, 'content-type')?.split(';')[0] ?? 'application/octet-stream';
    const length = header(exchange.headers, 'content-length');
    say(`Length: ${length ?? 'unspecified'} [${type}]\n`);
    if (job.options.has('spider')) {
      say('Remote file exists.\n\n');
      return 0;
    }
    const file = job.options.value('O') ?? fileName(url);
    say(`Saving to: ‘${file === '-' ? 'STDOUT' : file}’\n`);
    if (file === '-') stdout.write(fromUtf8(body));
    else if (file !== '/dev/null') {
      const written = host.fs.write(inCwd(context, file), fromUtf8(body));
      if (!written.ok) {
        stderr.write(`${file}: No such file or directory\n\nCannot write to ‘${file}’ (Success).\n`);
        return 3;
      }
    }
    const speed = rate(body.length, got.seconds);
    say(`\n${dots(body.length, speed, got.seconds)}\n\n`);
    say(`${stamp(context)} (${speed}) - ${file === '-' ? 'written to stdout' : `‘${file}’ saved`} [${body.length}${length === undefined ? '' : `/${length}`}]\n\n`);
    if (job.brief && !job.quiet) stderr.write(`${stamp(context)} URL:${url.text} [${body.length}${length === undefined ? '' : `/${length}`}] -> "${file}" [1]\n`);
    return 0;
  }
  if (!job.quiet) stderr.write('20 redirections exceeded.\n');
  return 8;
}

function* busyboxWget(context: Context, first: CurlUrl, job: Job, pool: Pool): Program {
  const { stderr, stdout, kernel, host } = context;
  const client = clientOptions(job);
  const fail = (text: string): number => {
    stderr.write(`wget: ${text}\n`);
    return 1;
  };
  let url = first;
  for (let hop = 0; hop <= 5; hop++) {
    let address = parseIpv4(url.host);
    if (address === undefined) {
      const found = yield* lookup(kernel, host.fs, url.host, { library: libraryOf(host.fs) });
      address = found.ok ? found.value.addresses[0] : undefined;
      if (address === undefined) return fail(`bad address '${url.host}'`);
    }
    if (!job.quiet) stderr.write(`Connecting to ${url.authority} (${formatIpv4(address)}:${url.port})\n`);
    const got = yield* fetchOne(context, url, { ...client, resolve: [`${url.host}:${url.port}:${formatIpv4(address)}`] }, pool);
    if ('error' in got) {
      const { error } = got;
      if (error.code === 28 && job.options.has('T')) return fail('download timed out');
      if (error.code === 52) return fail('error getting response');
      return fail(`can't connect to remote host (${formatIpv4(address)}): ${error.code === 28 ? 'Operation timed out' : 'Connection refused'}`);
    }
    const { exchange, body } = got;
    if (job.options.has('S')) stderr.write(exchange.head.trimEnd().split('\r\n').map((l) => `  ${l}\n`).join(''));
    const location = exchange.status >= 300 && exchange.status < 400 ? header(exchange.headers, 'location') : undefined;
    if (location !== undefined) {
      const next = follow(url, location);
      if (!next.ok) return fail(`not an http or ftp url: ${location}`);
      url = next.value;
      continue;
    }
    if (exchange.status >= 400) return fail(`server returned error: ${exchange.head.split('\r\n')[0] ?? ''}`);
    if (job.options.has('spider')) {
      if (!job.quiet) stderr.write('remote file exists\n');
      return 0;
    }
    const file = job.options.value('O') ?? fileName(url);
    if (file !== '-' && job.options.value('O') === undefined && host.fs.kind(inCwd(context, file)) !== undefined) return fail(`can't open '${file}': File exists`);
    if (!job.quiet) stderr.write(file === '-' ? 'writing to stdout\n' : `saving to '${file}'\n`);
    if (file === '-') stdout.write(fromUtf8(body));
    else if (file !== '/dev/null' && !host.fs.write(inCwd(context, file), fromUtf8(body)).ok) return fail(`can't open '${file}': No such file or directory`);
    const size = utf8(fromUtf8(body)).length;
    if (!job.quiet) stderr.write(`${(file === '-' ? '-' : file).padEnd(20)} 100% |********************************| ${String(size).padStart(5)}  0:00:00 ETA\n${file === '-' ? 'written to stdout' : `'${file}' saved`}\n`);
    return 0;
  }
  return fail('too many redirections');
}

export const wget: Command = {
  name: 'wget',
  models: 'GNU wget 1.21 (busybox 1.36 in Alpine and busybox images): HTTP, -O -q -nv -S --spider -T -t --header -U, redirects',
  notModelled: 'TLS, recursion, -c, -i, cookies',
  *run(context) {
    const { stderr } = context;
    const busybox = isBusybox(context);
    // -nv is one option of two letters.
    const args = context.args.slice(1).map((a) => (a === '-nv' ? '--no-verbose' : a));
    let options: Options;
    try {
      options = getopt(args, {
        short: 'O:qST:t:U:cP:Y:', long: { 'output-document': 'O:', quiet: 'q', 'no-verbose': 'nv', spider: 'spider', timeout: 'T:', tries: 't:', 'user-agent': 'U:', header: 'header:', 'server-response': 'S', 'no-check-certificate': 'k', help: 'help', version: 'version' } });
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      stderr.write(busybox ? `wget: ${error.message.replaceAll("'", '').replace('invalid option --', 'unrecognized option:')}\n` : `wget: ${error.message}\nUsage: wget [OPTION]... [URL]...\n\nTry \`wget --help' for more options.\n`);
      return busybox ? 1 : 2;
    }
    for (const letter of ['c', 'P', 'Y']) {
      if (options.has(letter)) {
        stderr.write(`wget: -${letter}: not modelled in this lab\n`);
        return 1;
      }
    }
    if (options.rest.length === 0) {
      stderr.write("wget: missing URL\nUsage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n");
      return 1;
    }
    const job: Job = { options, busybox, quiet: options.has('q'), brief: options.has('nv') };
    const pool: Pool = { idle: new Map(), opened: 0 };
    let code = 0;
    try {
      for (const argument of options.rest) {
        const url = parseUrl(argument);
        if (!url.ok) {
          stderr.write(busybox ? `wget: not an http or ftp url: ${argument}\n` : `${argument}: Invalid URL\n`);
          code = 1;
          continue;
        }
        const ended = busybox ? yield* busyboxWget(context, url.value, job, pool) : yield* gnuWget(context, url.value, job, pool);
        if (ended !== 0) code = ended;
      }
      return code;
    } finally {
      for (const { socket } of pool.idle.values()) socket.close();
    }
  },
};
