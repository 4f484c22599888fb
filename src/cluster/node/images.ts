/**
 * The image registry: names of images to programs of this lab.
 * To add an image: one record. An image that is not here cannot be pulled (ErrImagePull), as with a registry.
 */
import type { Program } from '../../engine/sim/process.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import { utf8 } from '../../engine/wire/bytes.ts';
import type { MadeHost } from '../../userland/make-host.ts';
import type { Output } from '../../userland/host.ts';
import { startShellLine } from '../../userland/shell/shell.ts';
import type { Store } from '../store.ts';
import type { Prng } from '../../base/prng.ts';
import { httpServer } from './http-responder.ts';
import { coreDns } from '../addons/coredns/coredns.ts';

/** What the main process of a container is started with. */
export interface ProcessSpec {
  readonly host: MadeHost;
  readonly command: readonly string[] | undefined;
  readonly args: readonly string[] | undefined;
  readonly env: ReadonlyMap<string, string>;
  readonly cwd: string;
  readonly log: Output;
  /** The API as pods with a service account see it. */
  readonly api: Store;
  readonly random: Prng;
}

export interface Image {
  /** Full references without tag that name it. */
  readonly names: readonly string[];
  /** The tag that `latest` (or none) stands for, in headers and versions. */
  readonly version: string;
  /** Bytes over the wire, for the time a pull takes. */
  readonly megabytes: number;
  /** Commands inside: undefined: all that a pod can have; otherwise only these. */
  readonly commands: readonly string[] | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
  /** Entry point; undefined for images whose command is a shell line. */
  readonly main: ((spec: ProcessSpec, kernel: Kernel) => Program) | undefined;
  readonly defaultCommand: readonly string[];
}

const BASIC = ['bash', 'sh', 'cat', 'ls', 'echo', 'env', 'grep', 'head', 'tail', 'wc', 'sed', 'sleep', 'hostname', 'true', 'false', 'test', 'printf', 'date', 'id', 'whoami', 'uname', 'pwd', 'mkdir', 'rm', 'touch', 'cp', 'mv', 'sort', 'uniq', 'cut', 'tr', 'tee', 'seq', 'kill', 'which'];

export const NGINX_PAGE = `<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
<style>
html { color-scheme: light dark; }
body { width: 35em; margin: 0 auto;
font-family: Tahoma, Verdana, Arial, sans-serif; }
</style>
</head>
<body>
<h1>Welcome to nginx!</h1>
<p>If you see this page, the nginx web server is successfully installed and
working. Further configuration is required.</p>

<p>For online documentation and support please refer to
<a href="http://nginx.org/">nginx.org</a>.<br/>
Commercial support is available at
<a href="http://nginx.com/">nginx.com</a>.</p>

<p><em>Thank you for using nginx.</em></p>
</body>
</html>
`;

const HTML_ROOT = '/usr/share/nginx/html';
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MIME: Readonly<Record<string, string>> = { html: 'text/html', txt: 'text/plain', css: 'text/css', js: 'application/javascript', json: 'application/json' };

