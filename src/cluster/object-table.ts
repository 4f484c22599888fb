/** The objects of one kind, by `namespace/name`. What is asked of them at every change is kept until the table changes. */
import type { AnyObject } from './api/kinds.ts';

/** How the storage behind the API lists: kine by last modification, etcd by key. */
export type ListOrder = 'kine' | 'etcd';

function inOrder<T>(table: ReadonlyMap<string, T>, order: ListOrder): readonly T[] {
  return order === 'etcd' ? [...table].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object) : [...table.values()];
}

export class ObjectTable<T extends AnyObject> extends Map<string, T> {
  readonly #order: ListOrder;
  #all: readonly T[] | undefined;
  readonly #spaces = new Map<string, readonly T[]>();
  /** Objects by the uid of what they are about: events. */
  readonly #about = new Map<string, Map<string, T>>();

  constructor(order: ListOrder) {
    super();
    this.#order = order;
  }

  override set(key: string, object: T): this {
    const about = subject(object);
    const before = this.get(key);
    if (before !== undefined && subject(before) !== about) this.#forget(key, before);
    if (about !== undefined) {
      const mine = this.#about.get(about) ?? new Map<string, T>();
      this.#about.set(about, mine.set(key, object));
    }
    this.#changed();
    return super.set(key, object);
  }

  override delete(key: string): boolean {
    this.#forget(key, this.get(key));
    this.#changed();
    return super.delete(key);
  }

  override clear(): void {
    this.#about.clear();
    this.#changed();
    super.clear();
  }

  /** As the storage lists them. Later changes of the table do not show in what was answered. */
  list(namespace?: string): readonly T[] {
    this.#all ??= inOrder(this, this.#order);
    if (namespace === undefined) return this.#all;
    const known = this.#spaces.get(namespace);
    if (known !== undefined) return known;
    const some = this.#all.filter((o) => o.metadata.namespace === namespace);
    this.#spaces.set(namespace, some);
    return some;
  }

  /** Events about one object, as {@link list} has them. */
  about(uid: string): readonly T[] {
    const mine = this.#about.get(uid);
    return mine === undefined ? [] : inOrder(mine, this.#order);
  }

  #changed(): void {
    this.#all = undefined;
    this.#spaces.clear();
  }

  #forget(key: string, object: T | undefined): void {
    const about = object === undefined ? undefined : subject(object);
    const mine = about === undefined ? undefined : this.#about.get(about);
    mine?.delete(key);
    if (about !== undefined && mine?.size === 0) this.#about.delete(about);
  }
}

const subject = (object: AnyObject): string | undefined => ('involvedObject' in object ? object.involvedObject.uid : undefined);
