/** Variables of nginx.conf. Models: ngx_http_variables.c (1.27), those that a static server can tell. Not modelled: $binary_remote_addr, TLS and proxy variables (refused as unknown, as a build without those modules does). */
import { formatIpv4, type Ipv4 } from '../../../engine/wire/addresses.ts';
import { header, type HttpRequest } from '../../../engine/wire/http.ts';

export interface Endpoint {
  readonly address: Ipv4;
  readonly port: number;
}

/** One request on its way to an answer. */
export interface Exchange {
  readonly request: HttpRequest;
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly hostname: string;
  readonly now: number;
  readonly serverName: string;
  readonly version: string;
  readonly documentRoot: string;
  /** Normalised path, after internal redirects. */
  readonly uri: string;
  /** Of `set`. */
  readonly own: ReadonlyMap<string, string>;
  readonly requestId: () => string;
  /** Known once the answer is made: for log formats and add_header. */
  readonly sent?: { readonly status: number; readonly bodyBytes: number } | undefined;
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (n: number): string => String(n).padStart(2, '0');

/** `Thu, 06 Jun 2024 13:09:28 GMT` */
export function httpDate(millis: number): string {
  const d = new Date(millis);
  return `${DAYS[d.getUTCDay()] ?? ''}, ${two(d.getUTCDate())} ${MONTHS[d.getUTCMonth()] ?? ''} ${d.getUTCFullYear()} ${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())} GMT`;
}

/** `06/Jun/2024:13:09:28 +0000` */
export function logDate(millis: number): string {
  const d = new Date(millis);
  return `${two(d.getUTCDate())}/${MONTHS[d.getUTCMonth()] ?? ''}/${d.getUTCFullYear()}:${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())} +0000`;
}

const query = (e: Exchange): string => /\?([^#]*)/.exec(e.request.target)?.[1] ?? '';

const VARIABLES: Readonly<Record<string, (e: Exchange) => string>> = {
  server_addr: (e) => formatIpv4(e.server.address),
  server_port: (e) => String(e.server.port),
  remote_addr: (e) => formatIpv4(e.client.address),
  remote_port: (e) => String(e.client.port),
  remote_user: () => '',
  hostname: (e) => e.hostname,
  host: (e) => (header(e.request.headers, 'host') ?? e.serverName).replace(/:\d+$/, '').toLowerCase(),
  server_name: (e) => e.serverName,
  server_protocol: (e) => e.request.version,
  scheme: () => 'http',
  https: () => '',
  request: (e) => `${e.request.method} ${e.request.target} ${e.request.version}`,
  request_method: (e) => e.request.method,
  request_uri: (e) => e.request.target,
  request_length: (e) => String(e.request.headers.reduce((n, [k, v]) => n + k.length + v.length + 4, e.request.target.length + e.request.method.length + 14 + e.request.body.length)),
  request_id: (e) => e.requestId(),
  uri: (e) => e.uri,
  document_uri: (e) => e.uri,
  args: query,
  query_string: query,
  is_args: (e) => (query(e) === '' ? '' : '?'),
  document_root: (e) => e.documentRoot,
  request_filename: (e) => e.documentRoot + e.uri,
  content_type: (e) => header(e.request.headers, 'content-type') ?? '',
  content_length: (e) => header(e.request.headers, 'content-length') ?? '',
  time_local: (e) => logDate(e.now),
  time_iso8601: (e) => new Date(e.now).toISOString().replace(/\.\d+Z$/, '+00:00'),
  msec: (e) => (e.now / 1000).toFixed(3),
  nginx_version: (e) => e.version,
  status: (e) => String(e.sent?.status ?? 0).padStart(3, '0'),
  body_bytes_sent: (e) => String(e.sent?.bodyBytes ?? 0),
};

/** Names that a text asks for: `$name`, `${name}`. Captures of a regular expression are digits. */
const REFERENCE = /\$(?:\{(\w+)\}|(\w+))/g;

export const referenced = (text: string): readonly string[] => [...text.matchAll(REFERENCE)].map((m) => m[1] ?? m[2] ?? '');

export const isKnown = (name: string): boolean => Object.hasOwn(VARIABLES, name) || /^(?:http|arg|cookie|sent_http)_\w+$|^\d+$/.test(name);

function valueOf(name: string, e: Exchange): string {
  const own = e.own.get(name);
  if (own !== undefined) return own;
  const fixed = VARIABLES[name];
  if (fixed !== undefined) return fixed(e);
  const dashed = name.replace(/^[a-z]+_/, '').replaceAll('_', '-');
  if (name.startsWith('http_')) return header(e.request.headers, dashed) ?? '';
  if (name.startsWith('arg_')) return new RegExp(`(?:^|&)${name.slice(4)}=([^&]*)`, 'i').exec(query(e))?.[1] ?? '';
  if (name.startsWith('cookie_')) return new RegExp(`(?:^|;\\s*)${name.slice(7)}=([^;]*)`).exec(header(e.request.headers, 'cookie') ?? '')?.[1] ?? '';
  return '';
}

export const expand = (text: string, e: Exchange): string => text.replaceAll(REFERENCE, (_, braced: string | undefined, plain: string | undefined) => valueOf(braced ?? plain ?? '', e));

/** In a log a variable without a value is a dash. */
export const expandLog = (text: string, e: Exchange): string => text.replaceAll(REFERENCE, (_, braced: string | undefined, plain: string | undefined) => {
  const value = valueOf(braced ?? plain ?? '', e);
  return value === '' ? '-' : value.replaceAll(/["\\\x00-\x1f\x7f-\xff]/g, (c) => `\\x${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
});
