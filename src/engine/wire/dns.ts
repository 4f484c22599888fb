/**
 * Read first: RFC 1035, RFC 2782 (SRV), RFC 3596 (AAAA), RFC 6891 (EDNS0).
 * Models: messages with A AAAA PTR SRV CNAME NS MX TXT SOA OPT records, other types as bytes. Not modelled: DNSSEC records, updates.
 */
import { err, ok, type Result } from '../../base/result.ts';
import { ipv4, formatIpv4, type Ipv4 } from './addresses.ts';
import { fromUtf8, u16, u32 } from './bytes.ts';
import { DnsWriter, readName } from './dns-name.ts';
import { field, hex, type FieldView } from './layer-view.ts';

export const DNS_PORT = 53;

export const DNS_TYPES = { A: 1, NS: 2, CNAME: 5, SOA: 6, PTR: 12, MX: 15, TXT: 16, AAAA: 28, SRV: 33, OPT: 41, ANY: 255 } as const;
export const CLASS_IN = 1;

export const RCODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'] as const;
export const NOERROR = 0;
export const SERVFAIL = 2;
export const NXDOMAIN = 3;
export const NOTIMP = 4;
export const REFUSED = 5;

export interface DnsQuestion {
  readonly name: string;
  readonly type: number;
  readonly class: number;
}

export type DnsData =
  | { readonly kind: 'A'; readonly address: Ipv4 }
  | { readonly kind: 'AAAA'; readonly bytes: Uint8Array }
  | { readonly kind: 'PTR' | 'CNAME' | 'NS'; readonly target: string }
  | { readonly kind: 'SRV'; readonly priority: number; readonly weight: number; readonly port: number; readonly target: string }
  | { readonly kind: 'MX'; readonly preference: number; readonly target: string }
  | { readonly kind: 'TXT'; readonly strings: readonly Uint8Array[] }
  | { readonly kind: 'SOA'; readonly mname: string; readonly rname: string; readonly serial: number; readonly refresh: number; readonly retry: number; readonly expire: number; readonly minimum: number }
  | { readonly kind: 'OPT'; readonly options: readonly { readonly code: number; readonly bytes: Uint8Array }[] }
  | { readonly kind: 'unknown'; readonly bytes: Uint8Array };

/** For OPT: class is the sender's UDP size, ttl is extended rcode, version and the DO bit (0x8000). */
export interface DnsRecord {
  readonly name: string;
  readonly type: number;
  readonly class: number;
  readonly ttl: number;
  readonly data: DnsData;
}

export interface DnsMessage {
  readonly id: number;
  readonly response: boolean;
  readonly opcode: number;
  readonly authoritative: boolean;
  readonly truncated: boolean;
  readonly recursionDesired: boolean;
  readonly recursionAvailable: boolean;
  readonly authenticData: boolean;
  readonly checkingDisabled: boolean;
  readonly rcode: number;
  readonly questions: readonly DnsQuestion[];
  readonly answers: readonly DnsRecord[];
  readonly authority: readonly DnsRecord[];
  readonly additional: readonly DnsRecord[];
}

export type DnsError = 'truncated message' | 'bad name' | 'bad record';

/** A question as a stub resolver sends it. */
export const dnsQuery = (id: number, name: string, type: number, options: { readonly edns?: number | undefined; readonly authenticData?: boolean | undefined; readonly cookie?: Uint8Array | undefined; readonly recursionDesired?: boolean | undefined } = {}): DnsMessage => ({
  id, response: false, opcode: 0, authoritative: false, truncated: false, recursionDesired: options.recursionDesired ?? true, recursionAvailable: false,
  authenticData: options.authenticData ?? false, checkingDisabled: false, rcode: 0,
  questions: [{ name, type, class: CLASS_IN }], answers: [], authority: [],
  additional: options.edns === undefined ? [] : [optRecord(options.edns, options.cookie === undefined ? [] : [{ code: 10, bytes: options.cookie }])],
});

