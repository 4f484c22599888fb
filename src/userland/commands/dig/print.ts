/** Models: dns_message_sectiontotext and dig.c of BIND 9.18: a message as dig prints it. */
import { formatIpv4 } from '../../../engine/wire/addresses.ts';
import { sameBytes } from '../../../engine/wire/bytes.ts';
import { CLASS_IN, dnsDataText, dnsTypeName, DNS_TYPES, RCODES, type DnsMessage, type DnsQuestion, type DnsRecord } from '../../../engine/wire/dns.ts';
import type { Reply } from './query.ts';

const TAB = 8;

/** masterdump.c indent(): tabs and blanks from one column to another, at least one. */
export function indent(from: number, to: number): string {
  const target = Math.max(to, from + 1);
  const tabs = Math.floor(target / TAB) - Math.floor(from / TAB);
  const blanks = target - (tabs > 0 ? Math.floor(target / TAB) * TAB : from);
  return '\t'.repeat(Math.max(0, tabs)) + ' '.repeat(blanks);
}

/** Pieces at columns: name, ttl, class, type, data. */
function columns(pieces: readonly (readonly [number, string])[]): string {
  let text = '';
  let column = 0;
  for (const [at, piece] of pieces) {
    if (text !== '') {
      text += indent(column, at);
      column = Math.max(at, column + 1);
    }
    text += piece;
    column += piece.length;
  }
  return text;
}

const dotted = (name: string): string => `${name}.`;
const className = (n: number): string => (n === CLASS_IN ? 'IN' : `CLASS${n}`);

export const questionText = (q: DnsQuestion): string => `;${columns([[0, dotted(q.name)], [32, className(q.class)], [40, dnsTypeName(q.type)]])}`;

export const recordText = (r: DnsRecord): string => columns([[0, dotted(r.name)], [24, String(r.ttl)], [32, className(r.class)], [40, dnsTypeName(r.type)], [48, dnsDataText(r.data)]]);

export const statusName = (rcode: number): string => RCODES[rcode] ?? `RESERVED${rcode}`;

const OPCODES = ['QUERY', 'IQUERY', 'STATUS', 'RESERVED3', 'NOTIFY', 'UPDATE'];

export function flagsText(m: DnsMessage): string {
  const flags: readonly (readonly [boolean, string])[] = [[m.response, 'qr'], [m.authoritative, 'aa'], [m.truncated, 'tc'], [m.recursionDesired, 'rd'], [m.recursionAvailable, 'ra'], [m.authenticData, 'ad'], [m.checkingDisabled, 'cd']];
  return flags.filter(([on]) => on).map(([, name]) => ` ${name}`).join('');
}

export const headerText = (m: DnsMessage): string =>
  `;; ->>HEADER<<- opcode: ${OPCODES[m.opcode] ?? String(m.opcode)}, status: ${statusName(m.rcode)}, id: ${m.id}\n;; flags:${flagsText(m)}; QUERY: ${m.questions.length}, ANSWER: ${m.answers.length}, AUTHORITY: ${m.authority.length}, ADDITIONAL: ${m.additional.length}\n`;

function cookieText(bytes: Uint8Array, query: DnsMessage): string {
  const sent = query.additional.flatMap((r) => (r.data.kind === 'OPT' ? r.data.options : [])).find((o) => o.code === 10)?.bytes;
  const hex = [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('');
  if (sent === undefined) return hex;
  if (sameBytes(bytes, sent)) return `${hex} (echoed)`;
  return `${hex} ${sameBytes(bytes.subarray(0, 8), sent) ? '(good)' : '(bad)'}`;
}

/** ;; OPT PSEUDOSECTION */
export function optText(r: DnsRecord, query: DnsMessage): string {
  if (r.data.kind !== 'OPT') return '';
  const options = r.data.options.map((o) => (o.code === 10 ? `; COOKIE: ${cookieText(o.bytes, query)}\n` : `; OPT=${o.code}: ${[...o.bytes].map((b) => b.toString(16).padStart(2, '0')).join(' ')}\n`)).join('');
  return `;; OPT PSEUDOSECTION:\n; EDNS: version: ${(r.ttl >>> 16) & 255}, flags:${(r.ttl & 0x8000) !== 0 ? ' do' : ''}; udp: ${r.class}\n${options}`;
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export function whenText(millis: number): string {
  const d = new Date(millis);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${DAYS[d.getUTCDay()] ?? ''} ${MONTHS[d.getUTCMonth()] ?? ''} ${two(d.getUTCDate())} ${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())} UTC ${d.getUTCFullYear()}`;
}

export interface Sections {
  readonly comments: boolean;
  readonly question: boolean;
  readonly answer: boolean;
  readonly authority: boolean;
  readonly additional: boolean;
  readonly stats: boolean;
}

/** Everything after the banner. */
export function replyText(reply: Reply, s: Sections, wallMillis: number, port: number): string {
  const { message: m } = reply;
  const opt = m.additional.find((r) => r.type === DNS_TYPES.OPT);
  const others = m.additional.filter((r) => r.type !== DNS_TYPES.OPT);
  const section = (on: boolean, title: string, lines: readonly string[]): string =>
    (!on || lines.length === 0 ? '' : `${s.comments ? `;; ${title} SECTION:\n` : ''}${lines.map((l) => `${l}\n`).join('')}${s.comments ? '\n' : ''}`);
  let out = '';
  if (s.comments) {
    out += ';; Got answer:\n';
    if ([...m.questions.map((q) => q.name)].some((n) => /(^|\.)local$/i.test(n))) out += ';; WARNING: .local is reserved for Multicast DNS\n;; You are currently testing what happens when an mDNS query is leaked to DNS\n';
    out += headerText(m);
    if (m.recursionDesired && !m.recursionAvailable) out += ';; WARNING: recursion requested but not available\n';
    out += '\n';
    if (opt !== undefined) out += optText(opt, reply.query);
  }
  out += section(s.question, 'QUESTION', m.questions.map(questionText));
  out += section(s.answer, 'ANSWER', m.answers.map(recordText));
  out += section(s.authority, 'AUTHORITY', m.authority.map(recordText));
  out += section(s.additional, 'ADDITIONAL', others.map(recordText));
  if (s.stats) {
    const server = formatIpv4(reply.from);
    out += `;; Query time: ${Math.floor(reply.took / 1e6)} msec\n;; SERVER: ${server}#${port}(${server}) (${reply.tcp ? 'TCP' : 'UDP'})\n;; WHEN: ${whenText(wallMillis)}\n;; MSG SIZE  rcvd: ${reply.bytes}\n\n`;
  }
  return out;
}
