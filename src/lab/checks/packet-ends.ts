/**
 * Every packet ends exactly once: delivered, dropped, consumed, became other packets, or is still in flight. A packet's birth is
 * `created`, `clone`, or that another became it (fragments, a reassembled datagram); nothing happens to it before its birth or after its end.
 */
import { millis, seconds, type Nanos } from '../../engine/sim/time.ts';
import type { PacketStep, Step } from '../../engine/trace/steps.ts';

export interface Complaint {
  readonly pkt: number;
  readonly step: number;
  readonly text: string;
}

export type End = 'delivered' | 'dropped' | 'consumed' | 'became' | 'in flight';

export interface PacketEnds {
  readonly complaints: readonly Complaint[];
  readonly count: Readonly<Record<End, number>>;
}

interface Life {
  last: PacketStep;
  end: PacketStep | undefined;
}

/** The longest way from a device to the next is a segment's. */
const ON_THE_WAY = millis(10);
/** A fragment waits for the others: ipfrag_time. A packet waits for its neighbour's address: three solicitations a second apart. */
const REASSEMBLY = seconds(30);
const RESOLUTION = seconds(4);

const isPacketStep = (step: Step): step is PacketStep => step.kind !== 'table' && step.kind !== 'process' && step.kind !== 'control';
const isEnd = (step: PacketStep): boolean => step.kind === 'delivered' || step.kind === 'dropped' || step.kind === 'consumed' || step.kind === 'became';
const isFragment = (step: PacketStep): boolean => step.net.kind === 'ipv4' && (step.net.mf || step.net.offset > 0);

/** What a packet may wait for without a step of its own. */
function patience(last: PacketStep): Nanos {
  if (last.kind === 'neigh' && last.outcome === 'queued') return RESOLUTION;
  return isFragment(last) ? REASSEMBLY : ON_THE_WAY;
}

/** `now`: the world's time when the trace was read. `from`: packets born before this step are not looked at. */
export function packetEnds(steps: readonly Step[], now: Nanos, from = 0): PacketEnds {
  const lives = new Map<number, Life>();
  const heirs = new Map<number, PacketStep>();
  const complaints: Complaint[] = [];
  const count: Record<End, number> = { delivered: 0, dropped: 0, consumed: 0, became: 0, 'in flight': 0 };
  const complain = (step: PacketStep, text: string): void => void complaints.push({ pkt: step.pkt, step: step.i, text });
  for (let i = from; i < steps.length; i++) {
    const step = steps[i];
    if (step === undefined || !isPacketStep(step)) continue;
    const life = lives.get(step.pkt);
    const born = step.kind === 'created' || step.kind === 'clone';
    if (life === undefined) {
      if (!born && !heirs.has(step.pkt)) {
        if (from > 0) continue;
        complain(step, `${step.kind} of a packet that nobody made`);
      }
      lives.set(step.pkt, { last: step, end: undefined });
      continue;
    }
    if (born) complain(step, `made a second time (${step.kind})`);
    if (life.end !== undefined) complain(step, `${step.kind} after its end (${life.end.kind})`);
    life.last = step;
    if (!isEnd(step)) continue;
    life.end = step;
    if (step.kind === 'became') for (const heir of step.into) heirs.set(heir, step);
  }
  for (const [heir, step] of heirs) if (!lives.has(heir)) complain(step, `became ${heir}, of which nothing was seen`);
  for (const { last, end } of lives.values()) {
    if (end?.kind === 'delivered' || end?.kind === 'dropped' || end?.kind === 'consumed' || end?.kind === 'became') count[end.kind]++;
    else if (now - last.t <= patience(last)) count['in flight']++;
    else complain(last, `never ended: last seen at ${last.kind}${'dev' in last ? ` ${last.dev}` : ''}`);
  }
  return { complaints, count };
}
