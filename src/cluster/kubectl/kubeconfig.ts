/**
 * The kubeconfig file: who the server is, which namespace a context has.
 * Read first: kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig. Models: client-go/tools/clientcmd, k3s' choice of its own file.
 * Not modelled: certificates (their place is kept), several files in KUBECONFIG, users.
 */
import { parse } from 'yaml';
import { toBase64 } from '../../base/base64.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { utf8 } from '../../engine/wire/bytes.ts';
import type { Context } from '../../userland/host.ts';
import type { Flags } from './flags.ts';
import { toYaml } from './plain.ts';

export const K3S_CONFIG = '/etc/rancher/k3s/k3s.yaml';

interface Named {
  readonly name: string;
  readonly fields: Readonly<Record<string, string>>;
}

export interface Kubeconfig {
  readonly path: string;
  readonly raw: Readonly<Record<string, unknown>>;
  readonly contexts: readonly Named[];
  readonly current: string;
  readonly namespace: string | undefined;
  readonly server: string;
}

const NO_CERTIFICATE = toBase64(utf8('-----BEGIN CERTIFICATE-----\n(not modelled in this lab)\n-----END CERTIFICATE-----\n'));

/** What the installer writes: one cluster, one user, one context, all of the same name. */
export const kubeconfigText = (name: string, server: string): string => toYaml({
  apiVersion: 'v1', kind: 'Config', preferences: {}, 'current-context': name,
  clusters: [{ cluster: { 'certificate-authority-data': NO_CERTIFICATE, server }, name }],
  contexts: [{ context: { cluster: name, user: name }, name }],
  users: [{ name, user: { 'client-certificate-data': NO_CERTIFICATE, 'client-key-data': NO_CERTIFICATE } }],
});

const record = (value: unknown): Readonly<Record<string, unknown>> => (typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {});
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function named(list: unknown, field: string): readonly Named[] {
  return (Array.isArray(list) ? list : []).map((item: unknown) => {
    const { name, ...rest } = record(item);
    return { name: text(name), fields: Object.fromEntries(Object.entries(record(rest[field])).map(([key, value]) => [key, text(value)])) };
  });
}

/** Undefined: there is none, kubectl then asks localhost:8080. */
export function loadKubeconfig(context: Context, flags: Flags): Result<Kubeconfig | undefined, string> {
  const { fs } = context.host;
  const asked = flags.text('kubeconfig') ?? context.env.get('KUBECONFIG');
  const home = context.env.get('HOME') ?? context.host.home;
  const given = asked?.startsWith('/') === false ? `${context.cwd}/${asked}` : asked;
  const path = given ?? [K3S_CONFIG, `${home}/.kube/config`, `${context.host.home}/.kube/config`].find((p) => fs.kind(p) === 'file');
  const source = path === undefined ? undefined : fs.read(path);
  if (path === undefined || source?.ok !== true) return flags.has('kubeconfig') ? err(`error: stat ${asked ?? ''}: no such file or directory`) : ok(undefined);
  let raw: Readonly<Record<string, unknown>>;
  try {
    raw = record(parse(source.value));
  } catch {
    return err(`error: error loading config file "${path}": yaml: did not find expected key`);
  }
  const contexts = named(raw['contexts'], 'context');
  const current = flags.text('context') ?? text(raw['current-context']);
  const chosen = contexts.find((c) => c.name === current);
  if (chosen === undefined && flags.has('context')) return err(`Error in configuration: context was not found for specified context: ${current}`);
  const clusters = named(raw['clusters'], 'cluster');
  const [cluster, user] = [flags.text('cluster'), flags.text('user')];
  if (user !== undefined && !named(raw['users'], 'user').some((u) => u.name === user)) return err(`error: auth info "${user}" does not exist`);
  if (cluster !== undefined && !flags.has('server') && !clusters.some((c) => c.name === cluster)) return err(`error: no server found for cluster "${cluster}"`);
  const server = flags.text('server') ?? clusters.find((c) => c.name === (cluster ?? chosen?.fields['cluster']))?.fields['server'];
  if (server === undefined) return ok(undefined);
  return ok({ path, raw, contexts, current, namespace: chosen?.fields['namespace'], server });
}
