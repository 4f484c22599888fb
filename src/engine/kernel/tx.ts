/**
 * Read first: __dev_queue_xmit, validate_xmit_skb, xmit_one (net/core/dev.c).
 * Models: v6.1: checksum help, counters, taps, driver. Not modelled: queueing disciplines (a frame leaves at once), tc egress, GSO.
 */
import { drop } from './drop.ts';
import type { NetDevice } from './net-device.ts';
import { wireLength } from './rx.ts';
import { partialOf, type Skb } from './skb.ts';

/** Sends a whole frame (skb.mac set) by `dev`. Owns the skb. */
export function devQueueXmit(dev: NetDevice, skb: Skb): void {
  const ns = dev.netns;
  skb.dev = dev;
  if (!dev.up) {
    dev.stats.txDropped++;
    return drop(ns, skb, 'DEV_READY', dev.name);
  }
  // linkwatch put noop_qdisc there when the carrier was lost: nobody sees the frame.
  if (!dev.running) {
    dev.stats.txDropped++;
    return drop(ns, skb, 'QDISC_DROP', `${dev.name} has no carrier`);
  }
  // skb_checksum_help: software finishes the checksum for a device that cannot.
  if (skb.ipSummed === 'partial' && !dev.txChecksumOffload) skb.ipSummed = 'none';
  const { recorder } = ns.machine.world;
  const bytes = wireLength(skb);
  dev.stats.txPackets++;
  dev.stats.txBytes += bytes;
  if (recorder.on) {
    recorder.write({
      kind: 'tx', ns: ns.id, pkt: skb.id, mac: skb.mac, net: skb.net, dev: dev.name, ifindex: dev.ifindex, bytes,
      partialChecksum: partialOf(skb),
    });
  }
  for (const tap of dev.taps) tap(skb, 'out', dev);
  for (const tap of ns.anyTaps) tap(skb, 'out', dev);
  dev.ops.xmit(dev, skb);
}
