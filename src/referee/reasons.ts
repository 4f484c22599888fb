/**
 * Why the kernel may differ from the lab in one run and not in the next. A reason is as narrow as what causes it; a difference without one counts as a failure.
 */
import type { Divergence } from './compare.ts';

interface Reason {
  readonly name: string;
  readonly fits: (d: Divergence) => boolean;
}

const changed = (d: Divergence): readonly string[] => [...d.kernel.filter((l) => !d.lab.includes(l)), ...d.lab.filter((l) => !d.kernel.includes(l))];

const bare = (line: string): string => line.replace(/ partial$/, '');

/** To an address of the sender's own /24, by a bridge or not. */
const BESIDE = /^out \S+ (\d+\.\d+\.\d+)\.\d+(?::\d+)?>\1\.\d+(?::\d+)? ttl /;

const REASONS: readonly Reason[] = [
  {
    // br_nf_pre_routing_finish_bridge: by the neighbour's output when it is not connected, past it otherwise. NUD_DELAY ends five seconds after first use, and up to 64 jiffies later.
    name: 'a bridged DNAT to a neighbour on probation: the timer that ends it is late by up to a quarter of a second (timer wheel)',
    fits: (d) => d.where.endsWith(': crossings') && d.kernel.length !== d.lab.length && changed(d).length === 1 && changed(d).every((l) => BESIDE.test(l)),
  },
  {
    // Its ACK of the client's FIN went alone, so the client was in FIN_WAIT2 when the server's FIN came, and its last ACK is TIME_WAIT's (no CHECKSUM_PARTIAL).
    name: 'a server that closed later than the delayed-ACK timer',
    fits: (d) => (d.where.endsWith(': conntrack events') && changed(d).every((l) => l.startsWith('UPDATE proto 6 60 CLOSE_WAIT ')))
      || (/ tcp \d+ [CS] ack \S+: crossings$/.test(d.where) && d.kernel.length === d.lab.length && d.kernel.every((l, i) => bare(l) === bare(d.lab[i] ?? ''))),
  },
];

/** The reasons of all of them; undefined as soon as one has none. */
export function reasonOf(divergences: readonly Divergence[]): string | undefined {
  const names = divergences.map((d) => REASONS.find((r) => r.fits(d))?.name);
  return names.length === 0 || names.includes(undefined) ? undefined : [...new Set(names)].join(', ');
}
