/**
 * The image registry: names of images to programs of this lab.
 * To add an image: one record. An image that is not here cannot be pulled (ErrImagePull), as with a registry.
 */
import type { Process, Program } from '../../engine/sim/process.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import type { MadeHost } from '../../userland/make-host.ts';
import type { Input, Output } from '../../userland/host.ts';
import { httpd } from '../../userland/daemons/httpd/httpd.ts';
import { NGINX_FILES, NGINX_VERSION, nginxVersion } from '../../userland/daemons/httpd/page.ts';
import { findCommand } from '../../userland/shell/find-command.ts';
import { startShellLine } from '../../userland/shell/shell.ts';
import type { ControlPlane } from '../plane.ts';
import type { Store } from '../store.ts';
import type { Prng } from '../../base/prng.ts';
import { metallbController } from '../addons/metallb/controller.ts';
import { frrStandIn } from '../addons/metallb/frr.ts';
import { metallbSpeaker } from '../addons/metallb/speaker.ts';
import { coreDns } from '../addons/coredns/coredns.ts';
import { PACKAGED_IMAGES } from '../addons/k3s-packaged/images.ts';
import { APACHE } from './images-apache.ts';
import { AGNHOST_IMAGES } from './images-agnhost.ts';
import { KUBEADM_IMAGES } from './images-kubeadm.ts';
import { WEB_IMAGES } from './images-web.ts';
import { JOBS_API } from './jobs-api.ts';

/** What the main process of a container is started with. */
export interface ProcessSpec {
  readonly host: MadeHost;
  readonly command: readonly string[] | undefined;
  readonly args: readonly string[] | undefined;
  readonly env: ReadonlyMap<string, string>;
  readonly cwd: string;
  /** Of a container with `stdin: true`: open until somebody attached has ended it. */
  readonly stdin: Input | undefined;
  readonly log: Output;
  /** The API as pods with a service account see it. */
  readonly api: Store;
  /** For programs that also write to it. */
  readonly plane: ControlPlane;
  /** Of its pod, as the service account's files tell. */
  readonly namespace: string;
  /** Tag of the image. */
  readonly tag: string;
  readonly random: Prng;
  /** Of the machine. */
  readonly cpus: number;
  /** Tells of a process that the first one started. */
  readonly child: (pid: number, process: Process, title: string) => void;
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
  /** Environment that differs from tag to tag. */
  readonly tagEnv?: (tag: string) => Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
  /** USER of the Dockerfile; root when it has none. */
  readonly user?: string;
  /** WORKDIR of the Dockerfile; / when it has none. */
  readonly workingDir?: string;
  /** Entry point; undefined for images whose command is a shell line. */
  readonly main: ((spec: ProcessSpec, kernel: Kernel) => Program) | undefined;
  readonly defaultCommand: readonly string[];
  /** defaultCommand is a CMD: args of the container take its place. Without it, it is an ENTRYPOINT: args are added to it. Images without `main` have a CMD. */
  readonly cmd?: true;
  /** ENTRYPOINT is a script that puts defaultCommand before arguments that are no command. */
  readonly guesses?: true;
  /** Commands that are another program's here: see Host.versions. */
  readonly versions?: Readonly<Record<string, string>>;
  /** What its first process calls itself (setproctitle). */
  readonly title?: (words: readonly string[]) => string;
}

const BASIC = ['bash', 'sh', 'cat', 'ls', 'echo', 'env', 'grep', 'head', 'tail', 'wc', 'sed', 'sleep', 'hostname', 'true', 'false', 'test', 'printf', 'date', 'id', 'whoami', 'uname', 'pwd', 'mkdir', 'rm', 'touch', 'cp', 'mv', 'sort', 'uniq', 'cut', 'tr', 'tee', 'seq', 'kill', 'which', 'printenv', 'rev'];

/** nginx of its official image. */
const nginx = (spec: ProcessSpec, kernel: Kernel): Program => httpd(kernel, { version: nginxVersion(spec.tag), fs: spec.host.fs, log: spec.log, hostname: spec.host.hostname, system: spec.host.system, env: spec.env, cpus: spec.cpus, onWorker: spec.child });

