/**
 * Read first: update_or_create_fnhe, __ip_rt_update_pmtu, __ip_do_redirect (net/ipv4/route.c).
 * Models: fib_nh_exception (v6.1): what was learned about one destination behind one route. Not modelled: the bound of 1024 buckets x 5.
 */
import { plus, seconds, type Nanos } from '../../sim/time.ts';
import { JournaledTable } from '../../../base/journaled-table.ts';
import { formatIpv4, type Ipv4 } from '../../wire/addresses.ts';
import { journalOf } from '../journal.ts';
import type { Netns } from '../netns.ts';

export interface ExceptionRow {
  readonly dst: Ipv4;
  /** Key of the route it hangs on: gone with it. */
  readonly routeKey: string;
  gateway: Ipv4 | undefined;
  mtu: number | undefined;
  mtuLocked: boolean;
  expires: Nanos;
}

/** ip_rt_mtu_expires, ip_rt_min_pmtu, ip_rt_gc_timeout */
export const MTU_EXPIRES = seconds(600);
export const MIN_PMTU = 552;
const REDIRECT_TIMEOUT = seconds(300);

export class Exceptions {
  readonly table: JournaledTable<ExceptionRow>;
  readonly #ns: Netns;

  constructor(ns: Netns) {
    this.#ns = ns;
    this.table = new JournaledTable(`${ns.id}/exceptions`, journalOf(ns));
  }

  find(dst: Ipv4, routeKey: string): ExceptionRow | undefined {
    if (this.table.size === 0) return undefined;
    const key = formatIpv4(dst);
    const row = this.table.get(key);
    if (row === undefined) return undefined;
    if (row.routeKey === routeKey && row.expires > this.#ns.machine.world.scheduler.now) return row;
    this.table.delete(key);
    return undefined;
  }

  /** The route's MTU for `dst` is now `mtu`. False: nothing new. */
  learnMtu(dst: Ipv4, routeKey: string, oldMtu: number, mtu: number): boolean {
    if (oldMtu < mtu) return false;
    const locked = mtu < MIN_PMTU;
    this.#put(dst, routeKey, { mtu: locked ? Math.min(oldMtu, MIN_PMTU) : mtu, mtuLocked: locked, expires: this.#after(MTU_EXPIRES) });
    return true;
  }

  learnGateway(dst: Ipv4, routeKey: string, gateway: Ipv4): void {
    this.#put(dst, routeKey, { gateway, expires: this.#after(REDIRECT_TIMEOUT) });
  }

  flush(): void {
    for (const [key] of [...this.table.entries()]) this.table.delete(key);
  }

  #after(span: Nanos): Nanos {
    return plus(this.#ns.machine.world.scheduler.now, span);
  }

  #put(dst: Ipv4, routeKey: string, change: Partial<ExceptionRow> & { readonly expires: Nanos }): void {
    if (this.find(dst, routeKey) !== undefined) this.table.patch(formatIpv4(dst), change);
    else this.table.insert(formatIpv4(dst), { dst, routeKey, gateway: undefined, mtu: undefined, mtuLocked: false, ...change });
  }
}
