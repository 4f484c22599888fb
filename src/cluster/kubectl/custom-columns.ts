/** -o custom-columns and --sort-by. Models: kubectl/pkg/cmd/get/{customcolumn,sorter}.go (v1.29). */
import { err, ok, type Result } from '../../base/result.ts';
import type { AnyObject } from '../api/kinds.ts';
import { evaluate, goValue } from './jsonpath.ts';
import { plain } from './plain.ts';
import { formatTable } from './table.ts';

/** RelaxedJSONPathExpression: `{.a}`, `.a`, `a`. */
function relaxed(path: string): string | undefined {
  const bare = /^\{?\.?([^{}]+)\}?$/.exec(path)?.[1];
  return bare === undefined ? undefined : bare.startsWith('[') ? bare : `.${bare}`;
}

const cell = (value: unknown): string => (value === null ? '<nil>' : typeof value === 'object' ? goValue(value) : String(value));

export function customColumns(spec: string, objects: readonly AnyObject[], headers: boolean): Result<string, string> {
  if (spec === '') return err('error: custom-columns format specified but no custom columns given');
  const columns: { readonly name: string; readonly path: string }[] = [];
  for (const part of spec.split(',')) {
    const at = part.indexOf(':');
    if (at < 0) return err(`error: unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`);
    const path = relaxed(part.slice(at + 1));
    if (path === undefined) return err(`error: unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'`);
    columns.push({ name: part.slice(0, at), path });
  }
  const rows = objects.map((o) => columns.map(({ path }) => {
    const found = evaluate(path, plain(o));
    return found.ok && found.value.length > 0 ? found.value.map(cell).join(',') : '<none>';
  }));
  return ok(formatTable(headers ? [columns.map((c) => c.name), ...rows] : rows));
}

/** Numbers by value, quantities and everything else as text in natural order. */
export function sortObjects(by: string, objects: readonly AnyObject[]): Result<readonly AnyObject[], string> {
  const path = relaxed(by);
  if (path === undefined) return err(`error: unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'`);
  const keyed = objects.map((object) => {
    const found = evaluate(path, plain(object));
    return { object, key: found.ok ? found.value[0] : undefined };
  });
  if (objects.length > 0 && keyed.every((k) => k.key === undefined)) return err(`error: couldn't find any field with path "{${path}}" in the list of objects`);
  const rank = (a: unknown, b: unknown): number => {
    if (a === undefined || b === undefined) return (a === undefined ? 0 : 1) - (b === undefined ? 0 : 1);
    if (typeof a === 'number' && typeof b === 'number') return a - b;
    return natural(String(a), String(b));
  };
  return ok(keyed.sort((a, b) => rank(a.key, b.key)).map((k) => k.object));
}

/** fvbommel/sortorder: runs of digits compare as numbers. */
function natural(a: string, b: string): number {
  const [x, y] = [a.match(/\d+|\D+/g) ?? [], b.match(/\d+|\D+/g) ?? []];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const [p, q] = [x[i] ?? '', y[i] ?? ''];
    if (p === q) continue;
    if (/^\d/.test(p) && /^\d/.test(q) && Number(p) !== Number(q)) return Number(p) - Number(q);
    return p < q ? -1 : 1;
  }
  return x.length - y.length;
}
