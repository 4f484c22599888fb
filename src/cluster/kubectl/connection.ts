/**
 * Whether kubectl reaches the API server, and the API server the kubelets. Models: kubectl/pkg/cmd/util/helpers.go StandardErrorMessage (v1.29), pkg/registry/core/pod/rest;
 * k3s pkg/daemons/control/tunnel.go. Not modelled: servers given by name (they are taken for reachable), the log lines of discovery, kubectl version's own first lines.
 */
import type { Program } from '../../engine/sim/process.ts';
import { parseIpv4 } from '../../engine/wire/addresses.ts';
import type { Context } from '../../userland/host.ts';
import type { Pod } from '../api/kinds.ts';
import type { Cluster } from '../cluster.ts';
import type { Kube } from './verb.ts';

const HTTPS_PORT = 443;

/** What kubectl says when it does not get through; undefined: it does. */
export function* connectionError(cluster: Cluster, context: Context, server: string): Program<string | undefined> {
  const [, host = '', port] = /^https?:\/\/([^:/]+)(?::(\d+))?/.exec(server) ?? [];
  const address = parseIpv4(host);
  if (address === undefined) return undefined;
  const failed = yield* cluster.dialer.dial(context.kernel, { address, port: port === undefined ? HTTPS_PORT : Number(port) }, cluster.isApi(server, context.host));
  if (failed === undefined) return undefined;
  if (failed.error === 'ECONNREFUSED') return `The connection to the server ${host}${port === undefined ? '' : `:${port}`} was refused - did you specify the right host or port?`;
  return `Unable to connect to the server: ${failed.text}`;
}

/** exec and attach: the kubelet does not answer. */
export function* backendError(k: Kube, pod: Pod): Program<string | undefined> {
  const failed = yield* k.cluster.kubeletError(pod.spec.nodeName ?? '');
  return failed === undefined ? undefined : `Error from server: error dialing backend: ${failed}`;
}

export function* logsError(k: Kube, pod: Pod, container: string): Program<string | undefined> {
  const node = pod.spec.nodeName ?? '';
  const failed = yield* k.cluster.kubeletError(node);
  const ip = k.cluster.options.nodes.find((n) => n.name === node)?.internalIp ?? '';
  return failed === undefined ? undefined : `Error from server: Get "https://${ip}:10250/containerLogs/${pod.metadata.namespace}/${pod.metadata.name}/${container}": ${failed}`;
}
