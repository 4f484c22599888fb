/** Models: kind 0.22: get clusters, get nodes, get kubeconfig, version. Its notes on the provider go to standard error. Not modelled: create, delete, load, build, export. */
import type { Program } from '../../../engine/sim/process.ts';
import type { Command, Context } from '../../host.ts';
import { print } from '../kit.ts';
import type { ContainerEngine } from './engine.ts';

export const CLUSTER_LABEL = 'io.x-k8s.kind.cluster';
const VERSION = 'kind v0.22.0 go1.20.13 linux/amd64';
const ABSENT: readonly string[] = ['create', 'delete', 'load', 'build', 'export', 'completion'];

function* run(engine: ContainerEngine, context: Context): Program {
  const [verb, noun, ...rest] = context.args.slice(1);
  const error = (text: string): number => {
    context.stderr.write(`ERROR: ${text}\n`);
    return 1;
  };
  if (verb === 'version' || verb === '--version') {
    print(context, `${VERSION}\n`);
    return 0;
  }
  if (verb !== undefined && ABSENT.includes(verb)) return error(`kind ${verb} is not modelled in this lab`);
  if (verb !== 'get') return error(`unknown command "${verb ?? ''}" for "kind"`);
  const at = rest.findIndex((w) => w === '--name' || w === '-n');
  const name = rest.find((w) => w.startsWith('--name='))?.slice('--name='.length) ?? (at < 0 ? undefined : rest[at + 1]) ?? 'kind';
  const nodes = engine.containers.filter((c) => c.labels[CLUSTER_LABEL] === name);
  context.stderr.write('using podman due to KIND_EXPERIMENTAL_PROVIDER\nenabling experimental podman provider\n');
  switch (noun) {
    case 'clusters': {
      const names = new Set(engine.containers.map((c) => c.labels[CLUSTER_LABEL] ?? ''));
      print(context, [...names].map((n) => `${n}\n`).join(''));
      return 0;
    }
    case 'nodes':
      if (nodes.length === 0) context.stderr.write(`No kind nodes found for cluster "${name}".\n`);
      else print(context, nodes.map((n) => `${n.name}\n`).join(''));
      return 0;
    case 'kubeconfig': {
      const config = context.host.fs.read(`${context.host.home}/.kube/config`);
      if (nodes.length === 0 || !config.ok) return error(`could not locate any control plane nodes for cluster named '${name}'. Use the --name option to select a different cluster`);
      print(context, config.value);
      return 0;
    }
    default: return error(`unknown command "${noun ?? ''}" for "kind get"`);
  }
}

export const kindTool = (engine: ContainerEngine): Command => ({
  name: 'kind', models: 'kind 0.22: get clusters, nodes, kubeconfig; version', notModelled: ABSENT.join(', '),
  complete: (_host, words) => (words.length <= 2 ? ['get', 'version'] : ['clusters', 'nodes', 'kubeconfig']),
  run: (context) => run(engine, context),
});
