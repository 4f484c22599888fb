/**
 * docker.io/library/httpd: Apache with the image's own configuration.
 * Models: httpd 2.4.59: static files of /usr/local/apache2/htdocs, index.html, 403 and 404, the common log on standard output, header order.
 * Not modelled: httpd.conf (its directives are not read), modules, listings, when a file was changed (all are as old as the image's page), conditional requests.
 */
import type { Program } from '../../engine/sim/process.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import { utf8 } from '../../engine/wire/bytes.ts';
import type { HttpHeaders } from '../../engine/wire/http.ts';
import { httpServer } from './http-responder.ts';
import { pathOf } from './go-http.ts';
import type { Image, ProcessSpec } from './images.ts';

const VERSION = '2.4.59';
const ROOT = '/usr/local/apache2/htdocs';
const IT_WORKS = '<html><body><h1>It works!</h1></body></html>\n';
/** Last-Modified of the image's page, ms since 1970, and its microseconds in hex for the ETag. */
const PAGE_MILLIS = Date.UTC(2007, 5, 11, 18, 53, 14);
const PAGE_ETAG = '432a5e4a73a80';
const TYPES: Readonly<Record<string, string>> = { html: 'text/html', htm: 'text/html', css: 'text/css', js: 'text/javascript', json: 'application/json', txt: 'text/plain', xml: 'application/xml', svg: 'image/svg+xml' };

const errorPage = (title: string, text: string): string =>
  `<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n<title>${title}</title>\n</head><body>\n<h1>${title.slice(4)}</h1>\n<p>${text}</p>\n</body></html>\n`;

const versionOf = (tag: string): string => /^2\.4\.\d+/.exec(tag)?.[0] ?? VERSION;

const pad = (n: number): string => String(n).padStart(2, '0');
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** `11/Jun/2024:09:10:32 +0000` */
function logTime(kernel: Kernel): string {
  const d = new Date(kernel.clock.wallMillis());
  return `${pad(d.getUTCDate())}/${MONTHS[d.getUTCMonth()] ?? ''}/${d.getUTCFullYear()}:${pad(d.getUTCHours())}:${pad(d.getUTCMinutes())}:${pad(d.getUTCSeconds())} +0000`;
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
/** `Tue Jun 11 09:10:32.000000 2024` */
function errorTime(kernel: Kernel): string {
  const d = new Date(kernel.clock.wallMillis());
  const time = `${pad(d.getUTCHours())}:${pad(d.getUTCMinutes())}:${pad(d.getUTCSeconds())}.${String(d.getUTCMilliseconds()).padStart(3, '0')}000`;
  return `${DAYS[d.getUTCDay()] ?? ''} ${MONTHS[d.getUTCMonth()] ?? ''} ${pad(d.getUTCDate())} ${time} ${d.getUTCFullYear()}`;
}

interface Page {
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly type: string;
  readonly body: string;
}

function page({ host: { fs } }: ProcessSpec, path: string, method: string): Page {
  const refused = (status: number, title: string, text: string): Page => ({ status, headers: [], type: 'text/html; charset=iso-8859-1', body: errorPage(title, text) });
  if (method !== 'GET' && method !== 'HEAD') return { ...refused(405, '405 Method Not Allowed', `The requested method ${method} is not allowed for this URL.`), headers: [['Allow', 'GET,POST,OPTIONS,HEAD,TRACE']] };
  const wanted = `${ROOT}${path}`;
  const folder = fs.kind(wanted.replace(/(.)\/$/, '$1')) === 'directory';
  const file = folder ? `${wanted.replace(/\/$/, '')}/index.html` : wanted;
  const text = path.split('/').includes('..') ? undefined : fs.read(file);
  if (text?.ok === true) {
    const headers: HttpHeaders = [['Last-Modified', new Date(PAGE_MILLIS).toUTCString()], ['ETag', `"${utf8(text.value).length.toString(16)}-${PAGE_ETAG}"`], ['Accept-Ranges', 'bytes']];
    return { status: 200, headers, type: TYPES[file.split('.').at(-1) ?? ''] ?? '', body: text.value };
  }
  return folder ? refused(403, '403 Forbidden', "You don't have permission to access this resource.") : refused(404, '404 Not Found', 'The requested URL was not found on this server.');
}

function* apache(spec: ProcessSpec, kernel: Kernel): Program {
  const server = `Apache/${versionOf(spec.tag)} (Unix)`;
  spec.log.write(`[${errorTime(kernel)}] [mpm_event:notice] [pid 1:tid 1] AH00489: ${server} configured -- resuming normal operations\n[${errorTime(kernel)}] [core:notice] [pid 1:tid 1] AH00094: Command line: 'httpd -D FOREGROUND'\n`);
  const code = yield* httpServer(kernel, 'httpd', 80, (request, peer) => {
    const { status, headers, type, body } = page(spec, pathOf(request), request.method);
    const length = utf8(body).length;
    spec.log.write(`${peer.address} - - [${logTime(kernel)}] "${request.method} ${request.target} ${request.version}" ${status} ${request.method === 'HEAD' ? '-' : length}\n`);
    return { status, headers: [['Date', new Date(kernel.clock.wallMillis()).toUTCString()], ['Server', server], ...headers, ['Content-Length', String(length)], ...(type === '' ? [] : [['Content-Type', type] as const])], body };
  });
  if (code === 1) spec.log.write('(98)Address already in use: AH00072: make_sock: could not bind to address 0.0.0.0:80\nno listening sockets available, shutting down\nAH00015: Unable to open logs\n');
  return code;
}

export const APACHE: Image = {
  names: ['docker.io/library/httpd'], version: VERSION, megabytes: 59,
  commands: ['bash', 'sh', 'cat', 'ls', 'echo', 'env', 'printenv', 'grep', 'head', 'tail', 'wc', 'sed', 'sleep', 'hostname', 'date', 'id', 'pwd', 'mkdir', 'rm', 'touch', 'cp', 'mv', 'apt', 'which'],
  env: { HTTPD_PREFIX: '/usr/local/apache2' }, tagEnv: (tag) => ({ HTTPD_VERSION: versionOf(tag) }), files: { '/etc/os-release': 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nID=debian\n', [`${ROOT}/index.html`]: IT_WORKS },
  workingDir: '/usr/local/apache2', main: apache, cmd: true, defaultCommand: ['httpd-foreground'],
};
