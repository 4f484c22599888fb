/** One URL: resolve, connect, ask, receive. Models: lib/connect.c, lib/http.c, lib/sendf.c of libcurl 8.7.1 as far as they are visible. */
import { err, ok, type Result } from '../../../base/result.ts';
import type { Program } from '../../../engine/sim/process.ts';
import { minus, nanos, plus, seconds, type Nanos } from '../../../engine/sim/time.ts';
import type { Endpoint, TcpSocket } from '../../../engine/uapi/sockets.ts';
import { ANY, formatIpv4, parseIpv4, type Ipv4 } from '../../../engine/wire/addresses.ts';
import { toBase64 } from '../../../base/base64.ts';
import { concatBytes, fromLatin1, fromUtf8, latin1, utf8 } from '../../../engine/wire/bytes.ts';
import { header, parseHead, parseHttp, type HttpHeaders } from '../../../engine/wire/http.ts';
import type { Context } from '../../host.ts';
import { libraryOf, lookup } from '../../resolver/lookup.ts';
import { connectTcp, receive, sendAll } from '../../sockets/stream.ts';
import type { CurlOptions } from './options.ts';
import type { CurlUrl } from './url.ts';

export const VERSION = '8.7.1';

export interface CurlError {
  readonly code: number;
  readonly message: string;
}

/** A connection kept for the next URL of the same host. */
export interface Pool {
  readonly idle: Map<string, { readonly socket: TcpSocket; readonly number: number; readonly address: Ipv4 }>;
  opened: number;
}

export interface Marks {
  readonly start: Nanos;
  nameLookup: Nanos;
  connect: Nanos;
  preTransfer: Nanos;
  startTransfer: Nanos;
}

export interface Exchange {
  readonly status: number;
  readonly version: string;
  readonly headers: HttpHeaders;
  /** Start line and headers with their line ends. */
  readonly head: string;
  readonly body: Uint8Array;
  readonly requestSize: number;
  readonly uploaded: number;
  readonly method: string;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly connects: number;
}

export interface TransferIo {
  /** -v lines, with their `* `, `> ` or `< `. */
  readonly trace: (line: string) => void;
  /** Body bytes as they come. False: writing failed. */
  readonly body: (bytes: Uint8Array) => boolean;
  readonly progress: (received: number, total: number | undefined) => void;
}

const elapsedMillis = (context: Context, since: Nanos): number => Math.floor(minus(context.kernel.clock.now, since) / 1e6);

function* resolve(context: Context, url: CurlUrl, options: CurlOptions, marks: Marks, until: Nanos | undefined, io: TransferIo): Program<Result<readonly Ipv4[], CurlError>> {
  const literal = parseIpv4(url.host);
  if (literal !== undefined) return ok([literal]);
  for (const entry of options.resolve) {
    const [host, port, list = ''] = entry.replace(/^[+-]/, '').split(':');
    if ((host === url.host || host === '*') && Number(port) === url.port) {
      io.trace(`* Hostname ${url.host} was found in DNS cache`);
      return ok(list.split(',').flatMap((a) => parseIpv4(a) ?? []));
    }
  }
  const library = libraryOf(context.host.fs) === 'musl' ? 'c-ares' : 'glibc';
  const found = yield* lookup(context.kernel, context.host.fs, url.host, { library, ipv4Only: options.ipv4, until });
  if (!found.ok && until !== undefined && context.kernel.clock.now >= until) return err({ code: 28, message: `Resolving timed out after ${elapsedMillis(context, marks.start)} milliseconds` });
  if (!found.ok) {
    io.trace(`* Could not resolve host: ${url.host}`);
    return err({ code: 6, message: `Could not resolve host: ${url.host}` });
  }
  const { addresses } = found.value;
  io.trace(`* Host ${url.authority.includes(':') ? url.authority : `${url.host}:${url.port}`} was resolved.`);
  io.trace('* IPv6: (none)');
  io.trace(`* IPv4: ${addresses.map(formatIpv4).join(', ')}`);
  return ok(addresses);
}

