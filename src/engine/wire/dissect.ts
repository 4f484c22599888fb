/** The layer tree of a frame for the packet inspector, and the short label of a packet on the canvas. */
import { emitFrame, withPartialChecksum, type EmitOptions } from './frame.ts';
import { formatIpv4 } from './addresses.ts';
import { arpFields, arpSummary, ARP_REPLY, ARP_REQUEST } from './arp.ts';
import { u16 } from './bytes.ts';
import { decodeDns, DNS_PORT, dnsFields, dnsLine, dnsTypeName } from './dns.ts';
import { ethernetFields, ethernetHeaderLength, ethernetSummary } from './ethernet.ts';
import { httpFields, httpStart } from './http.ts';
import { icmpFields, icmpSummary, icmpTypeName, isIcmpError, ICMP_DEST_UNREACH, ICMP_ECHO, ICMP_ECHOREPLY, ICMP_REDIRECT, ICMP_TIME_EXCEEDED } from './icmp.ts';
import { CHECKSUM_AT, ipv4Fields, ipv4Summary, parseEmbedded, partialSeed, verifyTransport } from './ipv4.ts';
import { field, type FieldView, type LayerView } from './layer-view.ts';
import { ACK, FIN, frameLength, ipv4HeaderLength, networkLength, RST, SYN, type EthernetFrame, type Ipv4Packet, type NetworkLayer, type TcpSegment, type TransportLayer } from './packet.ts';
import { tcpFields, tcpFlagLetters, tcpFlagNames, tcpHeaderLength } from './tcp.ts';
import { udpFields, udpSummary } from './udp.ts';
import { VXLAN_PORT, vxlanFields, vxlanSummary } from './vxlan.ts';

const port = (_protocol: number, n: number): string => String(n);

function ethernetLayers(f: EthernetFrame, bytes: Uint8Array, at: number, out: LayerView[]): void {
  const header = ethernetHeaderLength(f.header);
  out.push({ layer: 'eth', name: 'ETH', summary: ethernetSummary(f.header, frameLength(f), false).replace(/: $/, ''), offset: at, length: header, fields: ethernetFields(f.header, at) });
  networkLayers(f.payload, bytes, at + header, out);
}

function networkLayers(n: NetworkLayer, bytes: Uint8Array, at: number, out: LayerView[]): void {
  switch (n.kind) {
    case 'arp': out.push({ layer: 'arp', name: 'ARP', summary: arpSummary(n, 0), offset: at, length: networkLength(n), fields: arpFields(n, at) }); return;
    case 'unknown': out.push(dataLayer(n.bytes.length, at)); return;
    case 'ipv4': {
      const header = ipv4HeaderLength(n);
      out.push({ layer: 'ipv4', name: 'IPv4', summary: `${formatIpv4(n.src)} > ${formatIpv4(n.dst)} ${ipv4Summary(n)}`, offset: at, length: header, fields: ipv4Fields(n, at) });
      transportLayers(n, bytes, at + header, out);
    }
  }
}

const dataLayer = (length: number, at: number): LayerView => ({ layer: 'data', name: 'Data', summary: `${length} bytes`, offset: at, length, fields: [field('Bytes', `${length} bytes`, at, length)] });

/** What stands behind a checksum: nothing when it is right. */
function checksumNote(p: Ipv4Packet): string {
  const t = p.payload;
  if (t.kind === 'data') return '';
  if (t.kind === 'udp' && t.checksum === 0) return ' (none)';
  if (verifyTransport(p)) return ' (correct)';
  return t.kind !== 'icmp' && t.checksum === partialSeed(p) ? ' (partial: the device finishes it)' : ' (incorrect)';
}

