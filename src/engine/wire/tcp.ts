/**
 * Read first: RFC 9293, RFC 7323 (window scale, timestamps), RFC 2018 (SACK).
 * Models: header, flags, the options Linux sends. Not modelled: reserved bits, accurate ECN, fast open (kept as unknown options).
 */
import { err, ok, type Result } from '../../base/result.ts';
import type { DropReason } from '../trace/drop-reasons.ts';
import type { Ipv4 } from './addresses.ts';
import { put16, put32, u16, u32 } from './bytes.ts';
import { addWords, finish, pseudoSum } from './checksum.ts';
import { field, hex, type FieldView } from './layer-view.ts';
import { ACK, CWR, ECE, FIN, IPPROTO_TCP, PSH, RST, SYN, tcpOptionsLength, URG, type TcpOption, type TcpSegment } from './packet.ts';

/** undefined: an option's length is wrong. */
function parseOptions(b: Uint8Array, from: number, to: number): readonly TcpOption[] | undefined {
  const options: TcpOption[] = [];
  for (let i = from; i < to;) {
    const code = b[i] ?? 0;
    if (code === 0) break;
    if (code === 1) {
      options.push({ kind: 'nop' });
      i++;
      continue;
    }
    const size = b[i + 1] ?? 0;
    if (i + 1 >= to || size < 2 || i + size > to) return undefined;
    if (code === 2 && size === 4) options.push({ kind: 'mss', value: u16(b, i + 2) });
    else if (code === 3 && size === 3) options.push({ kind: 'wscale', shift: b[i + 2] ?? 0 });
    else if (code === 4 && size === 2) options.push({ kind: 'sackOK' });
    else if (code === 5 && size > 2 && (size - 2) % 8 === 0) {
      const blocks: (readonly [number, number])[] = [];
      for (let k = i + 2; k < i + size; k += 8) blocks.push([u32(b, k), u32(b, k + 4)]);
      options.push({ kind: 'sack', blocks });
    } else if (code === 8 && size === 10) options.push({ kind: 'timestamps', value: u32(b, i + 2), echo: u32(b, i + 6) });
    else options.push({ kind: 'unknown', code, bytes: b.slice(i + 2, i + size) });
    i += size;
  }
  return options;
}

export function parseTcp(b: Uint8Array, src: Ipv4, dst: Ipv4): Result<TcpSegment, DropReason> {
  if (b.length < 20) return err('PKT_TOO_SMALL');
  const headerLength = ((b[12] ?? 0) >>> 4) * 4;
  if (headerLength < 20 || headerLength > b.length) return err('PKT_TOO_SMALL');
  const options = parseOptions(b, 20, headerLength);
  if (options === undefined) return err('PKT_TOO_SMALL');
  const flags = b[13] ?? 0;
  const segment = {
    kind: 'tcp', srcPort: u16(b, 0), dstPort: u16(b, 2), seq: u32(b, 4), ack: u32(b, 8), flags, window: u16(b, 14), options, payload: b.slice(headerLength),
    ...(u16(b, 18) === 0 ? {} : { urgent: u16(b, 18) }),
  } as const;
  const right = finish(addWords(pseudoSum(src, dst, IPPROTO_TCP, b.length), b)) === 0;
  return ok(right ? segment : { ...segment, checksum: u16(b, 16) });
}

function writeOptions(options: readonly TcpOption[], b: Uint8Array, from: number): void {
  let at = from;
  for (const o of options) {
    switch (o.kind) {
      case 'mss': b[at] = 2; b[at + 1] = 4; put16(b, at + 2, o.value); at += 4; break;
      case 'sackOK': b[at] = 4; b[at + 1] = 2; at += 2; break;
      case 'timestamps': b[at] = 8; b[at + 1] = 10; put32(b, at + 2, o.value); put32(b, at + 6, o.echo); at += 10; break;
      case 'wscale': b[at] = 3; b[at + 1] = 3; b[at + 2] = o.shift; at += 3; break;
      case 'nop': b[at] = 1; at += 1; break;
      case 'sack':
        b[at] = 5;
        b[at + 1] = 2 + 8 * o.blocks.length;
        at += 2;
        for (const [left, right] of o.blocks) {
          put32(b, at, left);
          put32(b, at + 4, right);
          at += 8;
        }
        break;
      case 'unknown': b[at] = o.code; b[at + 1] = 2 + o.bytes.length; b.set(o.bytes, at + 2); at += 2 + o.bytes.length; break;
    }
  }
}

