/** A kernel that is only tables: what tests of commands ask and change. No packets, no rules of Linux beyond names and duplicates. */
import { prng } from '../../base/prng.ts';
import { done, err, ok } from '../../base/result.ts';
import { Process, type Program } from '../../engine/sim/process.ts';
import { Scheduler } from '../../engine/sim/scheduler.ts';
import { seconds, plus } from '../../engine/sim/time.ts';
import { refuse } from '../../engine/uapi/errno.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import type { CtEntry, CtEvent, IptablesCommand, TableDump } from '../../engine/uapi/netfilter.ts';
import type { Address, FdbEntry, Link, Neighbour, PolicyRule, Route } from '../../engine/uapi/rtnetlink.ts';
import type { SocketInfo } from '../../engine/uapi/sockets.ts';
import { ANY, mac, maskOf, parseCidr, parseIpv4, parseMac, prefix, type Ipv4, type Mac } from '../../engine/wire/addresses.ts';
import type { Command } from '../host.ts';
import { COMMANDS } from '../commands/all.ts';
import { makeHost, type MadeHost } from '../make-host.ts';
import { textInput } from '../shell/io.ts';
import { runShellLine } from '../shell/shell.ts';

export const ip4 = (text: string): Ipv4 => parseIpv4(text) ?? ANY;
export const hw = (text: string): Mac => parseMac(text) ?? mac(0);

const NO_STATS = { rxPackets: 0, rxBytes: 0, rxErrors: 0, rxDropped: 0, txPackets: 0, txBytes: 0, txErrors: 0, txDropped: 0 };

export const aLink = (part: Partial<Link> & Pick<Link, 'ifindex' | 'name' | 'kind'>): Link => ({
  mac: mac(0), mtu: part.kind === 'loopback' ? 65536 : 1500, up: true, carrier: true, noArp: false, promiscuity: 0, txQueueLen: 1000, master: undefined, link: undefined, stats: NO_STATS, vlanId: undefined, vxlan: undefined, bridge: undefined, port: undefined, altNames: [], ...part,
});

export const anAddress = (dev: string, ifindex: number, cidr: string, part: Partial<Address> = {}): Address => {
  const p = parseCidr(cidr) ?? { address: ANY, length: 0 };
  return { dev, ifindex, address: p.address, prefixLength: p.length, broadcast: undefined, scope: 'global', label: dev, secondary: false, validLifetime: undefined, metric: undefined, ...part };
};

export const aRoute = (dst: string, part: Partial<Route> & { readonly via?: string; readonly dev?: string; readonly onlink?: boolean } = {}): Route => {
  const p = dst === 'default' ? { address: ANY, length: 0 } : parseCidr(dst) ?? { address: ANY, length: 0 };
  const { via, dev, onlink, ...rest } = part;
  return { table: 254, type: 'unicast', dst: prefix(p.address, p.length), tos: 0, priority: 0, protocol: 'boot', scope: 'universe', prefSrc: undefined, mtu: undefined, dead: false, nexthops: dev === undefined ? [] : [{ via: via === undefined ? undefined : ip4(via), dev, weight: 1, onlink: onlink ?? false }], ...rest };
};

export interface FakeState {
  links: Link[];
  addresses: Address[];
  routes: Route[];
  rules: PolicyRule[];
  neighbours: Neighbour[];
  fdb: FdbEntry[];
  sockets: SocketInfo[];
  sysctl: Map<string, string>;
  entries: CtEntry[];
  tables: TableDump[];
  netns: string[];
  /** What iptables asked for, in order. */
  readonly iptables: IptablesCommand[];
  readonly restores: string[];
  readonly listeners: Set<(event: CtEvent) => void>;
}

const aRule = (priority: number, table: number): PolicyRule => ({ priority, src: undefined, dst: undefined, iif: undefined, oif: undefined, fwmark: undefined, fwmask: undefined, invert: false, action: 'lookup', table });

