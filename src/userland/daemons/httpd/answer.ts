/**
 * What nginx answers to a request: pure. Models: ngx_http_core_module's phases (server and location rewrite, try_files, static, index), ngx_http_special_response.c,
 * ngx_http_header_filter_module, sub and headers filters (1.27). Not modelled: ranges, nested locations, bodies of requests, compression (answers leave as they are).
 */
import { fromLatin1, utf8 } from '../../../engine/wire/bytes.ts';
import { concatBytes } from '../../../engine/wire/bytes.ts';
import { header, type HttpHeaders, type HttpRequest, type HttpResponse } from '../../../engine/wire/http.ts';
import type { FileSystem } from '../../host.ts';
import type { Location, NginxConfig, Rewrite, Server, Settings } from './config.ts';
import { PAGE_TIME } from './page.ts';
import { expand, httpDate, type Endpoint, type Exchange } from './variables.ts';

export interface Site {
  readonly fs: FileSystem;
  readonly config: NginxConfig;
  readonly version: string;
  readonly hostname: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly client: Endpoint;
  /** Where the connection came in: picks the server, redirects name its port when it is not 80. */
  readonly server: Endpoint;
  /** 32 hex digits. */
  readonly requestId: () => string;
}

/** An answer, and what a log line about it needs. */
export interface Answered {
  readonly reply: HttpResponse;
  readonly settings: Settings;
  readonly exchange: Exchange;
}

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK', 201: 'Created', 202: 'Accepted', 204: 'No Content', 301: 'Moved Permanently', 302: 'Moved Temporarily', 303: 'See Other', 304: 'Not Modified', 307: 'Temporary Redirect', 308: 'Permanent Redirect',
  400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found', 405: 'Not Allowed', 408: 'Request Time-out', 409: 'Conflict', 410: 'Gone', 413: 'Request Entity Too Large', 414: 'Request-URI Too Large', 415: 'Unsupported Media Type', 418: '', 429: 'Too Many Requests',
  500: 'Internal Server Error', 501: 'Not Implemented', 502: 'Bad Gateway', 503: 'Service Temporarily Unavailable', 504: 'Gateway Time-out', 505: 'HTTP Version Not Supported', 507: 'Insufficient Storage',
};
const TITLES: Readonly<Record<number, string>> = { 302: 'Found', 413: 'Request Entity Too Large' };
const REDIRECTS = [301, 302, 303, 307, 308];
/** A request sent on inside more often than this ends as 500. */
const MAX_REDIRECTS = 10;

const errorPage = (status: number, banner: string): string => {
  const title = `${status} ${TITLES[status] ?? REASONS[status] ?? ''}`;
  return `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>${banner}</center>\r\n</body>\r\n</html>\r\n`;
};

/** What the handlers made, before the filters. */
interface Content {
  readonly status: number;
  readonly type: string | undefined;
  readonly body: string;
  /** ETag, Last-Modified, Location. */
  readonly headers: HttpHeaders;
  readonly ranges: boolean;
  /** nginx's own page: an error_page may stand in for it. */
  readonly special: boolean;
}

const persistent = (request: HttpRequest): boolean => {
  const connection = (header(request.headers, 'connection') ?? '').toLowerCase();
  return connection.includes('close') ? false : request.version === 'HTTP/1.1' || connection.includes('keep-alive');
};

function nameMatches(pattern: string, host: string): boolean {
  if (pattern.startsWith('~')) return new RegExp(pattern.slice(1), 'i').test(host);
  if (pattern.startsWith('*.')) return host.endsWith(pattern.slice(1).toLowerCase());
  if (pattern.startsWith('.')) return host === pattern.slice(1) || host.endsWith(pattern);
  if (pattern.endsWith('.*')) return host.startsWith(pattern.slice(0, -1));
  return pattern.toLowerCase() === host;
}

/** Exact names first, then wildcards, then expressions, then the socket's default server. */
function serverOf(config: NginxConfig, at: Endpoint, host: string): Server | undefined {
  const exact = config.servers.filter((s) => s.listens.some((l) => l.port === at.port && l.address === at.address));
  const here = exact.length > 0 ? exact : config.servers.filter((s) => s.listens.some((l) => l.port === at.port));
  const rank = (name: string): number => (name.startsWith('~') ? 3 : name.startsWith('*') || name.startsWith('.') ? 1 : name.endsWith('.*') ? 2 : 0);
  const named = here.flatMap((s) => s.names.filter((n) => nameMatches(n, host)).map((n) => ({ s, rank: rank(n) }))).sort((a, b) => a.rank - b.rank)[0]?.s;
  return named ?? here.find((s) => s.listens.some((l) => l.port === at.port && l.isDefault)) ?? here[0];
}

