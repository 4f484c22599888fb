import type { Nanos } from '../../sim/time.ts';
import type { NudState } from '../../uapi/rtnetlink.ts';
import type { Ipv4, Mac } from '../../wire/addresses.ts';

/** A row of the journaled table `neigh`. When it was last used and confirmed is left out: every packet moves it. */
export interface NeighRow {
  readonly ifindex: number;
  readonly dev: string;
  readonly ip: Ipv4;
  mac: Mac | undefined;
  state: NudState;
  updated: Nanos;
}
