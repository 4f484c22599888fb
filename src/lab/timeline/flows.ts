import type { PacketStep } from '../../engine/trace/steps.ts';
import type { NetworkLayer, TransportLayer } from '../../engine/wire/packet.ts';

export interface FlowMember {
  readonly flow: number;
  /** Against the direction of the conversation's first packet. */
  readonly reply: boolean;
}

const endpoints = (t: TransportLayer): readonly [number, number] | undefined => {
  switch (t.kind) {
    case 'tcp':
    case 'udp': return [t.srcPort, t.dstPort];
    case 'icmp': return t.type === 0 || t.type === 8 ? [t.rest >>> 16, t.rest >>> 16] : undefined;
    case 'data': return undefined;
  }
};

/** `proto src sport dst dport` and the same seen from the other end. */
function directions(net: NetworkLayer): readonly [string, string] | undefined {
  if (net.kind === 'arp') return [`arp ${net.senderIp} ${net.targetIp}`, `arp ${net.targetIp} ${net.senderIp}`];
  if (net.kind !== 'ipv4') return undefined;
  const ports = endpoints(net.payload);
  if (ports === undefined) return undefined;
  return [`${net.protocol} ${net.src} ${ports[0]} ${net.dst} ${ports[1]}`, `${net.protocol} ${net.dst} ${ports[1]} ${net.src} ${ports[0]}`];
}

/**
 * Sorts packets into conversations. A conversation is known by its addresses and ports, and by every translation of
 * them that a NAT step shows: the reply of a pod belongs to the client's call of the Service.
 */
export class Flows {
  readonly #byTuple = new Map<string, FlowMember>();
  readonly #byPacket = new Map<number, FlowMember>();
  #next = 0;

  of(pkt: number): FlowMember | undefined {
    return this.#byPacket.get(pkt);
  }

  /** Takes the steps in order. */
  see(step: PacketStep): FlowMember {
    const known = this.#byPacket.get(step.pkt);
    if (known !== undefined) {
      if (step.kind === 'nat') this.#alias(step.net, known);
      return known;
    }
    const member = this.#join(step);
    this.#byPacket.set(step.pkt, member);
    return member;
  }

  #join(step: PacketStep): FlowMember {
    if (step.kind === 'clone') {
      const from = this.#byPacket.get(step.from);
      if (from !== undefined) return from;
    }
    const keys = directions(step.net);
    const found = keys === undefined ? undefined : this.#byTuple.get(keys[0]);
    if (found !== undefined && !(step.net.kind === 'ipv4' && step.net.payload.kind === 'tcp' && (step.net.payload.flags & 0x12) === 0x02 && found.reply)) return found;
    // An ICMP error belongs to the conversation it is about.
    const cause = step.kind === 'created' && step.cause !== undefined ? this.#byPacket.get(step.cause) : undefined;
    if (cause !== undefined && keys === undefined) return { flow: cause.flow, reply: !cause.reply };
    const member = { flow: ++this.#next, reply: false };
    this.#alias(step.net, member);
    return member;
  }

  #alias(net: NetworkLayer, member: FlowMember): void {
    const keys = directions(net);
    if (keys === undefined) return;
    this.#byTuple.set(keys[0], member);
    if (keys[1] !== keys[0]) this.#byTuple.set(keys[1], { flow: member.flow, reply: !member.reply });
  }
}
