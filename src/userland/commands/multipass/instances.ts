/** What multipassd keeps about its instances on the hypervisor's disk. Models: multipassd-vm-instances.json and dnsmasq.leases of multipass 1.13, the fields that are used. */
import type { FileSystem } from '../../host.ts';
import { parseLeases } from '../../daemons/dnsd/dnsmasq.ts';
import { formatIpv4 } from '../../../engine/wire/addresses.ts';

export const INSTANCES = '/var/snap/multipass/common/data/multipassd/vault/multipassd-vm-instances.json';
export const LEASES = '/var/snap/multipass/common/data/multipassd/network/dnsmasq.leases';

export interface Instance {
  readonly name: string;
  readonly user: string;
  readonly release: string;
  /** Address that its DHCP server gave it. */
  readonly managementIp: string | undefined;
}

export const instancesFile = (vms: readonly { readonly name: string; readonly mac: string }[], user: string, release: string): string =>
  `${JSON.stringify(Object.fromEntries(vms.map((vm) => [vm.name, { mac_addr: vm.mac, release, ssh_username: user }])), undefined, 4)}\n`;

/** In the order of their names, as the daemon's map has them. */
export function readInstances(fs: FileSystem): readonly Instance[] {
  const text = fs.read(INSTANCES);
  const leases = fs.read(LEASES);
  if (!text.ok) return [];
  const parsed: unknown = JSON.parse(text.value);
  if (typeof parsed !== 'object' || parsed === null) return [];
  return Object.entries(parsed).map(([name, about]: [string, unknown]): Instance => {
    const field = (key: string): string => (typeof about === 'object' && about !== null && key in about ? String(Object.entries(about).find(([k]) => k === key)?.[1]) : '');
    const lease = parseLeases(leases.ok ? leases.value : '').find((l) => l.name === name.toLowerCase());
    return { name, user: field('ssh_username'), release: field('release'), managementIp: lease === undefined ? undefined : formatIpv4(lease.address) };
  }).sort((a, b) => (a.name < b.name ? -1 : 1));
}
