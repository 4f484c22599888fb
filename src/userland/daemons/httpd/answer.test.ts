import { describe, expect, it, test } from 'vitest';
import { must } from '../../../base/assert.ts';
import { parseIpv4 } from '../../../engine/wire/addresses.ts';
import { latin1 } from '../../../engine/wire/bytes.ts';
import { emitHttp, type HttpRequest, type HttpResponse } from '../../../engine/wire/http.ts';
import { MemoryFileSystem } from '../../fs/memory-file-system.ts';
import { answer, type Site } from './answer.ts';
import { loadConfig } from './config.ts';
import { DEFAULT_PAGE, HTML_ROOT, NGINX_FILES, NGINX_VERSION } from './page.ts';
import { expandLog, httpDate, logDate } from './variables.ts';

const ip = (text: string) => must(parseIpv4(text), text);

/** A site with the image's files; `conf` replaces the whole configuration. */
function siteOf(conf?: string, port = 80): Site {
  const fs = new MemoryFileSystem({ ...NGINX_FILES, [`${HTML_ROOT}/docs/a.txt`]: 'text', [`${HTML_ROOT}/x.bin`]: 'b', [`${HTML_ROOT}/404.html`]: 'gone\n', ...(conf === undefined ? {} : { '/etc/nginx/nginx.conf': conf }) });
  return {
    fs, config: loadConfig(fs), version: NGINX_VERSION, hostname: 'web-1', now: Date.UTC(2024, 5, 6, 13, 9, 28), client: { address: ip('10.42.0.1'), port: 51172 }, server: { address: ip('10.42.1.35'), port }, requestId: () => 'f'.repeat(32),
  };
}

const server = (inside: string): string => `events {}\nhttp { server { listen 8080; ${inside} } }`;
const request = (target: string, more: Partial<HttpRequest> = {}): HttpRequest => ({ kind: 'request', method: 'GET', target, version: 'HTTP/1.1', headers: [['Host', 'nginx']], body: new Uint8Array(0), ...more });
const reply = (site: Site, asked: HttpRequest | undefined): HttpResponse => must(answer(site, asked), 'an answer').reply;
const site = siteOf();
const body = (conf: string, target = '/', more: Partial<HttpRequest> = {}): string => latin1(reply(siteOf(conf, 8080), request(target, more)).body);
const get = (r: HttpResponse, name: string): string | undefined => r.headers.find(([n]) => n === name)?.[1];

describe('nginx as its image has it', () => {
  it('serves the page with its headers in nginx order', () => {
    expect(latin1(emitHttp(reply(site, request('/'))))).toBe(`HTTP/1.1 200 OK\r\nServer: nginx/1.27.0\r\nDate: Thu, 06 Jun 2024 13:09:28 GMT\r\nContent-Type: text/html\r\nContent-Length: 615\r\nLast-Modified: Tue, 28 May 2024 13:22:30 GMT\r\nConnection: keep-alive\r\nETag: "6655da96-267"\r\nAccept-Ranges: bytes\r\n\r\n${DEFAULT_PAGE}`);
  });
  it('404 is 153 bytes', () => {
    const missing = reply(site, request('/nope'));
    expect(missing.headers).toContainEqual(['Content-Length', '153']);
    expect(latin1(missing.body)).toBe('<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n<hr><center>nginx/1.27.0</center>\r\n</body>\r\n</html>\r\n');
  });
  test.each([
    ['/index.html?x=1', {}, 200], ['/docs', {}, 301], ['/docs/', {}, 403], ['/docs/a.txt', {}, 200], ['/docs/../index.html', {}, 200], ['/../etc/passwd', {}, 400], ['/%zz', {}, 400], ['/%69ndex.html', {}, 200],
    ['/', { method: 'POST' }, 405], ['/', { method: 'BREW' }, 405], ['/', { headers: [] }, 400], ['/', { headers: [], version: 'HTTP/1.0' }, 200], ['/', { headers: [['Host', 'x'], ['If-None-Match', '"6655da96-267"']] }, 304],
  ] as const)('%s %j: %i', (target, more, status) => {
    expect(reply(site, request(target, more)).status).toBe(status);
  });
  it('a folder without its slash is moved, types follow the name, HEAD has no body', () => {
    expect(get(reply(site, request('/docs')), 'Location')).toBe('http://nginx/docs/');
    expect(get(reply(site, request('/docs/a.txt')), 'Content-Type')).toBe('text/plain');
    expect(get(reply(site, request('/x.bin')), 'Content-Type')).toBe('application/octet-stream');
    const head = reply(site, request('/', { method: 'HEAD' }));
    expect([head.body.length, get(head, 'Content-Length')]).toEqual([0, '615']);
  });
  it('who keeps the connection', () => {
    const kept = (r: HttpRequest | undefined): string | undefined => get(reply(site, r), 'Connection');
    expect([kept(request('/')), kept(request('/', { headers: [['Host', 'x'], ['Connection', 'close']] })), kept(request('/', { version: 'HTTP/1.0' })), kept(undefined)]).toEqual(['keep-alive', 'close', 'close', 'close']);
  });
  it('dates', () => {
    expect([httpDate(0), logDate(0)]).toEqual(['Thu, 01 Jan 1970 00:00:00 GMT', '01/Jan/1970:00:00:00 +0000']);
  });
});

