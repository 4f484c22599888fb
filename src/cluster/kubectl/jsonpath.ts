/**
 * Read first: kubernetes.io/docs/reference/kubectl/jsonpath, jsonpath-parser.ts. Models: client-go/util/jsonpath/jsonpath.go, kubectl's RelaxedJSONPathExpression (v1.29).
 * Go visits the fields of a map in no order (`..name`, `.*`); here it is that of the keys.
 */
import { err, ok, type Result } from '../../base/result.ts';
import { goJson } from '../api/names.ts';
import { JsonPathError, parseJsonPath, type List, type Node } from './jsonpath-parser.ts';

type Raw = Readonly<Record<string, unknown>>;
const isRecord = (v: unknown): v is Raw => typeof v === 'object' && v !== null && !Array.isArray(v);

const fail = (text: string): never => {
  throw new JsonPathError(text);
};

/** %v of a Go type. */
const typeName = (v: unknown): string => (isRecord(v) ? 'map[string]interface {}' : typeof v === 'string' ? 'string' : typeof v === 'boolean' ? 'bool' : Number.isInteger(v) ? 'int64' : 'float64');

const children = (v: unknown): readonly unknown[] => (Array.isArray(v) ? v : isRecord(v) ? Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item) : []);

function descend(values: readonly unknown[]): readonly unknown[] {
  return values.flatMap((v) => {
    const below = children(v);
    return below.length === 0 ? [] : [v, ...descend(below)];
  });
}

function compare(left: unknown, operator: string, right: unknown): boolean {
  for (const v of [left, right]) if (v === null || typeof v === 'object') return fail('invalid type for comparison');
  if (typeof left !== typeof right || (typeof left === 'number' && Number.isInteger(left) !== Number.isInteger(right))) return fail('incompatible types for comparison');
  const less = (a: unknown, b: unknown): boolean => (typeof a === 'string' && typeof b === 'string' ? a < b : typeof a === 'number' && typeof b === 'number' ? a < b : fail('invalid type for comparison'));
  switch (operator) {
    case '==': return left === right;
    case '!=': return left !== right;
    case '<': return less(left, right);
    case '>': return less(right, left);
    case '<=': return left === right || less(left, right);
    case '>=': return left === right || less(right, left);
    default: return fail(`unrecognized filter operator ${operator}`);
  }
}

class Run {
  readonly #allowMissing: boolean;
  #begin = 0;
  #in = 0;
  #end = 0;
  #lastEnd: Node | undefined;

  constructor(allowMissing: boolean) {
    this.#allowMissing = allowMissing;
  }

  results(nodes: readonly Node[], current: unknown): readonly (readonly unknown[])[] {
    const out: (readonly unknown[])[] = [];
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[i];
      if (node === undefined) continue;
      const found = this.#walk([current], node);
      if (this.#begin > 0) {
        this.#begin--;
        this.#in++;
        const rest = nodes.slice(i + 1);
        for (const value of found.length > 0 ? found : [undefined]) {
          const inner = this.results(rest, value);
          if (found.length > 0) out.push(...inner);
        }
        this.#in--;
        const end = this.#lastEnd === undefined ? -1 : nodes.indexOf(this.#lastEnd, i + 1);
        if (end >= 0) i = end;
        continue;
      }
      out.push(found);
      if (this.#end > 0 && this.#end <= this.#in) {
        this.#end--;
        this.#lastEnd = node;
        break;
      }
    }
    return out;
  }

  #list(values: readonly unknown[], list: List): readonly unknown[] {
    return list.nodes.reduce<readonly unknown[]>((now, node) => this.#walk(now, node), values);
  }

  #walk(values: readonly unknown[], node: Node): readonly unknown[] {
    const present = values.filter((v) => v !== null && v !== undefined);
    switch (node.is) {
      case 'list': return this.#list(values, node);
      case 'text': return [node.text];
      case 'number':
      case 'bool': return values.map(() => node.value);
      case 'wildcard': return present.flatMap(children);
      case 'recursive': return descend(present);
      case 'union': return node.lists.flatMap((list) => this.#list(values, list));
      case 'identifier': return this.#identifier(node.text, values);
      case 'array': return present.flatMap((v) => slice(v, node));
      case 'filter': return values.flatMap((v) => this.#filter(v, node));
      case 'field': {
        if (values.length === 0) return [];
        const found = present.flatMap((v) => (isRecord(v) && Object.hasOwn(v, node.text) && v[node.text] !== undefined ? [v[node.text]] : []));
        if (found.length === 0 && !this.#allowMissing) return fail(`${node.text} is not found`);
        return found;
      }
    }
  }

  #identifier(name: string, values: readonly unknown[]): readonly unknown[] {
    if (name === 'range') {
      this.#begin++;
      return values;
    }
    if (name !== 'end') return fail(`unrecognized identifier ${name}`);
    if (this.#in === 0) return fail('not in range, nothing to end');
    this.#end++;
    return [];
  }

  /** An index out of bounds exists: evalArray answers its input then, and nobody looks at the error. */
  #exists(item: unknown, left: List): boolean {
    const found = attempt(() => this.#list([item], left));
    return !found.ok || found.value.length > 0;
  }

  #filter(value: unknown, { left, right, operator }: Extract<Node, { readonly is: 'filter' }>): readonly unknown[] {
    if (!Array.isArray(value)) return fail(`${goValue(value)} is not array or slice and cannot be filtered`);
    return value.filter((item: unknown) => {
      if (operator === 'exists') return this.#exists(item, left);
      const lefts = this.#list([item], left);
      if (lefts.length === 0) return false;
      const rights = this.#list([item], right);
      if (lefts.length > 1 || rights.length !== 1) return fail('can only compare one element at a time');
      return compare(lefts[0], operator, rights[0]);
    });
  }
}

