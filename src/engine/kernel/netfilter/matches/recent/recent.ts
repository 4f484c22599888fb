import { err, ok } from '../../../../../base/result.ts';
import { parseIpv4 } from '../../../../wire/addresses.ts';
import { defineMatch, ipOf } from '../../extension.ts';
import { dotted, found, parseUint } from '../../options.ts';
import { recentList } from './lists.ts';

const MODES = ['set', 'rcheck', 'update', 'remove'] as const;
interface RecentOptions {
  readonly mode: (typeof MODES)[number];
  readonly invert: boolean;
  readonly seconds: number;
  readonly hitcount: number;
  readonly reap: boolean;
  readonly rttl: boolean;
  readonly name: string;
  readonly mask: number;
  readonly side: 'source' | 'dest';
}
const LIST: Readonly<Record<RecentOptions['mode'], string>> = { set: 'SET', rcheck: 'CHECK', update: 'UPDATE', remove: 'REMOVE' };

/** Models: xt_recent.c. Lists belong to the network namespace and live as long as it does. */
export const recent = defineMatch<RecentOptions>({
  name: 'recent', models: 'net/netfilter/xt_recent.c (v6.1), libxt_recent.c 1.8.9', notModelled: 'limit of addresses per list (100), /proc/net/xt_recent',
  options: [
    { name: 'set', invert: true, help: 'Add source address to list, always matches.' },
    { name: 'rcheck', invert: true, help: 'Match if source address in list.' },
    { name: 'update', invert: true, help: 'Match if source address in list, also update last-seen time.' },
    { name: 'remove', invert: true, help: 'Match if source address in list, also removes that address from list.' },
    { name: 'seconds', argument: 'seconds', help: 'For check and update commands above. Specifies that the match will only occur if source address last seen within the last \'seconds\' seconds.' },
    { name: 'reap', help: 'Purge entries older then \'seconds\'.' },
    { name: 'hitcount', argument: 'hits', help: 'Specifies that the match will only occur if source address seen hits times.' },
    { name: 'rttl', help: 'Specifies that the match will only occur if the source address and the TTL match between this packet and the one which was set.' },
    { name: 'name', argument: 'name', help: 'Name of the recent list to be used. DEFAULT used if none given.' },
    { name: 'rsource', help: 'Match/Save the source address of each packet in the recent list table (default).' },
    { name: 'rdest', help: 'Match/Save the destination address of each packet in the recent list table.' },
    { name: 'mask', argument: 'netmask', help: 'Netmask that will be applied to this recent list.' },
  ],
  parse(given) {
    const modes = MODES.filter((m) => found(given, m) !== undefined);
    const [mode, second] = modes;
    if (mode === undefined) return err("recent: you must specify one of `--set', `--rcheck' `--update' or `--remove'");
    if (second !== undefined) return err(`recent: option "--${mode}" cannot be used together with "--${second}".\n`);
    const number = (option: string): number | undefined => {
      const g = found(given, option);
      return g === undefined ? 0 : parseUint(g.value);
    };
    const seconds = number('seconds');
    const hitcount = number('hitcount');
    if (seconds === undefined) return err('recent: bad value for option "--seconds", or out of range (1-4294967295).\n');
    if (hitcount === undefined) return err('recent: bad value for option "--hitcount", or out of range (1-4294967295).\n');
    if (found(given, 'reap') !== undefined && seconds === 0) return err('recent: option "--reap" also requires "--seconds".\n');
    const maskText = found(given, 'mask')?.value;
    const mask = maskText === undefined ? 0xffffffff : parseIpv4(maskText);
    if (mask === undefined) return err(`recent: bad value for option "--mask"`);
    return ok({
      mode, invert: found(given, mode)?.invert ?? false, seconds, hitcount, reap: found(given, 'reap') !== undefined, rttl: found(given, 'rttl') !== undefined,
      name: found(given, 'name')?.value ?? 'DEFAULT', mask, side: found(given, 'rdest') !== undefined ? 'dest' : 'source',
    });
  },
  save(o) {
    const out = [`${o.invert ? '! ' : ''}--${o.mode}`];
    if (o.seconds > 0) out.push(`--seconds ${o.seconds}`);
    if (o.reap) out.push('--reap');
    if (o.hitcount > 0) out.push(`--hitcount ${o.hitcount}`);
    if (o.rttl) out.push('--rttl');
    out.push(`--name ${o.name}`, `--mask ${dotted(o.mask)}`, o.side === 'source' ? '--rsource' : '--rdest');
    return out.join(' ');
  },
  list(o) {
    const out = [`${o.invert ? '! ' : ''}recent: ${LIST[o.mode]}`];
    if (o.seconds > 0) out.push(`seconds: ${o.seconds}`);
    if (o.reap) out.push('reap');
    if (o.hitcount > 0) out.push(`hit_count: ${o.hitcount}`);
    if (o.rttl) out.push('TTL-Match');
    out.push(`name: ${o.name}`, `side: ${o.side}`, `mask: ${dotted(o.mask)}`);
    return out.join(' ');
  },
  nft: () => ({ text: 'xt match recent' }),
  compile(o, ns) {
    const list = recentList(ns, o.name);
    return (c) => {
      const p = ipOf(c);
      if (p === undefined) return false;
      const ttl = p.ttl + (c.hook === 'FORWARD' || c.hook === 'POSTROUTING' ? (c.skb.socket === undefined && c.iif !== undefined ? 1 : 0) : 0);
      const key = ((o.side === 'source' ? p.src : p.dst) & o.mask) >>> 0;
      const now = ns.machine.world.scheduler.now;
      let entry = list.get(key);
      if (entry !== undefined && o.rttl && entry.ttl !== ttl) entry = undefined;
      if (entry === undefined) {
        if (o.mode !== 'set') return o.invert;
        list.set(key, { ttl, stamps: [now] });
        return !o.invert;
      }
      let hit = o.invert;
      if (o.mode === 'set') {
        hit = !o.invert;
      } else if (o.mode === 'remove') {
        list.delete(key);
        return !o.invert;
      } else {
        const since = o.seconds > 0 ? now - o.seconds * 1e9 : -Infinity;
        if (o.reap) entry.stamps = entry.stamps.filter((t) => t >= since);
        let hits = 0;
        for (const t of entry.stamps) {
          if (t < since) continue;
          hits++;
          if (o.hitcount === 0 || hits >= o.hitcount) {
            hit = !o.invert;
            break;
          }
        }
        if (o.reap && entry.stamps.length === 0) list.delete(key);
      }
      if (o.mode === 'set' || (o.mode === 'update' && hit !== o.invert)) {
        entry.ttl = ttl;
        entry.stamps.push(now);
        if (entry.stamps.length > 32) entry.stamps.shift();
        list.set(key, entry);
      }
      return hit;
    };
  },
});
