/** Models: nf_log_ip_packet and dump_ipv4_packet (nf_log_syslog.c, v6.1). */
import { formatIpv4, formatMac } from '../../../../wire/addresses.ts';
import { ipv4Length, transportLength } from '../../../../wire/packet.ts';
import { ipOf, type PacketContext } from '../../extension.ts';

const TCP_NAMES: readonly (readonly [number, string])[] = [[128, 'CWR'], [64, 'ECE'], [32, 'URG'], [16, 'ACK'], [8, 'PSH'], [4, 'RST'], [2, 'SYN'], [1, 'FIN']];

export function logLine(prefix: string, flags: number, c: PacketContext): string {
  const p = ipOf(c);
  const { skb } = c;
  let line = `${prefix}IN=${c.iif?.name ?? ''} OUT=${c.oif?.name ?? ''} `;
  if (skb.nfBridge !== undefined) line += `PHYSIN=${skb.nfBridge.physIn?.name ?? ''} ${skb.nfBridge.physOut === undefined ? '' : `PHYSOUT=${skb.nfBridge.physOut.name} `}`;
  if (c.iif !== undefined && skb.mac !== undefined) {
    const type = skb.mac.etherType.toString(16).padStart(4, '0');
    line += flags & 32
      ? `MACSRC=${formatMac(skb.mac.src)} MACDST=${formatMac(skb.mac.dst)} MACPROTO=${type} `
      : `MAC=${formatMac(skb.mac.dst)}:${formatMac(skb.mac.src)}:${type.slice(0, 2)}:${type.slice(2)} `;
  }
  if (p === undefined) return line;
  const byte = (n: number): string => `0x${n.toString(16).toUpperCase().padStart(2, '0')}`;
  line += `SRC=${formatIpv4(p.src)} DST=${formatIpv4(p.dst)} LEN=${ipv4Length(p)} TOS=${byte(p.tos & 0x1e)} PREC=${byte(p.tos & 0xe0)} TTL=${p.ttl} ID=${p.id} `;
  if (p.df) line += 'DF ';
  if (p.mf) line += 'MF ';
  if (p.offset > 0) return `${line}FRAG:${p.offset / 8} `;
  const t = p.payload;
  switch (t.kind) {
    case 'tcp': {
      line += `PROTO=TCP SPT=${t.srcPort} DPT=${t.dstPort} `;
      if (flags & 1) line += `SEQ=${t.seq} ACK=${t.ack} `;
      line += `WINDOW=${t.window} RES=0x00 `;
      for (const [bit, name] of TCP_NAMES) if (t.flags & bit) line += `${name} `;
      line += `URGP=${t.urgent ?? 0} `;
      break;
    }
    case 'udp': line += `PROTO=UDP SPT=${t.srcPort} DPT=${t.dstPort} LEN=${transportLength(t)} `; break;
    case 'icmp':
      line += `PROTO=ICMP TYPE=${t.type} CODE=${t.code} `;
      if (t.type === 0 || t.type === 8) line += `ID=${t.rest >>> 16} SEQ=${t.rest & 0xffff} `;
      break;
    case 'data': line += `PROTO=${p.protocol} `; break;
  }
  return skb.mark === 0 ? line : `${line}MARK=0x${skb.mark.toString(16)} `;
}
