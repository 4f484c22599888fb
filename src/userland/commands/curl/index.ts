/**
 * Read first: curl(1).
 * Models: curl 8.7.1 for HTTP/1.1 over TCP with its resolver (c-ares in Alpine images, glibc elsewhere), meter, -w, errors and exit codes.
 * Not modelled: TLS, proxies, uploads, cookies files, ranges, rate limits, several transfers at a time.
 */
import type { Program } from '../../../engine/sim/process.ts';
import { minus, nanos, seconds, type Nanos } from '../../../engine/sim/time.ts';
import { formatIpv4 } from '../../../engine/wire/addresses.ts';
import { fromUtf8 } from '../../../engine/wire/bytes.ts';
import { header } from '../../../engine/wire/http.ts';
import { sleep } from '../../../engine/sim/process.ts';
import type { Command, Context } from '../../host.ts';
import { meterLine, METER_HEAD } from './meter.ts';
import { HELP, HINT, parseOptions, SPECS, type CurlOptions } from './options.ts';
import { transfer, VERSION, type CurlError, type Exchange, type Marks, type Pool } from './transfer.ts';
import { follow, parseUrl, type CurlUrl } from './url.ts';
import { writeOut } from './write-out.ts';

const VERSION_TEXT = `curl ${VERSION} (x86_64-alpine-linux-musl) libcurl/${VERSION} c-ares/1.27.0
Release-Date: 2024-03-27
Protocols: http
Features: AsynchDNS IPv6
`;

/** Where a body goes. */
interface Sink {
  readonly file: string | undefined;
  text: string;
  failed: boolean;
}

const absolute = (context: Context, file: string): string => (file.startsWith('/') ? file : `${context.cwd.replace(/\/$/, '')}/${file}`);

interface Outcome {
  readonly error: CurlError | undefined;
  readonly exchange: Exchange | undefined;
  readonly url: CurlUrl | undefined;
  readonly marks: Marks;
  readonly redirects: number;
  readonly redirectTime: Nanos;
  readonly received: number;
}

function* attempt(context: Context, first: CurlUrl, options: CurlOptions, pool: Pool, sink: Sink, meter: boolean): Program<Outcome> {
  const { clock } = context.kernel;
  const start = clock.now;
  const marks: Marks = { start, nameLookup: start, connect: start, preTransfer: start, startTransfer: start };
  const trace = options.verbose ? (line: string): void => void context.stderr.write(`${line}\n`) : (): void => undefined;
  for (const entry of options.resolve) {
    const [host = '', port = '', list = ''] = entry.split(':');
    trace(`* Added ${host.replace(/^[+-]/, '')}:${port}:${list} to DNS cache`);
  }
  let url = first;
  let current = options;
  let redirects = 0;
  let redirectTime = nanos(0);
  for (;;) {
    let received = 0;
    const pending: Uint8Array[] = [];
    // What an error answer or a redirect says is not printed before its status is known; bodies of those are held back whole.
    const hold = current.fail || current.location || current.include || current.head;
    const body = (bytes: Uint8Array): boolean => {
      received += bytes.length;
      if (hold) {
        pending.push(bytes);
        return true;
      }
      return write(context, sink, bytes);
    };
    const done = yield* transfer(context, url, current, pool, marks, { trace, body, progress: (n, total) => void (meter && context.stderr.write(meterLine({ received: n, total, sent: 0, sendTotal: 0, spent: minus(clock.now, start) }))) });
    if (!done.ok) {
      for (const bytes of pending) write(context, sink, bytes);
      return { error: done.error, exchange: undefined, url, marks, redirects, redirectTime, received };
    }
    const { value } = done;
    if (current.dumpHeader !== undefined) dumpHeader(context, current.dumpHeader, value.head);
    const location = value.status >= 300 && value.status < 400 ? header(value.headers, 'location') : undefined;
    const failed = (current.fail || current.failWithBody) && value.status >= 400;
    if (current.include || current.head) write(context, sink, value.head);
    if (location !== undefined && current.location) {
      if (redirects >= current.maxRedirs) return { error: { code: 47, message: `Maximum (${current.maxRedirs}) redirects followed` }, exchange: value, url, marks, redirects, redirectTime, received };
      const next = follow(url, location);
      if (!next.ok) return { error: next.error, exchange: value, url, marks, redirects, redirectTime, received };
      redirects++;
      redirectTime = minus(clock.now, start);
      trace(`* Issue another request to this URL: '${next.value.text}'`);
      // 301, 302 and 303 turn a POST into a GET.
      if (value.status !== 307 && value.status !== 308) current = { ...current, data: [] };
      url = next.value;
      continue;
    }
    if (!failed || current.failWithBody) for (const bytes of pending) write(context, sink, bytes);
    const error = failed ? { code: 22, message: `The requested URL returned error: ${value.status}` } : sink.failed ? { code: 23, message: 'Failure writing output to destination' } : undefined;
    return { error, exchange: value, url, marks, redirects, redirectTime, received };
  }
}

