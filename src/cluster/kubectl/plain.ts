/** Objects as the API server sends them: without what is empty, fields in Go's order for JSON and sorted for YAML. */
import { stringify } from 'yaml';

/** Empty strings, undefined and empty lists are absent (omitempty); empty objects that were given stay. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const out: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (item === undefined || item === '' || (Array.isArray(item) && item.length === 0) || (key === 'isTerminating')) continue;
    out[key] = plain(item);
  }
  return out;
}

/** sigs.k8s.io/yaml: sorted keys, lists at their key's indentation, literal blocks for several lines. */
export const toYaml = (value: unknown): string =>
  stringify(plain(value), { indentSeq: false, lineWidth: 0, minContentWidth: 0, sortMapEntries: true, aliasDuplicateObjects: false, version: '1.1', blockQuote: 'literal' });

export const toJson = (value: unknown): string => `${JSON.stringify(plain(value), undefined, 4)}\n`;
