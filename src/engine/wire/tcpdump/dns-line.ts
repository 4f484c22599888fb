/** Models: print-domain.c (tcpdump 4.99). */
import { formatIpv4 } from '../addresses.ts';
import { fromUtf8 } from '../bytes.ts';
import { CLASS_IN, decodeDns, dnsTypeName, DNS_TYPES, formatIpv6, type DnsMessage, type DnsQuestion, type DnsRecord } from '../dns.ts';

const OPCODES = ['', ' inv_q', ' stat', ' op3', ' notify', ' update'];
const RESPONSES = ['', ' FormErr', ' ServFail', ' NXDomain', ' NotImp', ' Refused', ' YXDomain', ' YXRRSet', ' NXRRSet', ' NotAuth', ' NotZone'];

const printed = (name: string): string => `${name}.`;
const typeText = (type: number): string => {
  const name = dnsTypeName(type);
  return name.startsWith('TYPE') ? `Type${type}` : type === DNS_TYPES.ANY ? 'ANY' : name;
};
const question = (q: DnsQuestion): string => `${typeText(q.type)}${q.class === CLASS_IN ? '' : ` (Class ${q.class})`}? ${printed(q.name)}`;

/** unsigned_relts_print: `1h30m`. */
export function relativeTime(seconds: number): string {
  if (seconds === 0) return '0s';
  const units: readonly (readonly [number, string])[] = [[604800, 'w'], [86400, 'd'], [3600, 'h'], [60, 'm'], [1, 's']];
  let left = seconds;
  let out = '';
  for (const [size, letter] of units) {
    const n = Math.floor(left / size);
    if (n > 0) out += `${n}${letter}`;
    left -= n * size;
  }
  return out;
}

function recordData(r: DnsRecord): string {
  const d = r.data;
  switch (d.kind) {
    case 'A': return ` ${formatIpv4(d.address)}`;
    case 'AAAA': return ` ${formatIpv6(d.bytes)}`;
    case 'PTR':
    case 'CNAME':
    case 'NS': return ` ${printed(d.target)}`;
    case 'SRV': return ` ${printed(d.target)}:${d.port} ${d.priority} ${d.weight}`;
    case 'MX': return ` ${printed(d.target)} ${d.preference}`;
    case 'TXT': return d.strings.map((s) => ` "${fromUtf8(s)}"`).join('');
    case 'OPT': return ` UDPsize=${r.class}${(r.ttl & 0x8000) !== 0 ? ' DO' : ''}${d.options.length === 0 ? '' : ` [${d.options.map(optionName).join(',')}]`}`;
    case 'SOA':
    case 'unknown': return '';
  }
}

const optionName = (o: { readonly code: number; readonly bytes: Uint8Array }): string =>
  (o.code === 10 ? `COOKIE ${[...o.bytes].map((x) => x.toString(16).padStart(2, '0')).join('')}` : `Opt${o.code}`);

function record(r: DnsRecord, verbose: number): string {
  const name = verbose > 0 ? ` ${r.name === '' ? '.' : printed(r.name)}` : '';
  const ttl = verbose > 2 && r.type !== DNS_TYPES.OPT ? ` [${relativeTime(r.ttl)}]` : '';
  const soa = r.data.kind !== 'SOA' || verbose === 0 ? '' : ` ${printed(r.data.mname)} ${printed(r.data.rname)} ${r.data.serial} ${r.data.refresh} ${r.data.retry} ${r.data.expire} ${r.data.minimum}`;
  return `${name}${ttl} ${typeText(r.type)}${soa}${recordData(r)}`;
}

const section = (title: string, records: readonly DnsRecord[], verbose: number): string =>
  (records.length === 0 ? '' : `${title}${records.map((r) => record(r, verbose)).join(',')}`);

function responseText(m: DnsMessage, verbose: number): string {
  const marks = `${m.authoritative ? '*' : ''}${m.recursionAvailable ? '' : '-'}${m.truncated ? '|' : ''}${m.authenticData ? '$' : ''}`;
  const questions = `${m.questions.length === 1 ? '' : ` [${m.questions.length}q]`}${verbose > 1 && m.questions.length > 0 ? ` q: ${m.questions.map(question).join(', ')}` : ''}`;
  const counts = ` ${m.answers.length}/${m.authority.length}/${m.additional.length}`;
  const more = verbose > 1 ? section(' ns:', m.authority, verbose) + section(' ar:', m.additional, verbose) : '';
  return `${OPCODES[m.opcode] ?? ` op${m.opcode}`}${RESPONSES[m.rcode] ?? ` Resp${m.rcode}`}${marks}${questions}${counts}${section('', m.answers, verbose)}${more}`;
}

function queryText(m: DnsMessage, verbose: number): string {
  const odd = (m.authoritative ? 0x400 : 0) | (m.truncated ? 0x200 : 0) | (m.recursionAvailable ? 0x80 : 0) | m.rcode;
  const counts = [
    odd === 0 ? '' : ` [b2&3=0x${odd.toString(16)}]`,
    m.questions.length === 1 ? '' : ` [${m.questions.length}q]`,
    m.answers.length === 0 ? '' : ` [${m.answers.length}a]`,
    m.authority.length === 0 ? '' : ` [${m.authority.length}n]`,
    m.additional.length === 0 ? '' : ` [${m.additional.length}au]`,
  ].join('');
  const more = verbose > 1 ? section(' an:', m.answers, verbose) + section(' ns:', m.authority, verbose) + section(' ar:', m.additional, verbose) : '';
  return `${OPCODES[m.opcode] ?? ` op${m.opcode}`}${m.recursionDesired ? '+' : ''}${m.checkingDisabled ? '%' : ''}${counts}${m.questions.length === 0 ? '' : ` ${m.questions.map(question).join(', ')}`}${more}`;
}

/** `44890+ [1au] A? nginx-service.default.svc.cluster.local. (68)`; undefined: these bytes are no DNS message. */
export function dnsTcpdump(bytes: Uint8Array, verbose: number): string | undefined {
  const decoded = decodeDns(bytes);
  if (!decoded.ok) return undefined;
  const m = decoded.value;
  return `${m.id}${m.response ? responseText(m, verbose) : queryText(m, verbose)} (${bytes.length})`;
}
