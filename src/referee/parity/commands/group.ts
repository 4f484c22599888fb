import type { MaskName } from '../masks.ts';

export interface ParityCommand {
  /** Namespace of the export, host of the lab. */
  readonly on: string;
  readonly run: string;
  readonly masks: readonly MaskName[];
}

export const group = (on: string, masks: readonly MaskName[], text: string): readonly ParityCommand[] =>
  text.split('\n').map((l) => l.trim()).filter((l) => l !== '').map((run) => ({ on, run, masks }));

export const LINK: readonly MaskName[] = ['nic-is-veth', 'netns-name', 'lease-time', 'gso-fields', 'foreign-netns', 'ipv6', 'no-vlan-filtering', 'bridge-timers'];
export const TABLES: readonly MaskName[] = [...LINK, 'kernel-6', 'igmp-neighbour', 'iproute2-version', 'neigh-order', 'fdb-order', 'mac-order', 'ages', 'nud-state'];
export const IPTABLES: readonly MaskName[] = ['iptables-version', 'numeric-protocol', 'etc-networks', 'date', 'rule-counters', 'handles', 'nft-warning'];
export const ALL: readonly MaskName[] = [...TABLES, ...IPTABLES, 'conntrack-version', 'flow-ids', 'stand-in-server', 'socket-order', 'counters', 'control-plane', 'nft-version', 'bridge-version', 'cpus'];
/** Of ss: what its kernel lacks is told on stderr. */
export const SOCKETS: readonly MaskName[] = [...ALL, 'ss-diag', 'tcp-of-all'];
