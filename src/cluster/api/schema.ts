/**
 * Field tables of API objects, decoded strictly.
 * Read first: kubernetes.io/docs/reference/using-api/api-concepts (field validation).
 * Models: apimachinery strict JSON decoding: unknown fields collected, a wrong type stops the object, missing fields get Go's zero value.
 */
import { canonicalQuantity } from './canonical-quantity.ts';

export interface Problem {
  /** `value`: of the right type, but not to be read. */
  readonly kind: 'unknown' | 'type' | 'value' | 'absent';
  /** `spec.template.spec.containers[0].image` */
  readonly path: string;
  readonly text: string;
  /** Of a wrong type, in JSON schema's words. */
  readonly wanted?: string;
  readonly given?: string;
}

export interface Field<T> {
  /** Go's name of the type, for messages and explain. */
  readonly go: string;
  readonly zero: () => T;
  /** `owner`: name of the Go struct that holds the field. */
  readonly decode: (value: unknown, path: string, owner: string, problems: Problem[]) => T;
  /** Fields of a struct (or of a list's or map's element), for explain. */
  readonly fields?: Readonly<Record<string, Field<unknown>>>;
  /** Kept and shown, without effect in this lab. */
  readonly inert?: boolean;
  /** A Go struct. */
  readonly structure?: boolean;
}

export type Infer<F> = F extends Field<infer T> ? T : never;

const jsonType = (value: unknown): string => {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value;
};

const INTEGERS: readonly string[] = ['int32', 'int64'];

/** encoding/json's UnmarshalTypeError: a number is named only when it has no room. */
const mismatch = (value: unknown, path: string, owner: string, go: string, problems: Problem[]): void => {
  const field = path.replaceAll(/\[[^\]]*\]/g, '');
  const what = typeof value === 'number' && INTEGERS.includes(go) ? `number ${value}` : jsonType(value);
  problems.push({ kind: 'type', path, text: `json: cannot unmarshal ${what} into Go struct field ${owner}.${field} of type ${go}`, wanted: wantedType(go), given: schemaType(value) });
};

/** Names of JSON schema. */
const schemaType = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value === 'number' ? (Number.isInteger(value) ? 'integer' : 'number') : typeof value);
const wantedType = (go: string): string => (go.startsWith('[]') ? 'array' : go === 'bool' ? 'boolean' : go === 'string' ? 'string' : INTEGERS.includes(go) ? 'integer' : 'object');

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function scalar<T>(go: string, empty: T, is: (value: unknown) => value is T): Field<T> {
  return {
    go,
    zero: () => empty,
    decode: (value, path, owner, problems) => {
      if (is(value)) return value;
      if (value !== undefined && value !== null) mismatch(value, path, owner, go, problems);
      return empty;
    },
  };
}

export const str = scalar('string', '', (v): v is string => typeof v === 'string');
export const bool = scalar('bool', false, (v): v is boolean => typeof v === 'boolean');
export const int32 = scalar('int32', 0, (v): v is number => typeof v === 'number' && Number.isInteger(v) && Math.abs(v) <= 0x7fffffff);
export const int64 = scalar('int64', 0, (v): v is number => Number.isSafeInteger(v));
export const intOrString = scalar<number | string>('intstr.IntOrString', 0, (v): v is number | string => typeof v === 'string' || (typeof v === 'number' && Number.isInteger(v)));
/** resource.Quantity: `100m`, `64Mi`, or a bare number; kept as the API server writes it. */
export const quantity: Field<string> = {
  go: 'resource.Quantity', zero: () => '',
  decode: (value, path, _owner, problems) => {
    if (value === undefined || value === null) return '';
    const read = canonicalQuantity(typeof value === 'object' ? JSON.stringify(value) : String(value));
    if (!read.ok) problems.push({ kind: 'value', path, text: read.error });
    return read.ok ? read.value : '';
  },
};
/** A string of a closed set is a plain string to the decoder: values are the validation's business. */
export const timestamp = str;

/** Known upstream, kept as given, without effect here. */
export const inert: Field<unknown> = { go: 'Object', inert: true, zero: () => undefined, decode: (value) => value };

/** Known upstream and refused, because leaving it out would change what the network does. */
export const absent = (what: string): Field<undefined> => ({
  go: 'Object',
  zero: () => undefined,
  decode: (value, path, _owner, problems) => {
    if (value !== undefined && value !== null) problems.push({ kind: 'absent', path, text: `${path}: ${what} is not modelled in this lab` });
    return undefined;
  },
});

/** A Go type with its package; every versioned API package is called v1 or like it. */
const typeOf = (field: Field<unknown>): string => (field.structure === true ? `v1.${field.go}` : field.go);

export function list<T>(element: Field<T>): Field<readonly T[]> {
  const go = `[]${typeOf(element)}`;
  return {
    go,
    zero: () => [],
    ...(element.fields === undefined ? {} : { fields: element.fields }),
    decode: (value, path, owner, problems) => {
      if (Array.isArray(value)) return value.map((item: unknown, i) => element.decode(item, `${path}[${i}]`, owner, problems));
      if (value !== undefined && value !== null) mismatch(value, path, owner, go, problems);
      return [];
    },
  };
}

export function map<T>(element: Field<T>): Field<Readonly<Record<string, T>>> {
  const go = `map[string]${typeOf(element)}`;
  return {
    go,
    zero: () => ({}),
    ...(element.fields === undefined ? {} : { fields: element.fields }),
    decode: (value, path, owner, problems) => {
      const out: Record<string, T> = {};
      if (isRecord(value)) for (const [key, item] of Object.entries(value)) out[key] = element.decode(item, `${path}.${key}`, owner, problems);
      else if (value !== undefined && value !== null) mismatch(value, path, owner, go, problems);
      return out;
    },
  };
}

type Shape = Readonly<Record<string, Field<unknown>>>;
type StructOf<R extends Shape, O extends Shape> = { readonly [K in keyof R]: Infer<R[K]> } & { readonly [K in keyof O]?: Infer<O[K]> | undefined };

/** `required`: always there (Go's zero value when not given). `optional`: pointers and omitempty fields. */
export function struct<R extends Shape, O extends Shape>(go: string, required: R, optional: O): Field<StructOf<R, O>> {
  const fields: Shape = { ...required, ...optional };
  const build = (value: Readonly<Record<string, unknown>>, path: string, problems: Problem[]): StructOf<R, O> => {
    const out: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      if (fields[key] === undefined) problems.push({ kind: 'unknown', path: join(path, key), text: `unknown field "${join(path, key)}"` });
    }
    for (const [key, field] of Object.entries(fields)) {
      const given = value[key];
      const wanted = required[key] !== undefined;
      if (given === undefined || given === null) {
        if (wanted) out[key] = field.zero();
      } else out[key] = field.decode(given, join(path, key), go, problems);
    }
    return out as StructOf<R, O>; // built field by field from the same tables the type is made of
  };
  return {
    go,
    fields,
    structure: true,
    zero: () => build({}, '', []),
    decode: (value, path, owner, problems) => {
      if (isRecord(value)) return build(value, path, problems);
      if (value !== undefined && value !== null) mismatch(value, path, owner, `v1.${go}`, problems);
      return build({}, path, []);
    },
  };
}

const join = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);
