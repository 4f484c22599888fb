import type { Netfilter as NetfilterDoor } from '../../uapi/netfilter.ts';
import type { HookName } from '../../trace/steps.ts';
import type { NetDevice } from '../net-device.ts';
import type { Netns } from '../netns.ts';
import type { Skb } from '../skb.ts';

/** Shape only: filled in next. */
export class Netfilter {
  readonly ns: Netns;
  constructor(ns: Netns) {
    this.ns = ns;
  }
  /** Runs all that is registered at the hook, by priority. False: the packet is gone and its end step is written. */
  hook(_hook: HookName, _skb: Skb, _iif: NetDevice | undefined, _oif: NetDevice | undefined): boolean {
    return true;
  }
  door(): NetfilterDoor {
    throw new Error('not yet');
  }
}
