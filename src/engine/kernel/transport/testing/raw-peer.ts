/** A peer made of bare segments, for tests that put one socket into one state. The wire to it loses everything; it answers by hand. */
import { millis } from '../../../sim/time.ts';
import type { TcpSocket, TcpState } from '../../../uapi/sockets.ts';
import { ACK, FIN, IPPROTO_TCP, SYN, type TcpSegment } from '../../../wire/packet.ts';
import { A, B, twoHosts, type TwoHosts } from './two-hosts.ts';

export const PEER_ISS = 5000;
const PORT = 4000;
const PEER_PORT = 80;

export class Bench {
  readonly two: TwoHosts = twoHosts();
  readonly socket: TcpSocket;
  /** Peer's next sequence number, and what it has received of ours. */
  seq = PEER_ISS;
  ack = 0;

  constructor() {
    this.two.spoil = () => [];
    this.socket = this.two.a.sockets.tcp();
    this.socket.bind({ address: A, port: PORT });
  }

  /** Segments the socket sent since `from`: flags in tcpdump's letters. */
  sent(from = 0): string[] {
    return this.two.log.slice(from).map((line) => /\[(.*?)\]/.exec(line)?.[1] ?? '?');
  }

  get lastSent(): TcpSegment {
    const t = this.two.packets.at(-1)?.payload;
    if (t?.kind !== 'tcp') throw new Error('nothing sent');
    return t;
  }

  /** ss's state of the connection, CLOSE when it is not listed. */
  get state(): TcpState | 'UNCONN' | 'ESTAB' {
    return this.two.a.sockets.list().find((row) => row.local.port === PORT)?.state ?? 'CLOSE';
  }

  peer(flags: number, change: Partial<TcpSegment> = {}): void {
    const payload = change.payload ?? new Uint8Array(0);
    const segment: TcpSegment = {
      kind: 'tcp', srcPort: PEER_PORT, dstPort: PORT, seq: this.seq, ack: (flags & ACK) === 0 ? 0 : this.ack, flags, window: 65535, options: [], payload, ...change,
    };
    this.two.inject(this.two.a, { kind: 'ipv4', tos: 0, id: 0, df: true, mf: false, offset: 0, ttl: 64, protocol: IPPROTO_TCP, src: B, dst: A, payload: segment });
    if (change.seq === undefined) this.seq = (this.seq + payload.length + ((flags & (SYN | FIN)) !== 0 ? 1 : 0)) >>> 0;
  }

  /** The peer has everything we sent. */
  catchUp(): void {
    const last = this.lastSent;
    this.ack = (last.seq + last.payload.length + ((last.flags & (SYN | FIN)) !== 0 ? 1 : 0)) >>> 0;
  }

  /** Lets programs and delayed ACKs run, not retransmissions. */
  settle(ms = 50): void {
    this.two.run(millis(ms));
  }

  reach(state: TcpState): void {
    switch (state) {
      case 'CLOSE':
        break;
      case 'LISTEN':
        this.socket.listen(5);
        break;
      case 'SYN_SENT':
        this.socket.connect({ address: B, port: PEER_PORT });
        this.catchUp();
        break;
      case 'SYN_RECV':
        this.reach('SYN_SENT');
        this.peer(SYN);
        break;
      case 'ESTABLISHED':
        this.reach('SYN_SENT');
        this.peer(SYN | ACK);
        break;
      case 'FIN_WAIT1':
        this.reach('ESTABLISHED');
        this.socket.shutdown();
        break;
      case 'FIN_WAIT2':
        this.reach('FIN_WAIT1');
        this.catchUp();
        this.peer(ACK);
        break;
      case 'CLOSE_WAIT':
        this.reach('ESTABLISHED');
        this.peer(FIN | ACK);
        break;
      case 'LAST_ACK':
        this.reach('CLOSE_WAIT');
        this.socket.shutdown();
        break;
      case 'CLOSING':
        this.reach('FIN_WAIT1');
        this.peer(FIN | ACK);
        break;
      case 'TIME_WAIT':
        this.reach('FIN_WAIT2');
        this.peer(FIN | ACK);
        break;
    }
  }

  /** Until the world is quiet. */
  wait(): void {
    this.two.run();
  }
}
