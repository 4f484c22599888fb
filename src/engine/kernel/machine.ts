import { must } from '../../base/assert.ts';
import type { Prng } from '../../base/prng.ts';
import type { Kernel } from '../uapi/kernel.ts';
import { MAC_ZERO, type Mac } from '../wire/addresses.ts';
import { Conntrack } from './conntrack/conntrack.ts';
import { loopback } from './devices/loopback/loopback.ts';
import { nic } from './devices/nic/nic.ts';
import { Fib } from './ipv4/fib.ts';
import { IpLayer } from './ipv4/ip-layer.ts';
import { kernelHandle } from './kernel-handle.ts';
import { NeighbourTable } from './neigh/neighbour-table.ts';
import { NetDevice } from './net-device.ts';
import { Netfilter } from './netfilter/netfilter.ts';
import { registerDevice } from './devices/register.ts';
import { Netns } from './netns.ts';
import type { Segment } from './segment.ts';
import { SysctlTable } from './sysctl/sysctl-table.ts';
import { Transport } from './transport/transport.ts';
import type { World } from './world.ts';

export interface NicSpec {
  readonly name: string;
  readonly mac: Mac;
  readonly mtu?: number | undefined;
  readonly ifindex?: number | undefined;
}

/** One computer: a kernel with its network namespaces. '' is the initial one and always there. */
export class Machine {
  readonly world: World;
  readonly name: string;
  readonly namespaces = new Map<string, Netns>();
  readonly random: Prng;

  constructor(world: World, name: string) {
    this.world = world;
    this.name = name;
    this.random = world.random.fork(name);
    world.machines.set(name, this);
    this.addNetns('');
  }

  get init(): Netns {
    return must(this.namespaces.get(''), 'the initial network namespace');
  }

  addNetns(name: string): Netns {
    const ns = new Netns(this, name, this.world.nextNamespaceId());
    ns.attach({
      sysctl: new SysctlTable(ns), fib: new Fib(ns), neighbours: new NeighbourTable(ns), ip: new IpLayer(ns),
      netfilter: new Netfilter(ns), conntrack: new Conntrack(ns), transport: new Transport(ns),
    });
    this.namespaces.set(name, ns);
    registerDevice(new NetDevice(ns, 1, 'lo', MAC_ZERO, 65536, loopback));
    return ns;
  }

  deleteNetns(name: string): void {
    const ns = this.namespaces.get(name);
    if (ns === undefined || name === '') return;
    this.namespaces.delete(name);
  }

  handle(netns = ''): Kernel {
    return kernelHandle(must(this.namespaces.get(netns), `network namespace ${netns} of ${this.name}`));
  }

  addNic(ns: Netns, spec: NicSpec, segment: Segment): NetDevice {
    return nic(ns, spec, segment);
  }
}
