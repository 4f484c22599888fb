/** The lab's clients and servers: the same system calls in the same order as agent.py makes. */
import { must } from '../base/assert.ts';
import { WaitQueue, type Program } from '../engine/sim/process.ts';
import { micros, millis, plus, type Nanos } from '../engine/sim/time.ts';
import type { Errno } from '../engine/uapi/errno.ts';
import type { Kernel } from '../engine/uapi/kernel.ts';
import type { TcpSocket } from '../engine/uapi/sockets.ts';
import { ANY, formatIpv4, parseIpv4, type Ipv4 } from '../engine/wire/addresses.ts';
import { ETH_P_ARP } from '../engine/wire/packet.ts';
import type { World } from '../engine/kernel/world.ts';
import type { Announced } from '../lab/export/announced.ts';
import type { Pace } from './agent.ts';
import { TAG } from './headers.ts';
import type { Action, Flow, PingAction, TcpAction, UdpAction } from './flow.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const payload = (a: Action): Uint8Array => encode((a.tag + '.'.repeat(a.size)).slice(0, Math.max(a.size, a.tag.length)));
const address = (text: string): Ipv4 => must(parseIpv4(text), text);
const nameOf = (errno: Errno): string => (errno === 'ETIMEDOUT' ? 'timeout' : errno);

const PMTUDISC_DONT = 0;
const PMTUDISC_DO = 2;

function* tcp(kernel: Kernel, a: TcpAction, say: (result: string) => void, release: WaitQueue): Program {
  const s = kernel.sockets.tcp();
  const end = plus(kernel.clock.now, millis(a.timeout));
  const late = (): boolean => kernel.clock.now >= end;
  const fail = (result: string): number => {
    say(result);
    s.close();
    return 1;
  };
  s.setOption('reuseaddr', 1);
  s.setOption('nodelay', 1);
  const bound = s.bind({ address: ANY, port: a.sport });
  if (!bound.ok) return fail(nameOf(bound.error.errno));
  const asked = s.connect({ address: address(a.dst), port: a.dport });
  if (!asked.ok && asked.error.errno !== 'EINPROGRESS') return fail(nameOf(asked.error.errno));
  while (s.state !== 'ESTABLISHED') {
    const error = s.takeError();
    if (error !== undefined) return fail(nameOf(error));
    if (late()) return fail('timeout');
    yield { on: [s.writable, s.readable], until: end };
  }
  const sent = s.send(payload(a));
  if (!sent.ok) return fail(nameOf(sent.error.errno));
  let got: ReturnType<TcpSocket['recv']> = undefined;
  const dataEnd = plus(kernel.clock.now, millis(a.timeout));
  while (got === undefined) {
    const error = s.takeError();
    if (error !== undefined) return fail(nameOf(error));
    if (kernel.clock.now >= dataEnd) return fail('timeout');
    got = s.recv(65536);
    if (got === undefined) yield { on: [s.readable], until: dataEnd };
  }
  const broken = got === 'eof' ? s.takeError() : undefined;
  if (broken !== undefined) return fail(nameOf(broken));
  if (a.end === 'reset') s.setLingerZero();
  say(got === 'eof' ? 'eof' : 'reply');
  if (a.end === 'hold') yield { on: [release] };
  s.close();
  return 0;
}

function* udp(kernel: Kernel, a: UdpAction, say: (result: string) => void): Program {
  const s = kernel.sockets.udp();
  const end = plus(kernel.clock.now, millis(a.timeout));
  s.setOption('pmtudisc', a.df ? PMTUDISC_DO : PMTUDISC_DONT);
  const steps = [(): { ok: boolean; errno?: Errno } => refusal(s.bind({ address: ANY, port: a.sport })), (): { ok: boolean; errno?: Errno } => refusal(s.connect({ address: address(a.dst), port: a.dport })), (): { ok: boolean; errno?: Errno } => refusal(s.send(payload(a)))];
  let result: string | undefined;
  for (const step of steps) {
    const done = step();
    if (!done.ok) {
      result = nameOf(done.errno ?? 'EINVAL');
      break;
    }
  }
  while (result === undefined) {
    const got = s.recv();
    const error = got === undefined ? s.takeError() : undefined;
    if (got !== undefined) result = 'reply';
    else if (error !== undefined) result = nameOf(error);
    else if (kernel.clock.now >= end) result = 'timeout';
    else yield { on: [s.readable], until: end };
  }
  say(result);
  s.close();
  return 0;
}

const refusal = (r: { readonly ok: true } | { readonly ok: false; readonly error: { readonly errno: Errno } }): { ok: boolean; errno?: Errno } => (r.ok ? { ok: true } : { ok: false, errno: r.error.errno });

function* ping(kernel: Kernel, a: PingAction, say: (result: string) => void): Program {
  const s = kernel.sockets.icmp();
  const end = plus(kernel.clock.now, millis(a.timeout));
  s.setOption('ttl', a.ttl);
  s.setOption('pmtudisc', a.df ? PMTUDISC_DO : PMTUDISC_DONT);
  const sent = s.sendEcho(address(a.dst), 1, payload(a));
  let result = sent.ok ? undefined : nameOf(sent.error.errno);
  while (result === undefined) {
    const got = s.recv();
    const error = got === undefined ? s.takeError() : undefined;
    if (got !== undefined) result = got.type === 0 ? `reply from ${formatIpv4(got.from)} ttl ${got.ttl}` : `icmp ${got.type}/${got.code} from ${formatIpv4(got.from)}`;
    else if (error !== undefined) result = nameOf(error);
    else if (kernel.clock.now >= end) result = 'timeout';
    else yield { on: [s.readable], until: end };
  }
  say(result);
  s.close();
  return 0;
}

