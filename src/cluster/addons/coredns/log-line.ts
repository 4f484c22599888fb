/** The log plugin's line. Models: coredns 1.10.1 plugin/log CommonLogFormat; the duration is what passed in this world, which is nothing for an answer that waited for nobody. */
import { formatIpv4 } from '../../../engine/wire/addresses.ts';
import { DNS_TYPES, dnsTypeName, RCODES, type DnsMessage } from '../../../engine/wire/dns.ts';
import type { Endpoint } from '../../../engine/uapi/sockets.ts';

export interface Logged {
  readonly from: Endpoint;
  readonly proto: 'udp' | 'tcp';
  readonly request: DnsMessage;
  readonly requestSize: number;
  /** Undefined: nothing was written by a plugin, the server answered for it. */
  readonly response: DnsMessage | undefined;
  readonly responseSize: number;
  readonly seconds: number;
}

const DO = 0x8000;

export function logLine(l: Logged): string {
  const [question] = l.request.questions;
  const opt = l.request.additional.find((r) => r.type === DNS_TYPES.OPT);
  const name = `${(question?.name ?? '').toLowerCase()}.`;
  const asked = `${dnsTypeName(question?.type ?? 0)} IN ${name} ${l.proto} ${l.requestSize} ${((opt?.ttl ?? 0) & DO) !== 0} ${opt?.class ?? 512}`;
  const r = l.response;
  const flags = r === undefined ? '-' : ['qr', ...(r.authoritative ? ['aa'] : []), ...(r.truncated ? ['tc'] : []), ...(r.recursionDesired ? ['rd'] : []), ...(r.recursionAvailable ? ['ra'] : []),
    ...(r.authenticData ? ['ad'] : []), ...(r.checkingDisabled ? ['cd'] : [])].join(',');
  const rcode = r === undefined ? '-' : RCODES[r.rcode] ?? String(r.rcode);
  return `[INFO] ${formatIpv4(l.from.address)}:${l.from.port} - ${l.request.id} "${asked}" ${rcode} ${flags} ${r === undefined ? 0 : l.responseSize} ${l.seconds}s\n`;
}
