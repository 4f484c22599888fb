/** One world twice: as namespaces of the real kernel and as the lab's. Flows go through both; what they did is compared. */
import { flowDraw } from '../engine/kernel/devices/vxlan/flow.ts';
import type { World } from '../engine/kernel/world.ts';
import { millis, plus, type Nanos } from '../engine/sim/time.ts';
import type { Kernel } from '../engine/uapi/kernel.ts';
import { formatIpv4, formatMac } from '../engine/wire/addresses.ts';
import { exportFiles } from '../lab/export/export-lab.ts';
import type { ExportWorld } from '../lab/export/netns-script.ts';
import { Agent, type FlowAnswer, type RawNeighbour } from './agent.ts';
import { compare, compareTables, type Divergence } from './compare.ts';
import type { Flow } from './flow.ts';
import type { Headers } from './headers.ts';
import { Labels } from './labels.ts';
import { runInLab, startAnnouncer, startServer, type Server } from './lab-flow.ts';
import { entryOf as labEntry, eventText, observeLab } from './observe-lab.ts';
import { entryOf as realEntry, observeReal, TRACE_RULES, type Chance, type RealNames } from './observe-real.ts';
import { entryText, type EntryText, type Observation } from './observation.ts';
import type { AgentLike, RealLike } from './mutations/tape.ts';
import { REDIRECTS, RealWorld } from './real.ts';

export interface ArenaWorld {
  readonly world: World;
  readonly exported: ExportWorld;
  /** Started on both sides. */
  readonly servers: readonly Server[];
}

export interface FlowReport {
  readonly flow: Flow;
  readonly divergences: readonly Divergence[];
  readonly kernel: Observation;
  readonly lab: Observation;
}

const QUIET = 90;
/**
 * On both sides: how long a neighbour that answered is good is drawn at random, and whoever is used while in doubt is asked again five seconds later, by timers
 * that are late by up to an eighth (kernel/time/timer.c, LVL_GRAN). An hour of trust: what was learnt stays as it was.
 */
const TRUST = { base_reachable_time_ms: '3600000', delay_first_probe_time: '3600' } as const;
/** Seconds. */
const ABOUT_TO_EXPIRE = 5;
const NEVER = 0x7fffffff;

export class Arena {
  readonly #w: ArenaWorld;
  readonly #real: RealLike;
  readonly #agent: AgentLike;
  /** The lab's clock when the kernel's side began to count. */
  #zero: Nanos = millis(0);
  #late: ReadonlySet<string> = new Set();
  #names: RealNames = { devices: {}, positions: new Map() };

  /** `taped`: answers of a kernel that was asked before, in place of one to ask now. */
  constructor(w: ArenaWorld, taped?: { readonly real: RealLike; readonly agent: AgentLike }) {
    this.#w = w;
    if (taped === undefined) {
      const real = new RealWorld(exportFiles(w.exported));
      this.#real = real;
      this.#agent = new Agent(real.prefix);
    } else {
      this.#real = taped.real;
      this.#agent = taped.agent;
    }
  }

