/**
 * The objects of the API server, in memory.
 * Models: etcd behind k3s' kine: one revision counter; lists come in order of the last modification (kine before 0.12 sorted by id), which is
 * why `kubectl get nodes` of the seed reads vm1, vm3, vm2. Objects are immutable: an update replaces them.
 * Not modelled: resourceVersion conflicts (controllers here are never concurrent), pagination, field managers.
 */
import { err, ok, type Result } from '../base/result.ts';
import { alreadyExists, notFound, type ApiError } from './api/errors.ts';
import { sameJson } from './api/names.ts';
import { ObjectTable, type ListOrder } from './object-table.ts';
import { FIELDS, isKind, kindInfo, KINDS, type AnyObject, type Kind, type KindMap } from './api/kinds.ts';

export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED';
export interface Change<K extends Kind = Kind> {
  readonly type: ChangeType;
  readonly kind: K;
  readonly object: KindMap[K];
  readonly before: KindMap[K] | undefined;
}
type Watcher = (change: Change) => void;

type Tables = { readonly [K in Kind]: ObjectTable<KindMap[K]> };

/** A table per kind of the registry. */
const emptyTables = (order: ListOrder): Tables => Object.fromEntries(Object.keys(FIELDS).map((kind) => [kind, new ObjectTable(order)])) as Tables; // the keys of FIELDS are what Kind is

const keyOf = (namespace: string, name: string): string => `${namespace}/${name}`;

export class Store {
  readonly #tables: Tables;
  readonly #watchers = new Set<Watcher>();
  readonly order: ListOrder;
  #revision = 0;

  constructor(order: ListOrder = 'kine') {
    this.order = order;
    this.#tables = emptyTables(order);
  }

  /** False for a view of it that is cut off. */
  get connected(): boolean {
    return true;
  }

  get revision(): number {
    return this.#revision;
  }

  table<K extends Kind>(kind: K): ObjectTable<KindMap[K]> {
    return this.#tables[kind];
  }

  get<K extends Kind>(kind: K, namespace: string, name: string): KindMap[K] | undefined {
    return this.table(kind).get(keyOf(namespace, name));
  }

  /** Custom kinds are there while their definition is. */
  readonly serves = (kind: Kind): boolean => {
    const { crd } = kindInfo(kind);
    return crd === undefined || this.get('CustomResourceDefinition', '', crd) !== undefined;
  };

  /** As the storage behind the API lists: kine by last modification, etcd by key. */
  list<K extends Kind>(kind: K, namespace?: string): readonly KindMap[K][] {
    return this.table(kind).list(namespace);
  }

  create<K extends Kind>(kind: K, object: KindMap[K]): Result<KindMap[K], ApiError> {
    const table = this.table(kind);
    const { namespace, name } = object.metadata;
    if (table.has(keyOf(namespace, name))) return err(alreadyExists(kind, name));
    const stored = this.#stamp(object);
    table.set(keyOf(namespace, name), stored);
    this.#tell({ type: 'ADDED', kind, object: stored, before: undefined });
    return ok(stored);
  }

  /** Replaces the object of the same name. An unchanged object makes no revision. */
  update<K extends Kind>(kind: K, object: KindMap[K]): Result<KindMap[K], ApiError> {
    const table = this.table(kind);
    const key = keyOf(object.metadata.namespace, object.metadata.name);
    const before = table.get(key);
    if (before === undefined) return err(notFound(kind, object.metadata.name));
    if (sameJson(before, object)) return ok(before);
    const stored = this.#stamp(object);
    table.delete(key);
    table.set(key, stored);
    this.#tell({ type: 'MODIFIED', kind, object: stored, before });
    return ok(stored);
  }

  delete(kind: Kind, namespace: string, name: string): Result<undefined, ApiError> {
    const table = this.table(kind);
    const before = table.get(keyOf(namespace, name));
    if (before === undefined) return err(notFound(kind, name));
    table.delete(keyOf(namespace, name));
    this.#revision++;
    this.#tell({ type: 'DELETED', kind, object: before, before });
    return ok(undefined);
  }

  /** Called at once at every change, after the store has it. */
  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  byUid(uid: string): AnyObject | undefined {
    for (const { kind } of KINDS) for (const o of this.table(kind).values()) if (o.metadata.uid === uid) return o;
    return undefined;
  }

  #stamp<T extends AnyObject>(object: T): T {
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#revision) } };
  }

  #tell(change: Change): void {
    for (const watcher of [...this.#watchers]) watcher(change);
  }
}

/** The kind of a stored object, as the registry knows it. */
export function kindOf(object: AnyObject): Kind {
  if (!isKind(object.kind)) throw new Error(`stored object of unknown kind ${object.kind}`);
  return kindInfo(object.kind).kind;
}
