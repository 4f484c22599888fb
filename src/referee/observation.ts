/** What one side, kernel or lab, did with one flow, in comparable words. Both sides are written in this shape. */

export interface Traversal {
  readonly ns: string;
  /** Which packet ({@link Labels}). */
  readonly packet: string;
  /** `nat PREROUTING iif cni0 oif - 10.42.1.4:4000>10.43.0.1:80 ttl 64 mark 0`. */
  readonly hook: string;
  /** `KUBE-SERVICES 3 jump KUBE-SVC-…`, `policy accept`: what was met, in order. */
  readonly steps: readonly string[];
}

export interface Crossing {
  readonly ns: string;
  readonly packet: string;
  /** `out cni0 10.42.1.4:4000>… ttl 64 len 60 df partial`. */
  readonly text: string;
}

export interface Observation {
  readonly results: readonly string[];
  readonly traversals: readonly Traversal[];
  readonly crossings: readonly Crossing[];
  /** By namespace, in order. */
  readonly events: ReadonlyMap<string, readonly string[]>;
}

export interface TupleText {
  readonly src: string;
  readonly dst: string;
  readonly sport: number;
  readonly dport: number;
  readonly type: number | undefined;
  readonly code: number | undefined;
}

export interface EntryText {
  readonly protocol: number;
  readonly state: string | undefined;
  readonly original: TupleText;
  readonly reply: TupleText;
  readonly seenReply: boolean;
  readonly assured: boolean;
  readonly mark: number;
  readonly timeout: number | undefined;
}

const VXLAN = 8472;

/** Seconds as set, not as left when somebody looked. */
const rounded = (seconds: number): number => (seconds < 8 ? seconds : Math.round(seconds / 5) * 5);

/** One conntrack entry in a line. ICMP identifiers and VXLAN's source ports are ephemeral. */
export function entryText(e: EntryText): string {
  const tuple = (t: TupleText, reply: boolean): string => {
    if (e.protocol === 1) {
      const changed = reply && t.sport !== e.original.sport ? ' (changed)' : '';
      return `${t.src}>${t.dst} type ${t.type ?? '-'} code ${t.code ?? '-'} id${changed}`;
    }
    const vxlan = e.protocol === 17 && (t.sport === VXLAN || t.dport === VXLAN);
    const port = (n: number): string => (vxlan && n !== VXLAN ? '*' : String(n));
    return `${t.src}:${port(t.sport)}>${t.dst}:${port(t.dport)}`;
  };
  const words = [`proto ${e.protocol}`, e.timeout === undefined ? '' : String(rounded(e.timeout)), e.state ?? '', tuple(e.original, false), e.seenReply ? '' : '[UNREPLIED]', tuple(e.reply, true),
    e.assured ? '[ASSURED]' : '', e.mark === 0 ? '' : `mark ${e.mark}`];
  return words.filter((w) => w !== '').join(' ');
}
