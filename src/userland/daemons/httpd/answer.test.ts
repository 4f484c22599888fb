import { describe, expect, it, test } from 'vitest';
import { latin1 } from '../../../engine/wire/bytes.ts';
import { emitHttp, type HttpRequest } from '../../../engine/wire/http.ts';
import { MemoryFileSystem } from '../../fs/memory-file-system.ts';
import { answer, badRequest, httpDate, logDate, type Site } from './answer.ts';
import { DEFAULT_PAGE, HTML_ROOT, NGINX_FILES, NGINX_VERSION } from './page.ts';

const site: Site = { fs: new MemoryFileSystem({ ...NGINX_FILES, [`${HTML_ROOT}/docs/a.txt`]: 'text', [`${HTML_ROOT}/x.bin`]: 'b' }), root: HTML_ROOT, version: NGINX_VERSION, now: Date.UTC(2024, 5, 6, 13, 9, 28), port: 80 };
const request = (target: string, more: Partial<HttpRequest> = {}): HttpRequest => ({ kind: 'request', method: 'GET', target, version: 'HTTP/1.1', headers: [['Host', 'nginx']], body: new Uint8Array(0), ...more });

describe('nginx', () => {
  it('serves the page with its headers in nginx order', () => {
    expect(latin1(emitHttp(answer(site, request('/'))))).toBe(`HTTP/1.1 200 OK\r\nServer: nginx/1.27.0\r\nDate: Thu, 06 Jun 2024 13:09:28 GMT\r\nContent-Type: text/html\r\nContent-Length: 615\r\nLast-Modified: Tue, 28 May 2024 13:22:30 GMT\r\nConnection: keep-alive\r\nETag: "6655da96-267"\r\nAccept-Ranges: bytes\r\n\r\n${DEFAULT_PAGE}`);
  });
  it('404 is 153 bytes', () => {
    const reply = answer(site, request('/nope'));
    expect(reply.headers).toContainEqual(['Content-Length', '153']);
    expect(latin1(reply.body)).toBe('<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n<hr><center>nginx/1.27.0</center>\r\n</body>\r\n</html>\r\n');
  });
  test.each([
    ['/index.html?x=1', {}, 200], ['/docs', {}, 301], ['/docs/', {}, 403], ['/docs/a.txt', {}, 200], ['/docs/../index.html', {}, 200], ['/../etc/passwd', {}, 400], ['/%zz', {}, 400], ['/%69ndex.html', {}, 200],
    ['/', { method: 'POST' }, 405], ['/', { method: 'BREW' }, 405], ['/', { headers: [] }, 400], ['/', { headers: [], version: 'HTTP/1.0' }, 200], ['/', { headers: [['Host', 'x'], ['If-None-Match', '"6655da96-267"']] }, 304],
  ] as const)('%s %j: %i', (target, more, status) => {
    expect(answer(site, request(target, more)).status).toBe(status);
  });
  it('a folder without its slash is moved, types follow the name, HEAD has no body', () => {
    expect(answer(site, request('/docs')).headers).toContainEqual(['Location', 'http://nginx/docs/']);
    expect(answer({ ...site, port: 8080 }, request('/docs')).headers).toContainEqual(['Location', 'http://nginx:8080/docs/']);
    expect(answer(site, request('/docs/a.txt')).headers).toContainEqual(['Content-Type', 'text/plain']);
    expect(answer(site, request('/x.bin')).headers).toContainEqual(['Content-Type', 'application/octet-stream']);
    const head = answer(site, request('/', { method: 'HEAD' }));
    expect([head.body.length, head.headers.find(([n]) => n === 'Content-Length')?.[1]]).toEqual([0, '615']);
  });
  it('who keeps the connection', () => {
    const kept = (r: HttpRequest): string | undefined => answer(site, r).headers.find(([n]) => n === 'Connection')?.[1];
    expect([kept(request('/')), kept(request('/', { headers: [['Host', 'x'], ['Connection', 'close']] })), kept(request('/', { version: 'HTTP/1.0' })), badRequest(site).headers.find(([n]) => n === 'Connection')?.[1]]).toEqual(['keep-alive', 'close', 'close', 'close']);
  });
  it('pages made at request time', () => {
    expect(latin1(answer({ ...site, content: (r) => (r.target === '/ip' ? 'hello' : undefined) }, request('/ip')).body)).toBe('hello');
  });
  it('dates', () => {
    expect([httpDate(0), logDate(0)]).toEqual(['Thu, 01 Jan 1970 00:00:00 GMT', '01/Jan/1970:00:00:00 +0000']);
  });
});
