/**
 * Names for packets that mean the same in the kernel and in the lab: which connection, which side, which flags,
 * numbers counted from the connection's own. NAT does not change a name; ephemeral values are not in it.
 */
import { ICMP_ERRORS, type Headers, type Transport } from './headers.ts';

interface Connection {
  /** The client's own port; with primes when it is not the first that came from there. */
  readonly name: string;
  readonly port: number;
  readonly client: number;
  server: number | undefined;
}

const FLAGS = ['fin', 'syn', 'rst', 'psh', 'ack', 'urg', 'ece', 'cwr'];
/** More than a flow sends, little enough that two connections' numbers are rarely that near. */
const NEAR = 1 << 14;
const SYN = 2;
const RST = 4;
const ACK = 16;

const flagNames = (flags: number): string => FLAGS.filter((_, i) => (flags & (1 << i)) !== 0).join('.');
const number = (n: number, base: number): number => (n - base) >>> 0;
const near = (n: number, base: number): boolean => number(n, base) < NEAR;

/** A trace shows too little of a tunnel's packet and of an ICMP error to know what is in it; its frame on a device, with the same IP id, shows all. */
const insideKey = ({ t, ...h }: Headers): string => ((t.kind === 'udp' && t.vxlan) || (t.kind === 'icmp' && ICMP_ERRORS.includes(t.type)) ? `${h.src} ${h.dst} ${h.id} ${h.length}` : '');

export class Labels {
  readonly #connections: Connection[] = [];
  readonly #insides = new Map<string, string>();

  /** Tells of a packet in the order they were sent, so that connections are known by their SYN. */
  learn(h: Headers): void {
    const { t } = h;
    if (t.kind === 'udp' && t.inner !== undefined) return this.learn(t.inner);
    if (t.kind !== 'tcp' || (t.flags & SYN) === 0) return;
    if ((t.flags & ACK) === 0) {
      if (!this.#connections.some((c) => c.client === t.seq)) this.#connections.push({ name: `${t.sport}${"'".repeat(this.#connections.filter((c) => c.port === t.sport).length)}`, port: t.sport, client: t.seq, server: undefined });
      return;
    }
    const c = this.#connections.find((o) => ((o.client + 1) >>> 0) === t.ack);
    if (c !== undefined) c.server ??= t.seq;
  }

  learnInside(h: Headers): void {
    const key = insideKey(h);
    if (key !== '') this.#insides.set(key, this.of(h));
  }

  traced(h: Headers): string {
    return this.#insides.get(insideKey(h)) ?? this.of(h, false);
  }

  of(h: Headers, whole = true): string {
    const part = h.offset > 0 || h.mf ? ` part@${h.offset}` : '';
    return `${this.#transport(h, h.t, whole)}${part}`;
  }

  #transport(h: Headers, t: Transport, whole: boolean): string {
    switch (t.kind) {
      case 'tcp': return this.#tcp(t);
      case 'udp': return t.vxlan ? (whole && t.inner !== undefined ? `vxlan(${this.of(t.inner)})` : `vxlan ${h.length}`) : `udp ${t.tag}`;
      case 'icmp':
        if (t.about === undefined || !whole) return `icmp ${t.type}/${t.code} ${t.tag}`.trimEnd();
        return `icmp ${t.type}/${t.code}${t.type === 3 && t.code === 4 ? ` mtu ${t.rest & 0xffff}` : ''} about ${this.of(t.about)} of ${t.about.src} to ${t.about.dst} ttl ${t.about.ttl}`;
      case 'other': return `protocol ${h.protocol}`;
    }
  }

  #tcp(t: Extract<Transport, { kind: 'tcp' }>): string {
    const size = t.size === 0 ? '' : ` +${t.size}`;
    for (const c of this.#connections) {
      const s = c.server;
      if ((t.flags & (SYN | ACK)) === SYN && t.seq !== c.client) continue;
      const acks = (t.flags & ACK) !== 0;
      const ofClient = near(t.seq, c.client) && (!acks || s === undefined || near(t.ack, s));
      const ofServer = acks ? near(t.ack, c.client) && (t.seq === 0 || s === undefined || near(t.seq, s)) : s !== undefined && near(t.seq, s);
      // A refusal has no sequence number of its own.
      if (ofServer && (!ofClient || (t.seq === 0 && (t.flags & RST) !== 0))) {
        const seq = s === undefined || t.seq === 0 ? 0 : number(t.seq, s);
        return `tcp ${c.name} S ${flagNames(t.flags)} ${seq}${acks ? `:${number(t.ack, c.client)}` : ''}${size}`;
      }
      if (ofClient) {
        const ack = !acks || s === undefined ? '' : `:${number(t.ack, s)}`;
        return `tcp ${c.name} C ${flagNames(t.flags)} ${number(t.seq, c.client)}${ack}${size}`;
      }
    }
    return `tcp ? ${flagNames(t.flags)}${size}`;
  }
}
