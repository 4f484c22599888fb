/** Models: nf_send_reset (nf_reject_ipv4.c, v6.1). */
import { ACK, ETH_P_IP, FIN, RST, SYN, type Ipv4Packet } from '../../../../wire/packet.ts';
import { attachConntrack } from '../../../conntrack/state.ts';
import { drop } from '../../../drop.ts';
import { Skb } from '../../../skb.ts';
import { devQueueXmit } from '../../../tx.ts';
import { ipOf, type PacketContext } from '../../extension.ts';

export function sendReset(c: PacketContext): void {
  const p = ipOf(c);
  if (p === undefined || p.offset > 0 || p.payload.kind !== 'tcp') return;
  const t = p.payload;
  if (t.flags & RST) return;
  const length = t.payload.length + (t.flags & SYN ? 1 : 0) + (t.flags & FIN ? 1 : 0);
  const acked = (t.flags & ACK) !== 0;
  const world = c.ns.machine.world;
  const net: Ipv4Packet = {
    kind: 'ipv4', tos: 0, id: 0, df: true, mf: false, offset: 0, ttl: c.ns.sysctl.int('net.ipv4.ip_default_ttl'), protocol: 6, src: p.dst, dst: p.src,
    payload: {
      kind: 'tcp', srcPort: t.dstPort, dstPort: t.srcPort, seq: acked ? t.ack : 0, ack: acked ? 0 : (t.seq + length) >>> 0,
      flags: acked ? RST : RST | ACK, window: 0, options: [], payload: new Uint8Array(0),
    },
  };
  const reset = new Skb(world.nextPacketId(), net);
  reset.pktType = 'outgoing';
  reset.ipSummed = 'partial';
  attachConntrack(reset, c.skb);
  if (world.recorder.on) {
    world.recorder.write({ kind: 'created', ns: c.ns.id, pkt: reset.id, mac: undefined, net, by: 'REJECT --reject-with tcp-reset', cause: c.skb.id });
  }
  const { nfBridge, mac } = c.skb;
  const port = nfBridge?.physIn;
  if (port === undefined || mac === undefined) {
    c.ns.ip.localOut(reset);
    return;
  }
  // What came by a bridge is answered by its port at once, in the name of the MAC it was for: no hook sees it. A way back must exist all the same.
  if (!c.ns.ip.routeMeHarder(reset)) return drop(c.ns, reset, 'IP_OUTNOROUTES');
  reset.mac = { dst: mac.src, src: mac.dst, etherType: ETH_P_IP };
  devQueueXmit(port, reset);
}
