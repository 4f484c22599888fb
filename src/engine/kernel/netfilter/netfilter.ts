/**
 * Read first: include/uapi/linux/netfilter_ipv4.h (priorities), nft_chain_nat.c, nf_nat_core.c.
 * Models: the five hooks of IPv4 (v6.1) with what iptables-nft, connection tracking, defragmentation and NAT register there, by priority:
 * defrag -400, raw -300, conntrack -200, mangle -150, nat dst -100, filter 0, security 50, nat src 100, confirm MAX. Conntrack, defrag and NAT
 * are there only while rules need them. Only dispatches. Not modelled: native nftables tables, flowtables, ingress and egress hooks.
 */
import { JournaledTable } from '../../../base/journaled-table.ts';
import type { Prng } from '../../../base/prng.ts';
import type { HookName, TableName } from '../../trace/steps.ts';
import type { Netfilter as NetfilterDoor } from '../../uapi/netfilter.ts';
import { ipv4Length } from '../../wire/packet.ts';
import { ctStateOf } from '../conntrack/state.ts';
import { drop } from '../drop.ts';
import { journalOf } from '../journal.ts';
import type { NetDevice } from '../net-device.ts';
import type { Netns } from '../netns.ts';
import type { Skb } from '../skb.ts';
import { CompiledChain, CONTINUE, DROP, STOLEN, type CompileEnvironment, type Counter } from './compiled.ts';
import { netfilterDoor } from './door.ts';
import type { PacketContext } from './extension.ts';
import type { Failure } from './failure.ts';
import { NatCore, type Manip } from './nat/nat-core.ts';
import { matchOf, saveText, targetOf } from './rule-text.ts';
import { DUMP_ORDER, type Chain, type Rule, type Table } from './ruleset.ts';
import { Draft } from './transaction.ts';

/** One thing registered at a hook. False: the packet is gone. */
type HookFunction = (skb: Skb, iif: NetDevice | undefined, oif: NetDevice | undefined) => boolean;

export const HOOKS: readonly HookName[] = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'];
const NAT_MANIP: Readonly<Record<HookName, Manip | undefined>> = { PREROUTING: 'dst', OUTPUT: 'dst', INPUT: 'src', POSTROUTING: 'src', FORWARD: undefined };
/** By priority. `nat` stands at -100 or 100 by hook. */
const BEFORE_NAT_DST = ['mangle'] as const;
const AFTER = ['filter', 'security'] as const;

interface TableRow {
  table: Table;
}

export class Netfilter {
  readonly ns: Netns;
  readonly nat: NatCore;
  /** Journaled: one row per table, its value shared with the version before. */
  readonly rows: JournaledTable<TableRow>;
  /** Told after a table changed. */
  readonly watchers = new Set<(table: TableName) => void>();
  readonly #slots = new Map<string, CompiledChain>();
  readonly #counters = new WeakMap<Rule, Counter>();
  readonly #chainCounters = new Map<TableName, Map<number, Counter>>();
  readonly #handles = new Map<TableName, number>();
  readonly #contexts: PacketContext[] = [];
  #random: Prng | undefined;
  #depth = 0;
  #plans: Partial<Record<HookName, readonly HookFunction[]>> = {};

  constructor(ns: Netns) {
    this.ns = ns;
    this.nat = new NatCore(ns);
    this.rows = new JournaledTable<TableRow>(`${ns.id}/ruleset`, journalOf(ns));
  }

  /**
   * Runs all that is registered at the hook. False: the packet is gone and its end step is written. At OUTPUT a changed packet is routed anew
   * in between (ip_route_me_harder), so afterwards the way out is `skb.dst`. At PREROUTING a changed destination clears `skb.dst`.
   * The last piece of a fragmented packet ends here (it became a new packet, with its own id): false, and `okfn` goes on with the whole one.
   */
  hook(hook: HookName, skb: Skb, iif: NetDevice | undefined, oif: NetDevice | undefined, okfn?: (whole: Skb) => void): boolean {
    const plan = this.#plans[hook] ?? this.#plan(hook);
    if (plan.length === 0 || skb.net.kind !== 'ipv4') return true;
    if ((skb.net.mf || skb.net.offset > 0) && this.#defrags(hook)) {
      const whole = this.ns.ip.defrag(skb, hook === 'OUTPUT' ? 'conntrack-out' : skb.nfBridge === undefined ? 'conntrack' : 'bridge');
      if (whole === undefined) return false;
      if (whole !== skb) {
        if (this.#run(plan, whole, iif, oif)) okfn?.(whole);
        return false;
      }
    }
    return this.#run(plan, skb, iif, oif);
  }

  #run(plan: readonly HookFunction[], skb: Skb, iif: NetDevice | undefined, oif: NetDevice | undefined): boolean {
    // nf_hook_state is filled once: after a DNAT in OUTPUT, filter still sees the device of the route before.
    for (let i = 0; i < plan.length; i++) if (plan[i]?.(skb, iif, oif) === false) return false;
    return true;
  }