export const optRecord = (udpSize: number, options: readonly { readonly code: number; readonly bytes: Uint8Array }[] = []): DnsRecord =>
  ({ name: '', type: DNS_TYPES.OPT, class: udpSize, ttl: 0, data: { kind: 'OPT', options } });

export const dnsA = (name: string, address: Ipv4, ttl: number): DnsRecord => ({ name, type: DNS_TYPES.A, class: CLASS_IN, ttl, data: { kind: 'A', address } });

/** `10.0.10.43` reversed and under in-addr.arpa: the PTR name of an address. */
export const reverseName = (a: Ipv4): string => `${formatIpv4(a).split('.').reverse().join('.')}.in-addr.arpa`;

function parseData(b: Uint8Array, type: number, at: number, end: number): DnsData | undefined {
  const length = end - at;
  const named = (from: number): string | undefined => {
    const read = readName(b, from);
    return read !== undefined && read.next === end ? read.name : undefined;
  };
  switch (type) {
    case DNS_TYPES.A: return length === 4 ? { kind: 'A', address: ipv4(u32(b, at)) } : undefined;
    case DNS_TYPES.AAAA: return length === 16 ? { kind: 'AAAA', bytes: b.slice(at, end) } : undefined;
    case DNS_TYPES.NS:
    case DNS_TYPES.CNAME:
    case DNS_TYPES.PTR: {
      const target = named(at);
      return target === undefined ? undefined : { kind: type === DNS_TYPES.NS ? 'NS' : type === DNS_TYPES.CNAME ? 'CNAME' : 'PTR', target };
    }
    case DNS_TYPES.SRV: {
      const target = length < 7 ? undefined : named(at + 6);
      return target === undefined ? undefined : { kind: 'SRV', priority: u16(b, at), weight: u16(b, at + 2), port: u16(b, at + 4), target };
    }
    case DNS_TYPES.MX: {
      const target = length < 3 ? undefined : named(at + 2);
      return target === undefined ? undefined : { kind: 'MX', preference: u16(b, at), target };
    }
    case DNS_TYPES.TXT: {
      const strings: Uint8Array[] = [];
      for (let i = at; i < end;) {
        const size = b[i] ?? 0;
        if (i + 1 + size > end) return undefined;
        strings.push(b.slice(i + 1, i + 1 + size));
        i += 1 + size;
      }
      return { kind: 'TXT', strings };
    }
    case DNS_TYPES.SOA: {
      const mname = readName(b, at);
      const rname = mname === undefined ? undefined : readName(b, mname.next);
      if (mname === undefined || rname === undefined || rname.next + 20 !== end) return undefined;
      const n = rname.next;
      return { kind: 'SOA', mname: mname.name, rname: rname.name, serial: u32(b, n), refresh: u32(b, n + 4), retry: u32(b, n + 8), expire: u32(b, n + 12), minimum: u32(b, n + 16) };
    }
    case DNS_TYPES.OPT: {
      const options: { code: number; bytes: Uint8Array }[] = [];
      for (let i = at; i < end;) {
        const size = u16(b, i + 2);
        if (i + 4 + size > end) return undefined;
        options.push({ code: u16(b, i), bytes: b.slice(i + 4, i + 4 + size) });
        i += 4 + size;
      }
      return { kind: 'OPT', options };
    }
    default: return { kind: 'unknown', bytes: b.slice(at, end) };
  }
}

