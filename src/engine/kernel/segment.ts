/**
 * What machines are plugged into: an Ethernet switch without configuration that learns addresses per VLAN tag.
 * Not modelled: loss, bandwidth, ageing of its table, spanning tree.
 */
import type { Nanos } from '../sim/time.ts';
import { isMulticastMac, type Mac } from '../wire/addresses.ts';
import { clone, scrub } from './drop.ts';
import type { NetDevice } from './net-device.ts';
import { netifReceive } from './rx.ts';
import type { Skb } from './skb.ts';
import type { World } from './world.ts';

/** Steps outside any namespace carry this one. */
const OUTSIDE = 0;
const UNTAGGED = -1;

export class Segment {
  readonly world: World;
  readonly name: string;
  readonly latency: Nanos;
  readonly ports: NetDevice[] = [];
  readonly #learned = new Map<number, Map<Mac, NetDevice>>();

  constructor(world: World, name: string, latency: Nanos) {
    this.world = world;
    this.name = name;
    this.latency = latency;
  }

  attach(dev: NetDevice): void {
    this.ports.push(dev);
  }

  detach(dev: NetDevice): void {
    const i = this.ports.indexOf(dev);
    if (i >= 0) this.ports.splice(i, 1);
    for (const table of this.#learned.values()) for (const [address, port] of table) if (port === dev) table.delete(address);
  }

  transmit(from: NetDevice, skb: Skb): void {
    const { recorder } = this.world;
    const header = skb.mac;
    // The wire carries bytes: nothing of the sending kernel goes along, and what arrives has a good checksum.
    scrub(skb, true);
    skb.flow = undefined;
    if (skb.ipSummed === 'partial') skb.ipSummed = 'unnecessary';
    if (recorder.on) recorder.write({ kind: 'wire', ns: OUTSIDE, pkt: skb.id, mac: header, net: skb.net, segment: this.name });
    if (header === undefined) return this.#lost(skb);
    const vlan = header.vlan?.id ?? UNTAGGED;
    let table = this.#learned.get(vlan);
    if (table === undefined) this.#learned.set(vlan, (table = new Map()));
    if (table.get(header.src) !== from) table.set(header.src, from);
    const known = isMulticastMac(header.dst) ? undefined : table.get(header.dst);
    if (known === from) return this.#lost(skb);
    if (known !== undefined) return this.#arrive(known, skb);
    const others = this.ports.filter((port) => port !== from);
    const last = others.pop();
    if (last === undefined) return this.#lost(skb);
    for (const port of others) this.#arrive(port, clone(port.netns, skb));
    this.#arrive(last, skb);
  }

  #arrive(port: NetDevice, skb: Skb): void {
    this.world.scheduler.after(this.latency, () => netifReceive(port, skb));
  }

  #lost(skb: Skb): void {
    const { recorder } = this.world;
    if (recorder.on) recorder.write({ kind: 'dropped', ns: OUTSIDE, pkt: skb.id, mac: skb.mac, net: skb.net, reason: 'BRIDGE_NO_EGRESS_PORT', detail: this.name });
  }
}
