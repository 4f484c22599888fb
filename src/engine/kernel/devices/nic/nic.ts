/** Read first: drivers/net/virtio_net.c. Models: a virtio NIC on a segment: partial checksums pass out, what comes in was verified. Not modelled: queues, filtering by the card (the stack drops what is for others). */
import type { Mac } from '../../../wire/addresses.ts';
import { NetDevice, type DeviceOps } from '../../net-device.ts';
import type { Netns } from '../../netns.ts';
import type { Segment } from '../../segment.ts';
import type { Skb } from '../../skb.ts';
import { register } from '../registry.ts';

export interface NicSpec {
  readonly name: string;
  readonly mac: Mac;
  readonly mtu?: number | undefined;
  readonly ifindex?: number | undefined;
}

export class Nic implements DeviceOps {
  readonly kind = 'nic';
  readonly segment: Segment;

  constructor(segment: Segment) {
    this.segment = segment;
  }

  xmit(dev: NetDevice, skb: Skb): void {
    this.segment.transmit(dev, skb);
  }

  carrier(): boolean {
    return true;
  }

  remove(dev: NetDevice): void {
    this.segment.detach(dev);
  }
}

export function addNic(ns: Netns, spec: NicSpec, segment: Segment): NetDevice {
  const dev = new NetDevice(ns, spec.ifindex ?? ns.newIfindex(), spec.name, spec.mac, spec.mtu ?? 1500, new Nic(segment));
  dev.macSet = true;
  register(dev);
  segment.attach(dev);
  return dev;
}