  table(name: TableName): Table | undefined {
    return this.rows.get(name)?.table;
  }

  /** In the order of dumps. */
  tables(): readonly TableName[] {
    return DUMP_ORDER.filter((name) => this.rows.has(name));
  }

  counterOf(rule: Rule): Counter {
    let counter = this.#counters.get(rule);
    if (counter === undefined) {
      counter = { packets: 0, bytes: 0 };
      this.#counters.set(rule, counter);
    }
    return counter;
  }

  /** Of a base chain's policy, by the chain's handle. */
  policyCounter(table: TableName, handle: number): Counter {
    let ofTable = this.#chainCounters.get(table);
    if (ofTable === undefined) this.#chainCounters.set(table, (ofTable = new Map()));
    let counter = ofTable.get(handle);
    if (counter === undefined) ofTable.set(handle, (counter = { packets: 0, bytes: 0 }));
    return counter;
  }

  door(): NetfilterDoor {
    return netfilterDoor(this);
  }

  begin(name: TableName, keep: boolean): Draft {
    const next = (): number => {
      const handle = (this.#handles.get(name) ?? 0) + 1;
      this.#handles.set(name, handle);
      return handle;
    };
    return new Draft(name, keep ? this.table(name) : undefined, { next });
  }

  /** Publishes a draft, or says why the kernel would not have it. */
  commit(draft: Draft): Failure | undefined {
    const finished = draft.finish();
    if (!finished.ok) return finished.error;
    const table = finished.value;
    for (const [rule, old] of draft.renamed) this.#counters.set(rule, this.counterOf(old));
    for (const [rule, counter] of draft.counters) Object.assign(this.counterOf(rule), counter);
    for (const [handle, counter] of draft.chainCounters) Object.assign(this.policyCounter(table.name, handle), counter);
    for (const what of draft.zeroed) {
      const counter = typeof what === 'number' ? this.policyCounter(table.name, what) : this.counterOf(what);
      counter.packets = counter.bytes = 0;
    }
    const old = this.table(table.name);
    if (old !== undefined && sameChains(old, table)) return undefined;
    if (old === undefined) this.rows.insert(table.name, { table });
    else this.rows.patch(table.name, { table });
    this.#publish(table, old);
    for (const watcher of [...this.watchers]) watcher(table.name);
    return undefined;
  }

  #slot(table: TableName, name: string): CompiledChain {
    const key = `${table} ${name}`;
    let slot = this.#slots.get(key);
    if (slot === undefined) {
      const environment: CompileEnvironment = { ns: this.ns, counterOf: (rule) => this.counterOf(rule), slot: (to) => this.#slot(table, to) };
      slot = new CompiledChain(name, environment);
      this.#slots.set(key, slot);
    }
    return slot;
  }

  #publish(table: Table, old: Table | undefined): void {
    for (const chain of table.chains.values()) this.#slot(table.name, chain.name).source = chain;
    for (const chain of old?.chains.values() ?? []) {
      const now = table.chains.get(chain.name);
      if (now === undefined) this.#slots.delete(`${table.name} ${chain.name}`);
      if (now?.handle !== chain.handle && chain.hook !== undefined) this.#chainCounters.get(table.name)?.delete(chain.handle);
    }
    this.#plans = {};
    let users = 0;
    for (const { table: each } of this.rows.values()) for (const chain of each.chains.values()) users += conntrackUsers(chain);
    this.ns.conntrack.users = users;
  }

