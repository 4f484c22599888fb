/** Amounts of CPU and memory. Models: apimachinery/pkg/api/resource (values only), pkg/apis/core/v1/helper/qos (v1.29). */
import type { Container, PodSpec } from './pod.ts';

type Resources = NonNullable<Container['resources']>;

const SUFFIX: Readonly<Record<string, number>> = {
  '': 1, m: 1e-3, u: 1e-6, n: 1e-9, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18,
  Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60,
};
const FORM = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:(m|u|n|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)|[eE]([+-]?\d+))?$/;

/** In units of one (cores, bytes); undefined: not a quantity. */
export function parseQuantity(text: string): number | undefined {
  const [whole, digits, suffix = '', exponent] = FORM.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const value = Number(digits) * (exponent === undefined ? (SUFFIX[suffix] ?? 1) : 10 ** Number(exponent));
  return Number(value.toPrecision(15)); // 100m is a tenth, not a float's idea of it
}

/** A request that is not given is the limit. */
export function requestsOf(r: Resources): Resources {
  if (r.limits === undefined || Object.keys(r.limits).length === 0) return r;
  return { ...r, requests: { ...r.limits, ...r.requests } };
}

export function qosClass(spec: PodSpec): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const all = [...spec.containers, ...(spec.initContainers ?? [])];
  const named = (r: Readonly<Record<string, string>> | undefined): readonly string[] => ['cpu', 'memory'].filter((k) => r?.[k] !== undefined);
  if (all.every((c) => named(c.resources?.limits).length === 0 && named(c.resources?.requests).length === 0)) return 'BestEffort';
  const guaranteed = all.every((c) => ['cpu', 'memory'].every((k) => c.resources?.limits?.[k] !== undefined && c.resources.limits[k] === c.resources.requests?.[k]));
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

/** What a pod asks of its node: the sum of its containers, or its greediest init container. */
export function podRequest(spec: PodSpec, resource: string): number {
  const of = (c: Container): number => parseQuantity(c.resources?.requests?.[resource] ?? '0') ?? 0;
  return Math.max(spec.containers.reduce((n, c) => n + of(c), 0), ...(spec.initContainers ?? []).map(of));
}
