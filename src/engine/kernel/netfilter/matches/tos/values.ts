import { parseMark } from '../../options.ts';

/** tos_symbol_names: the old names of RFC 791, matched in the lower six bits. */
const NAMES: readonly (readonly [string, number])[] = [['Minimize-Delay', 0x10], ['Maximize-Throughput', 0x08], ['Maximize-Reliability', 0x04], ['Minimize-Cost', 0x02], ['Normal-Service', 0]];

export interface Tos {
  readonly value: number;
  readonly mask: number;
}

export function parseTos(text: string): Tos | undefined {
  const known = NAMES.find(([name]) => name.toLowerCase() === text.toLowerCase());
  if (known !== undefined) return { value: known[1], mask: 0x3f };
  const m = parseMark(text);
  if (m === undefined || m.value > 255) return undefined;
  return { value: m.value, mask: text.includes('/') ? m.mask & 255 : 255 };
}

export const tosName = (t: Tos): string | undefined => (t.mask === 0x3f ? NAMES.find(([, value]) => value === t.value)?.[0] : undefined);