function slice(value: unknown, { from = 0, to, step = 1, one }: Extract<Node, { readonly is: 'array' }>): readonly unknown[] {
  if (!Array.isArray(value)) return fail(`${typeName(value)} is not array or slice`);
  const { length } = value;
  const first = from < 0 ? from + length : from;
  const last = to === undefined ? length : to < 0 || (to === 0 && one) ? to + length : to;
  if (first === last) return [];
  if (first >= length || first < 0) return fail(`array index out of bounds: index ${first}, length ${length}`);
  if (last > length || last < 0) return fail(`array index out of bounds: index ${last - 1}, length ${length}`);
  if (first > last) return fail(`starting index ${first} is greater than ending index ${last}`);
  if (step <= 0) return fail('step must be > 0');
  return value.slice(first, last).filter((_, i) => i % step === 0);
}

/** fmt's %v. */
export function goValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goValue).join(' ')}]`;
  if (isRecord(value)) return `map[${Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => `${k}:${goValue(v)}`).join(' ')}]`;
  return value === null || value === undefined ? '<nil>' : String(value);
}

/** fmt's %#v of what JSON decodes to. */
export function goSyntax(value: unknown): string {
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (isRecord(value)) return `map[string]interface {}{${Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => `${JSON.stringify(k)}:${goSyntax(v)}`).join(', ')}}`;
  return value === null || value === undefined ? 'interface {}(nil)' : typeof value === 'string' ? JSON.stringify(value) : String(value);
}

const text = (v: unknown): string => (typeof v === 'object' && v !== null ? goJson(v) : v === null || v === undefined ? 'null' : String(v));

function attempt<T>(work: () => T): Result<T, string> {
  try {
    return ok(work());
  } catch (error) {
    if (error instanceof JsonPathError) return err(error.message);
    throw error;
  }
}

/** Values at a path such as `.items[*].metadata.name`. */
export const evaluate = (path: string, root: unknown): Result<readonly unknown[], string> =>
  attempt(() => new Run(true).results(parseJsonPath(`{${path}}`).nodes, root).flat());

export interface JsonPathOptions {
  /** Every value as JSON, in a list (-o jsonpath-as-json). */
  readonly json?: boolean;
  readonly allowMissing?: boolean;
}

/** -o jsonpath: the refusal is kubectl's whole sentence. */
export function jsonPath(template: string, root: unknown, { json = false, allowMissing = true }: JsonPathOptions = {}): Result<string, string> {
  const parsed = attempt(() => parseJsonPath(template));
  if (!parsed.ok) return err(`error: error parsing jsonpath ${template}, ${parsed.error}`);
  const found = attempt(() => new Run(allowMissing).results(parsed.value.nodes, root));
  if (!found.ok) {
    return err(`error: error executing jsonpath ${JSON.stringify(template)}: Error executing template: ${found.error}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t${template}\n\tobject given to jsonpath engine was:\n\t\t${goSyntax(root)}\n\n`);
  }
  return ok(found.value.map((values) => (json ? `${goJson(values, 4)}\n` : values.map(text).join(' '))).join(''));
}
