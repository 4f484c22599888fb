/** Objects as the API server sends them: without what is empty, keys sorted. */
import { goJson } from '../api/names.ts';
import { goYaml } from './go-yaml.ts';

/** Fields whose type is a map of strings: an empty value is a value. */
const MAPS: ReadonlySet<string> = new Set(['labels', 'annotations', 'matchLabels', 'selector', 'nodeSelector', 'data', 'binaryData', 'parameters', 'hostPath']);

const entries = (value: object): readonly (readonly [string, unknown])[] => Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

/** Structs that Go's encoder writes although they are empty, by the list that their owner stands in. */
const ALWAYS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = { containerStatuses: { lastState: {} }, initContainerStatuses: { lastState: {} }, ephemeralContainerStatuses: { lastState: {} } };
const POD_CONDITION = { lastProbeTime: null };

const isPod = (value: object): boolean => Reflect.get(value, 'kind') === 'Pod' && Reflect.has(value, 'spec');

function podStatus(status: unknown): unknown {
  if (typeof status !== 'object' || status === null) return status;
  return Object.fromEntries(Object.entries(status).map(([key, list]: [string, unknown]) => {
    const always = key === 'conditions' ? POD_CONDITION : ALWAYS[key];
    return [key, always !== undefined && Array.isArray(list) ? list.map((item: object) => ({ ...always, ...Object.fromEntries(Object.entries(item).filter(([, v]) => v !== undefined)) })) : list];
  }));
}

/** Empty strings, undefined and empty lists are absent (omitempty), but for the creation time of a template and the like, which Go cannot leave out. */
export function plain(value: unknown, inMap = false): unknown {
  if (Array.isArray(value)) return value.map((item) => plain(item));
  if (typeof value === 'object' && value !== null && !inMap && isPod(value)) return fields({ ...value, status: podStatus(Reflect.get(value, 'status')) }, false);
  return fields(value, inMap);
}

function fields(value: unknown, inMap: boolean): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const out: Record<string, unknown> = {};
  for (const [key, item] of entries(value)) {
    if (key === 'creationTimestamp' && item === '') out[key] = null;
    else if (item === undefined || (item === '' && !inMap) || (Array.isArray(item) && item.length === 0)) continue;
    else out[key] = plain(item, MAPS.has(key));
  }
  return out;
}

/** What `kubectl get` of several objects answers. */
export const plainList = (objects: readonly unknown[]): unknown => ({ apiVersion: 'v1', items: objects.map((o) => plain(o)), kind: 'List', metadata: { resourceVersion: '' } });

export const rawYaml = goYaml;
export const rawJson = (value: unknown): string => `${goJson(value, 4)}\n`;

export const toYaml = (value: unknown): string => rawYaml(plain(value));
export const toJson = (value: unknown): string => rawJson(plain(value));