function transportLayers(p: Ipv4Packet, bytes: Uint8Array, at: number, out: LayerView[]): void {
  const t = p.payload;
  const note = checksumNote(p);
  switch (t.kind) {
    case 'data': {
      if (t.bytes.length > 0) out.push(dataLayer(t.bytes.length, at));
      return;
    }
    case 'tcp': {
      const header = tcpHeaderLength(t);
      out.push({ layer: 'tcp', name: 'TCP', summary: tcpLine(t), offset: at, length: header, fields: tcpFields(t, u16(bytes, at + CHECKSUM_AT.tcp), note, at) });
      if (t.payload.length > 0) payloadLayers(t, t.payload, at + header, out);
      return;
    }
    case 'udp': {
      out.push({ layer: 'udp', name: 'UDP', summary: `${t.srcPort} > ${t.dstPort}, ${udpSummary(t)}`, offset: at, length: 8, fields: udpFields(t, u16(bytes, at + CHECKSUM_AT.udp), note, at) });
      if (t.payload instanceof Uint8Array) {
        if (t.payload.length > 0) payloadLayers(t, t.payload, at + 8, out);
        return;
      }
      out.push({ layer: 'vxlan', name: 'VXLAN', summary: vxlanSummary(t.payload, VXLAN_PORT), offset: at + 8, length: 8, fields: vxlanFields(t.payload, at + 8) });
      ethernetLayers(t.payload.inner, bytes, at + 16, out);
      return;
    }
    case 'icmp': {
      out.push({
        layer: 'icmp', name: 'ICMP', summary: icmpSummary(t, formatIpv4, port), offset: at, length: 8 + (isIcmpError(t.type) ? 0 : t.body.length),
        fields: [...icmpFields(t, u16(bytes, at + CHECKSUM_AT.icmp), note, at), ...echoData(t.type, t.body.length, at)] });
      const inner = isIcmpError(t.type) ? parseEmbedded(t.body) : undefined;
      if (inner !== undefined) embeddedLayers(inner, bytes, at + 8, t.body.length, out);
    }
  }
}

const echoData = (type: number, length: number, at: number): readonly FieldView[] =>
  ((type === ICMP_ECHO || type === ICMP_ECHOREPLY) && length > 0 ? [field('Data', `${length} bytes`, at + 8, length)] : []);

/** The packet an error is about: header and what is left of its transport. */
function embeddedLayers(p: Ipv4Packet, bytes: Uint8Array, at: number, room: number, out: LayerView[]): void {
  const header = ipv4HeaderLength(p);
  const t = p.payload;
  out.push({ layer: 'ipv4', name: 'IPv4 (offender)', summary: `${formatIpv4(p.src)} > ${formatIpv4(p.dst)}`, offset: at, length: header, fields: ipv4Fields(p, at) });
  const left = room - header;
  if (left <= 0) return;
  const start = at + header;
  const fields = t.kind === 'tcp' ? tcpFields(t, u16(bytes, start + 16), '', start) : t.kind === 'udp' ? udpFields(t, u16(bytes, start + 6), '', start) : t.kind === 'icmp' ? icmpFields(t, u16(bytes, start + 2), '', start) : [];
  const here = fields.filter((f) => f.offset + f.length <= start + left);
  out.push({ layer: t.kind, name: `${t.kind === 'data' ? 'Data' : t.kind.toUpperCase()} (offender)`, summary: transportLine(t), offset: start, length: left, fields: here });
}

function payloadLayers(t: { readonly srcPort: number; readonly dstPort: number; readonly kind: 'tcp' | 'udp' }, payload: Uint8Array, at: number, out: LayerView[]): void {
  if (t.srcPort === DNS_PORT || t.dstPort === DNS_PORT) {
    const skip = t.kind === 'tcp' ? 2 : 0;
    const message = decodeDns(payload.subarray(skip));
    if (message.ok) {
      out.push({ layer: 'dns', name: 'DNS', summary: dnsLine(message.value), offset: at + skip, length: payload.length - skip, fields: dnsFields(message.value, at + skip, payload.length - skip) });
      return;
    }
  }
  const start = t.kind === 'tcp' ? httpStart(payload) : undefined;
  if (start !== undefined) out.push({ layer: 'http', name: 'HTTP', summary: start, offset: at, length: payload.length, fields: httpFields(payload, at) });
  else out.push(dataLayer(payload.length, at));
}

