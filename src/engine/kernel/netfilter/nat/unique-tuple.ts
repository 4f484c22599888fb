/**
 * Read first: net/netfilter/nf_nat_core.c, get_unique_tuple and the comments in it.
 * Models: get_unique_tuple, find_appropriate_src, nf_nat_l4proto_unique_tuple (v6.1, with v6.6's reuse of closing connections).
 * Not modelled: --persistent over ranges of addresses hashes as the kernel's jhash does (ours is another hash).
 */
import { IPPROTO_ICMP, IPPROTO_SCTP, IPPROTO_TCP, IPPROTO_UDP } from '../../../wire/packet.ts';
import type { Conntrack } from '../../conntrack/conntrack.ts';
import type { ConntrackEntry } from '../../conntrack/entry.ts';
import { invert, Tuple } from '../../conntrack/tuple.ts';
import type { NatRange } from './range.ts';

const MAX_ATTEMPTS = 128;
const HARDER = MAX_ATTEMPTS / 4;

/** Where random ports come from: a wanted port scripted from outside, or a draw below 65536. */
export interface PortDraws {
  /** Offset into [min, min + size). */
  offset(min: number, size: number): number;
}

const hasPorts = (protocol: number): boolean => protocol === IPPROTO_TCP || protocol === IPPROTO_UDP || protocol === IPPROTO_SCTP;

export class UniqueTuples {
  readonly #conntrack: Conntrack;
  readonly #draws: PortDraws;
  readonly #reply = new Tuple(true);

  constructor(conntrack: Conntrack, draws: PortDraws) {
    this.#conntrack = conntrack;
    this.#draws = draws;
  }

  /** nf_nat_used_tuple */
  #used(tuple: Tuple, entry: ConntrackEntry, harder = false): boolean {
    invert(tuple, this.#reply);
    return this.#conntrack.taken(this.#reply, entry, harder);
  }

  find(original: Tuple, range: NatRange, entry: ConntrackEntry, manip: 'src' | 'dst'): Tuple {
    const tuple = new Tuple(false).copy(original);
    const random = range.random || range.randomFully;
    if (manip === 'src' && !random) {
      if (inRange(original, range)) {
        if (!this.#used(original, entry)) return tuple;
      } else {
        for (const other of this.#conntrack.sources.of(original.src, original.sport)) {
          if (other.original.protocol !== original.protocol) continue;
          invert(other.reply, tuple);
          tuple.dst = original.dst;
          tuple.dport = original.dport;
          if (!inRange(tuple, range)) continue;
          if (!this.#used(tuple, entry)) return tuple;
          break;
        }
      }
    }
    tuple.copy(original);
    bestAddress(tuple, range, manip);
    if (!random) {
      if (range.minPort !== undefined && range.maxPort !== undefined) {
        if (portInRange(tuple, range.minPort, range.maxPort, manip) && (range.minPort === range.maxPort || !this.#used(tuple, entry))) return tuple;
      } else if (!this.#used(tuple, entry)) return tuple;
    }
    this.#search(tuple, range, entry, manip);
    return tuple;
  }

  /** nf_nat_l4proto_unique_tuple: changes the port until nobody has the tuple; may end without having found one. */
  #search(tuple: Tuple, range: NatRange, entry: ConntrackEntry, manip: 'src' | 'dst'): void {
    const icmp = tuple.protocol === IPPROTO_ICMP;
    if (!icmp && !hasPorts(tuple.protocol)) return;
    const key = icmp || manip === 'src' ? 'sport' : 'dport';
    let min: number;
    let max: number;
    if (range.minPort !== undefined && range.maxPort !== undefined) {
      min = Math.min(range.minPort, range.maxPort);
      max = Math.max(range.minPort, range.maxPort);
    } else if (icmp) {
      min = 0;
      max = 65535;
    } else if (manip === 'dst') return;
    else [min, max] = portClass(tuple.sport);
    const size = max - min + 1;
    let attempts = Math.min(size, MAX_ATTEMPTS);
    let left = attempts;
    for (;;) {
      const offset = this.#draws.offset(min, size);
      for (let i = 0; i < attempts; i++) {
        tuple[key] = min + ((offset + i) % size);
        if (!this.#used(tuple, entry, --left <= HARDER)) return;
      }
      if (attempts >= size || attempts < 16) return;
      attempts = Math.floor(attempts / 2);
    }
  }
}

/** Ports keep their class: privileged ones stay privileged. */
export const portClass = (port: number): [number, number] => (port < 512 ? [1, 511] : port < 1024 ? [600, 1023] : [1024, 65535]);

function portInRange(t: Tuple, min: number, max: number, manip: 'src' | 'dst'): boolean {
  if (t.protocol !== IPPROTO_ICMP && !hasPorts(t.protocol)) return true;
  const port = manip === 'src' || t.protocol === IPPROTO_ICMP ? t.sport : t.dport;
  return port >= min && port <= max;
}

function inRange(t: Tuple, range: NatRange): boolean {
  if (range.minAddress !== undefined && range.maxAddress !== undefined && (t.src < range.minAddress || t.src > range.maxAddress)) return false;
  return range.minPort === undefined || range.maxPort === undefined || portInRange(t, range.minPort, range.maxPort, 'src');
}

/** find_best_ips_proto: one source keeps to one address of the range. */
function bestAddress(t: Tuple, range: NatRange, manip: 'src' | 'dst'): void {
  const { minAddress: min, maxAddress: max } = range;
  if (min === undefined || max === undefined) return;
  let address = min;
  if (max !== min) {
    const spread = Math.imul(t.src ^ (range.persistent ? 0 : Math.imul(t.dst, 0x9e3779b1)), 0x85ebca6b) >>> 0;
    address = min + Math.floor((spread / 0x1_0000_0000) * (max - min + 1));
  }
  if (manip === 'src') t.src = address;
  else t.dst = address;
}
