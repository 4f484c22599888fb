/** Real worlds for the network commands: the kernel's test worlds with hosts that run commands on them. */
import { must } from '../../base/assert.ts';
import type { Process} from '../../engine/sim/process.ts';
import { WaitQueue, type Program } from '../../engine/sim/process.ts';
import type { Nanos } from '../../engine/sim/time.ts';
import { seconds } from '../../engine/sim/time.ts';
import type { Netns } from '../../engine/kernel/netns.ts';
import type { World } from '../../engine/kernel/world.ts';
import { twoHosts, twoNodes } from '../../engine/kernel/testing/worlds.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import { dnsA, DNS_TYPES, dnsQuery, decodeDns, encodeDns, NXDOMAIN, optRecord, type DnsMessage, type DnsRecord } from '../../engine/wire/dns.ts';
import { ANY, parseIpv4 } from '../../engine/wire/addresses.ts';
import { httpd } from '../daemons/httpd/httpd.ts';
import { NGINX_FILES } from '../daemons/httpd/page.ts';
import { makeHost, type MadeHost } from '../make-host.ts';
import type { Command, Context, Input, Output } from '../host.ts';

export class Text implements Output {
  text = '';
  write(text: string): boolean {
    this.text += text;
    return true;
  }
  close(): void {
    // nothing
  }
}

export interface Ran {
  readonly stdout: Text;
  readonly stderr: Text;
  readonly process: Process;
  /** undefined while it runs. */
  code(): number | undefined;
}

export interface Site {
  readonly world: World;
  readonly host: MadeHost;
  readonly kernel: Kernel;
  start(command: Command, line: string, options?: { readonly stdin?: string; readonly tty?: boolean }): Ran;
  /** Starts, runs the world until it ends (at most `limit`), and gives its output. */
  run(command: Command, line: string, options?: { readonly stdin?: string; readonly tty?: boolean; readonly limit?: Nanos }): { readonly stdout: string; readonly stderr: string; readonly code: number | undefined };
  daemon(name: string, program: (kernel: Kernel) => Program): Process;
}

function inputOf(text: string | undefined): Input {
  let left: string | undefined = text;
  return {
    readable: new WaitQueue(),
    read: () => {
      const chunk = left === undefined || left === '' ? 'eof' : left;
      left = undefined;
      return chunk;
    },
  };
}

export function site(world: World, ns: Netns, options: { readonly name?: string; readonly files?: Readonly<Record<string, string>>; readonly commands?: readonly Command[] } = {}): Site {
  const kernel = ns.machine.handle(ns.name);
  const host = makeHost({ name: options.name ?? ns.machine.name, kernel, commands: options.commands ?? [], files: options.files });
  const start: Site['start'] = (command, line, io = {}) => {
    const [stdout, stderr] = [new Text(), new Text()];
    const words = line.match(/"[^"]*"|'[^']*'|\S+/g)?.map((w) => w.replaceAll(/^["']|["']$/g, '')) ?? [];
    const { process } = kernel.spawn(words[0] ?? command.name, (own, pid) => {
      const context: Context = {
        host, kernel: own, args: words, env: new Map(), cwd: '/root', user: 'root', stdin: inputOf(io.stdin), stdout, stderr, tty: io.tty ?? false, editor: undefined, pid,
        run: () => must<Program>(undefined, 'a shell here'), exec: () => must<Program>(undefined, 'a shell here'),
      };
      return command.run(context);
    });
    return { stdout, stderr, process, code: () => process.exitCode };
  };
  return {
    world, host, kernel, start,
    run(command, line, io = {}) {
      const ran = start(command, line, io);
      const end = world.scheduler.now + (io.limit ?? seconds(60));
      for (let at = world.scheduler.nextAt(); ran.code() === undefined && at !== undefined && at <= end; at = world.scheduler.nextAt()) world.scheduler.runNext();
      return { stdout: ran.stdout.text, stderr: ran.stderr.text, code: ran.code() };
    },
    daemon: (name, program) => kernel.spawn(name, program).process,
  };
}

/** Answers A queries for the names given, as CoreDNS does: authoritative, no compression, EDNS0 echoed. */
export function* dnsServer(kernel: Kernel, names: Readonly<Record<string, string>>): Program {
  const socket = kernel.sockets.udp();
  socket.bind({ address: ANY, port: 53 });
  for (;;) {
    for (let d = socket.recv(); d !== undefined; d = socket.recv()) {
      const asked = decodeDns(d.bytes);
      if (!asked.ok) continue;
      socket.send(encodeDns(answerFor(asked.value, names), { compress: false }), d.from);
    }
    yield { on: [socket.readable] };
  }
}

function answerFor(query: DnsMessage, names: Readonly<Record<string, string>>): DnsMessage {
  const q = query.questions[0] ?? { name: '', type: 1, class: 1 };
  const text = names[q.name.toLowerCase()];
  const address = parseIpv4(text ?? '');
  const soa: DnsRecord = { name: 'cluster.local', type: DNS_TYPES.SOA, class: 1, ttl: 30, data: { kind: 'SOA', mname: 'ns.dns.cluster.local', rname: 'hostmaster.cluster.local', serial: 1, refresh: 7200, retry: 1800, expire: 86400, minimum: 30 } };
  const pointer: DnsRecord | undefined = q.type === DNS_TYPES.PTR && text !== undefined ? { name: q.name, type: q.type, class: 1, ttl: 5, data: { kind: 'PTR', target: text } } : undefined;
  const answers = q.type === DNS_TYPES.A && address !== undefined ? [dnsA(q.name, address, 5)] : pointer === undefined ? [] : [pointer];
  const opt = query.additional.find((r) => r.data.kind === 'OPT');
  return {
    ...dnsQuery(query.id, q.name, q.type), response: true, authoritative: true, rcode: text === undefined ? NXDOMAIN : 0, answers, authority: answers.length === 0 ? [soa] : [],
    additional: opt?.data.kind === 'OPT' ? [optRecord(1232, opt.data.options)] : [],
  };
}

/** a 10.0.0.1 (no programs) and b 10.0.0.2 with nginx on 80 and DNS on 53; a's resolv.conf points at b. */
export function lan(options: { readonly names?: Readonly<Record<string, string>>; readonly alpine?: boolean; readonly resolv?: string } = {}): { readonly world: World; readonly a: Site; readonly b: Site; readonly log: Text } {
  const two = twoHosts();
  const files: Record<string, string> = { '/etc/resolv.conf': options.resolv ?? 'search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.0.0.2\noptions ndots:5\n' };
  if (options.alpine === true) files['/etc/alpine-release'] = '3.20.0\n';
  const a = site(two.world, two.a, { files });
  const b = site(two.world, two.b, { files: { ...NGINX_FILES } });
  const log = new Text();
  b.daemon('nginx', (kernel) => httpd(kernel, { fs: b.host.fs, log, hostname: b.host.hostname }));
  b.daemon('coredns', (kernel) => dnsServer(kernel, options.names ?? { 'web.default.svc.cluster.local': '10.0.0.2' }));
  two.world.scheduler.runUntil(seconds(0));
  return { world: two.world, a, b, log };
}

export { twoNodes };