describe('nginx as a lab configures it', () => {
  test.each<[string, string, string, string]>([
    ['a text with variables', 'location / { return 200 "pod $server_addr:${server_port} client $remote_addr:$remote_port on $hostname\\n"; }', '/', 'pod 10.42.1.35:8080 client 10.42.0.1:51172 on web-1\n'],
    ['the longest prefix', 'location / { return 200 a; } location /api/ { return 200 b; }', '/api/x', 'b'],
    ['an expression before a prefix', 'location /api/ { return 200 b; } location ~ \\.php$ { return 200 c; }', '/api/x.php', 'c'],
    ['^~ before an expression', 'location ^~ /api/ { return 200 b; } location ~ \\.php$ { return 200 c; }', '/api/x.php', 'b'],
    ['= before everything', 'location = /x { return 200 exact; } location ~ x { return 200 c; }', '/x', 'exact'],
    ['a server-level return before locations', 'return 200 all; location / { return 200 no; }', '/', 'all'],
    ['set, arguments and headers', 'set $who "$arg_name/$http_host"; location / { return 200 $who; }', '/?name=ann', 'ann/nginx'],
    ['alias', 'location /files/ { alias /usr/share/nginx/html/docs/; }', '/files/a.txt', 'text'],
    ['try_files falls back to the last', 'root /usr/share/nginx/html; location / { try_files $uri /docs/a.txt; }', '/none', 'text'],
    ['error_page', 'root /usr/share/nginx/html; error_page 404 /404.html;', '/none', 'gone\n'],
    ['a named location', 'error_page 404 = @gone; location @gone { return 200 named; }', '/none', 'named'],
    ['sub_filter_once off', 'root /usr/share/nginx/html; sub_filter_types *; sub_filter_once off; sub_filter T $server_port; location / { }', '/docs/a.txt', 'a\r\n8080ex8080\r\n0\r\n\r\n'],
  ])('%s', (_name, inside, target, expected) => {
    expect(body(server(inside), target)).toBe(expected);
  });

  it('picks the server by socket, then by name', () => {
    const conf = 'events {} http { server { listen 8080; return 200 first; } server { listen 8080 default_server; server_name other; return 200 default; } server { listen 8080; server_name *.example.org; return 200 wild; } server { listen 8080; server_name www.example.org; return 200 exact; } }';
    const of = (host: string): string => body(conf, '/', { headers: [['Host', host]] });
    expect([of('www.example.org'), of('a.example.org:8080'), of('nobody')]).toEqual(['exact', 'wild', 'default']);
  });

  it('redirects, further headers, a hidden version, a default type', () => {
    const moved = reply(siteOf(server('location / { return 301 /new; }'), 8080), request('/'));
    expect([moved.status, get(moved, 'Location'), moved.body.length]).toEqual([301, 'http://nginx:8080/new', 169]);
    const site8080 = siteOf(server('default_type text/plain; server_tokens off; add_header X-Pod $hostname; location / { return 200 x; } location /no { return 404; }'), 8080);
    const said = reply(site8080, request('/'));
    expect([get(said, 'Content-Type'), get(said, 'X-Pod'), get(said, 'Server')]).toEqual(['text/plain', 'web-1', 'nginx']);
    expect(get(reply(site8080, request('/no')), 'X-Pod')).toBeUndefined();
  });

  it('444 says nothing; a log line is as log_format says', () => {
    expect(answer(siteOf(server('return 444;'), 8080), request('/'))).toBeUndefined();
    const answered = must(answer(siteOf('events {} http { log_format tiny "$remote_addr $status $http_referer"; server { listen 8080; access_log /dev/stdout tiny; return 200 x; } }', 8080), request('/')), 'an answer');
    expect(answered.settings.logs.map((l) => expandLog(l.format, { ...answered.exchange, sent: { status: 200, bodyBytes: 1 } }))).toEqual(['10.42.0.1 200 -']);
  });
});