/** `29/May/2024:13:09:28 +0000` */
const accessTime = (ms: number): string => {
  const d = new Date(ms);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${two(d.getUTCDate())}/${MONTHS[d.getUTCMonth()] ?? ''}/${d.getUTCFullYear()}:${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())} +0000`;
};

const errorPage = (status: number, text: string, version: string): string =>
  `<html>\r\n<head><title>${status} ${text}</title></head>\r\n<body>\r\n<center><h1>${status} ${text}</h1></center>\r\n<hr><center>nginx/${version}</center>\r\n</body>\r\n</html>\r\n`;

const NGINX_VERSION = '1.25.5';

/** nginx: files below its html folder, its headers, its access log. */
const nginx = (spec: ProcessSpec, kernel: Kernel): Program => httpServer(kernel, 'nginx', 80, (request, peer) => {
  const now = kernel.clock.wallMillis();
  const path = decodeURIComponent(request.target.split('?')[0] ?? '/');
  const file = `${HTML_ROOT}${path.endsWith('/') ? `${path}index.html` : path}`;
  const content = path.includes('/../') ? undefined : spec.host.fs.read(file);
  const common = (type: string, length: number): (readonly [string, string])[] => [['Server', `nginx/${NGINX_VERSION}`], ['Date', new Date(now).toUTCString()], ['Content-Type', type], ['Content-Length', String(length)]];
  const methodOk = request.method === 'GET' || request.method === 'HEAD';
  const found = methodOk && content?.ok === true;
  const status = found ? 200 : methodOk ? 404 : 405;
  const body = found ? content.value : errorPage(status, status === 404 ? 'Not Found' : 'Not Allowed', NGINX_VERSION);
  const length = utf8(body).length;
  const agent = request.headers.find(([n]) => n.toLowerCase() === 'user-agent')?.[1] ?? '-';
  spec.log.write(`${peer.address} - - [${accessTime(now)}] "${request.method} ${request.target} ${request.version}" ${status} ${length} "-" "${agent}" "-"\n`);
  const extra: (readonly [string, string])[] = found
    ? [['Last-Modified', 'Tue, 16 Apr 2024 14:29:59 GMT'], ['Connection', 'keep-alive'], ['ETag', `"661e8b67-${length.toString(16)}"`], ['Accept-Ranges', 'bytes']] : [['Connection', 'keep-alive']];
  return { status, headers: [...common(found ? (MIME[file.split('.').at(-1) ?? ''] ?? 'application/octet-stream') : 'text/html', length), ...extra], body };
}, spec.log);

export const IMAGES: readonly Image[] = [
  {
    names: ['docker.io/library/nginx'], version: NGINX_VERSION, megabytes: 70, commands: [...BASIC, 'curl', 'nginx'],
    env: { NGINX_VERSION, PKG_RELEASE: '1~bookworm' }, files: { [`${HTML_ROOT}/index.html`]: NGINX_PAGE, '/etc/nginx/nginx.conf': 'user  nginx;\nworker_processes  auto;\n' },
    main: nginx, defaultCommand: ['nginx', '-g', 'daemon off;'],
  },
  { names: ['docker.io/nicolaka/netshoot'], version: '0.12', megabytes: 200, commands: undefined, env: {}, files: {}, main: undefined, defaultCommand: ['zsh'] },
  { names: ['docker.io/library/busybox', 'docker.io/library/alpine'], version: '1.36', megabytes: 3, commands: [...BASIC, 'wget', 'nslookup', 'ping', 'nc', 'ip', 'arp', 'route', 'netstat', 'ifconfig'], env: {}, files: {}, main: undefined, defaultCommand: ['sh'] },
  { names: ['docker.io/curlimages/curl'], version: '8.7.1', megabytes: 9, commands: [...BASIC, 'curl', 'nslookup', 'ping', 'ip'], env: {}, files: {}, main: undefined, defaultCommand: ['curl'] },
  { names: ['docker.io/rancher/mirrored-coredns-coredns', 'docker.io/coredns/coredns', 'registry.k8s.io/coredns/coredns'], version: '1.10.1', megabytes: 16, commands: [], env: {}, files: {}, main: coreDns, defaultCommand: ['/coredns'] },
];

/** `nginx` is `docker.io/library/nginx`, `nicolaka/netshoot` is `docker.io/nicolaka/netshoot`. */
export function imageReference(image: string): { readonly name: string; readonly tag: string } {
  const at = image.replace(/@sha256:.*$/, '');
  const tag = /:([\w][\w.-]*)$/.exec(at)?.[1];
  const bare = tag === undefined ? at : at.slice(0, -(tag.length + 1));
  const parts = bare.split('/');
  const registry = parts.length > 1 && /[.:]|^localhost$/.test(parts[0] ?? '') ? '' : parts.length === 1 ? 'docker.io/library/' : 'docker.io/';
  return { name: registry + bare, tag: tag ?? 'latest' };
}

export const findImage = (image: string): Image | undefined => IMAGES.find((i) => i.names.includes(imageReference(image).name));

const shellWord = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** The container's first process. Kubernetes' `command` replaces the entry point, `args` its arguments. */
export function mainProgram(image: Image, spec: ProcessSpec): (kernel: Kernel, pid: number) => Program {
  const words = [...(spec.command ?? image.defaultCommand), ...(spec.args ?? [])];
  const own = image.main;
  const isOwn = own !== undefined && (spec.command === undefined || spec.command[0] === image.defaultCommand[0] || spec.command[0]?.endsWith(`/${image.defaultCommand[0] ?? ''}`) === true);
  if (isOwn) return (kernel) => own(spec, kernel);
  return (kernel, pid) => startShellLine(spec.host, words.map(shellWord).join(' '), { stdout: spec.log, stderr: spec.log, kernel, pid, env: spec.env, cwd: spec.cwd });
}
