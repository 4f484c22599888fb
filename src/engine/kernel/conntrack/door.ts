/** What conntrack(8) asks of the kernel (ctnetlink). */
import { done } from '../../../base/result.ts';
import { refuse } from '../../uapi/errno.ts';
import type { Conntrack as ConntrackDoor } from '../../uapi/netfilter.ts';
import type { Conntrack } from './conntrack.ts';

export function conntrackDoor(conntrack: Conntrack): ConntrackDoor {
  const { scheduler } = conntrack.ns.machine.world;
  return {
    list: () => [...conntrack.entries().values()].map((entry) => entry.toUapi(scheduler.now)),
    delete(id) {
      const entry = conntrack.entries().get(id);
      if (entry === undefined) return refuse('ENOENT');
      conntrack.kill(entry);
      return done;
    },
    flush() {
      for (const entry of conntrack.entries().values()) conntrack.kill(entry);
    },
    count: () => conntrack.entries().size,
    stats: () => ({ ...conntrack.counters }),
    subscribe: (listener) => conntrack.listen(listener),
  };
}
