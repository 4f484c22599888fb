/**
 * Rules of a podman network and of its published ports.
 * Read first: podman-network(1), the README of ../../../userland/commands/podman.
 * Models: netavark 1.4 src/firewall/varktables/{types,helpers}.rs: chains are named after the network's hash, DNAT for every address of the machine,
 * a mark for what comes from it or from the network itself (hairpin). Not modelled: isolation, IPv6, firewalld, nftables (netavark 1.10 on).
 */
import { must } from '../../../base/assert.ts';
import { sha512Hex } from '../../../base/hash.ts';
import type { Kernel } from '../../../engine/uapi/kernel.ts';
import type { TableName } from '../../../engine/trace/steps.ts';
import type { PublishedPort } from '../../../userland/commands/podman/engine.ts';

export interface PodmanNetwork {
  readonly name: string;
  readonly subnet: string;
  readonly device: string;
}

export interface Published {
  readonly containerId: string;
  readonly ip: string;
  readonly ports: readonly PublishedPort[];
}

const MARK = '0x2000/0x2000';
/** CONTAINER_CHAIN's hash: 13 hex digits of the SHA-512 of the name. */
const hashOf = (network: string): string => sha512Hex(network).slice(0, 13).toUpperCase();

export function publishPorts(kernel: Kernel, network: PodmanNetwork, containers: readonly Published[]): void {
  const { netfilter } = kernel;
  const chain = (table: TableName, name: string): void => {
    if (!netfilter.hasChain(table, name)) must(netfilter.command({ op: 'new-chain', table, chain: name }).ok || undefined, name);
  };
  const rule = (table: TableName, name: string, spec: readonly string[], first = false): void => {
    if (netfilter.command({ op: 'check', table, chain: name, spec }).ok) return;
    const added = netfilter.command(first ? { op: 'insert', table, chain: name, position: 1, spec } : { op: 'append', table, chain: name, spec });
    if (!added.ok) throw new Error(added.error.message);
  };
  const hash = hashOf(network.name);
  const own = `NETAVARK-${hash}`;
  const dnat = `NETAVARK-DN-${hash}`;

  kernel.sysctl.set('net.ipv4.ip_forward', '1');
  kernel.sysctl.set(`net/ipv4/conf/${network.device}/route_localnet`, '1');
  chain('nat', own);
  rule('nat', own, ['-d', network.subnet, '-j', 'ACCEPT']);
  rule('nat', own, ['!', '-d', '224.0.0.0/4', '-j', 'MASQUERADE']);
  rule('nat', 'POSTROUTING', ['-s', network.subnet, '-j', own]);
  chain('filter', 'NETAVARK_FORWARD');
  rule('filter', 'FORWARD', ['-m', 'comment', '--comment', 'netavark firewall plugin rules', '-j', 'NETAVARK_FORWARD'], true);
  rule('filter', 'NETAVARK_FORWARD', ['-d', network.subnet, '-m', 'conntrack', '--ctstate', 'RELATED,ESTABLISHED', '-j', 'ACCEPT']);
  rule('filter', 'NETAVARK_FORWARD', ['-s', network.subnet, '-j', 'ACCEPT']);

  for (const name of ['NETAVARK-HOSTPORT-SETMARK', 'NETAVARK-HOSTPORT-MASQ', dnat, 'NETAVARK-HOSTPORT-DNAT']) chain('nat', name);
  rule('nat', 'NETAVARK-HOSTPORT-SETMARK', ['-j', 'MARK', '--set-xmark', MARK]);
  rule('nat', 'NETAVARK-HOSTPORT-MASQ', ['-m', 'comment', '--comment', 'netavark portfw masq mark', '-m', 'mark', '--mark', MARK, '-j', 'MASQUERADE']);
  rule('nat', 'POSTROUTING', ['-j', 'NETAVARK-HOSTPORT-MASQ'], true);
  for (const { containerId, ip, ports } of containers) {
    for (const p of ports) {
      const to = ['-p', p.protocol, '-m', p.protocol, '--dport', String(p.hostPort)];
      const at = p.hostIp === '0.0.0.0' ? [] : ['-d', p.hostIp];
      rule('nat', dnat, ['-s', network.subnet, ...at, ...to, '-j', 'NETAVARK-HOSTPORT-SETMARK']);
      rule('nat', dnat, ['-s', '127.0.0.1', ...at, ...to, '-j', 'NETAVARK-HOSTPORT-SETMARK']);
      rule('nat', dnat, [...at, ...to, '-j', 'DNAT', '--to-destination', `${ip}:${p.containerPort}`]);
      rule('nat', 'NETAVARK-HOSTPORT-DNAT', [...to, '-m', 'comment', '--comment', `dnat name: ${network.name} id: ${containerId}`, '-j', dnat]);
    }
  }
  for (const from of ['PREROUTING', 'OUTPUT']) rule('nat', from, ['-m', 'addrtype', '--dst-type', 'LOCAL', '-j', 'NETAVARK-HOSTPORT-DNAT']);
}
