import { must } from '../base/assert.ts';
import { err, ok, type Result } from '../base/result.ts';
import { Cluster } from '../cluster/cluster.ts';
import type { Pins } from '../cluster/pins.ts';
import { putFile, removeTree } from '../cluster/node/files.ts';
import { PUBLISHED } from '../cluster/published.ts';
import { World } from '../engine/kernel/world.ts';
import { seconds } from '../engine/sim/time.ts';
import { parseMac, type Mac } from '../engine/wire/addresses.ts';
import { ABSENT_ON_MACHINES } from '../userland/commands/absent/absent.ts';
import { COMMANDS } from '../userland/commands/all.ts';
import { sshd } from '../userland/daemons/sshd/sshd.ts';
import { makeHost } from '../userland/make-host.ts';
import type { Command, Host } from '../userland/host.ts';
import { Lab, type LabParts } from './lab.ts';
import { readScenario, type ClusterSpec } from './scenario/read.ts';
import { placedFiles } from './scenario/placed-files.ts';
import type { ScenarioFiles } from './scenario/scenario.ts';
import { buildTopology } from './topology/all.ts';
import type { BuiltMachine } from './topology/topology.ts';

/** Simulated time that the set-up has before the learner takes over. */
const BOOT = seconds(60);
const BOOT_WITH_HISTORY = seconds(600);

const macOf = (text: string | undefined): Mac | undefined => (text === undefined ? undefined : parseMac(text));

const pinsOf = (spec: ClusterSpec['pins']): Pins => ({
  ...spec,
  pods: spec.pods.map((pod) => ({ ...pod, mac: macOf(pod.mac), vethMac: macOf(pod.vethMac) })),
  nodes: Object.fromEntries(Object.entries(spec.nodes).map(([name, pin]) => [name, { cni0Mac: macOf(pin.cni0Mac), flannelMacs: pin.flannelMacs?.flatMap((m) => macOf(m) ?? []) }])),
});

export interface OpenOptions {
  readonly seed?: number | undefined;
  readonly trace: boolean;
}

/** /run is gone with the power, what the machine's own set-up does is done again. */
function bootAgain(built: BuiltMachine, host: Host): void {
  removeTree(host.fs, '/run');
  for (const [path, text] of Object.entries(built.files)) if (path.startsWith('/run/')) putFile(host.fs, path, text);
  built.configure(host.kernel);
  startDaemons(built, host);
}

function startDaemons(built: BuiltMachine, host: Host): void {
  built.daemons(host);
  host.kernel.spawn('sshd', (kernel) => sshd(kernel, host));
}

/** Builds a scenario's world and lets it settle: machines, cluster, the scenario's own manifests. The error says which file and why. */
export function openLab(id: string, files: ScenarioFiles, options: OpenOptions): Result<Lab, string> {
  const read = readScenario(id, files);
  if (!read.ok) return read;
  const scenario = read.value;
  const seed = options.seed ?? scenario.info.seed;
  const boot = scenario.history.length === 0 ? BOOT : BOOT_WITH_HISTORY;
  const world = new World({ seed, epochMillis: scenario.nowMillis - boot / 1e6, trace: options.trace });
  const topology = buildTopology(world, scenario.topology, scenario.nowMillis);

  const placed = placedFiles(scenario, topology);
  if (!placed.ok) return placed;

  // kubectl and the container tools exist once the cluster does; hosts look their commands up when they run them.
  const clusterCommands = new Map<string, Map<string, Command>>();
  const machines: ReadonlyMap<string, Host> = new Map(topology.machines.map((built): [string, Host] => {
    const { name } = built.machine;
    const own = new Map<string, Command>();
    clusterCommands.set(name, own);
    const files = { ...built.files, ...Object.fromEntries(placed.value.flatMap((f) => (f.machine === name ? [[f.path, f.text]] : []))) };
    const host = makeHost({ name, kernel: built.machine.handle(), user: built.user, prompt: 'machine', commands: [...COMMANDS, ...ABSENT_ON_MACHINES], files, versions: built.versions, system: built.system, env: new Map(Object.entries(built.env ?? {})) });
    return [name, { ...host, peers: () => machines, command: (word) => host.command(word) ?? own.get(word), commandNames: () => [...host.commandNames(), ...own.keys()] }];
  }));
  for (const built of topology.machines) {
    const host = must(machines.get(built.machine.name), built.machine.name);
    startDaemons(built, host);
    host.kernel.power.watch((on) => {
      if (on) bootAgain(built, host);
    });
  }

  const spec = scenario.cluster;
  const urls = new Map(Object.entries(spec.urls).flatMap(([url, file]) => ((text) => (text === undefined ? [] : [[url, text] as const]))(files.get(file))));
  const cluster = new Cluster({
    scheduler: world.scheduler, random: world.random.fork('cluster'),
    nodes: topology.nodes.map((n) => ({ ...n, host: must(machines.get(n.name), n.name) })),
    commands: COMMANDS, wallMillis: () => world.epochMillis + Math.floor(world.scheduler.now / 1e6), readyMillis: scenario.nowMillis, pins: pinsOf(spec.pins), version: spec.version,
    podCidr: spec.podCidr, serviceCidr: spec.serviceCidr, hostDomain: topology.domain, upstreamDns: topology.upstreamDns, urls, distribution: spec.distribution, components: spec.components, kubeconfig: topology.kubeconfig,
    between: topology.machines.filter((m) => !topology.nodes.some((n) => n.name === m.machine.name)).map((m) => must(machines.get(m.machine.name), m.machine.name)),
    kubeconfigHosts: topology.machines.filter((m) => m.kubeconfig && !topology.nodes.some((n) => n.name === m.machine.name)).map((m) => must(machines.get(m.machine.name), m.machine.name)),
  });
  for (const { machine, kubeconfig, commands: own } of topology.machines) {
    const member = topology.nodes.some((n) => n.name === machine.name);
    const commands = [...(member || kubeconfig ? [cluster.kubectl] : []), ...(member ? cluster.nodeCommands : []), ...(own?.(machines) ?? [])];
    for (const command of commands) for (const name of [command.name, ...(command.aliases ?? [])]) clusterCommands.get(machine.name)?.set(name, command);
  }

  const manifests: { text: string; file: string }[] = [];
  for (const file of spec.manifests) {
    const text = files.get(file) ?? PUBLISHED.get(file);
    if (text === undefined) return err(`scenario.yaml: manifests: ${file} is missing`);
    manifests.push({ text, file });
  }
  const refused = cluster.settle(manifests)[0];
  if (refused !== undefined) return err(`${refused.file}${refused.line === undefined ? '' : `:${refused.line}`}: ${refused.text}`);
  const parts: LabParts = { scenario, seed, world, topology, cluster, machines, files: placed.value };
  for (const { on, run, times = 1 } of scenario.history) {
    const past = new Lab(parts);
    for (let i = 0; i < times; i++) past.exec(on, run);
    cluster.runUntilReady();
  }
  if (world.scheduler.now > boot) return err(`scenario.yaml: history: takes ${Math.ceil(world.scheduler.now / 1e9)} s, there are ${boot / 1e9}`);
  world.scheduler.runUntil(boot);
  return ok(new Lab(parts));
}
