/**
 * Read first: bridge(8), net/bridge/br_if.c, br_stp_if.c, br_device.c.
 * Models: v6.1: ports, numbers, MAC of the lowest port, carrier, MTU. Not modelled: STP (a port forwards at once), VLAN filtering.
 */
import { done } from '../../../../base/result.ts';
import { refuse } from '../../../uapi/errno.ts';
import type { Ack, BridgeConfig, Link, LinkChange, NewLink } from '../../../uapi/rtnetlink.ts';
import { MAC_ZERO, type Mac } from '../../../wire/addresses.ts';
import { NetDevice, type DeviceOps } from '../../net-device.ts';
import type { Netns } from '../../netns.ts';
import type { Skb } from '../../skb.ts';
import { newIfindexFor, type LinkType } from '../link-type.ts';
import { carrierChanged, publish, randomMac, register, setMac, setMtu } from '../registry.ts';
import { BridgeFdb } from './fdb.ts';
import { bridgeXmit, handleFrame } from './forward.ts';
import { BridgePort } from './port.ts';

/** BR_MAX_PORTS */
const MAX_PORTS = 1023;

export class Bridge implements DeviceOps {
  readonly kind = 'bridge';
  readonly dev: NetDevice;
  /** Newest first, as port_list is: the order of flooding. */
  readonly ports: BridgePort[] = [];
  readonly fdb: BridgeFdb;
  /** Seconds. */
  ageingTime: number;
  nfCallIptables: boolean;
  /** BROPT_MTU_SET_BY_USER */
  mtuSet: boolean;
  readonly #priority: number;
  /** On until the bridge first looked at its ports (br_port_state_selection): a port changed, or somebody gave it an address. */
  #carrier: boolean;
  #looked: boolean;
  #localMac: Mac;

  constructor(ns: Netns, spec: NewLink) {
    const config = spec.bridge ?? {};
    this.ageingTime = config.ageingTime ?? 300;
    this.nfCallIptables = config.nfCallIptables ?? false;
    this.#priority = config.priority ?? 0x8000;
    this.mtuSet = spec.mtu !== undefined;
    this.dev = new NetDevice(ns, newIfindexFor(ns, spec), spec.name, spec.mac ?? randomMac(ns.machine), spec.mtu ?? 1500, this);
    this.dev.macSet = spec.mac !== undefined;
    this.#looked = this.dev.macSet;
    this.#carrier = !this.#looked;
    this.fdb = new BridgeFdb(this);
    this.#localMac = this.dev.mac;
  }

  static of(dev: NetDevice): Bridge | undefined {
    return dev.ops instanceof Bridge ? dev.ops : undefined;
  }

  xmit(dev: NetDevice, skb: Skb): void {
    bridgeXmit(this, dev, skb);
  }

  carrier(): boolean {
    return this.#carrier;
  }

