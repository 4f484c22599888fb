/** One question to servers in turn, as BIND's tools ask it (dighost.c of 9.18): every try from a new socket. */
import { err, ok, type Result } from '../../../base/result.ts';
import type { Program } from '../../../engine/sim/process.ts';
import { minus, plus, seconds, type Nanos } from '../../../engine/sim/time.ts';
import type { Kernel } from '../../../engine/uapi/kernel.ts';
import { formatIpv4, type Ipv4 } from '../../../engine/wire/addresses.ts';
import { dnsQuery, encodeDns, SERVFAIL, type DnsMessage } from '../../../engine/wire/dns.ts';
import { collect, exchangeTcp, randomId, type Answer } from '../../resolver/exchange.ts';

export interface Question {
  readonly name: string;
  readonly type: number;
}

export interface QueryOptions {
  readonly servers: readonly Ipv4[];
  readonly port: number;
  /** Seconds per try. */
  readonly time: number;
  readonly tries: number;
  readonly tcp: boolean;
  /** EDNS0 size; undefined: no OPT. */
  readonly edns: number | undefined;
  readonly cookie: boolean;
  readonly authenticData: boolean;
  readonly recurse: boolean;
  /** Told of every failed try: `;; communications error to 10.0.0.1#53: timed out`. */
  readonly complain: (line: string) => void;
}

export interface Reply extends Answer {
  readonly query: DnsMessage;
  readonly took: Nanos;
}

function* ask(kernel: Kernel, server: Ipv4, query: DnsMessage, o: QueryOptions): Program<Result<Answer, string>> {
  const where = `${formatIpv4(server)}#${o.port}`;
  const until = plus(kernel.clock.now, seconds(o.time));
  if (o.tcp) {
    const answer = yield* exchangeTcp(kernel, server, query, until, o.port);
    if (answer.ok) return answer;
    return err(answer.error === 'timeout' ? `;; communications error to ${where}: timed out` : `;; Connection to ${where}(${formatIpv4(server)}) for ${query.questions[0]?.name ?? ''} failed: ${answer.error === 'refused' ? 'connection refused' : 'network unreachable'}.`);
  }
  const socket = kernel.sockets.udp();
  try {
    const connected = socket.connect({ address: server, port: o.port });
    const sent = connected.ok ? socket.send(encodeDns(query)) : connected;
    if (!sent.ok) return err(`;; UDP setup with ${where}(${formatIpv4(server)}) for ${query.questions[0]?.name ?? ''} failed: network unreachable.`);
    const answers = new Map<number, Answer>();
    const outcome = yield* collect(socket, [query], answers, kernel, until);
    const answer = answers.get(query.id);
    if (answer !== undefined) return ok(answer);
    return err(`;; communications error to ${where}: ${outcome === 'refused' ? 'connection refused' : outcome === 'unreachable' ? 'host unreachable' : 'timed out'}`);
  } finally {
    socket.close();
  }
}

/** undefined: no server could be reached. Truncated answers are asked again over TCP; SERVFAIL moves on to the next server. */
export function* query(kernel: Kernel, question: Question, o: QueryOptions): Program<Reply | undefined> {
  const random = kernel.random('dig');
  let poor: Reply | undefined;
  for (const server of o.servers) {
    for (let attempt = 0; attempt < o.tries; attempt++) {
      const cookie = o.cookie ? Uint8Array.from({ length: 8 }, () => random.below(256)) : undefined;
      const message = dnsQuery(randomId(random), question.name, question.type, { edns: o.edns, cookie, authenticData: o.authenticData, recursionDesired: o.recurse });
      const began = kernel.clock.now;
      let answer = yield* ask(kernel, server, message, o);
      if (answer.ok && answer.value.message.truncated && !o.tcp) {
        o.complain(';; Truncated, retrying in TCP mode.');
        answer = yield* ask(kernel, server, message, { ...o, tcp: true });
      }
      if (!answer.ok) {
        o.complain(answer.error);
        continue;
      }
      const reply = { ...answer.value, query: message, took: minus(kernel.clock.now, began) };
      if (reply.message.rcode !== SERVFAIL) return reply;
      poor = reply;
      break;
    }
  }
  return poor;
}