function locationOf(server: Server, uri: string): Location | undefined {
  const exact = server.locations.find((l) => l.match === '=' && l.path === uri);
  if (exact !== undefined) return exact;
  const longest = server.locations.filter((l) => (l.match === '' || l.match === '^~') && uri.startsWith(l.path)).sort((a, b) => b.path.length - a.path.length)[0];
  if (longest?.match === '^~') return longest;
  return server.locations.find((l) => l.pattern?.test(uri) === true) ?? longest;
}

class Handler {
  readonly #site: Site;
  readonly #server: Server;
  #exchange: Exchange;
  #settings: Settings;
  readonly #own = new Map<string, string>();
  #redirects = 0;

  constructor(site: Site, server: Server, request: HttpRequest, uri: string) {
    this.#site = site;
    this.#server = server;
    this.#settings = server.settings;
    this.#exchange = {
      request, client: site.client, server: site.server, hostname: site.hostname, now: site.now, serverName: server.names[0] ?? '', version: site.version, documentRoot: server.settings.root, uri,
      own: this.#own, requestId: site.requestId,
    };
  }

  get settings(): Settings {
    return this.#settings;
  }

  get exchange(): Exchange {
    return this.#exchange;
  }

  get banner(): string {
    return this.#settings.tokens ? `nginx/${this.#site.version}` : 'nginx';
  }

  error(status: number, extra: HttpHeaders = []): Content {
    return { status, type: 'text/html', body: REASONS[status] === undefined ? '' : errorPage(status, this.banner), headers: extra, ranges: false, special: true };
  }

  /** The content for a URI; errors become their error_page. */
  handle(): Content {
    const first = this.#rewrite(this.#server.rewrites) ?? this.#inLocation(this.#exchange.uri);
    return this.#withErrorPage(first);
  }

  #withErrorPage(content: Content): Content {
    const page = this.#settings.errorPages.find((p) => p.codes.includes(content.status));
    if (page === undefined || !content.special || content.headers.length > 0) return content;
    const target = expand(page.target, this.#exchange);
    const status = page.answer === undefined ? content.status : page.answer === '' ? undefined : Number(page.answer);
    if (/^https?:\/\//.test(target)) return this.error(status !== undefined && REDIRECTS.includes(status) ? status : 302, [['Location', target]]);
    const named = target.startsWith('@') ? this.#server.locations.find((l) => l.match === '@' && l.path === target.slice(1)) : undefined;
    const made = named === undefined ? this.#inLocation(target, true) : this.#at(named, this.#exchange.uri);
    return made.special ? made : { ...made, status: status ?? made.status };
  }

  #inLocation(uri: string, internal = false): Content {
    this.#exchange = { ...this.#exchange, uri };
    const location = locationOf(this.#server, uri);
    if (location?.internal === true && !internal) return this.error(404);
    return location === undefined ? this.#static(this.#server.settings, uri, this.#server.tryFiles) : this.#at(location, uri, internal);
  }

  #at(location: Location, uri: string, internal = false): Content {
    const { settings } = location;
    this.#settings = settings;
    this.#exchange = { ...this.#exchange, uri, documentRoot: settings.alias ?? settings.root };
    const returned = this.#rewrite(location.rewrites);
    if (returned !== undefined) return returned;
    const inside = settings.alias === undefined ? uri : uri.slice(location.path.length);
    return this.#static(settings, inside, location.tryFiles, internal);
  }

  #rewrite(rewrites: readonly Rewrite[]): Content | undefined {
    for (const r of rewrites) {
      if (r.kind === 'set') this.#own.set(r.name, expand(r.value, this.#exchange));
      else return this.#returned(r.status, r.text === undefined ? undefined : expand(r.text, this.#exchange));
    }
    return undefined;
  }

  #returned(status: number, text: string | undefined): Content {
    if (REDIRECTS.includes(status)) return this.error(status, [['Location', this.#absolute(text ?? '')]]);
    if (text === undefined && status >= 400) return this.error(status);
    return { status, type: status === 204 || status === 304 ? undefined : this.#typeOf(this.#exchange.uri), body: text ?? '', headers: [], ranges: false, special: false };
  }

  #absolute(target: string): string {
    if (!target.startsWith('/')) return target;
    const { port } = this.#site.server;
    const host = (header(this.#exchange.request.headers, 'host') ?? this.#exchange.serverName).replace(/:\d+$/, '');
    return `http://${host}${port === 80 ? '' : `:${port}`}${target}`;
  }

  #typeOf(uri: string): string {
    const extension = /\.([^./]+)$/.exec(uri)?.[1]?.toLowerCase() ?? '';
    const type = this.#settings.types.get(extension) ?? this.#settings.defaultType;
    return this.#settings.charset !== undefined && /^text\/|^application\/(?:javascript|rss\+xml)$/.test(type) ? `${type}; charset=${this.#settings.charset}` : type;
  }

  #static(settings: Settings, uri: string, tryFiles: readonly string[] | undefined, internal = false): Content {
    const { fs } = this.#site;
    const base = expand(settings.alias ?? settings.root, this.#exchange).replace(/\/+$/, '');
    if (tryFiles === undefined) return this.#file(settings, base, uri);
    for (const raw of tryFiles.slice(0, -1)) {
      const name = expand(raw, this.#exchange);
      const wanted = name.endsWith('/') ? 'directory' : 'file';
      if (fs.kind(`${base}/${name}`.replaceAll(/\/+/g, '/').replace(/\/$/, '')) === wanted) return this.#file(settings, base, `/${name}`.replaceAll(/\/+/g, '/'));
    }
    const last = expand(tryFiles.at(-1) ?? '', this.#exchange);
    if (last.startsWith('=')) return this.error(Number(last.slice(1)));
    if (internal && ++this.#redirects > MAX_REDIRECTS) return this.error(500);
    const named = last.startsWith('@') ? this.#server.locations.find((l) => l.match === '@' && l.path === last.slice(1)) : undefined;
    return named === undefined ? this.#inLocation(last, true) : this.#at(named, this.#exchange.uri, true);
  }

  #file(settings: Settings, base: string, uri: string): Content {
    const { fs } = this.#site;
    const { request } = this.#exchange;
    if (!['GET', 'HEAD', 'POST'].includes(request.method)) return this.error(405);
    const path = `${base}${uri.startsWith('/') || uri === '' ? '' : '/'}${uri}`.replace(/\/+$/, '');
    const kind = fs.kind(path);
    if (kind === 'directory' && !uri.endsWith('/') && uri !== '') return this.error(301, [['Location', this.#absolute(`${this.#exchange.uri}/`)]]);
    const index = settings.index.find((i) => fs.kind(`${path}/${i}`) === 'file');
    if (kind === 'directory' && index === undefined) return this.error(403);
    const name = kind === 'directory' ? `${path}/${index ?? ''}` : path;
    const text = fs.kind(name) === 'file' ? fs.read(name) : undefined;
    if (text?.ok !== true) return this.error(404);
    if (request.method === 'POST') return this.error(405);
    const etag = `"${PAGE_TIME.toString(16)}-${utf8(text.value).length.toString(16)}"`;
    const dated: HttpHeaders = [['Last-Modified', httpDate(PAGE_TIME * 1000)], ['ETag', etag]];
    const fresh = header(request.headers, 'if-none-match') === etag || header(request.headers, 'if-modified-since') === httpDate(PAGE_TIME * 1000);
    return { status: fresh ? 304 : 200, type: fresh ? undefined : this.#typeOf(name), body: fresh ? '' : text.value, headers: dated, ranges: !fresh, special: false };
  }
}

/** sub_filter: the first place of each string (or all of them), whatever its case. */
function substituted(text: string, settings: Settings, exchange: Exchange): string {
  let out = '';
  let rest = text;
  const left = new Set(settings.subs);
  for (;;) {
    const hits = [...left].map((s) => ({ s, from: expand(s.from, exchange) })).map((h) => ({ ...h, at: rest.toLowerCase().indexOf(h.from.toLowerCase()) })).filter((h) => h.at >= 0 && h.from !== '').sort((a, b) => a.at - b.at);
    const [hit] = hits;
    if (hit === undefined) return out + rest;
    out += rest.slice(0, hit.at) + expand(hit.s.to, exchange);
    rest = rest.slice(hit.at + hit.from.length);
    if (settings.subOnce) left.delete(hit.s);
  }
}

const ADD_HEADER_STATUS = [200, 201, 204, 206, 301, 302, 303, 304, 307, 308];

/** The filters: substitution, further headers, length or chunks. */
function filtered(site: Site, content: Content, settings: Settings, exchange: Exchange, banner: string, keep: boolean): HttpResponse {
  const { request } = exchange;
  const head = request.method === 'HEAD';
  const plain = content.type?.replace(/;.*/, '') ?? '';
  const subbed = settings.subs.length > 0 && content.body !== '' && (settings.subTypes.includes(plain) || settings.subTypes.includes('*'));
  const bytes = utf8(subbed ? substituted(content.body, settings, exchange) : content.body);
  // The filter does not know the length beforehand: HTTP/1.1 gets chunks, HTTP/1.0 the end of the connection.
  const chunks = subbed && request.version === 'HTTP/1.1';
  const stays = keep && !(subbed && !chunks);
  const added: HttpHeaders = settings.headers.filter((h) => h.always || ADD_HEADER_STATUS.includes(content.status)).map((h) => [h.name, expand(h.value, exchange)] as const).filter(([, v]) => v !== '');
  const modified = content.headers.filter(([n]) => n === 'Last-Modified' && (!subbed || settings.subKeepsDate));
  const etag = content.headers.filter(([n]) => n === 'ETag').flatMap(([n, v]) => (subbed ? (settings.subKeepsDate ? [[n, `W/${v}`] as const] : []) : [[n, v] as const]));
  const length: HttpHeaders = content.type === undefined ? [] : [['Content-Type', content.type], ...(subbed ? [] : [['Content-Length', String(bytes.length)] as const])];
  const headers: HttpHeaders = [
    ['Server', banner], ['Date', httpDate(site.now)], ...length, ...modified, ...content.headers.filter(([n]) => n === 'Location'), ...(chunks ? [['Transfer-Encoding', 'chunked'] as const] : []),
    ['Connection', stays ? 'keep-alive' : 'close'], ...etag, ...added, ...(content.ranges && !subbed ? [['Accept-Ranges', 'bytes'] as const] : []),
  ];
  const body = head || content.status === 304 || content.status === 204 ? new Uint8Array(0) : chunks ? concatBytes([fromLatin1(`${bytes.length.toString(16)}\r\n`), bytes, fromLatin1('\r\n0\r\n\r\n')]) : bytes;
  return { kind: 'response', version: 'HTTP/1.1', status: content.status, reason: REASONS[content.status] ?? '', headers, body };
}

function refused(site: Site, request: HttpRequest, server: Server): Answered {
  const handler = new Handler(site, server, request, '/');
  return { reply: filtered(site, handler.error(400), server.settings, handler.exchange, handler.banner, false), settings: server.settings, exchange: handler.exchange };
}

const NO_REQUEST: HttpRequest = { kind: 'request', method: '', target: '', version: 'HTTP/1.0', headers: [], body: new Uint8Array(0) };

/** The answer to a request; undefined stands for bytes that are none. */
export function answer(site: Site, request: HttpRequest | undefined): Answered | undefined {
  const host = request === undefined ? undefined : header(request.headers, 'host');
  const server = serverOf(site.config, site.server, (host ?? '').replace(/:\d+$/, '').toLowerCase());
  if (server === undefined) return undefined;
  const path = request === undefined ? undefined : cleanPath(request.target);
  if (request === undefined || path === undefined || (request.version === 'HTTP/1.1' && host === undefined)) return refused(site, request ?? NO_REQUEST, server);
  const handler = new Handler(site, server, request, path);
  const content = handler.handle();
  // 444: nothing at all, the connection closes.
  if (content.status === 444) return undefined;
  const keep = persistent(request) && handler.settings.keepalive > 0;
  return { reply: filtered(site, content, handler.settings, handler.exchange, handler.banner, keep), settings: handler.settings, exchange: handler.exchange };
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
