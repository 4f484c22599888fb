/**
 * The API as the agents of one node see it: the store itself while the node is connected, what they last knew while it is not.
 * Models: client-go informers: a watch that broke goes on with its cache; the next list tells what is different. Statuses are posted again by their owner.
 * Not modelled: the retries of single writes; what was written while cut off is forgotten, except events (their recorder tries again).
 */
import type { Result } from '../../base/result.ts';
import type { ApiError } from '../api/errors.ts';
import { KINDS, type Kind, type KindMap } from '../api/kinds.ts';
import type { ObjectTable } from '../object-table.ts';
import { Store, type Change } from '../store.ts';

export class NodeStore extends Store {
  readonly #origin: Store;
  readonly #watchers = new Set<(change: Change) => void>();
  #cut = false;

  constructor(origin: Store) {
    super(origin.order);
    this.#origin = origin;
  }

  override get connected(): boolean {
    return !this.#cut;
  }

  override get revision(): number {
    return this.#cut ? super.revision : this.#origin.revision;
  }

  override table<K extends Kind>(kind: K): ObjectTable<KindMap[K]> {
    return this.#cut ? super.table(kind) : this.#origin.table(kind);
  }

  override create<K extends Kind>(kind: K, object: KindMap[K]): Result<KindMap[K], ApiError> {
    return this.#cut ? super.create(kind, object) : this.#origin.create(kind, object);
  }

  override update<K extends Kind>(kind: K, object: KindMap[K]): Result<KindMap[K], ApiError> {
    return this.#cut ? super.update(kind, object) : this.#origin.update(kind, object);
  }

  override delete(kind: Kind, namespace: string, name: string): Result<undefined, ApiError> {
    return this.#cut ? super.delete(kind, namespace, name) : this.#origin.delete(kind, namespace, name);
  }

  override watch(watcher: (change: Change) => void): () => void {
    const stops = [super.watch(watcher), this.#origin.watch((change) => {
      if (!this.#cut) watcher(change);
    })];
    this.#watchers.add(watcher);
    return () => {
      this.#watchers.delete(watcher);
      for (const stop of stops) stop();
    };
  }

  /** From now on nothing comes and nothing goes. */
  disconnect(): void {
    if (this.#cut) return;
    this.#cut = true;
    for (const { kind } of KINDS) this.#copy(kind);
  }

  /** Lists again: agents hear of what is not as they knew it. */
  connect(): void {
    if (!this.#cut) return;
    this.#cut = false;
    for (const [key, event] of super.table('Event')) if (!this.#origin.table('Event').has(key)) this.#origin.create('Event', event);
    for (const { kind } of KINDS) this.#catchUp(kind);
  }

  #copy<K extends Kind>(kind: K): void {
    const table = super.table(kind);
    table.clear();
    for (const [key, object] of this.#origin.table(kind)) table.set(key, object);
  }

  #catchUp<K extends Kind>(kind: K): void {
    const known = super.table(kind);
    const now = this.#origin.table(kind);
    for (const [key, before] of known) if (!now.has(key)) this.#hear({ type: 'DELETED', kind, object: before, before });
    for (const [key, object] of [...now]) {
      const before = known.get(key);
      if (before !== object) this.#hear({ type: before === undefined ? 'ADDED' : 'MODIFIED', kind, object, before });
    }
  }

  #hear(change: Change): void {
    for (const watcher of [...this.#watchers]) watcher(change);
  }
}
