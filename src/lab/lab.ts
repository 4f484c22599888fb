import type { Step } from '../engine/trace/steps.ts';
import { must } from '../base/assert.ts';
import { Process, type Program } from '../engine/sim/process.ts';
import { plus, type Nanos } from '../engine/sim/time.ts';
import type { World } from '../engine/kernel/world.ts';
import type { ApplyResult, Cluster } from '../cluster/cluster.ts';
import type { Host } from '../userland/host.ts';
import { startShellLine } from '../userland/shell/shell.ts';
import { Capture, NO_INPUT } from './capture.ts';
import { fingerprint, fingerprinting } from './fingerprint.ts';
import type { PlacedFile } from './scenario/placed-files.ts';
import type { Scenario } from './scenario/scenario.ts';
import { PAUSE, PATIENCE, runToExit, type Ending } from './session/run.ts';
import type { NamespaceName } from './timeline/places.ts';
import type { BuiltTopology } from './topology/topology.ts';

/** Exit codes: of ssh when the connection fails, and the lab's own for a name that nobody has. */
const SSH_FAILED = 255;
const NO_HOST = 125;

export interface ExecResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
  readonly ending: Ending;
}

/** What a lab is made of, as the topology's builder hands it over. */
export interface LabParts {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly world: World;
  readonly topology: BuiltTopology;
  readonly cluster: Cluster | undefined;
  /** Machines' hosts by name, in the order of the scenario. */
  readonly machines: ReadonlyMap<string, Host>;
  /** The scenario's files on its machines. */
  readonly files: readonly PlacedFile[];
}

/**
 * A running scenario: a world, the hosts in it, and the ways to act on it. Synchronous; a pure function of
 * (scenario, seed, what is called, in that order).
 */
export class Lab {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly world: World;
  readonly topology: BuiltTopology;
  readonly cluster: Cluster | undefined;
  readonly machines: ReadonlyMap<string, Host>;
  readonly files: readonly PlacedFile[];
  /** Step at which the scenario's own set-up ended. */
  readonly start: number;

  constructor(parts: LabParts) {
    this.scenario = parts.scenario;
    this.seed = parts.seed;
    this.world = parts.world;
    this.topology = parts.topology;
    this.cluster = parts.cluster;
    this.machines = parts.machines;
    this.files = parts.files;
    this.start = parts.world.recorder.head;
  }

  get now(): Nanos {
    return this.world.scheduler.now;
  }

  get steps(): readonly Step[] {
    return this.world.recorder.steps;
  }

  /** Machines and pods, by the name a terminal opens them with. */
  hosts(): readonly Host[] {
    return [...this.machines.values(), ...(this.cluster?.hosts() ?? [])];
  }

