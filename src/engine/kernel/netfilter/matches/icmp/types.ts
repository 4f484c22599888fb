/** icmp_codes[] of libxt_icmp.h (iptables 1.8.9): type, lowest and highest code. */
const TYPES: readonly (readonly [string, number, number, number])[] = [
  ['any', 255, 0, 255], ['echo-reply', 0, 0, 255], ['pong', 0, 0, 255], ['destination-unreachable', 3, 0, 255], ['network-unreachable', 3, 0, 0],
  ['host-unreachable', 3, 1, 1], ['protocol-unreachable', 3, 2, 2], ['port-unreachable', 3, 3, 3], ['fragmentation-needed', 3, 4, 4],
  ['source-route-failed', 3, 5, 5], ['network-unknown', 3, 6, 6], ['host-unknown', 3, 7, 7], ['network-prohibited', 3, 9, 9], ['host-prohibited', 3, 10, 10],
  ['TOS-network-unreachable', 3, 11, 11], ['TOS-host-unreachable', 3, 12, 12], ['communication-prohibited', 3, 13, 13], ['host-precedence-violation', 3, 14, 14],
  ['precedence-cutoff', 3, 15, 15], ['source-quench', 4, 0, 255], ['redirect', 5, 0, 255], ['network-redirect', 5, 0, 0], ['host-redirect', 5, 1, 1],
  ['TOS-network-redirect', 5, 2, 2], ['TOS-host-redirect', 5, 3, 3], ['echo-request', 8, 0, 255], ['ping', 8, 0, 255], ['router-advertisement', 9, 0, 255],
  ['router-solicitation', 10, 0, 255], ['time-exceeded', 11, 0, 255], ['ttl-exceeded', 11, 0, 255], ['ttl-zero-during-transit', 11, 0, 0],
  ['ttl-zero-during-reassembly', 11, 1, 1], ['parameter-problem', 12, 0, 255], ['ip-header-bad', 12, 0, 0], ['required-option-missing', 12, 1, 1],
  ['timestamp-request', 13, 0, 255], ['timestamp-reply', 14, 0, 255], ['address-mask-request', 17, 0, 255], ['address-mask-reply', 18, 0, 255],
];

export interface IcmpType {
  readonly type: number;
  readonly min: number;
  readonly max: number;
}

export function parseIcmpType(text: string): IcmpType | undefined {
  const lower = text.toLowerCase();
  const exact = TYPES.find(([name]) => name.toLowerCase() === lower);
  const starting = exact === undefined && /^[a-z]/.test(lower) ? TYPES.filter(([name]) => name.toLowerCase().startsWith(lower)) : [];
  const known = exact ?? (starting.length === 1 ? starting[0] : undefined);
  if (known !== undefined) return { type: known[1], min: known[2], max: known[3] };
  const numbers = /^(\d{1,3})(?:\/(\d{1,3}))?$/.exec(text);
  if (numbers === null) return undefined;
  const type = Number(numbers[1]);
  const code = numbers[2] === undefined ? undefined : Number(numbers[2]);
  if (type > 255 || (code ?? 0) > 255) return undefined;
  return { type, min: code ?? 0, max: code ?? 255 };
}

export const icmpName = (t: IcmpType): string | undefined => TYPES.find(([, type, min, max]) => type === t.type && min === t.min && max === t.max)?.[0];
