/** Read first: veth(4), drivers/net/veth.c. Models: v6.1: scrub, MTU check of the receiving end, carrier of a pair. Not modelled: NAPI and XDP modes. */
import { done } from '../../../../base/result.ts';
import { micros } from '../../../sim/time.ts';
import { refuse } from '../../../uapi/errno.ts';
import type { Ack, Link, NewLink } from '../../../uapi/rtnetlink.ts';
import { networkLength } from '../../../wire/packet.ts';
import { drop, scrub } from '../../drop.ts';
import { NetDevice, type DeviceOps } from '../../net-device.ts';
import type { Netns } from '../../netns.ts';
import { netifReceive } from '../../rx.ts';
import type { Skb } from '../../skb.ts';
import { newIfindexFor, type LinkType } from '../link-type.ts';
import { carrierChanged, publish, randomMac, register, unregister } from '../registry.ts';
import { netnsIdOf } from '../netnsid.ts';

/** A softirq later on the same machine. */
const LATENCY = micros(2);

/** One end of a pair. */
export class Veth implements DeviceOps {
  readonly kind = 'veth';
  peer: NetDevice | undefined;
  #wasUp = false;

  xmit(dev: NetDevice, skb: Skb): void {
    const { peer } = this;
    // is_skb_forwardable: the receiving end's MTU, with room for a VLAN tag.
    if (peer === undefined || !peer.up) return drop(dev.netns, skb, 'DEV_READY', peer?.name);
    if (networkLength(skb.net) + (skb.mac?.vlan === undefined ? 0 : 4) > peer.mtu + 4) {
      peer.stats.rxDropped++;
      return drop(peer.netns, skb, 'PKT_TOO_BIG', peer.name);
    }
    scrub(skb, peer.netns !== dev.netns);
    dev.netns.machine.world.scheduler.after(LATENCY, () => netifReceive(peer, skb));
  }

  carrier(dev: NetDevice): boolean {
    return dev.up && this.peer?.up === true;
  }

  changed(dev: NetDevice): void {
    if (this.#wasUp === dev.up) {
      if (this.peer !== undefined) publish(this.peer);
      return;
    }
    this.#wasUp = dev.up;
    if (this.peer !== undefined) carrierChanged(this.peer);
  }

  remove(): void {
    const { peer } = this;
    this.peer = undefined;
    if (peer !== undefined) unregister(peer);
  }

  describe(dev: NetDevice): Pick<Link, 'link'> {
    const { peer } = this;
    if (peer === undefined) return { link: undefined };
    const away = peer.netns !== dev.netns;
    return { link: { ifindex: peer.ifindex, name: peer.name, netns: away ? peer.netns.name : undefined, netnsid: away ? netnsIdOf(dev.netns, peer.netns) : undefined } };
  }
}

function create(ns: Netns, spec: NewLink): Ack {
  const { peer } = spec;
  const there = peer?.netns === undefined ? ns : ns.machine.namespaces.get(peer.netns);
  if (there === undefined) return refuse('EINVAL', 'Invalid network namespace');
  const peerName = peer?.name ?? freeName(there, spec.name);
  if (there.device(peerName) !== undefined || (there === ns && peerName === spec.name)) return refuse('EEXIST');
  // veth_newlink registers the peer first: in one namespace it gets the lower number.
  const far = new Veth();
  const near = new Veth();
  const farDevice = new NetDevice(there, there.newIfindex(), peerName, peer?.mac ?? randomMac(ns.machine), peer?.mtu ?? 1500, far);
  register(farDevice);
  const nearDevice = new NetDevice(ns, newIfindexFor(ns, spec), spec.name, spec.mac ?? randomMac(ns.machine), spec.mtu ?? 1500, near);
  far.peer = nearDevice;
  near.peer = farDevice;
  register(nearDevice);
  publish(farDevice);
  return done;
}

/** `veth%d` */
function freeName(ns: Netns, taken: string): string {
  for (let i = 0; ; i++) if (ns.device(`veth${i}`) === undefined && taken !== `veth${i}`) return `veth${i}`;
}

export const VETH: LinkType = { kind: 'veth', create };
