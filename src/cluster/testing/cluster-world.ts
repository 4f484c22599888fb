/** A real three-node world for tests: machines of engine/kernel, a settled cluster, command lines. */
import { Capture } from '../../userland/shell/io.ts';
import { must } from '../../base/assert.ts';
import { Machine } from '../../engine/kernel/machine.ts';
import { Segment } from '../../engine/kernel/segment.ts';
import { World } from '../../engine/kernel/world.ts';
import { Process } from '../../engine/sim/process.ts';
import { micros, plus, seconds } from '../../engine/sim/time.ts';
import { ANY, mac, parseIpv4, prefix } from '../../engine/wire/addresses.ts';
import type { Command, Host } from '../../userland/host.ts';
import { makeHost } from '../../userland/make-host.ts';
import { startShellLine } from '../../userland/shell/shell.ts';
import { coreutils } from '../../userland/commands/coreutils/all.ts';
import { curl } from '../../userland/commands/curl/index.ts';
import { grep } from '../../userland/commands/grep/grep.ts';
import { shells } from '../../userland/commands/shells/shells.ts';
import { users } from '../../userland/commands/users/users.ts';
import { Cluster } from '../cluster.ts';
import { NO_PINS, type Pins } from '../pins.ts';

export const EPOCH = Date.parse('2024-05-29T13:00:00Z');
const COMMANDS: readonly Command[] = [...coreutils, ...shells, ...users, curl, grep];

export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

export interface ClusterWorld {
  readonly world: World;
  readonly cluster: Cluster;
  readonly machines: ReadonlyMap<string, Host>;
  /** Runs a line on a machine or pod to its end. */
  run(on: string, line: string): Ran;
  wait(span: number): void;
}

export function clusterWorld(options: { readonly nodes?: number; readonly manifests?: readonly string[]; readonly pins?: Partial<Pins>; readonly seed?: number } = {}): ClusterWorld {
  const world = new World({ seed: options.seed ?? 7, epochMillis: EPOCH, trace: true });
  const segment = new Segment(world, 'lan', micros(50));
  const extra = new Map<string, Command>();
  const machines = new Map<string, Host>();
  for (let i = 1; i <= (options.nodes ?? 2); i++) {
    const machine = new Machine(world, `vm${i}`);
    machine.addNic(machine.init, { name: 'ens3', mac: mac(0x525400000000 + i), ifindex: 2 }, segment);
    const kernel = machine.handle();
    const configure = (): void => {
      const { netlink } = kernel;
      netlink.setLink('lo', { up: true });
      netlink.setLink('ens3', { up: true });
      netlink.newAddress({ dev: 'ens3', address: must(parseIpv4(`10.65.94.${10 + i}`), 'address'), prefixLength: 24 });
      netlink.newRoute({ dst: prefix(ANY, 0), nexthops: [{ via: must(parseIpv4('10.65.94.1'), 'gateway'), dev: 'ens3' }] }, 'add');
    };
    configure();
    kernel.power.watch((on) => {
      if (on) configure();
    });
    const host = makeHost({ name: machine.name, kernel, user: 'root', prompt: 'machine', commands: COMMANDS });
    machines.set(machine.name, { ...host, command: (name) => host.command(name) ?? extra.get(name) });
  }
  const cluster = new Cluster({
    scheduler: world.scheduler, random: world.random.fork('cluster'), commands: COMMANDS, version: 'v1.29.5+k3s1', podCidr: '10.42.0.0/16', serviceCidr: '10.43.0.0/16',
    nodes: [...machines.values()].map((host, i) => ({ name: host.name, host, roles: i === 0 ? ['control-plane', 'master'] : [], internalIp: `10.65.94.${11 + i}` })),
    wallMillis: () => EPOCH + Math.floor(world.scheduler.now / 1e6), pins: { ...NO_PINS, ...options.pins }, hostDomain: 'multipass', upstreamDns: '10.65.94.1',
  });
  for (const command of [cluster.kubectl, ...cluster.nodeCommands]) for (const name of [command.name, ...(command.aliases ?? [])]) extra.set(name, command);
  const errors = cluster.settle((options.manifests ?? []).map((text, i) => ({ text, file: `m${i}.yaml` })));
  if (errors.length > 0) throw new Error(errors.map((e) => e.text).join('\n'));
  const run = (on: string, line: string): Ran => {
    const host = must(machines.get(on) ?? cluster.hosts().find((h) => h.name === on), `host ${on}`);
    const [stdout, stderr] = [new Capture(), new Capture()];
    const process = new Process(world.scheduler, line, startShellLine(host, line, { stdout, stderr }));
    const limit = plus(world.scheduler.now, seconds(400));
    while (process.exitCode === undefined && world.scheduler.now < limit) {
      const next = world.scheduler.nextAt();
      if (next === undefined) break;
      world.scheduler.runUntil(next);
    }
    return { stdout: stdout.text, stderr: stderr.text, code: process.exitCode ?? -1 };
  };
  return { world, cluster, machines, run, wait: (span) => world.scheduler.runUntil(plus(world.scheduler.now, seconds(span))) };
}
