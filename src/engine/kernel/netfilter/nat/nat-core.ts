/**
 * Read first: net/netfilter/nf_nat_core.c, nf_nat_proto.c, nf_nat_masquerade.c.
 * Models: nf_nat_setup_info, null bindings, nf_nat_packet, ICMP errors, masquerade's change of device (v6.1).
 * Rules are asked for the first packet of a connection only; the binding decides for all that follow.
 */
import { parseEmbedded } from '../../../wire/ipv4.ts';
import { IPPROTO_ICMP, type Ipv4Packet } from '../../../wire/packet.ts';
import { isReply } from '../../conntrack/state.ts';
import {
  IPS_DST_NAT, IPS_DST_NAT_DONE, IPS_NAT_DONE_MASK, IPS_NAT_MASK, IPS_SRC_NAT, IPS_SRC_NAT_DONE, type ConntrackEntry,
} from '../../conntrack/entry.ts';
import { invert, Tuple } from '../../conntrack/tuple.ts';
import type { NetDevice } from '../../net-device.ts';
import type { Netns } from '../../netns.ts';
import type { Skb } from '../../skb.ts';
import { rewrite, rewriteAddress, rewriteEmbedded } from './manip.ts';
import { exactly, type NatRange } from './range.ts';
import { UniqueTuples } from './unique-tuple.ts';

export type Manip = 'src' | 'dst';

export class NatCore {
  readonly #ns: Netns;
  #unique: UniqueTuples | undefined;
  readonly #target = new Tuple(false);

  constructor(ns: Netns) {
    this.#ns = ns;
  }

  get unique(): UniqueTuples {
    return (this.#unique ??= new UniqueTuples(this.#ns.conntrack, portDraws(this.#ns)));
  }

  /** nf_nat_initialized */
  initialized(entry: ConntrackEntry, manip: Manip): boolean {
    return (entry.status & (manip === 'src' ? IPS_SRC_NAT_DONE : IPS_DST_NAT_DONE)) !== 0;
  }

  /** nf_nat_setup_info: binds the connection. Harmless once confirmed. */
  setup(entry: ConntrackEntry, range: NatRange, manip: Manip): void {
    if (entry.confirmed) return;
    const current = new Tuple(false);
    invert(entry.reply, current);
    const chosen = this.unique.find(current, range, entry, manip);
    if (!chosen.equals(current)) {
      invert(chosen, entry.reply);
      entry.status |= manip === 'src' ? IPS_SRC_NAT : IPS_DST_NAT;
    }
    entry.status |= manip === 'src' ? IPS_SRC_NAT_DONE : IPS_DST_NAT_DONE;
  }

  /** nf_nat_alloc_null_binding: keep the address, but be unique. */
  nullBinding(entry: ConntrackEntry, manip: Manip): void {
    this.setup(entry, exactly(manip === 'src' ? entry.reply.dst : entry.reply.src), manip);
  }

  /** nf_nat_oif_changed: a masqueraded connection leaves by another device now, so its address is wrong. */
  outDeviceChanged(skb: Skb, entry: ConntrackEntry, out: NetDevice | undefined): boolean {
    return entry.masqIfindex !== 0 && out !== undefined && !isReply(skb.ctInfo) && entry.masqIfindex !== out.ifindex;
  }

  /** nf_nat_packet */
  packet(skb: Skb, entry: ConntrackEntry, manip: Manip): void {
    const reply = isReply(skb.ctInfo);
    let bit = manip === 'src' ? IPS_SRC_NAT : IPS_DST_NAT;
    if (reply) bit ^= IPS_NAT_MASK;
    if (!(entry.status & bit) || skb.net.kind !== 'ipv4') return;
    const before = skb.net;
    invert(reply ? entry.original : entry.reply, this.#target);
    this.#change(skb, rewrite(before, { manip, target: this.#target, partial: skb.ipSummed === 'partial' }), manip, reply, entry);
  }

  /** nf_nat_icmp_reply_translation. False: drop. */
  icmpError(skb: Skb, entry: ConntrackEntry, manip: Manip): boolean {
    const p = skb.net;
    if (p.kind !== 'ipv4' || p.payload.kind !== 'icmp' || parseEmbedded(p.payload.body) === undefined) return false;
    if (p.payload.type === 5 && ((entry.status & IPS_NAT_DONE_MASK) !== IPS_NAT_DONE_MASK || (entry.status & IPS_NAT_MASK) !== 0)) return false;
    const reply = isReply(skb.ctInfo);
    let bit = manip === 'src' ? IPS_SRC_NAT : IPS_DST_NAT;
    if (reply) bit ^= IPS_NAT_MASK;
    if (!(entry.status & bit)) return true;
    const other = reply ? entry.original : entry.reply;
    const body = rewriteEmbedded(p.payload.body, manip === 'src' ? 'dst' : 'src', other);
    invert(other, this.#target);
    // The kernel computes the ICMP checksum anew, so a wrong one is right afterwards.
    const inside: Ipv4Packet = { ...p, payload: { ...p.payload, body, checksum: undefined } };
    this.#change(skb, rewriteAddress(inside, manip, manip === 'src' ? this.#target.src : this.#target.dst), manip, reply, entry);
    return true;
  }

  #change(skb: Skb, net: Ipv4Packet, manip: Manip, reply: boolean, entry: ConntrackEntry): void {
    const before = skb.net;
    skb.net = net;
    const recorder = this.#ns.machine.world.recorder;
    if (recorder.on) {
      recorder.write({
        kind: 'nat', ns: this.#ns.id, pkt: skb.id, mac: skb.mac, net, manip, direction: reply ? 'reply' : 'original', entry: entry.id, before,
      });
    }
  }
}

/** A scripted `<machine>/<netns>/masquerade-port` or `masquerade-port` is the port to try first; otherwise a draw from the stream of that name. */
function portDraws(ns: Netns): { offset(min: number, size: number): number } {
  const { scripted } = ns.machine.world;
  const own = `${ns.machine.name}/${ns.name}/masquerade-port`;
  const stream = ns.machine.random.fork(`masquerade-port/${ns.name}`);
  return {
    offset(min, size) {
      // A DNAT to one port asks too, and has no choice.
      const wanted = size === 1 ? undefined : scripted.get(own)?.shift() ?? scripted.get('masquerade-port')?.shift();
      if (wanted !== undefined && wanted >= min && wanted < min + size) return wanted - min;
      return stream.below(65536) % size;
    },
  };
}

export const isIcmpError = (p: Ipv4Packet): boolean => p.protocol === IPPROTO_ICMP;
