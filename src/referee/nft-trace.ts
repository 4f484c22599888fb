/** `nft monitor trace` text, real or ours, as comparable packets: what is ephemeral (ids, counters, ports, sizes) is left out. */

export interface TracedPacket {
  /** Conversation side and flags: `10.42.1.4 > 10.43.180.238 syn`, as first seen. */
  readonly what: string;
  /** Every hook, rule and verdict it met, in order. */
  readonly path: readonly string[];
}

const LINE = /^trace id (\w+) (\S+) (\S+) (\S+) (packet:|rule|verdict|policy|return) ?(.*)$/;

const pick = (text: string, field: string): string | undefined => new RegExp(`(?:^| )${field} (?:== )?(\\S+)`).exec(text)?.[1];

/** The tables where the TRACE rule itself stands differ in nothing that matters: its own lines are left out. */
const ownRule = (text: string): boolean => /nftrace set 1|xt target TRACE|-j TRACE/.test(text);

const normaliseRule = (text: string): string => text.replace(/counter packets \d+ bytes \d+/, 'counter').replace(/\s+/g, ' ').trim();

function normalisePacket(text: string): string {
  const iif = pick(text, 'iif')?.replaceAll('"', '');
  const oif = pick(text, 'oif')?.replaceAll('"', '');
  const ll = /@ll,0,112 0x([0-9a-f]{28})/.exec(text)?.[1];
  const ether = ll === undefined ? '' : ` ll ${ll}`;
  return `packet iif ${iif ?? '-'} oif ${oif ?? '-'}${ether} ${pick(text, 'ether saddr') ?? '-'}>${pick(text, 'ether daddr') ?? '-'} ${pick(text, 'ip saddr') ?? '-'}>${pick(text, 'ip daddr') ?? '-'} ttl ${pick(text, 'ip ttl') ?? '-'}`;
}

/** Joins lines of one packet although the kernel's trace id changes on its way: by IP id, sequence of flags, and what came before. */
export function parseTrace(text: string): readonly TracedPacket[] {
  interface Open {
    readonly key: string;
    readonly what: string;
    readonly path: string[];
  }
  const packets: Open[] = [];
  const byTraceId = new Map<string, Open>();
  for (const line of text.split('\n')) {
    const m = LINE.exec(line.trimEnd());
    if (m === null) continue;
    const [, id = '', , table = '', chain = '', kind = '', rest = ''] = m;
    if (kind === 'packet:') {
      const flags = /tcp flags == (\S+)/.exec(rest)?.[1] ?? '';
      const key = `${pick(rest, 'ip id') ?? ''} ${flags} ${pick(rest, 'ip length') ?? ''} ${pick(rest, 'tcp window') ?? ''}`;
      let open = byTraceId.get(id);
      if (open === undefined || open.key !== key) {
        // The same packet under a new trace id: the newest with the same id, flags, length and window whose TTL is not smaller.
        open = packets.findLast((p) => p.key === key && p.path.length < 200);
        const first = chain === 'PREROUTING' && table === 'raw';
        if (open === undefined || (first && !byTraceId.has(id))) {
          open = { key, what: `${pick(rest, 'ip saddr') ?? ''} > ${pick(rest, 'ip daddr') ?? ''} ${flags}`, path: [] };
          packets.push(open);
        }
      }
      byTraceId.set(id, open);
      open.path.push(`${table} ${chain} ${normalisePacket(rest)}`);
    } else {
      if (kind === 'rule' && ownRule(rest)) continue;
      byTraceId.get(id)?.path.push(`${table} ${chain} ${kind} ${normaliseRule(rest)}`);
    }
  }
  return packets.map(({ what, path }) => ({ what, path }));
}

/** Distinct ways per kind of packet; undefined: the same on both sides. */
export function differ(real: readonly TracedPacket[], ours: readonly TracedPacket[]): string | undefined {
  const ways = (packets: readonly TracedPacket[]): Map<string, Set<string>> => {
    const map = new Map<string, Set<string>>();
    for (const p of packets) {
      const set = map.get(p.what) ?? new Set<string>();
      set.add(p.path.join('\n'));
      map.set(p.what, set);
    }
    return map;
  };
  const a = ways(real);
  const b = ways(ours);
  const out: string[] = [];
  for (const what of new Set([...a.keys(), ...b.keys()])) {
    const inReal = a.get(what) ?? new Set<string>();
    const inOurs = b.get(what) ?? new Set<string>();
    for (const path of inReal) if (!inOurs.has(path)) out.push(`only the kernel: ${what}\n${path.replace(/^/gm, '  - ')}`);
    for (const path of inOurs) if (!inReal.has(path)) out.push(`only the lab: ${what}\n${path.replace(/^/gm, '  + ')}`);
  }
  return out.length === 0 ? undefined : out.join('\n');
}
