/** What a stored object has lost of the manifest it was made from, and which of its fields have no effect here. */
import { FIELDS, type Kind } from '../../cluster/api/kinds.ts';
import type { Field } from '../../cluster/api/schema.ts';

type Tree = Readonly<Record<string, unknown>>;

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);
const at = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);

/** Written by the system, or kept elsewhere than where it was given, as upstream does. */
const NOT_STORED: ReadonlySet<string> = new Set(['status', 'stringData', 'metadata.creationTimestamp', 'metadata.managedFields']);

/** Paths of what was given and is not stored as given; empty: nothing was lost. */
export function lost(given: unknown, stored: unknown, path = ''): readonly string[] {
  if (given === undefined || given === null || NOT_STORED.has(path)) return [];
  if (Array.isArray(given)) {
    const there: readonly unknown[] = Array.isArray(stored) ? stored : [];
    return given.flatMap((item: unknown, i) => (i < there.length ? lost(item, there[i], `${path}[${i}]`) : [`${path}[${i}]`]));
  }
  if (isTree(given)) {
    if (stored === undefined) return Object.keys(given).length === 0 ? [] : [path];
    return Object.entries(given).flatMap(([key, value]) => lost(value, isTree(stored) ? stored[key] : undefined, at(path, key)));
  }
  if (given === '' && stored === undefined) return [];
  return String(given) === String(stored) ? [] : [path];
}

function inertBelow(field: Field<unknown> | undefined, given: unknown, path: string): readonly string[] {
  if (field === undefined || given === undefined || given === null) return [];
  if (field.inert === true) return [path];
  if (Array.isArray(given)) return given.flatMap((item: unknown, i) => inertBelow(field, item, `${path}[${i}]`));
  if (!isTree(given) || field.fields === undefined) return [];
  const { fields } = field;
  const isMap = field.go.startsWith('map[');
  return Object.entries(given).flatMap(([key, value]) => (isMap ? [] : inertBelow(fields[key], value, at(path, key))));
}

/** Paths of what was given and is kept without effect in this lab. */
export const withoutEffect = (kind: Kind, given: Tree): readonly string[] => inertBelow(FIELDS[kind], given, '');
