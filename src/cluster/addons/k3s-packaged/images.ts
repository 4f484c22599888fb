/** Programs of the packaged pods. */
import type { Program } from '../../../engine/sim/process.ts';
import { plus, seconds } from '../../../engine/sim/time.ts';
import type { Kernel } from '../../../engine/uapi/kernel.ts';
import { parseManifest } from '../../api/manifest.ts';
import { httpServer } from '../../node/http-responder.ts';
import type { Image, ProcessSpec } from '../../node/images.ts';
import { klipperLb } from './klipper-lb.ts';
import { TRAEFIK_CHART } from './manifests.ts';

const TOOLS = ['bash', 'sh', 'cat', 'ls', 'echo', 'env', 'grep', 'head', 'tail', 'wc', 'sleep', 'hostname', 'date', 'id', 'pwd', 'wget', 'nslookup', 'ping', 'ip', 'nc', 'netstat', 'which'];
const BUSYBOX = { ip: 'busybox', netstat: 'busybox' };
const ALPINE = { '/etc/alpine-release': '3.15.4\n' };

function* wait(kernel: Kernel): Program {
  for (;;) yield { until: plus(kernel.clock.now, seconds(86_400)) };
}

const saysAndWaits = (what: string) => (spec: ProcessSpec, kernel: Kernel): Program => {
  spec.log.write(`${what} not modelled in this lab: this container only waits.\n`);
  return wait(kernel);
};

/** helm install of the one chart that there is. The chart of the definitions has nothing that this lab knows. */
function* helm(spec: ProcessSpec): Program {
  const name = spec.env.get('NAME') ?? '';
  const { api } = spec.plane;
  for (const doc of name === 'traefik' ? parseManifest(TRAEFIK_CHART, 'chart', () => true).documents : []) {
    const done = api.apply(doc.kind, doc.raw, 'kube-system', false);
    if (!done.ok) {
      spec.log.write(`Error: INSTALLATION FAILED: ${done.error.message}\n`);
      return 1;
    }
  }
  spec.log.write(`NAME: ${name}\nNAMESPACE: kube-system\nSTATUS: deployed\nREVISION: 1\n`);
  return 0;
}

/** A traefik without routes: 404 on the entry points, its ping on 9000. */
function* traefik(spec: ProcessSpec, kernel: Kernel): Program {
  const notFound = { status: 404, headers: [['Content-Type', 'text/plain; charset=utf-8'], ['X-Content-Type-Options', 'nosniff']] as const, body: '404 page not found\n' };
  for (const port of [8000, 8443]) kernel.spawn('traefik', (own) => httpServer(own, 'traefik', port, () => notFound));
  return yield* httpServer(kernel, 'traefik', 9000, ({ target }) => (target === '/ping' ? { status: 200, headers: [], body: 'OK' } : notFound), spec.log);
}

const image = (names: readonly string[], version: string, megabytes: number, main: Image['main'], command: string, more: Partial<Image> = {}): Image =>
  ({ names, version, megabytes, commands: [], env: {}, files: {}, main, defaultCommand: [command], ...more });

export const PACKAGED_IMAGES: readonly Image[] = [
  image(['docker.io/rancher/local-path-provisioner'], 'v0.0.21', 11, saysAndWaits('Provisioning of volumes is'), 'local-path-provisioner', { commands: TOOLS, files: ALPINE, versions: BUSYBOX }),
  image(['docker.io/rancher/mirrored-metrics-server'], 'v0.5.2', 24, saysAndWaits('The metrics API is'), '/metrics-server'),
  image(['docker.io/rancher/klipper-helm'], 'v0.7.3-build20220613', 80, helm, 'entry', { commands: TOOLS, files: ALPINE, versions: BUSYBOX }),
  image(['docker.io/rancher/mirrored-library-traefik'], '2.6.2', 28, traefik, '/entrypoint.sh', { commands: TOOLS, files: ALPINE, versions: BUSYBOX }),
  image(['docker.io/rancher/klipper-lb'], 'v0.3.5', 4, klipperLb, 'entry', { commands: [...TOOLS, 'iptables', 'iptables-save'], files: ALPINE, versions: BUSYBOX }),
];