export const tcpHeaderLength = (t: TcpSegment): number => 20 + tcpOptionsLength(t.options);

/** Writes the segment at `at`; the checksum as it should be unless the segment says otherwise. */
export function writeTcp(t: TcpSegment, src: Ipv4, dst: Ipv4, b: Uint8Array, at: number): number {
  const header = tcpHeaderLength(t);
  const end = at + header + t.payload.length;
  put16(b, at, t.srcPort);
  put16(b, at + 2, t.dstPort);
  put32(b, at + 4, t.seq);
  put32(b, at + 8, t.ack);
  b[at + 12] = (header / 4) << 4;
  b[at + 13] = t.flags;
  put16(b, at + 14, t.window);
  put16(b, at + 18, t.urgent ?? 0);
  writeOptions(t.options, b, at + 20);
  b.set(t.payload, at + header);
  put16(b, at + 16, t.checksum ?? finish(addWords(pseudoSum(src, dst, IPPROTO_TCP, end - at), b, at, end)));
  return end;
}

export function emitTcp(t: TcpSegment, src: Ipv4, dst: Ipv4): Uint8Array {
  const b = new Uint8Array(tcpHeaderLength(t) + t.payload.length);
  writeTcp(t, src, dst, b, 0);
  return b;
}

/** tcpdump's letters: `S.`, `P.`, `none`. */
export function tcpFlagLetters(flags: number): string {
  const letters: readonly (readonly [number, string])[] = [[FIN, 'F'], [SYN, 'S'], [RST, 'R'], [PSH, 'P'], [ACK, '.'], [URG, 'U'], [ECE, 'E'], [CWR, 'W']];
  const text = letters.filter(([bit]) => (flags & bit) !== 0).map(([, letter]) => letter).join('');
  return text === '' ? 'none' : text;
}

/** `SYN, ACK` */
export function tcpFlagNames(flags: number): string {
  const names: readonly (readonly [number, string])[] = [[CWR, 'CWR'], [ECE, 'ECE'], [URG, 'URG'], [SYN, 'SYN'], [FIN, 'FIN'], [RST, 'RST'], [PSH, 'PSH'], [ACK, 'ACK']];
  return names.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name).join(', ');
}

/** One option in tcpdump's words. `base`: what SACK edges are relative to. */
export function tcpOptionSummary(o: TcpOption, base = 0): string {
  switch (o.kind) {
    case 'mss': return `mss ${o.value}`;
    case 'sackOK': return 'sackOK';
    case 'timestamps': return `TS val ${o.value} ecr ${o.echo}`;
    case 'wscale': return `wscale ${o.shift}`;
    case 'nop': return 'nop';
    case 'sack': return `sack ${o.blocks.length} ${o.blocks.map(([l, r]) => `{${(l - base) >>> 0}:${(r - base) >>> 0}}`).join('')}`;
    case 'unknown': return `unknown-${o.code}${o.bytes.length === 0 ? '' : ` 0x${[...o.bytes].map((x) => x.toString(16).padStart(2, '0')).join('')}`}`;
  }
}

export function tcpFields(t: TcpSegment, checksum: number, note: string, at: number): readonly FieldView[] {
  const header = tcpHeaderLength(t);
  return [
    field('Source port', t.srcPort, at, 2),
    field('Destination port', t.dstPort, at + 2, 2),
    field('Sequence number', t.seq, at + 4, 4),
    field('Acknowledgment number', t.ack, at + 8, 4),
    field('Header length', `${header} bytes`, at + 12, 1),
    field('Flags', `${hex(t.flags, 2)} (${tcpFlagNames(t.flags) || 'none'})`, at + 13, 1),
    field('Window', t.window, at + 14, 2),
    field('Checksum', `${hex(checksum, 4)}${note}`, at + 16, 2),
    field('Urgent pointer', t.urgent ?? 0, at + 18, 2),
    ...(header > 20 ? [field('Options', t.options.map((o) => tcpOptionSummary(o)).join(', '), at + 20, header - 20)] : []),
  ];
}