  /** `vm1`, `test-pod`, `kube-system/coredns-…`, or as transcripts say it: `pod test-pod`, `workstation (kubectl)`. */
  host(name: string): Host | undefined {
    // `pod x (container c)` of the corpus is the host x, or x/c for all but a pod's first container.
    const [, of, container] = /^(?:pod )?(\S+) \(container (\S+)\)$/.exec(name) ?? [];
    if (of !== undefined && container !== undefined) return this.host(`${of}/${container}`) ?? this.host(of);
    // `pod x (debug container)`: what kubectl debug put there last.
    const debugged = /^pod (\S+) \(debug container\)$/.exec(name)?.[1];
    const attached = debugged === undefined ? undefined : this.cluster?.store.list('Pod').find((p) => p.metadata.name === debugged)?.spec.ephemeralContainers?.at(-1)?.name;
    if (debugged !== undefined && attached !== undefined) return this.host(`${debugged}/${attached}`);
    const wanted = name.replace(/^pod /, '').replace(/^default\//, '').replace(/ \([^)]*\)$/, '');
    return this.hosts().find((host) => host.name === wanted) ?? this.hosts().find((host) => host.hostname === wanted);
  }

  readonly #names = new Map<number, NamespaceName>();

  /** Where a step's namespace is and what it is called. Names are kept, so that what went away can still be told of. */
  namespaceName(ns: number): NamespaceName | undefined {
    const known = this.#names.get(ns);
    if (known !== undefined) return known;
    for (const machine of this.world.machines.values()) {
      for (const netns of machine.namespaces.values()) {
        if (netns.id !== ns) continue;
        const pod = this.cluster?.podOf(machine.name, netns.name)?.metadata.name;
        const name = { machine: machine.name, netns: netns.name, label: pod ?? (netns.name === '' ? machine.name : netns.name) };
        if (netns.name === '' || pod !== undefined) this.#names.set(ns, name);
        return name;
      }
    }
    return undefined;
  }

  /** Why no command runs on it: it has no power, its pod's machine has none, or there is no such thing. undefined: commands run. */
  absence(name: string): { readonly text: string; readonly code: number } | undefined {
    const host = this.host(name);
    const pod = host === undefined ? this.cluster?.store.list('Pod').find((p) => [p.metadata.name, `${p.metadata.namespace}/${p.metadata.name}`].includes(name.replace(/^pod /, ''))) : undefined;
    const machine = host?.kernel.machine ?? pod?.spec.nodeName ?? '';
    if (this.machines.get(machine)?.kernel.power.on === false) return { text: `${machine} is switched off${machine === name ? '' : `: ${name} runs there`}\n`, code: SSH_FAILED };
    return host === undefined ? { text: `no machine or pod named "${name}" (there are: ${this.hosts().map((h) => h.name).join(', ')})\n`, code: NO_HOST } : undefined;
  }

  /** Runs one command line on a host to its end, then lets the packets settle. */
  exec(on: string, line: string, patience: Nanos = PATIENCE): ExecResult {
    const host = this.host(on);
    const absence = this.absence(on);
    if (absence !== undefined || host === undefined) return { stdout: '', stderr: absence?.text ?? '', code: absence?.code ?? NO_HOST, ending: 'exited' };
    const stdout = new Capture();
    const stderr = new Capture();
    const process = this.begin(host, line, { stdin: NO_INPUT, stdout, stderr });
    const ending = runToExit(this.world.scheduler, process, patience);
    this.wait(PAUSE);
    return { stdout: stdout.text, stderr: stderr.text, code: must(process.exitCode, 'exit code'), ending };
  }

  /** Starts a command line without waiting for it. */
  begin(on: Host, line: string, io: Parameters<typeof startShellLine>[2]): Process {
    return this.beginProgram(on, line, startShellLine(on, line, io));
  }

  /** What runs on a machine ends with its power. */
  beginProgram(on: Host, name: string, program: Program): Process {
    const process = new Process(this.world.scheduler, name, program);
    const unwatch = on.kernel.power.watch(() => process.kill('SIGKILL'));
    process.exited.add(unwatch);
    return process;
  }

  /** kubectl apply -f: all or nothing per object. `text` is what kubectl prints. */
  apply(manifest: string, file: string): ApplyResult {
    const without = 'error: this lab has no cluster';
    const answer = this.cluster?.apply(manifest, file) ?? { ok: false, text: `${without}\n`, results: [], errors: [{ text: without, file, line: undefined, path: undefined }] };
    this.wait(PAUSE);
    return answer;
  }

  /** Runs until the cluster has made of its objects what it can: what a scenario's own manifests get before the learner takes over. */
  settle(): void {
    this.cluster?.runUntilReady();
  }

  wait(span: Nanos): void {
    this.world.scheduler.runUntil(plus(this.now, span));
  }

  fingerprint(): string {
    return fingerprint(this.steps);
  }

  /** As {@link fingerprint}, of the run as it is now; stops now and then. */
  fingerprinting(): Generator<undefined, string> {
    return fingerprinting(this.steps.slice());
  }
}