export interface Fake {
  readonly scheduler: Scheduler;
  readonly kernel: Kernel;
  readonly state: FakeState;
  readonly host: MadeHost;
  /** Runs a line to its end (or for `span` simulated seconds). */
  run(line: string, options?: { readonly user?: string; readonly span?: number; readonly stdin?: string }): { readonly stdout: string; readonly stderr: string; readonly code: number | undefined };
}

const unsupported = (): never => {
  throw new Error('not in the fake kernel');
};

export function fake(start: Partial<FakeState> = {}, options: { readonly user?: string; readonly commands?: readonly Command[]; readonly files?: Readonly<Record<string, string>> } = {}): Fake {
  const scheduler = new Scheduler();
  let pids = 1000;
  const state: FakeState = {
    links: [aLink({ ifindex: 1, name: 'lo', kind: 'loopback' })], addresses: [], routes: [], rules: [aRule(0, 255), aRule(32766, 254), aRule(32767, 253)], neighbours: [], fdb: [], sockets: [],
    sysctl: new Map([['net.ipv4.ip_forward', '0'], ['net.ipv4.conf.all.rp_filter', '2'], ['net.ipv4.conf.ens3/100.rp_filter', '0']]), entries: [], tables: [], netns: [], iptables: [], restores: [], listeners: new Set(), ...start,
  };
  const kernel: Kernel = {
    machine: 'vm2', netns: '', nsId: 1,
    power: { on: true, cut: unsupported, restore: unsupported, shutdown: unsupported, watch: () => () => undefined },
    clock: { get now() { return scheduler.now; }, wallMillis: () => Date.UTC(2024, 4, 29, 13, 9, 28) + scheduler.now / 1e6 },
    netlink: {
      watch: () => () => undefined,
      links: () => state.links,
      link: (name) => state.links.find((l) => l.name === name),
      newLink(spec) {
        if (state.links.some((l) => l.name === spec.name)) return refuse('EEXIST');
        state.links.push(aLink({ ifindex: state.links.length + 1, name: spec.name, kind: spec.kind, up: false, ...(spec.kind === 'bridge' ? { bridge: { ageingTime: 300, stp: false, vlanFiltering: false, priority: 0x8000, nfCallIptables: false } } : {}) }));
        return done;
      },
      setLink(name, change) {
        const { master, bridge, netns: _, hairpin, learning, flood, promisc: __, arp, ...plain } = change;
        state.links = state.links.map((l) => (l.name !== name ? l : {
          ...l, ...plain, ...(arp === undefined ? {} : { noArp: !arp }), ...(master === undefined ? {} : { master: master ?? undefined }), ...(bridge === undefined || l.bridge === undefined ? {} : { bridge: { ...l.bridge, ...bridge } }),
          ...(l.port === undefined ? {} : { port: { ...l.port, hairpin: hairpin ?? l.port.hairpin, learning: learning ?? l.port.learning, flood: flood ?? l.port.flood } }),
        }));
        return done;
      },
      delLink(name) {
        state.links = state.links.filter((l) => l.name !== name);
        return done;
      },
      addresses: () => state.addresses,
      newAddress(spec) {
        if (state.addresses.some((a) => a.dev === spec.dev && a.address === spec.address)) return refuse('EEXIST', 'ipv4: Address already assigned');
        const link = state.links.find((l) => l.name === spec.dev);
        state.addresses.push({ ifindex: link?.ifindex ?? 0, dev: spec.dev, address: spec.address, prefixLength: spec.prefixLength, broadcast: spec.broadcast, scope: spec.scope ?? 'global', label: spec.label ?? spec.dev, secondary: false, validLifetime: spec.validLifetime, metric: spec.metric });
        return done;
      },
      delAddress(dev, address) {
        const before = state.addresses.length;
        state.addresses = state.addresses.filter((a) => a.dev !== dev || a.address !== address);
        return state.addresses.length === before ? refuse('EADDRNOTAVAIL', 'ipv4: Address not found') : done;
      },
      routes: (table = 254) => state.routes.filter((r) => table === 0 || r.table === table),
      newRoute(spec, mode) {
        const same = (r: Route): boolean => r.dst.address === spec.dst.address && r.dst.length === spec.dst.length && r.table === (spec.table ?? 254);
        if (mode === 'add' && state.routes.some(same)) return refuse('EEXIST');
        if (mode === 'change' && !state.routes.some(same)) return refuse('ENOENT');
        if ((spec.dst.address & ~maskOf(spec.dst.length)) !== 0) return refuse('EINVAL', 'Invalid prefix for given prefix length');
        if (spec.nexthops?.length === 0) return refuse('ENODEV');
        if (mode === 'replace') state.routes = state.routes.filter((r) => !same(r));
        const dev = state.links.find((l) => l.kind !== 'loopback')?.name;
        state.routes.push({ table: spec.table ?? 254, type: spec.type ?? 'unicast', dst: spec.dst, tos: 0, priority: spec.priority ?? 0, protocol: spec.protocol ?? 'boot', scope: spec.scope ?? (spec.nexthops?.[0]?.via === undefined ? 'link' : 'universe'), prefSrc: spec.prefSrc, mtu: spec.mtu, dead: false, nexthops: (spec.nexthops ?? []).map((n) => ({ via: n.via, dev: n.dev ?? dev, weight: n.weight ?? 1, onlink: n.onlink ?? false })) });
        return done;
      },
      delRoute(spec) {
        const at = state.routes.findIndex((r) => r.dst.address === spec.dst.address && r.dst.length === spec.dst.length && r.table === (spec.table ?? 254));
        if (at < 0) return refuse('ESRCH');
        state.routes.splice(at, 1);
        return done;
      },
      getRoute(query) {
        const own = state.addresses.find((a) => a.address === query.dst);
        if (own !== undefined) return ok({ type: 'local', table: 255, dst: query.dst, via: undefined, dev: 'lo', src: query.dst, mark: query.mark ?? 0, mtu: undefined });
        const best = state.routes.filter((r) => r.table === 254 && ((query.dst ^ r.dst.address) & maskOf(r.dst.length)) === 0).sort((a, b) => b.dst.length - a.dst.length)[0];
        if (best === undefined) return refuse('ENETUNREACH');
        const hop = best.nexthops[0];
        return ok({ type: 'unicast', table: 254, dst: query.dst, via: hop?.via, dev: hop?.dev, src: best.prefSrc ?? state.addresses.find((a) => a.dev === hop?.dev)?.address, mark: query.mark ?? 0, mtu: undefined });
      },
      rules: () => state.rules,
      newRule(rule) {
        state.rules.push({ ...aRule(32765, 254), ...rule });
        state.rules.sort((a, b) => a.priority - b.priority);
        return done;
      },
      delRule(rule) {
        const at = state.rules.findIndex((r) => (rule.priority === undefined || rule.priority === r.priority) && (rule.src === undefined || rule.src.address === r.src?.address));
        if (at < 0) return refuse('ENOENT');
        state.rules.splice(at, 1);
        return done;
      },
      neighbours: () => state.neighbours,
      newNeighbour(spec, mode) {
        const at = state.neighbours.findIndex((n) => n.dev === spec.dev && n.ip === spec.ip);
        if (at >= 0 && mode === 'add') return refuse('EEXIST');
        if (spec.mac === undefined) return refuse('EINVAL', 'No link layer address given');
        const row: Neighbour = { ifindex: 0, dev: spec.dev, ip: spec.ip, mac: spec.mac, state: spec.state ?? 'PERMANENT', used: 0, confirmed: 0, updated: 0, probes: 0 };
        if (at >= 0) state.neighbours[at] = row;
        else state.neighbours.push(row);
        return done;
      },
      delNeighbour(dev, ip) {
        const before = state.neighbours.length;
        state.neighbours = state.neighbours.filter((n) => n.dev !== dev || n.ip !== ip);
        return state.neighbours.length === before ? refuse('ENOENT') : done;
      },
      fdb: () => state.fdb,
      newFdb(spec, mode) {
        if (mode === 'add' && state.fdb.some((e) => e.mac === spec.mac && e.dev === spec.dev)) return refuse('EEXIST');
        state.fdb.push({ mac: spec.mac, ifindex: 0, dev: spec.dev, master: spec.where === 'master' ? state.links.find((l) => l.name === spec.dev)?.master : undefined, dst: spec.dst, where: spec.where ?? 'self', kind: spec.kind ?? 'permanent', vlan: undefined, age: undefined, isLocal: false });
        return done;
      },
      delFdb(spec) {
        const at = state.fdb.findIndex((e) => e.mac === spec.mac && e.dev === spec.dev);
        if (at < 0) return refuse('ENOENT');
        state.fdb.splice(at, 1);
        return done;
      },
    },
    netfilter: {
      tables: () => state.tables.map((t) => t.table),
      dump: (table) => state.tables.find((t) => t.table === table),
      chainNames: (table) => state.tables.find((t) => t.table === table)?.created ?? [],
      hasChain: (table, chain) => state.tables.find((t) => t.table === table)?.created.includes(chain) === true,
      watch: () => () => undefined,
      command(command) {
        state.iptables.push(command);
        return command.op === 'delete' ? err({ message: 'iptables: Bad rule (does a matching rule exist in that chain?).', exitCode: 1 }) : done;
      },
      restore(input) {
        state.restores.push(input);
        return done;
      },
      traceSubscribe: () => () => undefined,
    extensions: () => [],
    },
    conntrack: {
      list: () => state.entries,
      delete(id) {
        state.entries = state.entries.filter((e) => e.id !== id);
        return done;
      },
      flush() {
        state.entries = [];
      },
      count: () => state.entries.length,
      stats: () => ({ found: 0, invalid: 0, insert: 0, insert_failed: 0, drop: 0, early_drop: 0, error: 0, search_restart: 0, clash_resolve: 0, chaintoolong: 0 }),
      subscribe(listener) {
        state.listeners.add(listener);
        return () => void state.listeners.delete(listener);
      },
    },
    sockets: { udp: unsupported, tcp: unsupported, icmp: unsupported, packet: unsupported, listen6: unsupported, list: () => state.sockets },
    sysctl: {
      get: (key) => state.sysctl.get(key),
      set(key, value) {
        if (!state.sysctl.has(key)) return refuse('ENOENT');
        if (!/^\d+$/.test(value)) return refuse('EINVAL');
        state.sysctl.set(key, value);
        return done;
      },
      keys: () => [...state.sysctl.keys()].sort(),
    },
    random: (name) => prng(1, name),
    netnsList: () => state.netns,
    netnsAdd(name) {
      if (state.netns.includes(name)) return refuse('EEXIST');
      state.netns.push(name);
      return done;
    },
    netnsDelete(name) {
      if (!state.netns.includes(name)) return refuse('ENOENT');
      state.netns = state.netns.filter((n) => n !== name);
      return done;
    },
    inNetns: (name) => (state.netns.includes(name) ? ok(kernel) : refuse('ENOENT')),
    spawn(command: string, program: (kernel: Kernel, pid: number) => Program) {
      const pid = ++pids;
      return { pid, process: new Process(scheduler, command, program(kernel, pid)) };
    },
    log: () => undefined,
  };
  const host = makeHost({ name: 'vm2', kernel, user: options.user ?? 'root', commands: options.commands ?? COMMANDS, files: options.files });
  return {
    scheduler, kernel, state, host,
    run(line, how = {}) {
      const running = runShellLine(host, line, { ...(how.user === undefined ? {} : { user: how.user }), ...(how.stdin === undefined ? {} : { stdin: textInput(how.stdin) }) });
      const until = plus(scheduler.now, seconds(how.span ?? 3600));
      while (running.process.exitCode === undefined) {
        const at = scheduler.nextAt();
        if (at === undefined || at > until) break;
        scheduler.runNext();
      }
      if (running.process.exitCode === undefined) {
        scheduler.runUntil(until);
        running.process.kill('SIGINT');
        while (running.process.exitCode === undefined && scheduler.runNext());
      }
      return { stdout: running.stdout.text, stderr: running.stderr.text, code: running.process.exitCode };
    },
  };
}
