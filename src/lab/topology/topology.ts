/** What every preset builds: machines plugged into segments, each with its own set-up. */
import { must } from '../../base/assert.ts';
import type { Machine } from '../../engine/kernel/machine.ts';
import { STRERROR } from '../../engine/uapi/errno.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import type { Ack } from '../../engine/uapi/rtnetlink.ts';
import { parseCidr, parseIpv4, type Ipv4, type Prefix } from '../../engine/wire/addresses.ts';
import type { Command, Host } from '../../userland/host.ts';
import type { System } from '../../userland/system.ts';
import type { MachineView, SegmentView } from '../../worker/protocol.ts';

export interface BuiltMachine {
  readonly machine: Machine;
  readonly role: MachineView['role'];
  /** `control plane`, `hypervisor and gateway`. */
  readonly roleText: string;
  /** Who one is at its prompt. */
  readonly user: string;
  readonly files: Readonly<Record<string, string>>;
  /** kubectl finds a configuration for the cluster there. */
  readonly kubeconfig: boolean;
  /** A VM with Ubuntu when left out. */
  readonly system?: System;
  /** Versions of tools, environment of its shells and commands that only it has. */
  readonly versions?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly commands?: (machines: ReadonlyMap<string, Host>) => readonly Command[];
  /** What the machine's own boot configures: addresses, routes, sysctls. Runs at every boot. */
  readonly configure: (kernel: Kernel) => void;
  /** Daemons that every boot starts. */
  readonly daemons: (host: Host) => void;
}

/** A machine that is a member of the cluster. */
export interface BuiltNode {
  readonly name: string;
  /** `control-plane`, `master`; none for an agent. */
  readonly roles: readonly string[];
  readonly internalIp: string;
  /** Its pods' addresses; the next /24 of the cluster's when left out. */
  readonly podCidr?: string | undefined;
  /** `key=value:Effect`, as --node-taint gives them to the kubelet. */
  readonly taints?: readonly string[] | undefined;
}

export interface BuiltTopology {
  /** In the order in which the canvas and `lab list` show them. */
  readonly machines: readonly BuiltMachine[];
  /** In the order of joining the cluster. */
  readonly nodes: readonly BuiltNode[];
  readonly segments: readonly SegmentView[];
  /** Segment a machine's NIC is plugged into; undefined: into nothing. */
  readonly segmentOf: (machine: string, device: string) => string | undefined;
  /** Search domain and resolver that DHCP gives to the nodes. */
  readonly domain: string;
  readonly upstreamDns: string;
  /** Name of cluster, user and context in the kubeconfig files, and the server they name; left out: the distribution's. */
  readonly kubeconfig?: { readonly name: string; readonly server: string };
}

export const ip = (text: string): Ipv4 => must(parseIpv4(text), `address ${text}`);
export const cidr = (text: string): Prefix => must(parseCidr(text), `prefix ${text}`);

/** Set-up that a checked scenario asks for cannot be refused. */
export function done(ack: Ack): void {
  if (!ack.ok) throw new Error(`topology: ${ack.error.extack ?? STRERROR[ack.error.errno]}`);
}