  changed(dev: NetDevice): void {
    if (this.#localMac !== dev.mac) {
      this.fdb.deleteLocal(this.#localMac, undefined);
      this.#localMac = dev.mac;
      if (dev.mac !== MAC_ZERO) this.fdb.addLocal(dev.mac, undefined);
    }
    this.#selectStates();
    if (this.dev.macSet) this.#seeCarrier();
  }

  remove(): void {
    for (const port of [...this.ports]) this.release(port.dev);
    this.fdb.clear();
  }

  describe(): Pick<Link, 'bridge'> {
    const bridge: BridgeConfig = {
      ageingTime: this.ageingTime, stp: false, vlanFiltering: false, priority: this.#priority, nfCallIptables: this.nfCallIptables,
      ...(this.#looked ? {} : { carrierUnknown: true }),
    };
    return { bridge };
  }

  change(_dev: NetDevice, change: LinkChange): Ack {
    const { bridge } = change;
    if (bridge === undefined) return done;
    if (bridge.stp === true || bridge.vlanFiltering === true) return refuse('EOPNOTSUPP', 'spanning tree and VLAN filtering are not modelled in this lab');
    this.ageingTime = bridge.ageingTime ?? this.ageingTime;
    this.nfCallIptables = bridge.nfCallIptables ?? this.nfCallIptables;
    return done;
  }

  /** br_add_if */
  enslave(dev: NetDevice): Ack {
    if (dev.kind === 'loopback') return refuse('EINVAL');
    if (dev.kind === 'bridge') return refuse('ELOOP', 'Can not enslave a bridge to a bridge');
    const portNo = this.#freeNumber();
    if (portNo === undefined) return refuse('ERANGE');
    const port = new BridgePort(this, dev, portNo);
    dev.master = this.dev;
    dev.promiscuity++;
    dev.rxHandler = (_dev, skb) => {
      handleFrame(port, skb);
      return true;
    };
    this.ports.unshift(port);
    this.fdb.addLocal(dev.mac, port);
    this.portChanged(dev);
    publish(dev);
    this.mtuAdjust();
    return done;
  }

  /** br_del_if */
  release(dev: NetDevice): void {
    const i = this.ports.findIndex((p) => p.dev === dev);
    const [port] = i < 0 ? [] : this.ports.splice(i, 1);
    if (port === undefined) return;
    dev.master = undefined;
    dev.promiscuity--;
    dev.rxHandler = undefined;
    port.forget();
    port.forwarding = false;
    this.fdb.flush(port, true);
    this.portChanged(dev);
    publish(dev);
    this.mtuAdjust();
  }

  /** A port came, went, changed state or address: states, carrier, and the bridge's own address (br_stp_recalculate_bridge_id). */
  portChanged(dev: NetDevice): void {
    const port = BridgePort.of(dev);
    if (port !== undefined) {
      for (const item of this.fdb.list()) if (item.port === port && item.local && !item.byUser && item.mac !== dev.mac) this.fdb.deleteLocal(item.mac, port);
      this.fdb.addLocal(dev.mac, port);
    }
    this.#selectStates();
    if (!this.dev.macSet) setMac(this.dev, this.#lowestMac());
    this.#seeCarrier();
  }

  #seeCarrier(): void {
    const live = this.ports.some((p) => p.forwarding);
    if (!this.dev.up || (this.#looked && live === this.#carrier)) return;
    this.#looked = true;
    this.#carrier = live;
    carrierChanged(this.dev);
  }

  /** br_mtu_auto_adjust: the smallest MTU of its ports unless somebody chose one. */
  mtuAdjust(): void {
    if (this.mtuSet || this.ports.length === 0) return;
    setMtu(this.dev, Math.min(...this.ports.map((p) => p.dev.mtu)));
  }

  #selectStates(): void {
    for (const port of this.ports) {
      const forwarding = this.dev.up && port.dev.running;
      if (forwarding === port.forwarding) continue;
      port.forwarding = forwarding;
      if (!forwarding) this.fdb.flush(port, false);
      publish(port.dev);
    }
  }

  #lowestMac(): Mac {
    let lowest: Mac | undefined;
    for (const { dev } of this.ports) if (lowest === undefined || dev.mac < lowest) lowest = dev.mac;
    return lowest ?? MAC_ZERO;
  }

  #freeNumber(): number | undefined {
    for (let n = 1; n <= MAX_PORTS; n++) if (!this.ports.some((p) => p.portNo === n)) return n;
    return undefined;
  }
}

export const BRIDGE: LinkType = {
  kind: 'bridge',
  create(ns: Netns, spec: NewLink) {
    if (spec.bridge?.stp === true || spec.bridge?.vlanFiltering === true) return refuse('EOPNOTSUPP', 'spanning tree and VLAN filtering are not modelled in this lab');
    const bridge = new Bridge(ns, spec);
    register(bridge.dev);
    bridge.fdb.addLocal(bridge.dev.mac, undefined);
    return done;
  },
};