  #plan(hook: HookName): readonly HookFunction[] {
    const plan: HookFunction[] = [];
    const { conntrack } = this.ns;
    const tracked = conntrack.active;
    const begins = hook === 'PREROUTING' || hook === 'OUTPUT';
    const addTable = (name: TableName): void => {
      const chain = this.table(name)?.chains.get(hook);
      if (chain?.hook !== undefined) plan.push(this.#tableFunction(name, hook));
    };
    addTable('raw');
    if (tracked && begins) plan.push((skb) => conntrack.track(hook, skb));
    for (const name of BEFORE_NAT_DST) addTable(name);
    const manip = NAT_MANIP[hook];
    const nat = tracked && manip !== undefined && this.#natActive() ? this.#natFunction(hook, manip) : undefined;
    if (manip === 'dst' && nat !== undefined) plan.push(nat);
    for (const name of AFTER) addTable(name);
    if (manip === 'src' && nat !== undefined) plan.push(nat);
    if (tracked && (hook === 'INPUT' || hook === 'POSTROUTING')) plan.push((skb) => conntrack.confirm(skb));
    this.#plans[hook] = plan;
    return plan;
  }

  /** Any base chain of nat registers the NAT functions of all hooks. */
  #natActive(): boolean {
    for (const chain of this.table('nat')?.chains.values() ?? []) if (chain.hook !== undefined) return true;
    return false;
  }

  /** nf_defrag_ipv4 at -400, before every rule. */
  #defrags(hook: HookName): boolean {
    return (hook === 'PREROUTING' || hook === 'OUTPUT') && this.ns.conntrack.active;
  }

  #tableFunction(name: TableName, hook: HookName): HookFunction {
    const slot = this.#slot(name, hook);
    if (name === 'mangle' && hook === 'OUTPUT') return (skb, iif, oif) => this.#mangleOutput(slot, skb, iif, oif);
    return (skb, iif, oif) => this.#runTable(slot, name, hook, skb, iif, oif);
  }

  /** nft chain type `route`: a change of mark, addresses or TOS needs another route. */
  #mangleOutput(slot: CompiledChain, skb: Skb, iif: NetDevice | undefined, oif: NetDevice | undefined): boolean {
    const { net: before, mark } = skb;
    if (!this.#runTable(slot, 'mangle', 'OUTPUT', skb, iif, oif)) return false;
    const after = skb.net;
    if (before.kind !== 'ipv4' || after.kind !== 'ipv4') return true;
    if (skb.mark === mark && after.src === before.src && after.dst === before.dst && after.tos === before.tos) return true;
    return this.#reroute(skb);
  }

  #reroute(skb: Skb): boolean {
    if (this.ns.ip.routeMeHarder(skb)) return true;
    drop(this.ns, skb, 'NETFILTER_DROP', 'no route for the changed packet');
    return false;
  }

  /** nf_nat_inet_fn with the wrappers of each hook. */
  #natFunction(hook: HookName, manip: Manip): HookFunction {
    const { nat } = this;
    const slot = this.table('nat')?.chains.get(hook)?.hook === undefined ? undefined : this.#slot('nat', hook);
    return (skb, iif, oif) => {
      const { ct, net: before } = skb;
      if (ct === undefined || before.kind !== 'ipv4') return true;
      const related = skb.ctInfo === 'related' || skb.ctInfo === 'related-reply';
      if (related && before.protocol === 1) {
        if (nat.icmpError(skb, ct, manip)) return this.#natDone(hook, skb, before);
        drop(this.ns, skb, 'NETFILTER_DROP', 'NAT: an ICMP error that cannot be translated');
        return false;
      }
      const changedDevice = hook === 'POSTROUTING' && nat.outDeviceChanged(skb, ct, oif);
      if ((skb.ctInfo === 'new' || related) && !nat.initialized(ct, manip)) {
        if (slot !== undefined && !this.#runTable(slot, 'nat', hook, skb, iif, oif)) return false;
        if (!nat.initialized(ct, manip)) nat.nullBinding(ct, manip);
      } else if (changedDevice) {
        this.ns.conntrack.kill(ct);
        drop(this.ns, skb, 'NETFILTER_DROP', 'masqueraded connection leaves by another device now');
        return false;
      }
      nat.packet(skb, ct, manip);
      return this.#natDone(hook, skb, before);
    };
  }

  #natDone(hook: HookName, skb: Skb, before: Skb['net']): boolean {
    const after = skb.net;
    if (after === before || after.kind !== 'ipv4' || before.kind !== 'ipv4' || after.dst === before.dst) return true;
    if (hook === 'OUTPUT') return this.#reroute(skb);
    if (hook === 'PREROUTING') skb.dst = undefined;
    return true;
  }

  /** One base chain. False: dropped. */
  #runTable(slot: CompiledChain, name: TableName, hook: HookName, skb: Skb, iif: NetDevice | undefined, oif: NetDevice | undefined): boolean {
    const base = slot.source;
    const { net } = skb;
    if (base === undefined || net.kind !== 'ipv4') return true;
    const { recorder } = this.ns.machine.world;
    if (recorder.on) {
      const bridge = skb.nfBridge;
      recorder.write({
        kind: 'hook', ns: this.ns.id, pkt: skb.id, mac: skb.mac, net, hook, table: name, iif: iif?.name, oif: oif?.name,
        physIn: bridge?.physIn?.name, physOut: bridge?.physOut?.name, mark: skb.mark, ctState: this.ns.conntrack.active && name !== 'raw' ? ctStateOf(skb) : undefined,
      });
    }
    const bytes = ipv4Length(net);
    const c = this.#enter(name, hook, skb, iif, oif);
    let result = slot.walk(c, bytes);
    const byPolicy = result === CONTINUE;
    if (byPolicy) {
      const counter = this.policyCounter(name, base.handle);
      counter.packets++;
      counter.bytes += bytes;
      if (base.policy === 'DROP') result = DROP;
    }
    const { droppedBy, droppedIn } = c;
    this.#depth--;
    if (recorder.on) {
      recorder.write({
        kind: 'hook-end', ns: this.ns.id, pkt: skb.id, mac: skb.mac, net: skb.net, hook, table: name,
        verdict: result === DROP ? 'drop' : result === STOLEN ? 'stolen' : 'accept', by: byPolicy ? 'policy' : 'rule', bytes, mark: skb.mark,
      });
    }
    if (result === DROP) {
      drop(this.ns, skb, 'NETFILTER_DROP', byPolicy ? `policy of ${name} ${hook}` : recorder.on && droppedBy !== undefined ? `${name} -A ${droppedIn} ${saveText(droppedBy.rule.spec)}` : undefined);
      return false;
    }
    return result !== STOLEN;
  }

  /** A context of its own for each nested walk (REJECT sends while a walk is on). */
  #enter(table: TableName, hook: HookName, skb: Skb, iif: NetDevice | undefined, oif: NetDevice | undefined): PacketContext {
    const depth = this.#depth++;
    const known = this.#contexts[depth];
    if (known !== undefined) {
      known.hook = hook;
      known.table = table;
      known.skb = skb;
      known.iif = iif;
      known.oif = oif;
      known.draw = undefined;
      known.droppedBy = undefined;
      return known;
    }
    const made = this.context(table, hook, skb, iif, oif);
    this.#contexts.push(made);
    return made;
  }

  context(table: TableName, hook: HookName, skb: Skb, iif: NetDevice | undefined, oif: NetDevice | undefined): PacketContext {
    this.#random ??= this.ns.machine.random.fork(`statistic/${this.ns.name}`);
    return { ns: this.ns, nat: this.nat, random: this.#random, hook, table, skb, iif, oif, draw: undefined, droppedBy: undefined, droppedIn: '' };
  }
}

const sameChains = (a: Table, b: Table): boolean => a.chains.size === b.chains.size && [...a.chains.values()].every((chain) => b.chains.get(chain.name) === chain);

const USERS = new WeakMap<Chain, number>();
/** Rules of a chain that hold a reference on connection tracking (nf_ct_netns_get). */
function conntrackUsers(chain: Chain): number {
  const known = USERS.get(chain);
  if (known !== undefined) return known;
  let users = 0;
  for (const { spec } of chain.rules) {
    for (const use of spec.matches) if (matchOf(use).conntrack === true) users++;
    if (spec.target.kind === 'extension' && targetOf(spec.target.use).conntrack === true) users++;
  }
  USERS.set(chain, users);
  return users;
}