export function decodeDns(b: Uint8Array): Result<DnsMessage, DnsError> {
  if (b.length < 12) return err('truncated message');
  const flags = u16(b, 2);
  let at = 12;
  const questions: DnsQuestion[] = [];
  for (let n = u16(b, 4); n > 0; n--) {
    const name = readName(b, at);
    if (name === undefined) return err('bad name');
    if (name.next + 4 > b.length) return err('truncated message');
    questions.push({ name: name.name, type: u16(b, name.next), class: u16(b, name.next + 2) });
    at = name.next + 4;
  }
  const sections: DnsRecord[][] = [];
  for (let s = 0; s < 3; s++) {
    const records: DnsRecord[] = [];
    for (let n = u16(b, 6 + 2 * s); n > 0; n--) {
      const name = readName(b, at);
      if (name === undefined) return err('bad name');
      const head = name.next;
      const end = head + 10 + u16(b, head + 8);
      if (head + 10 > b.length || end > b.length) return err('truncated message');
      const type = u16(b, head);
      const data = parseData(b, type, head + 10, end);
      if (data === undefined) return err('bad record');
      records.push({ name: name.name, type, class: u16(b, head + 2), ttl: u32(b, head + 4), data });
      at = end;
    }
    sections.push(records);
  }
  const [answers = [], authority = [], additional = []] = sections;
  return ok({
    id: u16(b, 0), response: (flags & 0x8000) !== 0, opcode: (flags >>> 11) & 15, authoritative: (flags & 0x400) !== 0, truncated: (flags & 0x200) !== 0,
    recursionDesired: (flags & 0x100) !== 0, recursionAvailable: (flags & 0x80) !== 0, authenticData: (flags & 0x20) !== 0, checkingDisabled: (flags & 0x10) !== 0,
    rcode: flags & 15, questions, answers, authority, additional,
  });
}

function writeData(w: DnsWriter, d: DnsData): void {
  switch (d.kind) {
    case 'A': w.u32(d.address); break;
    case 'AAAA':
    case 'unknown': w.raw(d.bytes); break;
    case 'PTR':
    case 'CNAME':
    case 'NS': w.name(d.target); break;
    case 'SRV': w.u16(d.priority); w.u16(d.weight); w.u16(d.port); w.name(d.target, false); break;
    case 'MX': w.u16(d.preference); w.name(d.target); break;
    case 'TXT':
      for (const s of d.strings) {
        w.u8(s.length);
        w.raw(s.subarray(0, 255));
      }
      break;
    case 'SOA':
      w.name(d.mname);
      w.name(d.rname);
      for (const n of [d.serial, d.refresh, d.retry, d.expire, d.minimum]) w.u32(n);
      break;
    case 'OPT':
      for (const o of d.options) {
        w.u16(o.code);
        w.u16(o.bytes.length);
        w.raw(o.bytes);
      }
      break;
  }
}

/** `compress` false: every name in full, as CoreDNS answers that fit do. */
export function encodeDns(m: DnsMessage, options: { readonly compress?: boolean } = {}): Uint8Array {
  const w = new DnsWriter(options.compress ?? true);
  w.u16(m.id);
  w.u16((m.response ? 0x8000 : 0) | (m.opcode << 11) | (m.authoritative ? 0x400 : 0) | (m.truncated ? 0x200 : 0) | (m.recursionDesired ? 0x100 : 0)
    | (m.recursionAvailable ? 0x80 : 0) | (m.authenticData ? 0x20 : 0) | (m.checkingDisabled ? 0x10 : 0) | (m.rcode & 15));
  for (const section of [m.questions, m.answers, m.authority, m.additional]) w.u16(section.length);
  for (const q of m.questions) {
    w.name(q.name);
    w.u16(q.type);
    w.u16(q.class);
  }
  for (const r of [...m.answers, ...m.authority, ...m.additional]) {
    w.name(r.name);
    w.u16(r.type);
    w.u16(r.class);
    w.u32(r.ttl);
    const lengthAt = w.bytes.length;
    w.u16(0);
    writeData(w, r.data);
    const length = w.bytes.length - lengthAt - 2;
    w.bytes[lengthAt] = length >>> 8;
    w.bytes[lengthAt + 1] = length & 255;
  }
  return Uint8Array.from(w.bytes);
}

const TYPE_NAMES = new Map<number, string>(Object.entries(DNS_TYPES).map(([name, n]) => [n, name]));

