/** Read first: struct net_bridge_port (net/bridge/br_private.h), port_cost (br_if.c). */
import type { BridgePortConfig } from '../../../uapi/rtnetlink.ts';
import type { NetDevice } from '../../net-device.ts';
import type { Bridge } from './bridge.ts';

const ports = new WeakMap<NetDevice, BridgePort>();

/** STP path cost by link speed: veth says 10 Gbit/s, a NIC or tunnel of unknown speed costs 100. */
const portCost = (dev: NetDevice): number => (dev.kind === 'veth' ? 2 : 100);

export class BridgePort {
  readonly bridge: Bridge;
  readonly dev: NetDevice;
  readonly portNo: number;
  readonly cost: number;
  readonly priority = 32;
  hairpin = false;
  learning = true;
  flood = true;
  /** BR_STATE_FORWARDING: without STP at once when it and the bridge are up. */
  forwarding = false;

  constructor(bridge: Bridge, dev: NetDevice, portNo: number) {
    this.bridge = bridge;
    this.dev = dev;
    this.portNo = portNo;
    this.cost = portCost(dev);
    ports.set(dev, this);
  }

  /** The port that a device is, if it is one. */
  static of(dev: NetDevice): BridgePort | undefined {
    return ports.get(dev);
  }

  forget(): void {
    ports.delete(this.dev);
  }

  config(): BridgePortConfig {
    return {
      portNo: this.portNo, hairpin: this.hairpin, learning: this.learning, flood: this.flood, state: this.forwarding ? 'forwarding' : 'disabled',
      cost: this.cost, priority: this.priority,
    };
  }
}
