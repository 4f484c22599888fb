import { must } from '../../base/assert.ts';
import type { Prng } from '../../base/prng.ts';
import type { Process } from '../sim/process.ts';
import type { Kernel } from '../uapi/kernel.ts';
import { Conntrack } from './conntrack/conntrack.ts';
import { addLoopback } from './devices/loopback/loopback.ts';
import { addNic, type NicSpec } from './devices/nic/nic.ts';
import { moveTo, unregister } from './devices/registry.ts';
import { Fib } from './ipv4/fib.ts';
import { IpLayer } from './ipv4/ip-layer.ts';
import { kernelHandle } from './kernel-handle.ts';
import { NeighbourTable } from './neigh/neighbour-table.ts';
import type { NetDevice } from './net-device.ts';
import { Netfilter } from './netfilter/netfilter.ts';
import { Netns, type NetnsParts } from './netns.ts';
import type { Segment } from './segment.ts';
import { SysctlTable } from './sysctl/sysctl-table.ts';
import { Transport } from './transport/transport.ts';
import type { World } from './world.ts';

/** One computer: a kernel with its network namespaces. '' is the initial one and always there. */
export class Machine {
  readonly world: World;
  readonly name: string;
  readonly namespaces = new Map<string, Netns>();
  /** Processes that run. */
  readonly processes = new Set<Process>();
  readonly powerListeners = new Set<(on: boolean) => void>();
  powered = true;
  readonly random: Prng;
  readonly #streams = new Map<string, Prng>();
  /** Where MACs that nobody chose come from. */
  readonly macs: Prng;
  /** The kernel's random key for flow hashes, drawn at boot. */
  readonly hashKey: number;
  /** Without it as if booted with ipv6.disable=1. With it devices have link-local addresses and programs may listen on ::; no IPv6 packet is ever sent. */
  readonly ipv6: boolean;

  constructor(world: World, name: string, options: { readonly ipv6?: boolean } = {}) {
    this.ipv6 = options.ipv6 ?? false;
    this.world = world;
    this.name = name;
    this.random = world.random.fork(name);
    this.macs = this.random.fork('mac');
    this.hashKey = this.random.fork('flow-hash').u32();
    world.machines.set(name, this);
    this.addNetns('');
  }

  /** A program's random stream: goes on where the last draw of that name ended. */
  stream(name: string): Prng {
    let stream = this.#streams.get(name);
    if (stream === undefined) {
      stream = this.random.fork(name);
      this.#streams.set(name, stream);
    }
    return stream;
  }

  get init(): Netns {
    return must(this.namespaces.get(''), 'the initial network namespace');
  }

  makeParts(ns: Netns): NetnsParts {
    return {
      sysctl: new SysctlTable(ns), fib: new Fib(ns), neighbours: new NeighbourTable(ns), ip: new IpLayer(ns),
      netfilter: new Netfilter(ns), conntrack: new Conntrack(ns), transport: new Transport(ns),
    };
  }

  addNetns(name: string): Netns {
    const ns = new Netns(this, name, this.world.nextNamespaceId());
    ns.attach(this.makeParts(ns));
    this.namespaces.set(name, ns);
    addLoopback(ns);
    return ns;
  }

  deleteNetns(name: string): void {
    const ns = this.namespaces.get(name);
    if (ns === undefined || name === '') return;
    // default_device_exit: what came from outside goes back to the initial namespace, what lives here only goes.
    for (const dev of [...ns.devices.values()].reverse()) {
      if (dev.kind === 'nic') moveTo(dev, this.init);
      else unregister(dev);
    }
    ns.transport.destroy();
    this.namespaces.delete(name);
  }

  handle(netns = ''): Kernel {
    return kernelHandle(must(this.namespaces.get(netns), `network namespace ${netns} of ${this.name}`));
  }

  addNic(ns: Netns, spec: NicSpec, segment: Segment): NetDevice {
    return addNic(ns, spec, segment);
  }
}