/** As agent.py waits. */
const LET_GO = millis(10);

/** What each action's client saw. Actions begin, and watching ends, when they did in the kernel: timers that run meanwhile fire on the same side of each. */
export function runInLab(world: World, kernelOf: (ns: string) => Kernel, flow: Flow, pace: Pace): readonly string[] {
  const results: string[] = [];
  const held: WaitQueue[] = [];
  const { scheduler } = world;
  const zero = scheduler.now;
  const pause = (span: Nanos): void => void scheduler.runUntil(plus(scheduler.now, span));
  const reach = (ms: number | undefined): void => {
    const due = plus(zero, micros(Math.round((ms ?? 0) * 1000)));
    if (scheduler.now < due) scheduler.runUntil(due);
  };
  for (const [i, a] of flow.actions.entries()) {
    reach(pace.starts[i]);
    let result: string | undefined;
    const say = (text: string): void => void (result = text);
    const release = new WaitQueue();
    if (a.kind === 'tcp' && a.end === 'hold') held.push(release);
    kernelOf(a.ns).spawn('client', (kernel) => {
      switch (a.kind) {
        case 'tcp': return tcp(kernel, a, say, release);
        case 'udp': return udp(kernel, a, say);
        case 'ping': return ping(kernel, a, say);
      }
    });
    const end = plus(scheduler.now, millis(a.timeout * 2 + 100));
    while (result === undefined && scheduler.now < end) pause(millis(1));
    results.push(result ?? 'no end');
  }
  reach(pace.starts[flow.actions.length]);
  for (const release of held) {
    release.wake();
    pause(LET_GO);
  }
  reach(pace.took);
  return results;
}

export type ServerKind = 'echo' | 'reset';

export interface Server {
  readonly ns: string;
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  readonly kind: ServerKind;
}

/** Asked with the first bytes of what a connection's client sent. */
type IsLate = (tag: string) => boolean;
/** Longer than TCP_DELACK_MIN. */
const LATE = millis(45);

function* tcpServer(kernel: Kernel, server: Server, isLate: IsLate): Program {
  const s = kernel.sockets.tcp();
  s.bind({ address: ANY, port: server.port });
  s.listen(64);
  for (;;) {
    for (let c = s.accept(); c !== undefined; c = s.accept()) {
      const connection = c;
      kernel.spawn('server', () => converse(kernel, connection, server.kind, isLate));
    }
    yield { on: [s.readable] };
  }
}

function* converse(kernel: Kernel, c: TcpSocket, kind: ServerKind, isLate: IsLate): Program {
  c.setOption('nodelay', 1);
  let tag = '';
  for (;;) {
    const got = c.recv(65536);
    if (got === undefined) {
      if (c.takeError() !== undefined) break;
      yield { on: [c.readable] };
      continue;
    }
    if (got === 'eof') {
      if (isLate(tag)) yield { on: [], until: plus(kernel.clock.now, LATE) };
      break;
    }
    const text = new TextDecoder().decode(got);
    tag = text.slice(0, TAG);
    if (kind === 'reset') {
      c.setLingerZero();
      break;
    }
    c.send(encode(`r${text.slice(1)}`));
  }
  c.close();
  return 0;
}

function* udpServer(kernel: Kernel, server: Server): Program {
  const s = kernel.sockets.udp();
  s.bind({ address: ANY, port: server.port });
  for (;;) {
    for (let d = s.recv(); d !== undefined; d = s.recv()) {
      const bytes = Uint8Array.from(d.bytes);
      bytes[0] = 'r'.charCodeAt(0);
      s.send(bytes, d.from);
    }
    s.takeError();
    yield { on: [s.readable] };
  }
}

export function startServer(kernel: Kernel, server: Server, isLate: IsLate): void {
  kernel.spawn('server', (own) => (server.protocol === 'tcp' ? tcpServer(own, server, isLate) : udpServer(own, server)));
}

/** announce.py of the export. */
function* announcer(kernel: Kernel, { dev, ip }: Announced): Program {
  const opened = kernel.sockets.packet(dev, ETH_P_ARP);
  const own = kernel.netlink.link(dev)?.mac;
  if (!opened.ok || own === undefined) return 1;
  const s = opened.value;
  for (;;) {
    for (let f = s.recv(); f !== undefined; f = s.recv()) {
      const { payload } = f.frame;
      if (f.direction === 'out' || payload.kind !== 'arp' || payload.op !== 1 || payload.targetIp !== ip) continue;
      const { senderMac, senderIp } = payload;
      s.send({ kind: 'ethernet', header: { dst: senderMac, src: own, etherType: ETH_P_ARP }, payload: { kind: 'arp', op: 2, senderMac: own, senderIp: ip, targetMac: senderMac, targetIp: senderIp } });
    }
    yield { on: [s.readable] };
  }
}

export const startAnnouncer = (kernel: Kernel, announced: Announced): void => void kernel.spawn('announce', (own) => announcer(own, announced));
