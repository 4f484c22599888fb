import { must } from '../../base/assert.ts';
import { JournaledTable } from '../../base/journaled-table.ts';
import type { Conntrack } from './conntrack/conntrack.ts';
import type { Fib } from './ipv4/fib.ts';
import type { IpLayer } from './ipv4/ip-layer.ts';
import { journalOf } from './journal.ts';
import type { Machine } from './machine.ts';
import type { NeighbourTable } from './neigh/neighbour-table.ts';
import type { NetDevice } from './net-device.ts';
import type { FdbRow, LinkRow } from './devices/rows.ts';
import type { Netfilter } from './netfilter/netfilter.ts';
import type { SysctlTable } from './sysctl/sysctl-table.ts';
import type { Transport } from './transport/transport.ts';

/** The parts of a network namespace, each made by its own folder. */
export interface NetnsParts {
  readonly sysctl: SysctlTable;
  readonly fib: Fib;
  readonly neighbours: NeighbourTable;
  readonly ip: IpLayer;
  readonly netfilter: Netfilter;
  readonly conntrack: Conntrack;
  readonly transport: Transport;
}

/** A network namespace: devices, tables and sockets that see one another. '' is the machine's initial one. */
export class Netns {
  readonly id: number;
  readonly name: string;
  readonly machine: Machine;
  readonly devices = new Map<number, NetDevice>();
  /** Taps on every device (tcpdump -i any). */
  readonly anyTaps: NetDevice['taps'] = [];
  /** Devices as `ip -d link` shows them, without counters; and every forwarding database (bridges', VXLANs'). */
  readonly links: JournaledTable<LinkRow>;
  readonly fdb: JournaledTable<FdbRow>;
  /** Told after links, addresses, routes or rules were changed through a netlink request. */
  readonly netlinkWatchers = new Set<() => void>();
  #parts: NetnsParts | undefined;
  #lastIfindex = 0;

  constructor(machine: Machine, name: string, id: number) {
    this.machine = machine;
    this.name = name;
    this.id = id;
    this.links = new JournaledTable(`${id}/links`, journalOf(this));
    this.fdb = new JournaledTable(`${id}/fdb`, journalOf(this));
  }

  /** dev_new_index: never gives a number again. */
  newIfindex(): number {
    do this.#lastIfindex++; while (this.devices.has(this.#lastIfindex));
    return this.#lastIfindex;
  }

  /** Called once by the machine after construction: parts refer to the namespace. */
  attach(parts: NetnsParts): void {
    this.#parts = parts;
  }

  /** The machine boots: other tables, device numbers from the start. */
  restart(parts: NetnsParts): void {
    this.#parts = parts;
    this.#lastIfindex = 0;
  }

  get parts(): NetnsParts {
    return must(this.#parts, 'parts of a network namespace');
  }
  get sysctl(): SysctlTable { return this.parts.sysctl; }
  get fib(): Fib { return this.parts.fib; }
  get neighbours(): NeighbourTable { return this.parts.neighbours; }
  get ip(): IpLayer { return this.parts.ip; }
  get netfilter(): Netfilter { return this.parts.netfilter; }
  get conntrack(): Conntrack { return this.parts.conntrack; }
  get transport(): Transport { return this.parts.transport; }

  device(name: string): NetDevice | undefined {
    for (const dev of this.devices.values()) if (dev.name === name || dev.altNames.includes(name)) return dev;
    return undefined;
  }
}
