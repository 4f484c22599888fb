/** Read first: include/net/neighbour.h (NUD_* and their unions), arp(7). */
import type { Nanos } from '../../sim/time.ts';
import type { Timer } from '../../sim/scheduler.ts';
import type { NudState } from '../../uapi/rtnetlink.ts';
import { formatIpv4, type Ipv4, type Mac } from '../../wire/addresses.ts';
import type { NetDevice } from '../net-device.ts';
import type { Skb } from '../skb.ts';
import type { NeighRow } from './rows.ts';

const CONNECTED: ReadonlySet<NudState> = new Set(['PERMANENT', 'NOARP', 'REACHABLE']);
const VALID: ReadonlySet<NudState> = new Set(['PERMANENT', 'NOARP', 'REACHABLE', 'PROBE', 'STALE', 'DELAY']);
const IN_TIMER: ReadonlySet<NudState> = new Set(['INCOMPLETE', 'REACHABLE', 'DELAY', 'PROBE']);

/** The address may be used without asking. */
export const isConnected = (state: NudState): boolean => CONNECTED.has(state);
/** There is an address, good or suspected. */
export const isValid = (state: NudState): boolean => VALID.has(state);
export const isInTimer = (state: NudState): boolean => IN_TIMER.has(state);

export const neighKey = (dev: NetDevice, ip: Ipv4): string => `${dev.name} ${formatIpv4(ip)}`;

export class Neighbour {
  readonly dev: NetDevice;
  readonly ip: Ipv4;
  readonly key: string;
  readonly row: NeighRow;
  used: Nanos;
  confirmed: Nanos;
  probes = 0;
  timer: Timer | undefined;
  /** Packets that wait for the address. */
  readonly queue: Skb[] = [];
  /** hh_cache: a resolved packet went out since the entry was made. */
  headerCached = false;

  constructor(dev: NetDevice, ip: Ipv4, row: NeighRow, confirmed: Nanos) {
    this.dev = dev;
    this.ip = ip;
    this.key = neighKey(dev, ip);
    this.row = row;
    this.used = row.updated;
    this.confirmed = confirmed;
  }

  get state(): NudState {
    return this.row.state;
  }

  get mac(): Mac | undefined {
    return this.row.mac;
  }
}
