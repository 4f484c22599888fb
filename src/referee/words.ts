/** The sentences both sides' observations are made of. */
import type { Headers } from './headers.ts';

const port = (h: Headers, n: number, source: boolean): string => (h.t.kind === 'udp' && h.t.vxlan && source ? '*' : String(n));

/** Addresses and ports. VXLAN's source port is a hash. */
function ways(h: Headers): string {
  const { t } = h;
  if (t.kind === 'tcp' || t.kind === 'udp') return `${h.src}:${port(h, t.sport, true)}>${h.dst}:${port(h, t.dport, false)}`;
  return `${h.src}>${h.dst}`;
}

export interface HookWords {
  readonly table: string;
  readonly hook: string;
  readonly iif: string | undefined;
  readonly oif: string | undefined;
}

export const hookText = (w: HookWords, h: Headers): string => `${w.table} ${w.hook} iif ${w.iif ?? '-'} oif ${w.oif ?? '-'} ${ways(h)} ttl ${h.ttl}${h.tos === 0 ? '' : ` tos ${h.tos}`}`;

export interface CrossingWords {
  readonly out: boolean;
  readonly dev: string;
  readonly partial: boolean;
}

export function crossingText(w: CrossingWords, h: Headers): string {
  // ip_do_fragment writes the header of later fragments into data that earlier captures share: what tcpdump shows of them may be from after NAT and forwarding.
  if (h.offset > 0) return `${w.out ? 'out' : 'in '} ${w.dev} fragment len ${h.length}`;
  const mss = h.t.kind === 'tcp' && h.t.mss !== undefined ? ` mss ${h.t.mss}` : '';
  return `${w.out ? 'out' : 'in '} ${w.dev} ${ways(h)} ttl ${h.ttl} len ${h.length}${h.df ? ' df' : ''}${h.tos === 0 ? '' : ` tos ${h.tos}`}${mss}${w.out && w.partial ? ' partial' : ''}`;
}

/** Groups are not refereed: IGMP and neighbour discovery come whenever the kernel likes. */
export const isGroup = (h: Headers): boolean => Number(h.dst.split('.')[0]) >= 224 && h.dst !== '255.255.255.255';
