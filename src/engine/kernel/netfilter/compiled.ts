/**
 * Read first: net/netfilter/nf_tables_core.c, nft_do_chain.
 * Models: walking chains (v6.1) with counters and trace as the kernel has them. Rules are compiled to predicates once; a run of rules that
 * each name one destination address (KUBE-SERVICES), or one destination port of TCP or UDP (KUBE-NODEPORTS), is entered by hash. Rules left out
 * that way could not have matched and matching is free of side effects before that test, so counters, draws and trace are those of the plain walk.
 */
import { IPPROTO_TCP, IPPROTO_UDP, type Ipv4Packet } from '../../wire/packet.ts';
import type { NetDevice } from '../net-device.ts';
import type { Netns } from '../netns.ts';
import type { Act, Evaluate, PacketContext } from './extension.ts';
import { matchOf, nftText, protocolOf, targetName, targetOf } from './rule-text.ts';
import { jumpOf, type Chain, type DeviceMatch, type Rule, type RuleSpec } from './ruleset.ts';

export interface Counter {
  packets: number;
  bytes: number;
}

/** Where a chain's walk ended: fell through (or returned), or a verdict for the base chain. */
export const CONTINUE = 0, ACCEPT = 1, DROP = 2, STOLEN = 3;
export type WalkResult = typeof CONTINUE | typeof ACCEPT | typeof DROP | typeof STOLEN;

const RUN = 8; // shorter runs are walked

export class CompiledRule {
  readonly rule: Rule;
  readonly counter: Counter;
  readonly target: string;
  readonly #tests: readonly Evaluate[];
  #nft: string | undefined;
  readonly act: Act | undefined;
  readonly kind: 'none' | 'ACCEPT' | 'DROP' | 'RETURN' | 'jump' | 'goto' | 'act';
  /** What a packet must have for the rule to match, where that is one address or one port. */
  readonly key: number | undefined;
  readonly keyed: 'address' | 'port' | undefined;

  constructor(rule: Rule, counter: Counter, ns: Netns) {
    this.rule = rule;
    this.counter = counter;
    const { spec } = rule;
    const tests: Evaluate[] = [];
    const dst = spec.dst !== undefined && !spec.dst.invert && spec.dst.mask >>> 0 === 0xffffffff ? spec.dst.address : undefined;
    const port = dst === undefined ? portKey(spec) : undefined;
    this.key = dst ?? port;
    this.keyed = dst !== undefined ? 'address' : port !== undefined ? 'port' : undefined;
    for (const use of spec.matches) if (use.name !== 'comment') tests.push(matchOf(use).compile(use.options, ns));
    this.#tests = tests;
    this.target = targetName(spec);
    const t = spec.target;
    this.act = t.kind === 'extension' ? targetOf(t.use).compile(t.use.options, ns) : undefined;
    this.kind = t.kind === 'verdict' ? t.verdict : t.kind === 'extension' ? 'act' : t.kind;
  }

  /** For the trace. */
  get nft(): string {
    return (this.#nft ??= nftText(this.rule.spec, 0, 0));
  }

  matches(c: PacketContext, p: Ipv4Packet): boolean {
    const { spec } = this.rule;
    const { dst, src, protocol } = spec;
    if (dst !== undefined && ((p.dst ^ dst.address) & dst.mask) === 0 === dst.invert) return false;
    if (src !== undefined && ((p.src ^ src.address) & src.mask) === 0 === src.invert) return false;
    if (protocol !== undefined && (p.protocol === protocol.number) === protocol.invert) return false;
    if (spec.iif !== undefined && !deviceMatches(spec.iif, c.iif)) return false;
    if (spec.oif !== undefined && !deviceMatches(spec.oif, c.oif)) return false;
    if (spec.fragment !== undefined && (p.offset > 0) === spec.fragment.invert) return false;
    const tests = this.#tests;
    for (let i = 0; i < tests.length; i++) if (tests[i]?.(c) === false) return false;
    return true;
  }
}

export function deviceMatches(d: DeviceMatch, dev: NetDevice | undefined): boolean {
  const name = dev === undefined ? '' : dev.name;
  return (d.prefix ? name.startsWith(d.name) : name === d.name) !== d.invert;
}

/** Of a rule whose first test is that of one destination port. */
function portKey(spec: RuleSpec): number | undefined {
  const use = spec.matches.find((m) => m.name !== 'comment');
  const port = use === undefined || protocolOf(spec) === undefined ? undefined : matchOf(use).destinationPort?.(use.options);
  return port === undefined ? undefined : (protocolOf(spec) ?? 0) * 0x10000 + port;
}

const keyOf = (p: Ipv4Packet, by: Run['by']): number | undefined =>
  (by === 'address' ? p.dst : p.payload.kind === 'tcp' || p.payload.kind === 'udp' ? (p.payload.kind === 'tcp' ? IPPROTO_TCP : IPPROTO_UDP) * 0x10000 + p.payload.dstPort : undefined);

interface Run {
  readonly end: number;
  readonly by: 'address' | 'port';
  readonly rules: ReadonlyMap<number, readonly number[]>;
}
const NO_RULES: readonly number[] = [];

export interface CompileEnvironment {
  readonly ns: Netns;
  counterOf(rule: Rule): Counter;
  /** Slot of the chain with that name in the same table. */
  slot(name: string): CompiledChain;
}

/** Place of a chain by name; keeps its identity over versions, so rules that jump here stay compiled. */
export class CompiledChain {
  readonly name: string;
  source: Chain | undefined;
  #compiled: Chain | undefined;
  #rules: readonly CompiledRule[] = [];
  #targets: readonly (CompiledChain | undefined)[] = [];
  #runs: ReadonlyMap<number, Run> | undefined;
  readonly #environment: CompileEnvironment;