function write(context: Context, sink: Sink, bytes: Uint8Array | string): boolean {
  const text = typeof bytes === 'string' ? bytes : fromUtf8(bytes);
  if (sink.file === undefined) {
    if (!context.stdout.write(text)) sink.failed = true;
  } else if (sink.file !== '/dev/null') {
    if (!context.host.fs.write(sink.file, text, sink.text === '' ? 'truncate' : 'append').ok) sink.failed = true;
    sink.text = 'begun';
  }
  return !sink.failed;
}

function dumpHeader(context: Context, file: string, head: string): void {
  if (file === '-') context.stdout.write(head);
  else context.host.fs.write(absolute(context, file), head);
}

const RETRY_CODES = new Set([408, 429, 500, 502, 503, 504]);

function retryReason(o: Outcome, options: CurlOptions): string | undefined {
  if (o.error?.code === 28 || o.error?.code === 6) return o.error.code === 28 ? 'timeout' : undefined;
  if (o.error?.code === 7) return options.retryConnrefused ? 'connection refused' : undefined;
  const status = o.exchange?.status ?? 0;
  return RETRY_CODES.has(status) ? 'HTTP error' : undefined;
}

function* one(context: Context, argument: string, number: number, options: CurlOptions, pool: Pool): Program {
  const parsed = parseUrl(argument);
  const output = options.outputs[number];
  const name = parsed.ok ? parsed.value.target.replace(/\?.*/, '').split('/').at(-1) ?? '' : '';
  const loud = (error: CurlError): void => {
    if (!options.silent || options.showError) context.stderr.write(`curl: (${error.code}) ${error.message}\n`);
  };
  if (typeof output === 'object' && name === '') {
    loud({ code: 23, message: 'Failed to extract a filename from the URL to use for storage' });
    return 23;
  }
  const file = output === undefined || output === '-' ? undefined : absolute(context, typeof output === 'string' ? output : name);
  const sink: Sink = { file, text: '', failed: false };
  if (!parsed.ok) {
    loud(parsed.error);
    return parsed.error.code;
  }
  const meter = !options.silent && !options.noProgress && !options.head && (file !== undefined || !context.tty);
  let outcome: Outcome;
  for (let left = options.retry, delay = options.retryDelay > 0 ? options.retryDelay : 1; ; left--, delay = options.retryDelay > 0 ? delay : delay * 2) {
    if (meter) context.stderr.write(`${METER_HEAD}${meterLine({ received: 0, total: undefined, sent: 0, sendTotal: 0, spent: nanos(0) })}`);
    outcome = yield* attempt(context, parsed.value, options, pool, sink, false);
    if (meter) {
      const total = outcome.exchange === undefined ? undefined : header(outcome.exchange.headers, 'content-length');
      context.stderr.write(`${meterLine({ received: outcome.received, total: total === undefined ? undefined : Number(total), sent: outcome.exchange?.uploaded ?? 0, sendTotal: outcome.exchange?.uploaded ?? 0, spent: minus(context.kernel.clock.now, outcome.marks.start) })}\n`);
    }
    const reason = left > 0 ? retryReason(outcome, options) : undefined;
    if (reason === undefined) break;
    if (outcome.error !== undefined) loud(outcome.error);
    if (!options.silent) context.stderr.write(`Warning: Problem : ${reason}. Will retry in ${delay} second${delay === 1 ? '' : 's'}. ${left} ${left === 1 ? 'retry' : 'retries'} left.\n`.replace('Problem :', 'Problem:'));
    yield* sleep(context.kernel.clock, seconds(delay));
  }
  if (outcome.error !== undefined) loud(outcome.error);
  if (options.writeOut !== undefined) {
    const { exchange, marks } = outcome;
    const since = (t: Nanos): Nanos => minus(t, marks.start);
    const written = writeOut(options.writeOut, {
      url: argument, urlEffective: outcome.url?.text ?? argument, urlNumber: number, httpCode: exchange?.status ?? 0, httpVersion: exchange === undefined ? '0' : exchange.version.replace('HTTP/', '').replace('1.0', '1'),
      contentType: exchange === undefined ? undefined : header(exchange.headers, 'content-type'), errorMessage: outcome.error?.message, exitCode: outcome.error?.code ?? 0, fileName: file,
      localIp: exchange === undefined ? '' : formatIpv4(exchange.local.address), localPort: exchange?.local.port ?? 0, remoteIp: exchange === undefined ? '' : formatIpv4(exchange.remote.address), remotePort: exchange?.remote.port ?? 0,
      method: exchange?.method ?? 'GET', numConnects: exchange?.connects ?? 0, numHeaders: exchange?.headers.length ?? 0, numRedirects: outcome.redirects,
      redirectUrl: redirectUrl(outcome), referer: options.referer, scheme: parsed.value.scheme.toUpperCase(),
      sizeDownload: outcome.received, sizeHeader: exchange?.head.length ?? 0, sizeRequest: exchange?.requestSize ?? 0, sizeUpload: exchange?.uploaded ?? 0,
      times: { nameLookup: since(marks.nameLookup), connect: since(marks.connect), preTransfer: since(marks.preTransfer), startTransfer: since(marks.startTransfer), redirect: outcome.redirectTime, total: since(context.kernel.clock.now) },
    });
    context.stderr.write(written.stderr);
    context.stdout.write(written.stdout);
  }
  return outcome.error?.code ?? 0;
}

