/**
 * Which node announces an address: pure.
 * Models: metallb speaker/layer2_controller.go ShouldAnnounce, internal/k8s/epslices (v0.14.5): every speaker decides alone, from the same inputs.
 */
import { sha256Hex } from '../../../base/hash.ts';
import type { EndpointSlice, Node } from '../../api/kinds.ts';
import type { Pool } from './pools.ts';

export interface Election {
  readonly owner: string | undefined;
  /** In the order of their hashes: who takes over next. */
  readonly candidates: readonly string[];
  /** Why nobody announces, in the log's words. */
  readonly reason: 'failed no active endpoints' | 'pool not matching my node' | 'no available nodes' | undefined;
}

type Endpoint = EndpointSlice['endpoints'][number];

/** Terminating endpoints that still serve count; a condition that is not told is true. */
export const canServe = (e: Endpoint): boolean => e.conditions?.ready !== false || e.conditions.serving === true;

export const EXCLUDE_LABEL = 'node.kubernetes.io/exclude-from-external-load-balancers';

const networkUnavailable = (n: Node): boolean => n.status.conditions?.some((c) => c.type === 'NetworkUnavailable' && c.status === 'True') === true;

/** isNodeAvailableChanged compares this. */
export const available = (n: Node): boolean => !networkUnavailable(n) && n.metadata.labels?.[EXCLUDE_LABEL] === undefined;

export interface ElectionInput {
  /** First address of the service: services that share it share the node. */
  readonly ip: string;
  readonly pool: Pool;
  readonly localOnly: boolean;
  readonly slices: readonly EndpointSlice[];
  /** Nodes whose speaker memberlist holds for alive. */
  readonly speakers: readonly string[];
  readonly nodes: ReadonlyMap<string, Node>;
  /** --ignore-exclude-lb */
  readonly ignoreExclude: boolean;
  readonly myNode: string;
}

/** sha256 of `node#ip`, ascending. */
export const byHash = (nodes: readonly string[], ip: string): readonly string[] =>
  nodes.map((node) => ({ node, hash: sha256Hex(`${node}#${ip}`) })).sort((a, b) => (a.hash < b.hash ? -1 : 1)).map((h) => h.node);

export function elect(input: ElectionInput): Election {
  const { ip, pool, localOnly, slices, speakers, nodes, myNode } = input;
  const serving = slices.flatMap((s) => s.endpoints).filter(canServe);
  const none = (reason: Election['reason']): Election => ({ owner: undefined, candidates: [], reason });
  if (serving.length === 0) return none('failed no active endpoints');
  if (!pool.l2.some((a) => a.nodes.has(myNode))) return none('pool not matching my node');
  const eligible = speakers.filter((name) => {
    const node = nodes.get(name);
    return node !== undefined && !networkUnavailable(node) && (input.ignoreExclude || node.metadata.labels?.[EXCLUDE_LABEL] === undefined) && pool.l2.some((a) => a.nodes.has(name))
      && (!localOnly || serving.some((e) => e.nodeName === name));
  });
  if (eligible.length === 0) return none('no available nodes');
  const candidates = byHash(eligible, ip);
  return { owner: candidates[0], candidates, reason: undefined };
}
