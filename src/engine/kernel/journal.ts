import type { Journal } from '../../base/journaled-table.ts';
import type { Netns } from './netns.ts';

/** What a namespace's tables tell their changes to: a `table` step while the recorder is on, nothing while it is off. */
export function journalOf(ns: Netns): () => Journal | undefined {
  const world = ns.machine.world;
  const recorder = world.recorder;
  const write: Journal = (table, key, before, after) =>
    recorder.write({ kind: 'table', ns: ns.id, table, key, pkt: world.cause, before, after });
  return () => (recorder.on ? write : undefined);
}
