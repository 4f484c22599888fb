/** Names of the lab's machines: multipass's dnsmasq on the hypervisor, systemd-resolved's stub on every VM. */
import { dnsmasq, leaseLine } from '../../userland/daemons/dnsd/dnsmasq.ts';
import { resolved } from '../../userland/daemons/dnsd/resolved.ts';
import { LEASES } from '../../userland/commands/multipass/instances.ts';
import type { Host } from '../../userland/host.ts';
import { ip } from './topology.ts';

/** One hour, as multipass hands them out. */
const LEASE_SECONDS = 3600;

/** The file of leases that multipass's dnsmasq answers from. */
export function leases(vms: readonly { readonly mac: string; readonly ip: string; readonly name: string }[], nowMillis: number): Readonly<Record<string, string>> {
  const expires = Math.floor(nowMillis / 1000) + LEASE_SECONDS;
  return { [LEASES]: vms.map((vm) => leaseLine(expires, vm.mac, vm.ip, vm.name)).join('') };
}

export const stubResolver = (host: Host): void => void host.kernel.spawn('systemd-resolve', (kernel) => resolved(kernel, host));

export const multipassDns = (domain: string, listen: string) => (host: Host): void =>
  void host.kernel.spawn('dnsmasq', (kernel) => dnsmasq(kernel, { fs: host.fs, leases: LEASES, domain, listen: ip(listen) }));
