/**
 * When the question who reaches whom may have another answer: after a change of links, addresses, routes, rules or filter rules of the machines' own namespaces,
 * or of their power. What pods and services bring along (their devices, Kubernetes' own chains) is left out, so that a busy cluster is not full of probes.
 * Not modelled: sysctls, NAT, and rules that somebody puts into Kubernetes' own chains are not noticed.
 */
import type { Scheduler, Timer } from '../../engine/sim/scheduler.ts';
import type { Nanos } from '../../engine/sim/time.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import type { TableName } from '../../engine/trace/steps.ts';
import type { Ipv4 } from '../../engine/wire/addresses.ts';

const TABLES: ReadonlySet<TableName> = new Set<TableName>(['raw', 'mangle', 'filter']);
const OWN_CHAIN = /^(KUBE|CNI|FLANNEL)-/;

/** One machine: its own namespace, and whom it must reach. */
interface Watched {
  readonly kernel: Kernel;
  readonly peers: readonly Ipv4[];
  /** No member: no pods bring devices, so that every device counts (a switch's ports). */
  readonly between: boolean;
  seen: string;
  due: Timer | undefined;
}

function filterRules({ netfilter }: Kernel): unknown {
  return netfilter.tables().filter((t) => TABLES.has(t)).map((t) => netfilter.dump(t)?.chains.filter((c) => !OWN_CHAIN.test(c.name)).map((c) => [c.name, c.policy, c.rules.filter((r) => r.jump === undefined || !OWN_CHAIN.test(r.jump)).map((r) => r.save)]));
}

/** Routes to the peers and the devices they leave by. */
function ways({ netlink }: Kernel, peers: readonly Ipv4[]): unknown {
  return peers.map((dst) => {
    const route = netlink.getRoute({ dst });
    if (!route.ok) return route.error.errno;
    const { type, dev, via, src } = route.value;
    const link = dev === undefined ? undefined : netlink.link(dev);
    return [type, dev, via, src, link?.up, link?.carrier, link?.mac];
  });
}

const devices = ({ netlink }: Kernel): unknown => netlink.links().map((l) => [l.name, l.up, l.carrier, l.master]);

const pictureOf = ({ kernel, peers, between }: Watched): string => (kernel.power.on ? JSON.stringify([ways(kernel, peers), filterRules(kernel), between ? devices(kernel) : []]) : 'off');

export class Underlay {
  readonly #scheduler: Scheduler;
  readonly #watched: readonly Watched[];
  readonly #listeners = new Set<() => void>();
  #armed = false;
  /** Grows with every change: an answer found at one count holds while the count is the same. */
  changes = 0;

  /** `peers`: addresses of all members; every machine's own is among them. */
  constructor(scheduler: Scheduler, members: readonly Kernel[], between: readonly Kernel[], peers: readonly Ipv4[]) {
    this.#scheduler = scheduler;
    this.#watched = [...members, ...between].map((kernel) => ({ kernel, peers, between: between.includes(kernel), seen: '', due: undefined }));
  }

  /** From now on changes count; before, the machines are being set up. */
  arm(): void {
    this.#armed = true;
    for (const w of this.#watched) {
      w.seen = pictureOf(w);
      w.kernel.netlink.watch(() => this.#soon(w));
      this.#watchRules(w);
      w.kernel.power.watch((on) => {
        if (on) this.#watchRules(w);
        this.#soon(w);
      });
    }
  }

  /** Called at every change. */
  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Something else that decides it: a server that listens again. */
  changed(): void {
    if (!this.#armed) return;
    this.changes++;
    for (const listener of [...this.#listeners]) listener();
  }

  /** A boot gives a machine another netfilter. */
  #watchRules(w: Watched): void {
    w.kernel.netfilter.watch((table) => {
      if (TABLES.has(table)) this.#soon(w);
    });
  }

  /** One look for all that one request, or one program's burst, changed. */
  #soon(w: Watched): void {
    w.due ??= this.#scheduler.after(0 as Nanos, () => {
      w.due = undefined;
      const picture = pictureOf(w);
      if (picture === w.seen) return;
      w.seen = picture;
      this.changed();
    });
  }
}