export const dnsTypeName = (type: number): string => TYPE_NAMES.get(type) ?? `TYPE${type}`;
export const dnsTypeNumber = (name: string): number | undefined => Object.entries(DNS_TYPES).find(([n]) => n === name.toUpperCase())?.[1];

/** RFC 5952 text of an IPv6 address. */
export function formatIpv6(b: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) => u16(b, 2 * i));
  let best = { start: -1, length: 1 };
  for (let i = 0; i < 8;) {
    let k = i;
    while (k < 8 && groups[k] === 0) k++;
    if (k - i > best.length) best = { start: i, length: k - i };
    i = Math.max(k, i + 1);
  }
  const text = (part: readonly number[]): string => part.map((g) => g.toString(16)).join(':');
  if (best.start < 0) return text(groups);
  return `${text(groups.slice(0, best.start))}::${text(groups.slice(best.start + best.length))}`;
}

const dotted = (name: string): string => `${name}.`;

/** Record data as dig prints it; TXT quoted. */
export function dnsDataText(d: DnsData): string {
  switch (d.kind) {
    case 'A': return formatIpv4(d.address);
    case 'AAAA': return formatIpv6(d.bytes);
    case 'PTR':
    case 'CNAME':
    case 'NS': return dotted(d.target);
    case 'SRV': return `${d.priority} ${d.weight} ${d.port} ${dotted(d.target)}`;
    case 'MX': return `${d.preference} ${dotted(d.target)}`;
    case 'TXT': return d.strings.map((s) => `"${fromUtf8(s).replaceAll(/["\\]/g, (c) => `\\${c}`)}"`).join(' ');
    case 'SOA': return `${dotted(d.mname)} ${dotted(d.rname)} ${d.serial} ${d.refresh} ${d.retry} ${d.expire} ${d.minimum}`;
    case 'OPT': return '';
    case 'unknown': return `\\# ${d.bytes.length}${d.bytes.length === 0 ? '' : ` ${[...d.bytes].map((x) => x.toString(16).padStart(2, '0')).join('').toUpperCase()}`}`;
  }
}

/** `A? nginx-service.default…` or `response A 10.43.180.238` for labels and the inspector. */
export function dnsLine(m: DnsMessage): string {
  const q = m.questions[0];
  const asked = q === undefined ? '' : `${dnsTypeName(q.type)}? ${dotted(q.name)}`;
  if (!m.response) return asked;
  const rcode = m.rcode === 0 ? '' : `${RCODES[m.rcode] ?? m.rcode} `;
  return `${rcode}${asked} ${m.answers.map((r) => `${dnsTypeName(r.type)} ${dnsDataText(r.data)}`).join(', ')}`.trim();
}

export function dnsFields(m: DnsMessage, at: number, length: number): readonly FieldView[] {
  const flags = [m.response ? 'response' : 'query', ...(m.authoritative ? ['aa'] : []), ...(m.truncated ? ['tc'] : []), ...(m.recursionDesired ? ['rd'] : []), ...(m.recursionAvailable ? ['ra'] : [])];
  const record = (title: string) => (r: DnsRecord): FieldView => r.type === DNS_TYPES.OPT
    ? field(title, `OPT, UDP size ${r.class}`, at, length)
    : field(title, `${dotted(r.name)} ${r.ttl} ${dnsTypeName(r.type)} ${dnsDataText(r.data)}`, at, length);
  return [
    field('Transaction id', `${m.id} (${hex(m.id, 4)})`, at, 2),
    field('Flags', flags.join(' '), at + 2, 2),
    field('Response code', RCODES[m.rcode] ?? String(m.rcode), at + 3, 1),
    ...m.questions.map((q) => field('Question', `${dotted(q.name)} ${dnsTypeName(q.type)}`, at + 12, length - 12)),
    ...m.answers.map(record('Answer')), ...m.authority.map(record('Authority')), ...m.additional.map(record('Additional')),
  ];
}
