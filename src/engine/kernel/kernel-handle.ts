/** The door of one namespace for one process: everything a program sees of the kernel. */
import type { Prng } from '../../base/prng.ts';
import { done, ok } from '../../base/result.ts';
import { Process } from '../sim/process.ts';
import { refuse } from '../uapi/errno.ts';
import type { Kernel } from '../uapi/kernel.ts';
import type { Netns } from './netns.ts';
import { rtnetlink } from './netlink/rtnetlink.ts';
import { seconds } from '../sim/time.ts';
import { powerOff, powerOn } from './power.ts';

/** ip netns names are file names under /run/netns. */
const VALID_NAME = /^(?!\.{1,2}$)[^/]{1,255}$/;

/** systemd stops what runs. */
const STOPPING = seconds(1);
/** From the reset to the kernel's first instruction. */
const FIRMWARE = seconds(3);

export interface ProcessInfo {
  readonly name: string;
  readonly pid: number;
}

const INIT: ProcessInfo = { name: 'init', pid: 1 };

export function kernelHandle(ns: Netns, owner: ProcessInfo = INIT): Kernel {
  const { machine } = ns;
  const { world } = machine;
  const { scheduler, recorder } = world;
  // A reboot gives the namespace other tables; who holds this handle sees those.
  const open = () => ({ parts: ns.parts, netlink: rtnetlink(ns), netfilter: ns.netfilter.door(), conntrack: ns.conntrack.door(), sockets: ns.transport.door(owner) });
  let opened = open();
  const doors = (): ReturnType<typeof open> => (opened.parts === ns.parts ? opened : (opened = open()));
  const log = (actor: string, text: string, object?: string): void => recorder.write({ kind: 'control', ns: ns.id, actor, text, object });
  return {
    machine: machine.name,
    netns: ns.name,
    nsId: ns.id,
    clock: {
      get now() {
        return scheduler.now;
      },
      wallMillis: () => world.epochMillis + Math.floor(scheduler.now / 1e6),
    },
    get netlink() { return doors().netlink; },
    get netfilter() { return doors().netfilter; },
    get conntrack() { return doors().conntrack; },
    get sockets() { return doors().sockets; },
    get sysctl() { return ns.sysctl; },
    power: {
      get on() { return machine.powered; },
      cut: () => powerOff(machine),
      restore: () => powerOn(machine),
      shutdown: (again) => void machine.world.scheduler.after(STOPPING, () => {
        powerOff(machine);
        if (again) machine.world.scheduler.after(FIRMWARE, () => powerOn(machine));
      }),
      watch(listener) {
        machine.powerListeners.add(listener);
        return () => machine.powerListeners.delete(listener);
      },
    },
    random: (name): Prng => machine.stream(name),
    netnsList: () => [...machine.namespaces.keys()].filter((name) => name !== ''),
    netnsAdd(name) {
      if (!VALID_NAME.test(name)) return refuse('EINVAL');
      if (machine.namespaces.has(name)) return refuse('EEXIST');
      machine.addNetns(name);
      return done;
    },
    netnsDelete(name) {
      if (name === '' || !machine.namespaces.has(name)) return refuse('ENOENT');
      machine.deleteNetns(name);
      return done;
    },
    inNetns(name) {
      const other = machine.namespaces.get(name);
      return other === undefined ? refuse('ENOENT') : ok(kernelHandle(other, owner));
    },
    spawn(command, program, tid) {
      const pid = world.nextPid(tid);
      const name = command.split(/\s/)[0]?.split('/').at(-1) ?? command;
      const kernel = kernelHandle(ns, { name, pid });
      recorder.write({ kind: 'process', ns: ns.id, event: 'start', pid, command, code: undefined });
      const run = program(kernel, pid);
      const process = new Process(scheduler, command, run);
      machine.processes.add(process);
      const ended = (): void => {
        machine.processes.delete(process);
        for (const each of machine.namespaces.values()) each.transport.exit(pid);
        recorder.write({ kind: 'process', ns: ns.id, event: 'exit', pid, command, code: process.exitCode });
      };
      process.exited.add(ended);
      return { pid, process };
    },
    log,
  };
}
