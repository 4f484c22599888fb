/** Programs of the packaged pods. */
import type { Program } from '../../../engine/sim/process.ts';
import { plus, seconds } from '../../../engine/sim/time.ts';
import type { Kernel } from '../../../engine/uapi/kernel.ts';
import { parseManifest } from '../../api/manifest.ts';
import type { Image, ProcessSpec } from '../../node/images.ts';
import { traefik } from '../traefik/traefik.ts';
import { klipperLb } from './klipper-lb.ts';
import { chartOf } from './charts.ts';

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

/** helm install of what the charts hold here. Everything of a chart is looked at before the first object is made. */
function* helm(spec: ProcessSpec): Program {
  const name = spec.env.get('NAME') ?? '';
  const { api } = spec.plane;
  const chart = parseManifest(chartOf(name, spec.env.get('CHART') ?? ''), '', spec.api.serves);
  const [unknown] = chart.errors;
  if (unknown !== undefined) {
    spec.log.write(`Error: INSTALLATION FAILED: unable to build kubernetes objects from release manifest: ${unknown.text.replace(/^error: /, '')}\n`);
    return 1;
  }
  for (const doc of chart.documents) {
    const done = api.apply(doc.kind, doc.raw, 'kube-system', false);
    if (!done.ok) {
      spec.log.write(`Error: INSTALLATION FAILED: ${done.error.message}\n`);
      return 1;
    }
  }
  spec.log.write(`NAME: ${name}\nNAMESPACE: kube-system\nSTATUS: deployed\nREVISION: 1\n`);
  return 0;
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