  constructor(name: string, environment: CompileEnvironment) {
    this.name = name;
    this.#environment = environment;
  }

  #compile(source: Chain): void {
    const old = new Map(this.#rules.map((r) => [r.rule, r]));
    const environment = this.#environment;
    this.#rules = source.rules.map((rule) => old.get(rule) ?? new CompiledRule(rule, environment.counterOf(rule), environment.ns));
    this.#targets = source.rules.map((rule) => {
      const to = jumpOf(rule);
      return to === undefined ? undefined : environment.slot(to);
    });
    this.#runs = findRuns(this.#rules);
    this.#compiled = source;
  }

  walk(c: PacketContext, bytes: number): WalkResult {
    const source = this.source;
    if (source === undefined) return CONTINUE;
    if (this.#compiled !== source) this.#compile(source);
    const rules = this.#rules;
    const runs = this.#runs;
    for (let i = 0; i < rules.length; i++) {
      const run = runs?.get(i);
      if (run !== undefined) {
        const net = c.skb.net;
        const key = net.kind === 'ipv4' ? keyOf(net, run.by) : undefined;
        const hits = (key === undefined ? undefined : run.rules.get(key)) ?? NO_RULES;
        for (const at of hits) {
          const end = this.#step(at, c, bytes);
          if (end >= 0) return toResult(end);
        }
        i = run.end - 1;
        continue;
      }
      const end = this.#step(i, c, bytes);
      if (end >= 0) return toResult(end);
    }
    return CONTINUE;
  }

  /** One rule. -1: go on with the next; otherwise how this chain ends. */
  #step(index: number, c: PacketContext, bytes: number): number {
    const rule = this.#rules[index];
    const { net } = c.skb;
    if (rule === undefined || net.kind !== 'ipv4') return -1;
    c.draw = undefined;
    if (!rule.matches(c, net)) return -1;
    const { counter } = rule;
    counter.packets++;
    counter.bytes += bytes;
    switch (rule.kind) {
      case 'none': this.#record(rule, index, c, bytes, 'continue'); return -1;
      case 'ACCEPT': this.#record(rule, index, c, bytes, 'accept'); return ACCEPT;
      case 'DROP': this.#record(rule, index, c, bytes, 'drop'); return DROP;
      case 'RETURN': this.#record(rule, index, c, bytes, 'return'); return CONTINUE;
      case 'jump': {
        this.#record(rule, index, c, bytes, 'jump');
        const end = this.#targets[index]?.walk(c, bytes) ?? CONTINUE;
        return end === CONTINUE ? -1 : end;
      }
      case 'goto':
        this.#record(rule, index, c, bytes, 'goto');
        return this.#targets[index]?.walk(c, bytes) ?? CONTINUE;
      case 'act': {
        const draw = c.draw;
        const verdict = rule.act?.(c) ?? 'continue';
        c.draw = draw;
        this.#record(rule, index, c, bytes, verdict);
        switch (verdict) {
          case 'continue': return -1;
          case 'accept': return ACCEPT;
          case 'drop': return DROP;
          case 'return': return CONTINUE;
          case 'stolen': return STOLEN;
        }
      }
    }
  }

  #record(rule: CompiledRule, index: number, c: PacketContext, bytes: number, verdict: 'continue' | 'accept' | 'drop' | 'return' | 'jump' | 'goto' | 'stolen'): void {
    if (verdict === 'drop') {
      c.droppedBy = rule;
      c.droppedIn = this.name;
    }
    const { recorder } = c.ns.machine.world;
    if (!recorder.on) return;
    const { skb } = c;
    recorder.write({
      kind: 'rule', ns: c.ns.id, pkt: skb.id, mac: skb.mac, net: skb.net, hook: c.hook, table: c.table, chain: this.name, handle: rule.rule.handle,
      index, verdict, target: rule.target, bytes, mark: skb.mark, draw: c.draw, nft: rule.nft,
    });
  }
}

const toResult = (n: number): WalkResult => (n === ACCEPT ? ACCEPT : n === DROP ? DROP : n === STOLEN ? STOLEN : CONTINUE);

function findRuns(rules: readonly CompiledRule[]): ReadonlyMap<number, Run> | undefined {
  let runs: Map<number, Run> | undefined;
  for (let start = 0; start < rules.length; ) {
    const by = rules[start]?.keyed;
    let end = start;
    while (by !== undefined && rules[end]?.keyed === by) end++;
    if (by !== undefined && end - start >= RUN) {
      const byKey = new Map<number, number[]>();
      for (let i = start; i < end; i++) {
        const key = rules[i]?.key ?? 0;
        const list = byKey.get(key);
        if (list === undefined) byKey.set(key, [i]);
        else list.push(i);
      }
      runs ??= new Map();
      runs.set(start, { end, by, rules: byKey });
    }
    start = Math.max(end, start + 1);
  }
  return runs;
}
