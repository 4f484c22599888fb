/** What Tab offers after `kubectl`: verbs, resource types, names, flags, containers. Models: kubectl/pkg/util/completion (v1.29). */
import type { Cluster } from '../cluster.ts';
import { kindByResource, KINDS } from '../api/kinds.ts';
import { GLOBAL } from './flags.ts';
import type { Verb } from './verb.ts';

const ON_PODS = ['exec', 'logs', 'attach', 'debug'];
const ON_NODES = ['cordon', 'uncordon', 'drain'];
const SUBCOMMANDS: Readonly<Record<string, readonly string[]>> = {
  rollout: ['history', 'pause', 'restart', 'resume', 'status', 'undo'], set: ['env', 'image', 'selector'], config: ['current-context', 'get-contexts', 'set-context', 'use-context', 'view'], auth: ['can-i', 'whoami'],
  create: ['configmap', 'deployment', 'job', 'namespace', 'secret', 'service', 'serviceaccount'], 'create service': ['clusterip', 'externalname', 'loadbalancer', 'nodeport'], 'create secret': ['generic'],
};

export function complete(cluster: Cluster, verbs: readonly Verb[], words: readonly string[]): readonly string[] {
  const last = words.at(-1) ?? '';
  const verb = verbs.find((v) => v.name === words[1]);
  if (words.length <= 2) return [...verbs.map((v) => v.name)].sort();
  if (last.startsWith('-')) return [...new Set([...(verb?.flags ?? []), ...GLOBAL].map((f) => `--${f.name}`))].sort();
  const before = words.at(-2) ?? '';
  const names = (list: readonly { readonly metadata: { readonly name: string } }[]): readonly string[] => list.map((o) => o.metadata.name).sort();
  if (before === '-n' || before === '--namespace') return names(cluster.store.list('Namespace'));
  const at = words.findIndex((w) => w === '-n' || w === '--namespace');
  const namespace = (at > 0 ? words[at + 1] : undefined) ?? words.find((w) => w.startsWith('--namespace='))?.slice(12) ?? 'default';
  if (before === '-o' || before === '--output') return ['custom-columns=', 'json', 'jsonpath=', 'name', 'wide', 'yaml'];
  if (before === '-c' || before === '--container') {
    const pod = cluster.store.list('Pod', namespace).find((p) => words.includes(p.metadata.name));
    return (pod?.spec.containers ?? []).map((c) => c.name);
  }
  const plain = words.slice(2, -1).filter((w, i, all) => !w.startsWith('-') && !['-n', '--namespace', '-o', '-l', '-c'].includes(all[i - 1] ?? ''));
  const [first = '', second] = plain;
  const sub = SUBCOMMANDS[[words[1] ?? '', ...plain].join(' ')];
  if (sub !== undefined) return sub;
  if (ON_PODS.includes(verb?.name ?? '')) return names(cluster.store.list('Pod', namespace));
  if (ON_NODES.includes(verb?.name ?? '')) return names(cluster.store.list('Node'));
  const types = KINDS.filter((i) => cluster.store.serves(i.kind));
  const typeWord = ['rollout', 'set'].includes(words[1] ?? '') ? (second ?? '') : first;
  const [type = '', partial] = last.includes('/') ? last.split('/') : [typeWord];
  const info = kindByResource(type, cluster.store.serves);
  if (info === undefined) return types.map((i) => i.plural).sort();
  const found = names(cluster.store.list(info.kind, info.namespaced ? namespace : undefined));
  return partial === undefined ? found : found.map((n) => `${type}/${n}`);
}
