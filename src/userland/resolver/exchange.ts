/** Questions out, answers in, over one UDP socket; truncated answers again over TCP. Read first: resolver(3). */
import { must } from '../../base/assert.ts';
import type { Prng } from '../../base/prng.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Program } from '../../engine/sim/process.ts';
import { plus, type Nanos } from '../../engine/sim/time.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import type { UdpSocket } from '../../engine/uapi/sockets.ts';
import { ANY, type Ipv4 } from '../../engine/wire/addresses.ts';
import { concatBytes } from '../../engine/wire/bytes.ts';
import { decodeDns, DNS_PORT, encodeDns, type DnsMessage } from '../../engine/wire/dns.ts';
import { connectTcp, receiveExactly, sendAll } from '../sockets/stream.ts';

export type ExchangeError = 'timeout' | 'refused' | 'unreachable';

export interface Answer {
  readonly message: DnsMessage;
  readonly bytes: number;
  /** Who answered. */
  readonly from: Ipv4;
  readonly tcp: boolean;
}

export const randomId = (random: Prng): number => random.below(0x10000);

/** Asks over TCP: two bytes of length before each message. */
export function* exchangeTcp(kernel: Kernel, server: Ipv4, query: DnsMessage, until: Nanos, port = DNS_PORT): Program<Result<Answer, ExchangeError>> {
  const connected = yield* connectTcp(kernel, { address: server, port }, { until });
  if (!connected.ok) return err(connected.error === 'timeout' ? 'timeout' : connected.error === 'ECONNREFUSED' ? 'refused' : 'unreachable');
  const socket = connected.value;
  try {
    const bytes = encodeDns(query);
    const sent = yield* sendAll(kernel, socket, concatBytes([Uint8Array.of(bytes.length >>> 8, bytes.length), bytes]), until);
    if (!sent.ok) return err('timeout');
    const head = yield* receiveExactly(kernel, socket, 2, until);
    if (!head.ok) return err('timeout');
    const length = ((head.value[0] ?? 0) << 8) | (head.value[1] ?? 0);
    const body = yield* receiveExactly(kernel, socket, length, until);
    const message = body.ok ? decodeDns(body.value) : undefined;
    return message?.ok === true ? ok({ message: message.value, bytes: length, from: server, tcp: true }) : err('timeout');
  } finally {
    socket.close();
  }
}

/** Receives answers to `queries` on `socket` until all are there or `until`. */
export function* collect(socket: UdpSocket, queries: readonly DnsMessage[], answers: Map<number, Answer>, kernel: Kernel, until: Nanos): Program<'all' | 'timeout' | 'refused' | 'unreachable'> {
  for (;;) {
    for (let d = socket.recv(); d !== undefined; d = socket.recv()) {
      const message = decodeDns(d.bytes);
      if (!message.ok || !message.value.response) continue;
      const { value } = message;
      const question = queries.find((q) => q.id === value.id);
      if (question === undefined || answers.has(question.id)) continue;
      const asked = question.questions[0];
      const echoed = value.questions[0];
      if (echoed !== undefined && (echoed.type !== asked?.type || echoed.name.toLowerCase() !== asked.name.toLowerCase())) continue;
      answers.set(question.id, { message: value, bytes: d.bytes.length, from: d.from.address, tcp: false });
    }
    if (queries.every((q) => answers.has(q.id))) return 'all';
    const error = socket.takeError();
    if (error !== undefined) return error === 'ECONNREFUSED' ? 'refused' : 'unreachable';
    if (kernel.clock.now >= until) return 'timeout';
    yield { on: [socket.readable], until };
  }
}

export interface Dialect {
  /** Sockets are connected, so ICMP errors are seen (musl's are not). */
  readonly connected: boolean;
  /** Every server is asked at once (musl) or one after another. */
  readonly parallelServers: boolean;
  readonly attempts: number;
  /** Nanoseconds per attempt; grows in c-ares. */
  readonly timeout: (round: number) => Nanos;
  /** The caller's own deadline. */
  readonly deadline?: Nanos | undefined;
}

/** All questions to the servers in turn until each has an answer that says something (SERVFAIL and REFUSED move on to the next server). */
export function* exchange(kernel: Kernel, servers: readonly Ipv4[], queries: readonly DnsMessage[], dialect: Dialect): Program<Result<readonly Answer[], ExchangeError>> {
  let last: ExchangeError = 'timeout';
  let poor: readonly Answer[] | undefined;
  const payloads = queries.map((q) => encodeDns(q));
  for (let round = 0; round < dialect.attempts; round++) {
    const turns = dialect.parallelServers ? [servers] : servers.map((s) => [s]);
    for (const turn of turns) {
      const socket = kernel.sockets.udp();
      const answers = new Map<number, Answer>();
      try {
        const [only] = turn;
        if (dialect.connected && only !== undefined) {
          const connected = socket.connect({ address: only, port: DNS_PORT });
          if (!connected.ok) {
            last = 'unreachable';
            continue;
          }
        } else socket.bind({ address: ANY, port: 0 });
        let sent = 0;
        for (const payload of payloads) {
          for (const server of turn) {
            const to = { address: server, port: DNS_PORT };
            if ((dialect.connected ? socket.send(payload) : socket.send(payload, to)).ok) sent++;
          }
        }
        if (sent === 0) {
          last = 'unreachable';
          continue;
        }
        const ends = plus(kernel.clock.now, dialect.timeout(round));
        const { deadline } = dialect;
        const until = deadline !== undefined && deadline < ends ? deadline : ends;
        const outcome = yield* collect(socket, queries, answers, kernel, until);
        if (outcome !== 'all') {
          last = outcome;
          if (deadline !== undefined && kernel.clock.now >= deadline) return err('timeout');
          continue;
        }
      } finally {
        socket.close();
      }
      const whole: Answer[] = [];
      for (const query of queries) {
        const answer = must(answers.get(query.id), 'answer');
        const again = answer.message.truncated ? yield* exchangeTcp(kernel, answer.from, query, plus(kernel.clock.now, dialect.timeout(round))) : undefined;
        whole.push(again?.ok === true ? again.value : answer);
      }
      if (whole.every((a) => a.message.rcode === 0 || a.message.rcode === 3)) return ok(whole);
      poor = whole;
    }
    if (poor !== undefined) return ok(poor);
  }
  return err(last);
}