/** Alpine: musl's resolver; curl there is linked with c-ares. */
const ALPINE: Readonly<Record<string, string>> = { '/etc/alpine-release': '3.20.0\n', '/etc/os-release': 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.20.0\nPRETTY_NAME="Alpine Linux v3.20"\n' };
const DEBIAN: Readonly<Record<string, string>> = { '/etc/os-release': 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nID=debian\n' };
const UBUNTU: Readonly<Record<string, string>> = { '/etc/os-release': 'PRETTY_NAME="Ubuntu 22.04.4 LTS"\nNAME="Ubuntu"\nVERSION_ID="22.04"\nID=ubuntu\nID_LIKE=debian\n' };
const BUSYBOX = [...BASIC, 'wget', 'nslookup', 'ping', 'nc', 'ip', 'arp', 'route', 'netstat', 'ifconfig'];

const BUSYBOX_TOOLS: Readonly<Record<string, string>> = { ip: 'busybox', netstat: 'busybox', ping: 'busybox' };

export const IMAGES: readonly Image[] = [
  {
    names: ['docker.io/library/nginx'], version: NGINX_VERSION, megabytes: 70, commands: [...BASIC, 'curl', 'nginx', 'apt'],
    env: { PKG_RELEASE: '2~bookworm' }, tagEnv: (tag) => ({ NGINX_VERSION: nginxVersion(tag) }), files: { ...DEBIAN, ...NGINX_FILES },
    cmd: true, main: nginx, defaultCommand: ['nginx', '-g', 'daemon off;'], title: (words) => `nginx: master process ${words.join(' ')}`,
  },
  { names: ['docker.io/nicolaka/netshoot'], version: '0.13', megabytes: 200, commands: undefined, env: {}, files: ALPINE, workingDir: '/root', main: undefined, defaultCommand: ['zsh'] },
  { names: ['docker.io/library/busybox', 'registry.k8s.io/busybox', 'k8s.gcr.io/busybox', 'gcr.io/google-containers/busybox', 'registry.k8s.io/e2e-test-images/busybox'], version: '1.36', megabytes: 3, commands: BUSYBOX, env: {}, files: { '/bin/busybox': '' }, main: undefined, defaultCommand: ['sh'], versions: BUSYBOX_TOOLS },
  { names: ['docker.io/library/alpine'], version: '3.20', megabytes: 4, commands: BUSYBOX, env: {}, files: ALPINE, main: undefined, defaultCommand: ['sh'], versions: BUSYBOX_TOOLS },
  { names: ['docker.io/library/bash'], version: '5.2', megabytes: 6, commands: BUSYBOX, env: {}, files: ALPINE, main: undefined, defaultCommand: ['bash'], versions: BUSYBOX_TOOLS },
  { names: ['docker.io/library/debian'], version: '12', megabytes: 49, commands: [...BASIC, 'apt'], env: {}, files: DEBIAN, main: undefined, defaultCommand: ['bash'] },
  { names: ['docker.io/library/ubuntu'], version: '22.04', megabytes: 30, commands: [...BASIC, 'apt'], env: {}, files: UBUNTU, main: undefined, defaultCommand: ['/bin/bash'] },
  { names: ['registry.k8s.io/e2e-test-images/jessie-dnsutils', 'k8s.gcr.io/e2e-test-images/jessie-dnsutils'], version: '1.3', megabytes: 120, commands: [...BASIC, 'dig', 'nslookup', 'host', 'ping', 'nc', 'ip', 'curl', 'apt'], env: {}, files: { '/etc/os-release': 'PRETTY_NAME="Debian GNU/Linux 8 (jessie)"\nNAME="Debian GNU/Linux"\nVERSION_ID="8"\nID=debian\n' }, main: undefined, defaultCommand: ['/bin/sh', '-c', 'sleep infinity'] },
  { names: ['docker.io/curlimages/curl'], version: '8.8.0', megabytes: 9, commands: [...BASIC, 'curl', 'nslookup', 'ping', 'ip'], env: {}, files: ALPINE, main: undefined, user: 'curl_user', guesses: true, defaultCommand: ['curl'] },
  { names: ['docker.io/rancher/mirrored-coredns-coredns', 'docker.io/coredns/coredns', 'registry.k8s.io/coredns/coredns'], version: '1.10.1', megabytes: 16, commands: [], env: {}, files: {}, main: coreDns, defaultCommand: ['/coredns'] },
  { names: ['quay.io/metallb/controller'], version: 'v0.14.9', megabytes: 27, commands: [], env: {}, files: {}, main: metallbController, defaultCommand: ['/controller'] },
  { names: ['quay.io/metallb/speaker'], version: 'v0.14.9', megabytes: 48, commands: [], env: {}, files: {}, main: metallbSpeaker, defaultCommand: ['/speaker'] },
  { names: ['quay.io/metallb/frr-k8s', 'quay.io/frrouting/frr'], version: 'v0.0.16', megabytes: 50, commands: [], env: {}, files: {}, main: frrStandIn, defaultCommand: ['/frr-k8s'] },
  JOBS_API,
  ...KUBEADM_IMAGES,
  ...WEB_IMAGES,
  APACHE,
  ...AGNHOST_IMAGES,
  ...PACKAGED_IMAGES,
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

export const shellWord = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** Words of a container's first process. */
export function firstWords(image: Image, host: MadeHost, command: readonly string[] | undefined, args: readonly string[] | undefined): readonly string[] {
  const given = args ?? [];
  if (command !== undefined && command.length > 0) return [...command, ...given];
  if (given.length === 0 || (image.main !== undefined && image.cmd !== true)) return [...image.defaultCommand, ...given];
  const [first = ''] = given;
  return image.guesses === true && (first.startsWith('-') || findCommand(host, first) === undefined) ? [...image.defaultCommand, ...given] : given;
}

/** The container's first process. Kubernetes' `command` replaces the entry point, `args` its arguments. */
export function mainProgram(image: Image, spec: ProcessSpec): (kernel: Kernel, pid: number) => Program {
  const words = firstWords(image, spec.host, spec.command, spec.args);
  const own = image.main;
  const [first = ''] = words;
  if (own !== undefined && (first === image.defaultCommand[0] || first.endsWith(`/${image.defaultCommand[0] ?? ''}`))) return (kernel) => own(spec, kernel);
  return (kernel, pid) => startShellLine(spec.host, words.map(shellWord).join(' '), { stdin: spec.stdin, stdout: spec.log, stderr: spec.log, kernel, pid, env: spec.env, cwd: spec.cwd });
}
