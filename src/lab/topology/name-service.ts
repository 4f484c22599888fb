/** Names of the lab's machines: multipass's dnsmasq on the hypervisor, systemd-resolved's stub on every VM. */
import { must } from '../../base/assert.ts';
import { resolverFiles } from '../../cluster/node/files.ts';
import { parseIpv4 } from '../../engine/wire/addresses.ts';
import { dnsmasq, leaseLine } from '../../userland/daemons/dnsd/dnsmasq.ts';
import { resolved } from '../../userland/daemons/dnsd/resolved.ts';
import type { Host } from '../../userland/host.ts';
import type { TopologySpec } from '../scenario/read.ts';

const MULTIPASS = '/var/snap/multipass/common/data/multipassd/network/dnsmasq.leases';
/** One hour, as multipass hands them out. */
const LEASE_SECONDS = 3600;

/** Files that the programs below read, by machine. */
export function nameServiceFiles(topology: TopologySpec, machine: string, nowMillis: number): Readonly<Record<string, string>> {
  if (machine !== topology.hypervisor.name) return resolverFiles(topology.domain, topology.hypervisor.ip);
  const expires = Math.floor(nowMillis / 1000) + LEASE_SECONDS;
  return { [MULTIPASS]: [...topology.nodes, ...topology.external].map((vm) => leaseLine(expires, vm.mac, vm.ip, vm.name)).join('') };
}

export function startNameService(topology: TopologySpec, machines: ReadonlyMap<string, Host>): void {
  for (const [name, host] of machines) {
    if (name !== topology.hypervisor.name) host.kernel.spawn('systemd-resolve', (kernel) => resolved(kernel, host));
    else {
      const listen = must(parseIpv4(topology.hypervisor.ip), 'address');
      host.kernel.spawn('dnsmasq', (kernel) => dnsmasq(kernel, { fs: host.fs, leases: MULTIPASS, domain: topology.domain, listen }));
    }
  }
}