  #kernel(name: string): Kernel {
    const found = this.#w.exported.namespaces.find((ns) => ns.name === name);
    if (found === undefined) throw new Error(`no namespace ${name}`);
    return found.kernel;
  }

  async up(): Promise<void> {
    await this.#real.up(0);
    const names = this.#w.exported.namespaces.map((ns) => ns.name);
    await this.#agent.watch(names);
    for (const { name, kernel } of this.#w.exported.namespaces) {
      await this.#agent.trust(name, TRUST);
      for (const [key, value] of Object.entries(REDIRECTS)) kernel.sysctl.set(key, value);
      for (const { name: dev } of kernel.netlink.links()) for (const [key, value] of Object.entries(TRUST)) kernel.sysctl.set(`net/ipv4/neigh/${dev}/${key}`, value);
    }
    const positions = new Map<string, number>();
    for (const ns of names) {
      const count = new Map<string, number>();
      for (const [table, chain, handle] of await this.#agent.rules(ns)) {
        const position = count.get(`${table} ${chain}`) ?? 0;
        count.set(`${table} ${chain}`, position + 1);
        positions.set(`${ns} ${table} ${chain} ${handle}`, position);
      }
      const traced = await this.#real.exec(ns, `nft '${TRACE_RULES}'`);
      if (traced.code !== 0) throw new Error(`${ns}: ${traced.stderr}`);
    }
    this.#names = { devices: await this.#agent.devices(), positions };
    // What leaves a network card has its checksum: the switch's ports finish it.
    const cards = this.#w.exported.namespaces.flatMap(({ kernel }) => kernel.netlink.links()).filter((link) => link.kind === 'nic' || link.kind === 'vlan');
    for (const i of cards.keys()) await this.#agent.card('segments', `p${i + 1}`);
    for (const server of this.#w.servers) {
      await this.#agent.serve(server);
      startServer(this.#kernel(server.ns), server, (tag) => this.#late.has(tag));
    }
    for (const { kernel, announces } of this.#w.exported.namespaces) for (const announced of announces ?? []) startAnnouncer(kernel, announced);
    await this.#agent.quiet(200);
    this.#settle(millis(200));
    this.#zero = this.#w.world.scheduler.now;
  }

  async down(): Promise<void> {
    await this.#agent.end();
    await this.#real.down();
  }

  #settle(span: Nanos): void {
    const { scheduler } = this.#w.world;
    scheduler.runUntil(plus(scheduler.now, span));
  }

  async run(flow: Flow): Promise<FlowReport> {
    const answer = await this.#agent.flow(flow.actions, QUIET);
    const observed = observeReal(answer.results, answer.seen, this.#names, new Labels());
    const [kernel, lab] = [quiet(observed), quiet(this.#inLab(flow, observed.chance, answer))];
    return { flow, kernel, lab, divergences: compare(kernel, lab) };
  }

  /** Both worlds age alike: neighbours and connections time out together. */
  #age(ms: number): void {
    const { scheduler } = this.#w.world;
    const due = plus(this.#zero, millis(ms));
    if (scheduler.now < due) scheduler.runUntil(due);
  }

  #inLab(flow: Flow, chance: Chance, pace: FlowAnswer): Observation {
    const { world, exported } = this.#w;
    const { recorder } = world;
    this.#age(pace.began);
    world.scripted.clear();
    this.#late = chance.late;
    for (const { name, kernel } of exported.namespaces) {
      const key = `${kernel.machine}/${kernel.netns}`;
      const draws = chance.visits.filter((v) => v.ns === name).flatMap((v) => drawsOf(kernel, v.table, v.chain, v.matched));
      if (draws.length > 0) world.scripted.set(`${key}/statistic`, draws);
      const ports = chance.ports.get(name);
      if (ports !== undefined) world.scripted.set(`${key}/masquerade-port`, [...ports]);
      for (const [inner, port] of chance.tunnels.get(name) ?? []) {
        const draw = flowDraw(kernel.machine, kernel.netns, inner.src, inner.dst, inner.protocol, ...portsOf(inner));
        world.scripted.set(draw, [...(world.scripted.get(draw) ?? []), port]);
      }
    }
    const events = new Map<string, string[]>();
    const ends = exported.namespaces.map(({ name, kernel }) => {
      const lines: string[] = [];
      events.set(name, lines);
      return kernel.conntrack.subscribe((event) => void lines.push(eventText(event)));
    });
    const head = recorder.head;
    const results = runInLab(world, (ns) => this.#kernel(ns), flow, pace);
    const steps = recorder.steps.slice(head);
    for (const end of ends) end();
    world.scripted.clear();
    const names = new Map(exported.namespaces.map(({ name, kernel }) => [kernel.nsId, name]));
    return observeLab(results, steps, (ns) => names.get(ns), events, new Labels());
  }

  async tables(): Promise<readonly Divergence[]> {
    const kernel = new Map<string, readonly string[]>();
    const lab = new Map<string, readonly string[]>();
    this.#age(await this.#agent.age());
    for (const ns of this.#w.exported.namespaces) {
      const text = (e: EntryText): readonly [string, number] => [entryText({ ...e, timeout: undefined }), e.timeout ?? 0];
      const theirs = (await this.#agent.table(ns.name)).filter((e) => e.original.protocol !== 2).map((e) => text(realEntry(e)));
      const ours = ns.kernel.conntrack.list().map((e) => text(labEntry(e)));
      const [left, right] = withoutExpiring(theirs, ours);
      kernel.set(`${ns.name}: conntrack table`, left);
      lab.set(`${ns.name}: conntrack table`, right);
      kernel.set(`${ns.name}: neighbours`, (await this.#agent.neighbours(ns.name)).map(neighbourText));
      lab.set(`${ns.name}: neighbours`, ns.kernel.netlink.neighbours().filter((n) => n.state !== 'NOARP').map((n) => neighbourText([n.dev, formatIpv4(n.ip), n.mac === undefined ? '' : formatMac(n.mac), n.state])));
    }
    return compareTables(kernel, lab);
  }
}

/**
 * What an earlier flow left behind belongs to nothing here: a SYN/ACK sent again, and the ICMP error that answers it. The timer wheel rounds each wait up,
 * by up to an eighth of it (kernel/time/timer.c, LVL_GRAN), so that the fourth came half a second later than 15 s. Entries time out when the kernel finds time.
 */
function quiet(o: Observation): Observation {
  const heard = ({ packet }: { readonly packet: string }): boolean => !/\btcp \? /.test(packet);
  return {
    results: o.results, traversals: o.traversals.filter(heard), crossings: o.crossings.filter(heard),
    events: new Map([...o.events].map(([ns, lines]) => [ns, lines.filter((line) => !line.startsWith('DESTROY'))])),
  };
}

type Expiring = readonly (readonly [line: string, secondsLeft: number])[];

/** The two clocks are not one: what is about to expire may have done so on one side. Of entries that read the same (VXLAN's ports are left out) as many must be there as cannot have expired. */
export function withoutExpiring(theirs: Expiring, ours: Expiring): readonly [readonly string[], readonly string[]] {
  const count = (all: Expiring, line: string, beyond: number): number => all.filter(([other, left]) => other === line && left > beyond).length;
  const sides: [string[], string[]] = [[], []];
  for (const line of new Set([...theirs, ...ours].map(([text]) => text))) {
    const counts = [theirs, ours].map((side) => ({ all: count(side, line, -1), sure: count(side, line, ABOUT_TO_EXPIRE) }));
    const [a = { all: 0, sure: 0 }, b = { all: 0, sure: 0 }] = counts;
    const same = a.sure <= b.all && b.sure <= a.all;
    sides[0].push(...new Array<string>(same ? Math.max(a.sure, b.sure) : a.all).fill(line));
    sides[1].push(...new Array<string>(same ? Math.max(a.sure, b.sure) : b.all).fill(line));
  }
  return sides;
}

/** Those that the kernel's hash knows: none of a fragment. */
const portsOf = ({ t, offset, mf }: Headers): readonly [number, number] => ((t.kind === 'tcp' || t.kind === 'udp') && offset === 0 && !mf ? [t.sport, t.dport] : [0, 0]);

/** An address that nobody has is one that failed, or is about to. */
const neighbourText = ([dev, ip, lladdr, state]: RawNeighbour): string => [dev, ip, lladdr, state === 'INCOMPLETE' ? 'FAILED' : state].join(' ');

/** The draws that make the lab's `statistic` rules of one chain decide as the kernel's did. */
function drawsOf(kernel: Kernel, table: string, chain: string, matched: readonly number[]): readonly number[] {
  if (table !== 'nat') return [];
  const rules = kernel.netfilter.dump('nat')?.chains.find((c) => c.name === chain)?.rules ?? [];
  const last = Math.max(-1, ...matched);
  return rules.flatMap((rule, i) => (i <= last && rule.save.includes('--mode random') ? [matched.includes(i) ? 0 : NEVER] : []));
}
