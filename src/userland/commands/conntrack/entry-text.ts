/** Read first: libnetfilter_conntrack src/conntrack/snprintf_{default,xml}.c. */
import { formatIpv4 } from '../../../engine/wire/addresses.ts';
import type { CtEntry, CtTuple } from '../../../engine/uapi/netfilter.ts';

export const PROTOCOLS: Readonly<Record<number, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 33: 'dccp', 47: 'gre', 58: 'icmpv6', 132: 'sctp', 136: 'udplite' };

function tuple(t: CtTuple): string {
  const head = `src=${formatIpv4(t.src)} dst=${formatIpv4(t.dst)} `;
  if (t.protocol === 1) return `${head}type=${t.icmpType ?? 0} code=${t.icmpCode ?? 0} id=${t.sport} `;
  if (PROTOCOLS[t.protocol] === undefined || t.protocol === 47) return head;
  return `${head}sport=${t.sport} dport=${t.dport} `;
}

export interface EntryFormat {
  readonly extended: boolean;
  readonly id: boolean;
  /** Events have no mark and no use count. */
  readonly event: boolean;
}

/** One line without its newline and without the blank that the tool trims. */
export function entryText(e: CtEntry, format: EntryFormat): string {
  const protocol = e.original.protocol;
  let text = format.extended ? 'ipv4     2 ' : '';
  text += `${(PROTOCOLS[protocol] ?? 'unknown').padEnd(8)} ${protocol} `;
  text += `${Math.floor(e.timeout)} `;
  if (e.state !== undefined) text += `${e.state} `;
  text += tuple(e.original);
  if (!e.seenReply) text += '[UNREPLIED] ';
  text += tuple(e.reply);
  if (e.assured) text += '[ASSURED] ';
  if (!format.event || e.mark !== 0) text += `mark=${e.mark} `;
  if (e.zone !== 0) text += `zone=${e.zone} `;
  if (!format.event) text += `use=${e.use} `;
  if (format.id) text += `id=${e.id} `;
  return text.trimEnd();
}

function tupleXml(t: CtTuple, direction: string): string {
  const ports = t.protocol === 1 || t.protocol === 47 ? '' : `<sport>${t.sport}</sport><dport>${t.dport}</dport>`;
  return `<meta direction="${direction}"><layer3 protonum="2" protoname="ipv4"><src>${formatIpv4(t.src)}</src><dst>${formatIpv4(t.dst)}</dst></layer3><layer4 protonum="${t.protocol}" protoname="${PROTOCOLS[t.protocol] ?? 'unknown'}">${ports}</layer4></meta>`;
}

export function entryXml(e: CtEntry, event?: 'NEW' | 'UPDATE' | 'DESTROY'): string {
  const type = event === undefined ? '' : ` type="${event === 'NEW' ? 'new' : event === 'UPDATE' ? 'update' : 'destroy'}"`;
  const state = e.state === undefined ? '' : `<state>${e.state}</state>`;
  const rest = event === undefined ? `<mark>${e.mark}</mark><use>${e.use}</use>` : '';
  return `<flow${type}>${tupleXml(e.original, 'original')}${tupleXml(e.reply, 'reply')}<meta direction="independent">${state}<timeout>${Math.floor(e.timeout)}</timeout>${rest}<id>${e.id}</id>${e.seenReply ? '' : '<unreplied/>'}${e.assured ? '<assured/>' : ''}</meta></flow>`;
}
