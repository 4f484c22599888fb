/** Objects as the API server sends them: without what is empty, keys sorted. */
import { goJson } from '../api/names.ts';
import { goYaml } from './go-yaml.ts';

/** Fields whose type is a map of strings: an empty value is a value. */
const MAPS: ReadonlySet<string> = new Set(['labels', 'annotations', 'matchLabels', 'selector', 'nodeSelector', 'data', 'binaryData', 'parameters']);

const entries = (value: object): readonly (readonly [string, unknown])[] => Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

/** Empty strings, undefined and empty lists are absent (omitempty), but for the creation time of a template, which Go cannot leave out. */
export function plain(value: unknown, inMap = false): unknown {
  if (Array.isArray(value)) return value.map((item) => plain(item));
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