function* open(context: Context, url: CurlUrl, options: CurlOptions, pool: Pool, marks: Marks, deadline: Nanos | undefined, io: TransferIo): Program<Result<{ readonly socket: TcpSocket; readonly number: number; readonly address: Ipv4; readonly fresh: boolean }, CurlError>> {
  const { kernel } = context;
  const key = `${url.host}:${url.port}`;
  const kept = pool.idle.get(key);
  if (kept !== undefined && kept.socket.state === 'ESTABLISHED') {
    pool.idle.delete(key);
    io.trace(`* Re-using existing connection with host ${url.host}`);
    return ok({ ...kept, fresh: false });
  }
  const connectUntil = options.connectTimeout > 0 ? plus(marks.start, seconds(options.connectTimeout)) : undefined;
  const until = connectUntil === undefined ? deadline : deadline === undefined || connectUntil < deadline ? connectUntil : deadline;
  const resolved = yield* resolve(context, url, options, marks, until, io);
  if (!resolved.ok) return resolved;
  marks.nameLookup = kernel.clock.now;
  if (options.ipv6) return err({ code: 7, message: `Couldn't connect to server` });
  const began = kernel.clock.now;
  const [target, overridden] = redirected(options, url);
  const addresses = overridden === undefined ? resolved.value : [overridden];
  const bind = binding(context, options);
  let last: CurlError = { code: 7, message: '' };
  for (const address of addresses) {
    io.trace(`*   Trying ${formatIpv4(address)}:${target}...`);
    const connected = yield* connectTcp(kernel, { address, port: target }, { ...bind, until, prepare: (socket) => socket.setOption('nodelay', 1) });
    if (connected.ok) {
      marks.connect = kernel.clock.now;
      io.trace(`* Connected to ${url.host} (${formatIpv4(address)}) port ${target}`);
      return ok({ socket: connected.value, number: pool.opened++, address, fresh: true });
    }
    const { error } = connected;
    if (error === 'EADDRNOTAVAIL') return err({ code: 45, message: 'bind failed with errno 99: Cannot assign requested address' });
    if (error === 'ENODEV' || error === 'ENXIO') return err({ code: 45, message: `Couldn't bind to '${options.interface ?? ''}'` });
    if (error === 'EADDRINUSE') return err({ code: 45, message: 'bind failed with errno 98: Address already in use' });
    if (error === 'timeout' && until === deadline) {
      const message = `Connection timed out after ${elapsedMillis(context, marks.start)} milliseconds`;
      io.trace(`* ${message}`);
      return err({ code: 28, message });
    }
    const text = error === 'timeout' || error === 'ETIMEDOUT' ? 'Timeout was reached' : "Couldn't connect to server";
    io.trace(error === 'timeout' ? `* ipv4 connect timeout after ${elapsedMillis(context, began)}ms, move on!` : `* connect to ${formatIpv4(address)} port ${target} from ${formatIpv4(ANY)} port 0 failed: ${WORDS[error] ?? error}`);
    last = { code: error === 'timeout' || error === 'ETIMEDOUT' ? 28 : 7, message: `Failed to connect to ${url.host} port ${target} after ${elapsedMillis(context, marks.start)} ms: ${text}` };
    if (error === 'timeout') break;
  }
  io.trace(`* ${last.message}`);
  return err(last);
}

const WORDS: Readonly<Record<string, string>> = { ECONNREFUSED: 'Connection refused', EHOSTUNREACH: 'Host is unreachable', ENETUNREACH: 'Network unreachable', ETIMEDOUT: 'Operation timed out' };

/** --connect-to HOST:PORT:OTHER:PORT */
function redirected(options: CurlOptions, url: CurlUrl): readonly [number, Ipv4 | undefined] {
  for (const entry of options.connectTo) {
    const [host, port, toHost = '', toPort = ''] = entry.split(':');
    if ((host === '' || host === url.host) && (port === '' || Number(port) === url.port)) return [toPort === '' ? url.port : Number(toPort), parseIpv4(toHost)];
  }
  return [url.port, undefined];
}

/** --interface NAME or address, --local-port. */
function binding(context: Context, options: CurlOptions): { local?: Endpoint; device?: string } {
  const name = options.interface?.replace(/^(?:if|host)!/, '');
  const address = name === undefined ? undefined : parseIpv4(name);
  const port = options.localPort?.[0] ?? 0;
  if (name === undefined) return port === 0 ? {} : { local: { address: ANY, port } };
  if (address !== undefined) return { local: { address, port } };
  const own = context.kernel.netlink.addresses().find((a) => a.dev === name)?.address;
  return { device: name, ...(own === undefined && port === 0 ? {} : { local: { address: own ?? ANY, port } }) };
}

