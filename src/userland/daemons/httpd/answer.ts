/** What nginx answers to one request: pure, files aside. Models: ngx_http_static_module, ngx_http_index_module, ngx_http_special_response.c, ngx_http_header_filter_module (1.27). */
import { utf8 } from '../../../engine/wire/bytes.ts';
import { header, type HttpHeaders, type HttpRequest, type HttpResponse } from '../../../engine/wire/http.ts';
import type { FileSystem } from '../../host.ts';
import { PAGE_TIME } from './page.ts';

export interface Site {
  readonly fs: FileSystem;
  readonly root: string;
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** A page made at request time (a pod that tells its address); asked before files. */
  readonly content?: ((request: HttpRequest) => string | undefined) | undefined;
  /** TCP port of the listener: redirects name it when it is not 80. */
  readonly port: number;
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

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html', htm: 'text/html', css: 'text/css', xml: 'text/xml', gif: 'image/gif', jpeg: 'image/jpeg', jpg: 'image/jpeg', js: 'application/javascript', txt: 'text/plain', png: 'image/png', svg: 'image/svg+xml',
  ico: 'image/x-icon', json: 'application/json', pdf: 'application/pdf', zip: 'application/zip',
};

const REASONS: Readonly<Record<number, string>> = { 200: 'OK', 301: 'Moved Permanently', 304: 'Not Modified', 400: 'Bad Request', 403: 'Forbidden', 404: 'Not Found', 405: 'Not Allowed', 501: 'Not Implemented' };

const errorPage = (status: number, version: string): string => {
  const title = `${status} ${REASONS[status] ?? ''}`;
  return `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx/${version}</center>\r\n</body>\r\n</html>\r\n`;
};

const persistent = (request: HttpRequest): boolean => {
  const connection = (header(request.headers, 'connection') ?? '').toLowerCase();
  return connection.includes('close') ? false : request.version === 'HTTP/1.1' || connection.includes('keep-alive');
};

function response(site: Site, status: number, type: string | undefined, body: string, keep: boolean, extra: HttpHeaders = [], head = false): HttpResponse {
  const bytes = utf8(body);
  const headers: HttpHeaders = [
    ['Server', `nginx/${site.version}`], ['Date', httpDate(site.now)], ...(type === undefined ? [] : [['Content-Type', type], ['Content-Length', String(bytes.length)]] as const),
    ...extra.filter(([n]) => n === 'Last-Modified' || n === 'Location'), ['Connection', keep ? 'keep-alive' : 'close'], ...extra.filter(([n]) => n !== 'Last-Modified' && n !== 'Location'),
  ];
  return { kind: 'response', version: 'HTTP/1.1', status, reason: REASONS[status] ?? '', headers, body: head ? new Uint8Array(0) : bytes };
}

const refusal = (site: Site, status: number, keep: boolean, extra: HttpHeaders = [], head = false): HttpResponse => response(site, status, 'text/html', errorPage(status, site.version), keep, extra, head);

/** The answer to bytes that are no HTTP request. */
export const badRequest = (site: Site): HttpResponse => refusal(site, 400, false);

export function answer(site: Site, request: HttpRequest): HttpResponse {
  const keep = persistent(request);
  const head = request.method === 'HEAD';
  if (request.version === 'HTTP/1.1' && header(request.headers, 'host') === undefined) return badRequest(site);
  const path = cleanPath(request.target);
  if (path === undefined) return badRequest(site);
  const made = site.content?.(request);
  if (made !== undefined) return response(site, 200, 'text/html', made, keep, [], head);
  if (!['GET', 'HEAD', 'POST'].includes(request.method)) return refusal(site, 405, keep, [], head);
  const file = `${site.root}${path}`.replace(/\/+$/, '');
  const kind = site.fs.kind(file);
  if (kind === 'directory' && !path.endsWith('/')) {
    const host = (header(request.headers, 'host') ?? 'localhost').replace(/:\d+$/, '');
    return refusal(site, 301, keep, [['Location', `http://${host}${site.port === 80 ? '' : `:${site.port}`}${path}/`]], head);
  }
  const name = kind === 'directory' ? `${file}/index.html` : file;
  const text = site.fs.kind(name) === 'file' ? site.fs.read(name) : undefined;
  if (text?.ok !== true) return refusal(site, kind === 'directory' && path !== '/' ? 403 : kind === 'directory' ? 403 : 404, keep, [], head);
  if (request.method === 'POST') return refusal(site, 405, keep);
  const size = utf8(text.value).length;
  const modified = PAGE_TIME;
  const etag = `"${modified.toString(16)}-${size.toString(16)}"`;
  const dated: HttpHeaders = [['Last-Modified', httpDate(modified * 1000)], ['ETag', etag]];
  if (header(request.headers, 'if-none-match') === etag || header(request.headers, 'if-modified-since') === httpDate(modified * 1000)) return response(site, 304, undefined, '', keep, dated, true);
  const extension = /\.([A-Za-z0-9]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  return response(site, 200, TYPES[extension] ?? 'application/octet-stream', text.value, keep, [...dated, ['Accept-Ranges', 'bytes']], head);
}

/** Path without query, %XX decoded, dots resolved; undefined: it leaves the root or is malformed. */
function cleanPath(target: string): string | undefined {
  const raw = target.replace(/^http:\/\/[^/]*/, '').replace(/[?#].*/, '');
  if (!raw.startsWith('/') || /%(?![0-9a-fA-F]{2})/.test(raw)) return undefined;
  const text = raw.replaceAll(/%([0-9a-fA-F]{2})/g, (_, h: string) => String.fromCharCode(Number.parseInt(h, 16)));
  const out: string[] = [];
  for (const part of text.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (out.pop() === undefined) return undefined;
    } else out.push(part);
  }
  return `/${out.join('/')}${out.length > 0 && /\/\.{0,2}$/.test(text) ? '/' : ''}`;
}