function redirectUrl(o: Outcome): string | undefined {
  const location = o.exchange === undefined || o.exchange.status < 300 || o.exchange.status > 399 ? undefined : header(o.exchange.headers, 'location');
  const next = location === undefined || o.url === undefined ? undefined : follow(o.url, location);
  return next?.ok === true ? next.value.text : undefined;
}

export const curl: Command = {
  name: 'curl',
  models: 'curl 8.7.1: HTTP/1.1 with options -s -S -v -o -O -I -i -L -m --connect-timeout -H -A -X -d -G -w -f --resolve --connect-to -4 --interface --local-port --retry -u -e -b -D; name resolution as the image does it',
  notModelled: 'TLS, proxies, uploads, ranges, cookie jars, rate limits, parallel transfers',
  complete: () => SPECS.map((s) => `--${s.long}`),
  *run(context) {
    if (context.args.length < 2) {
      context.stderr.write(HINT);
      return 2;
    }
    const options = parseOptions(context.args.slice(1));
    if (!options.ok) {
      context.stderr.write(options.error);
      return 2;
    }
    if (options.value.help || options.value.version) {
      context.stdout.write(options.value.help ? HELP : VERSION_TEXT);
      return 0;
    }
    if (options.value.urls.length === 0) {
      context.stderr.write(`curl: (2) no URL specified\n${HINT}`);
      return 2;
    }
    const pool: Pool = { idle: new Map(), opened: 0 };
    let code = 0;
    try {
      for (const [i, url] of options.value.urls.entries()) {
        code = yield* one(context, url, i, options.value, pool);
        if (code !== 0 && options.value.failEarly) break;
      }
      return code;
    } finally {
      for (const { socket } of pool.idle.values()) socket.close();
    }
  },
};