/** The request's head in curl's order: Host, Authorization, User-Agent, Accept, Referer, Cookie, Content-*, then -H ones that replace or add. */
function requestHead(url: CurlUrl, options: CurlOptions, method: string, body: Uint8Array | undefined): string {
  const custom = options.headers.map((h) => /^([^:;]+)([:;])\s*(.*)$/.exec(h)).filter((m) => m !== null).map((m) => ({ name: m[1] ?? '', sign: m[2] ?? ':', value: m[3] ?? '' }));
  const replaced = (name: string): boolean => custom.some((c) => c.name.toLowerCase() === name.toLowerCase());
  const user = options.user ?? url.user;
  const lines = [`${method} ${url.target} HTTP/${options.http10 ? '1.0' : '1.1'}`];
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined && value !== '' && !replaced(name)) lines.push(`${name}: ${value}`);
  };
  const host = custom.find((c) => c.name.toLowerCase() === 'host');
  if (host === undefined) lines.push(`Host: ${url.authority}`);
  else if (host.value !== '') lines.push(`Host: ${host.value}`);
  add('Authorization', user === undefined ? undefined : `Basic ${toBase64(utf8(user.includes(':') ? user : `${user}:`))}`);
  add('User-Agent', options.userAgent ?? `curl/${VERSION}`);
  add('Accept', '*/*');
  add('Referer', options.referer);
  add('Cookie', options.cookie);
  for (const c of custom) if (c.name.toLowerCase() !== 'host' && (c.value !== '' || c.sign === ';')) lines.push(`${c.name}: ${c.value}`.trimEnd());
  if (body !== undefined) {
    add('Content-Length', String(body.length));
    add('Content-Type', 'application/x-www-form-urlencoded');
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** Data of -d: `@file` is read, line ends removed. */
function requestBody(context: Context, options: CurlOptions): Uint8Array | undefined {
  if (options.data.length === 0) return undefined;
  const parts = options.data.map((d) => {
    if (!d.startsWith('@')) return d;
    const file = d.slice(1);
    const text = context.host.fs.read(file.startsWith('/') ? file : `${context.cwd.replace(/\/$/, '')}/${file}`);
    return text.ok ? text.value.replaceAll(/[\r\n]/g, '') : '';
  });
  return utf8(parts.join('&'));
}

/** Asks one URL and hands the body over as it comes. */
export function* transfer(context: Context, url: CurlUrl, options: CurlOptions, pool: Pool, marks: Marks, io: TransferIo): Program<Result<Exchange, CurlError & { readonly received?: number }>> {
  const { kernel } = context;
  const deadline = options.maxTime > 0 ? plus(marks.start, nanos(options.maxTime * 1e9)) : undefined;
  const opened = yield* open(context, url, options, pool, marks, deadline, io);
  if (!opened.ok) return opened;
  const { socket, number, address, fresh } = opened.value;
  let keep = false;
  const { local } = socket;
  const remote = { address, port: url.port };
  try {
    if (url.scheme === 'https') return err({ code: 35, message: 'TLS is not modelled in this lab' });
    marks.preTransfer = kernel.clock.now;
    const body = requestBody(context, options);
    const inUrl = body !== undefined && options.get;
    const asked: CurlUrl = inUrl ? { ...url, target: `${url.target}${url.target.includes('?') ? '&' : '?'}${fromUtf8(body)}` } : url;
    const sentBody = inUrl ? undefined : body;
    const method = options.request ?? (options.head ? 'HEAD' : sentBody === undefined ? 'GET' : 'POST');
    const head = requestHead(asked, options, method, sentBody);
    for (const line of head.split('\r\n').slice(0, -1)) io.trace(`> ${line}`);
    const request = concatBytes([fromLatin1(latin1(utf8(head))), sentBody ?? new Uint8Array(0)]);
    const sent = yield* sendAll(kernel, socket, request, deadline);
    if (!sent.ok) return err(sent.error === 'timeout' ? timedOut(context, marks, 0, undefined) : { code: 55, message: sent.error === 'EPIPE' || sent.error === 'ECONNRESET' ? 'Send failure: Broken pipe' : 'Send failure: Connection reset by peer' });
    if (sentBody !== undefined && !context.tty) io.trace(`} [${sentBody.length} bytes data]`);
    io.trace('* Request completely sent off');
    const got = yield* readResponse(context, socket, method, marks, deadline, io);
    if (!got.ok) return got;
    const { value } = got;
    const persistent = !value.untilClose && value.version !== 'HTTP/1.0' && !/\bclose\b/i.test(header(value.headers, 'connection') ?? '');
    keep = persistent && socket.state === 'ESTABLISHED';
    if (keep) {
      pool.idle.set(`${url.host}:${url.port}`, { socket, number, address });
      io.trace(`* Connection #${number} to host ${url.host} left intact`);
    } else io.trace('* Closing connection');
    return ok({ ...value, requestSize: request.length, uploaded: sentBody?.length ?? 0, method, local, remote, connects: fresh ? 1 : 0 });
  } finally {
    if (!keep) socket.close();
  }
}

const timedOut = (context: Context, marks: Marks, received: number, total: number | undefined): CurlError => ({
  code: 28, message: `Operation timed out after ${elapsedMillis(context, marks.start)} milliseconds with ${received}${total === undefined ? '' : ` out of ${total}`} bytes received` });

interface Response {
  readonly status: number;
  readonly version: string;
  readonly headers: HttpHeaders;
  readonly head: string;
  readonly body: Uint8Array;
  readonly untilClose: boolean;
}

function* readResponse(context: Context, socket: TcpSocket, method: string, marks: Marks, deadline: Nanos | undefined, io: TransferIo): Program<Result<Response, CurlError & { readonly received?: number }>> {
  let bytes = new Uint8Array(0);
  let handed = 0;
  let shown = false;
  for (;;) {
    const chunk = yield* receive(context.kernel, socket, deadline);
    const closed = chunk.ok && chunk.value === 'eof';
    if (chunk.ok && chunk.value !== 'eof') {
      if (bytes.length === 0) marks.startTransfer = context.kernel.clock.now;
      bytes = new Uint8Array(concatBytes([bytes, chunk.value]));
    }
    if (bytes.length > 0 && bytes.length >= 5 && latin1(bytes.subarray(0, 5)) !== 'HTTP/') return err({ code: 1, message: 'Received HTTP/0.9 when not allowed' });
    const head = parseHead(bytes);
    if (!head.ok) return err({ code: 8, message: 'Invalid header' });
    const status = head.value === undefined ? 0 : Number(/^HTTP\/\d(?:\.\d)? (\d{3})/.exec(head.value.start)?.[1] ?? 0);
    if (head.value !== undefined && !shown) {
      shown = true;
      const text = latin1(bytes.subarray(0, head.value.length));
      if (head.value.start.startsWith('HTTP/1.0')) io.trace('* HTTP 1.0, assume close after body');
      for (const line of text.split('\r\n').slice(0, -1)) io.trace(`< ${line}`);
    }
    const total = head.value === undefined ? undefined : header(head.value.headers, 'content-length');
    if (!chunk.ok) {
      const received = head.value === undefined ? 0 : bytes.length - head.value.length;
      if (chunk.error === 'timeout') return err({ ...timedOut(context, marks, received, total === undefined ? undefined : Number(total)), received });
      return err({ code: 56, message: 'Recv failure: Connection reset by peer', received });
    }
    if (head.value !== undefined) {
      const noBody = method === 'HEAD';
      const untilClose = !noBody && total === undefined && header(head.value.headers, 'transfer-encoding') === undefined;
      const parsed = parseHttp(bytes, { closed, noBody });
      if (!parsed.ok) return err({ code: 56, message: 'Invalid response' });
      // Content-Length bodies are handed over as they come; the others when they are whole.
      const ready = parsed.value?.message.body ?? (total === undefined ? new Uint8Array(0) : bytes.subarray(head.value.length));
      if (ready.length > handed) {
        if (!context.tty) io.trace(`{ [${ready.length - handed} bytes data]`);
        if (!io.body(ready.subarray(handed))) return err({ code: 23, message: 'Failure writing output to destination', received: ready.length });
        handed = ready.length;
        io.progress(handed, total === undefined ? undefined : Number(total));
      }
      if (parsed.value !== undefined && (status < 100 || status >= 200)) {
        return ok({ status, version: head.value.start.split(' ')[0] ?? '', headers: head.value.headers, head: latin1(bytes.subarray(0, head.value.length)), body: parsed.value.message.body, untilClose });
      }
      if (closed) return err({ code: 18, message: `transfer closed with ${Number(total ?? 0) - handed} bytes remaining to read`, received: handed });
    } else if (closed) return err(bytes.length === 0 ? { code: 52, message: 'Empty reply from server' } : { code: 56, message: 'Recv failure: Connection reset by peer' });
  }
}
