/**
 * Read first: RFC 9112.
 * Models: HTTP/1.0 and 1.1 messages, Content-Length, chunked bodies, bodies until close. Not modelled: trailers, obsolete line folding, upgrades.
 */
import { err, ok, type Result } from '../../base/result.ts';
import { concatBytes, fromLatin1, fromUtf8, latin1 } from './bytes.ts';
import { field, type FieldView } from './layer-view.ts';

export type HttpHeaders = readonly (readonly [string, string])[];

export interface HttpRequest {
  readonly kind: 'request';
  readonly method: string;
  readonly target: string;
  readonly version: string;
  readonly headers: HttpHeaders;
  readonly body: Uint8Array;
}

export interface HttpResponse {
  readonly kind: 'response';
  readonly version: string;
  readonly status: number;
  readonly reason: string;
  readonly headers: HttpHeaders;
  readonly body: Uint8Array;
}

export type HttpMessage = HttpRequest | HttpResponse;
export type HttpError = 'bad start line' | 'bad header' | 'bad chunk' | 'bad length';

/** First value of a header, whatever its case. */
export function header(headers: HttpHeaders, name: string): string | undefined {
  const low = name.toLowerCase();
  return headers.find(([n]) => n.toLowerCase() === low)?.[1];
}

export interface HttpHead {
  readonly start: string;
  readonly headers: HttpHeaders;
  /** Bytes of the head, blank line included. */
  readonly length: number;
}

/** Start line and headers; undefined: the blank line has not come yet. */
export function parseHead(b: Uint8Array): Result<HttpHead | undefined, HttpError> {
  const text = latin1(b);
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return ok(undefined);
  const [start = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers: (readonly [string, string])[] = [];
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon <= 0 || /[\s]/.test(line.slice(0, colon))) return err('bad header');
    headers.push([line.slice(0, colon), line.slice(colon + 1).trim()]);
  }
  return ok({ start, headers, length: end + 4 });
}

const REQUEST = /^([!-~]+) ([!-~\x80-\xff]+) (HTTP\/1\.[01])$/;
const RESPONSE = /^(HTTP\/1\.[01]) (\d{3})(?: (.*))?$/;

type Body = { readonly body: Uint8Array; readonly length: number } | undefined;

function chunked(b: Uint8Array): Result<Body, HttpError> {
  const parts: Uint8Array[] = [];
  let at = 0;
  for (;;) {
    const text = latin1(b.subarray(at, at + 64));
    const eol = text.indexOf('\r\n');
    if (eol < 0) return text.length >= 64 ? err('bad chunk') : ok(undefined);
    const size = /^[0-9a-f]{1,7}(?:;.*)?$/i.test(text.slice(0, eol)) ? Number.parseInt(text, 16) : Number.NaN;
    if (Number.isNaN(size)) return err('bad chunk');
    at += eol + 2;
    if (at + size + 2 > b.length) return ok(undefined);
    if (b[at + size] !== 13 || b[at + size + 1] !== 10) return err('bad chunk');
    parts.push(b.slice(at, at + size));
    at += size + 2;
    if (size === 0) return ok({ body: concatBytes(parts), length: at });
  }
}

export interface ParseOptions {
  /** The peer closed: a body without a length ends here. */
  readonly closed?: boolean;
  /** Answers to HEAD have no body. */
  readonly noBody?: boolean;
}

/** The first message in `b` and how many bytes it takes; undefined: more bytes are needed. */
export function parseHttp(b: Uint8Array, options: ParseOptions = {}): Result<{ readonly message: HttpMessage; readonly length: number } | undefined, HttpError> {
  const head = parseHead(b);
  if (!head.ok) return head;
  if (head.value === undefined) return ok(undefined);
  const { start, headers, length } = head.value;
  const rest = b.subarray(length);
  const request = REQUEST.exec(start);
  const response = RESPONSE.exec(start);
  if (request === null && response === null) return err('bad start line');
  const status = Number(response?.[2] ?? 0);
  let body: Body;
  const contentLength = header(headers, 'content-length');
  if (options.noBody === true || (response !== null && (status < 200 || status === 204 || status === 304))) body = { body: new Uint8Array(0), length: 0 };
  else if (/chunked\s*$/i.test(header(headers, 'transfer-encoding') ?? '')) {
    const read = chunked(rest);
    if (!read.ok) return read;
    body = read.value;
  } else if (contentLength !== undefined) {
    if (!/^\d+$/.test(contentLength)) return err('bad length');
    const size = Number(contentLength);
    body = rest.length >= size ? { body: rest.slice(0, size), length: size } : undefined;
  } else if (request !== null) body = { body: new Uint8Array(0), length: 0 };
  else body = options.closed === true ? { body: rest.slice(), length: rest.length } : undefined;
  if (body === undefined) return ok(undefined);
  const message: HttpMessage = request !== null
    ? { kind: 'request', method: request[1] ?? '', target: request[2] ?? '', version: request[3] ?? '', headers, body: body.body }
    : { kind: 'response', version: response?.[1] ?? '', status, reason: response?.[3] ?? '', headers, body: body.body };
  return ok({ message, length: length + body.length });
}

export const startLine = (m: HttpMessage): string => (m.kind === 'request' ? `${m.method} ${m.target} ${m.version}` : `${m.version} ${m.status}${m.reason === '' ? '' : ` ${m.reason}`}`);

/** As given: content-length is the caller's business. Header text is latin-1. */
export const emitHttp = (m: HttpMessage): Uint8Array =>
  concatBytes([fromLatin1(`${startLine(m)}\r\n${m.headers.map(([n, v]) => `${n}: ${v}\r\n`).join('')}\r\n`), m.body]);

const START = /^(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH|TRACE|CONNECT) [^\r\n]* HTTP\/1\.[01]\r\n|^HTTP\/1\.[01] \d{3}[^\r\n]*\r\n/;

/** Does a segment's payload begin an HTTP message? Its start line, if so. */
export function httpStart(payload: Uint8Array): string | undefined {
  const found = START.exec(latin1(payload.subarray(0, 512)));
  return found === null ? undefined : found[0].trimEnd();
}

/** Start line and headers of a payload, each with its place in the frame. */
export function httpFields(payload: Uint8Array, at: number): readonly FieldView[] {
  const text = fromUtf8(payload);
  const end = text.indexOf('\r\n\r\n');
  const fields: FieldView[] = [];
  let offset = at;
  for (const [i, line] of (end < 0 ? text : text.slice(0, end)).split('\r\n').entries()) {
    const colon = line.indexOf(':');
    if (i === 0) fields.push(field('Start line', line, offset, line.length));
    else if (colon > 0) fields.push(field(line.slice(0, colon), line.slice(colon + 1).trim(), offset, line.length));
    offset += line.length + 2;
  }
  if (end >= 0 && payload.length > end + 4) fields.push(field('Body', `${payload.length - end - 4} bytes`, at + end + 4, payload.length - end - 4));
  return fields;
}
