import { must } from '../../../../base/assert.ts';
import { millis, plus } from '../../../sim/time.ts';
import type { Step } from '../../../trace/steps.ts';
import { rtnetlink } from '../../netlink/rtnetlink.ts';
import { Machine } from '../../machine.ts';
import type { Netns } from '../../netns.ts';
import { World } from '../../world.ts';
import { ip } from './mini-ip.ts';

/** A machine whose namespaces are hosts and routers joined by veth pairs. */
export class Lab {
  readonly world: World;
  readonly machine: Machine;

  constructor(options: { readonly trace?: boolean; readonly seed?: number } = {}) {
    this.world = new World({ seed: options.seed ?? 1, epochMillis: 0, trace: options.trace ?? true });
    this.machine = new Machine(this.world, 'm');
  }

  ns(name: string): Netns {
    return this.machine.namespaces.get(name) ?? this.#new(name);
  }

  #new(name: string): Netns {
    const ns = this.machine.addNetns(name);
    ip(ns, 'link set lo up');
    return ns;
  }

  /** A pair of which both ends have a name: `d0` in `a`, `p0` in `b`. */
  veth(a: Netns, nameA: string, b: Netns, nameB: string): void {
    const made = rtnetlink(a).newLink({ name: nameA, kind: 'veth', peer: { name: nameB, netns: b.name } });
    if (!made.ok) throw new Error(`${nameA}: ${made.error.errno}`);
  }

  /** `ip` commands; what they print. */
  ip(ns: Netns, ...commands: string[]): string[] {
    return commands.flatMap((command) => ip(ns, command));
  }

  /** Commands that must succeed. */
  setup(ns: Netns, ...commands: string[]): void {
    for (const command of commands) {
      const out = ip(ns, command);
      if (out.length > 0) throw new Error(`${command}: ${out.join('\n')}`);
    }
  }

  sysctl(ns: Netns, key: string, value: string): void {
    const set = ns.sysctl.set(key, value);
    if (!set.ok) throw new Error(`${key}: ${set.error.errno}`);
  }

  run(ms = 10): void {
    this.world.scheduler.runUntil(plus(this.world.scheduler.now, millis(ms)));
  }

  /** Steps of one kind since the last call of {@link clear}. */
  steps<K extends Step['kind']>(kind: K): Extract<Step, { kind: K }>[] {
    return this.world.recorder.steps.filter((s): s is Extract<Step, { kind: K }> => s.kind === kind);
  }

  clear(): void {
    this.world.recorder.steps.length = 0;
  }

  device(ns: Netns, name: string): NonNullable<ReturnType<Netns['device']>> {
    return must(ns.device(name), name);
  }
}