const tcpLine = (t: TcpSegment): string =>
  `${t.srcPort} > ${t.dstPort} [${tcpFlagLetters(t.flags)}], seq ${t.seq}${(t.flags & ACK) === 0 ? '' : `, ack ${t.ack}`}, win ${t.window}, length ${t.payload.length}`;

function transportLine(t: TransportLayer): string {
  switch (t.kind) {
    case 'tcp': return tcpLine(t);
    case 'udp': return `${t.srcPort} > ${t.dstPort}`;
    case 'icmp': return icmpTypeName(t);
    case 'data': return `${t.bytes.length} bytes`;
  }
}

/** Layers of a frame from the outside in. Offsets are those of `emitFrame(frame, options)`. */
export function dissect(frame: EthernetFrame, options: EmitOptions = {}): readonly LayerView[] {
  const literal = withPartialChecksum(frame, options.partialChecksum ?? false);
  const out: LayerView[] = [];
  ethernetLayers(literal, emitFrame(literal), 0, out);
  return out;
}

/** Layers of a packet that has no frame yet (locally made, or between encapsulation steps). Offsets count from its first byte. */
export function dissectNetwork(net: NetworkLayer, bytes: Uint8Array): readonly LayerView[] {
  const out: LayerView[] = [];
  networkLayers(net, bytes, 0, out);
  return out;
}

function transportLabel(p: Ipv4Packet): string {
  const t = p.payload;
  switch (t.kind) {
    case 'data': return p.offset > 0 || p.mf ? `fragment ${p.offset}` : `IP proto ${p.protocol}`;
    case 'icmp':
      switch (t.type) {
        case ICMP_ECHO: return `ping ${t.rest & 0xffff}`;
        case ICMP_ECHOREPLY: return `pong ${t.rest & 0xffff}`;
        case ICMP_DEST_UNREACH: return t.code === 4 ? `ICMP frag needed ${t.rest & 0xffff}` : 'ICMP unreachable';
        case ICMP_TIME_EXCEEDED: return 'ICMP time exceeded';
        case ICMP_REDIRECT: return 'ICMP redirect';
        default: return `ICMP ${t.type}/${t.code}`;
      }
    case 'udp': {
      if (!(t.payload instanceof Uint8Array)) return `VXLAN ${shortLabel(t.payload.inner.payload)}`;
      if (t.srcPort === DNS_PORT || t.dstPort === DNS_PORT) {
        const m = decodeDns(t.payload);
        const q = m.ok ? m.value.questions[0] : undefined;
        if (m.ok && q !== undefined) return m.value.response ? `DNS ${dnsTypeName(q.type)} ${m.value.rcode === 3 ? 'NXDOMAIN' : 'answer'}` : `DNS ${dnsTypeName(q.type)}?`;
      }
      return `UDP :${t.dstPort}`;
    }
    case 'tcp': {
      const start = t.payload.length > 0 ? httpStart(t.payload) : undefined;
      if (start !== undefined) return start.startsWith('HTTP/') ? `HTTP ${start.split(' ')[1] ?? ''}` : start.replace(/ HTTP\/1\.[01]$/, '');
      const where = (t.flags & (SYN | ACK)) === SYN ? ` :${t.dstPort}` : '';
      if ((t.flags & (SYN | FIN | RST)) !== 0) return `${tcpFlagNames(t.flags & (SYN | FIN | RST | ACK)).replaceAll(', ', '+')}${where}`;
      return t.payload.length > 0 ? `data ${t.payload.length}` : 'ACK';
    }
  }
}

/** A few words for the capsule on the canvas: `SYN :80`, `DNS A?`, `ARP who-has`. */
export function shortLabel(net: NetworkLayer): string {
  switch (net.kind) {
    case 'arp': return net.op === ARP_REQUEST ? 'ARP who-has' : net.op === ARP_REPLY ? 'ARP is-at' : 'ARP';
    case 'unknown': return 'frame';
    case 'ipv4': return transportLabel(net);
  }
}
