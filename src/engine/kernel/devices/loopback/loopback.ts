/** Read first: drivers/net/loopback.c. Models: v6.1. */
import { micros } from '../../../sim/time.ts';
import { MAC_ZERO } from '../../../wire/addresses.ts';
import { NetDevice, type DeviceOps } from '../../net-device.ts';
import type { Netns } from '../../netns.ts';
import { netifReceive } from '../../rx.ts';
import { register } from '../registry.ts';

/** Time from one socket's send to the other's receive over lo. */
const LATENCY = micros(1);

/** What leaves comes back: mark, conntrack reference, route and checksum state stay with it. */
const loopback: DeviceOps = {
  kind: 'loopback',
  carrier: () => true,
  xmit(dev, skb) {
    skb.socket = undefined;
    dev.netns.machine.world.scheduler.after(LATENCY, () => netifReceive(dev, skb));
  },
};

export const addLoopback = (ns: Netns): NetDevice => register(new NetDevice(ns, ns.newIfindex(), 'lo', MAC_ZERO, 65536, loopback));
