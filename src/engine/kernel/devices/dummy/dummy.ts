/** Read first: drivers/net/dummy.c. */
import { done } from '../../../../base/result.ts';
import type { NewLink } from '../../../uapi/rtnetlink.ts';
import { drop } from '../../drop.ts';
import { NetDevice, type DeviceOps } from '../../net-device.ts';
import type { Netns } from '../../netns.ts';
import { randomMac, register } from '../registry.ts';
import { newIfindexFor, type LinkType } from '../link-type.ts';

const dummy: DeviceOps = {
  kind: 'dummy',
  carrier: () => true,
  xmit: (dev, skb) => drop(dev.netns, skb, 'NOT_SPECIFIED', `${dev.name} swallows everything`),
};

export const DUMMY: LinkType = {
  kind: 'dummy',
  create(ns: Netns, spec: NewLink) {
    const dev = new NetDevice(ns, newIfindexFor(ns, spec), spec.name, spec.mac ?? randomMac(ns.machine), spec.mtu ?? 1500, dummy);
    dev.noArp = true;
    dev.macSet = spec.mac !== undefined;
    register(dev);
    return done;
  },
};
