import { err, ok, type Result } from '../../../../../base/result.ts';

/** XT_CONNTRACK_STATE_*: in the order that they are printed. */
export const STATES = { INVALID: 1, NEW: 2, RELATED: 4, ESTABLISHED: 8, UNTRACKED: 16, SNAT: 32, DNAT: 64 } as const;
/** IPS_* bits of enum ip_conntrack_status; NONE has a bit of its own here. */
export const STATUS = { NONE: 1 << 16, EXPECTED: 1, SEEN_REPLY: 2, ASSURED: 4, CONFIRMED: 8 } as const;

function parse(table: Readonly<Record<string, number>>, text: string, what: string): Result<number, string> {
  let bits = 0;
  for (const word of text.split(',')) {
    const bit = table[word.toUpperCase()];
    if (bit === undefined) return err(`Bad ${what} "${text}"`);
    bits |= bit;
  }
  return ok(bits);
}
const names = (table: Readonly<Record<string, number>>, bits: number): string =>
  Object.entries(table).filter(([, bit]) => bits & bit).map(([name]) => name).join(',');

export const parseStates = (text: string): Result<number, string> => parse(STATES, text, 'ctstate');
export const stateText = (bits: number): string => names(STATES, bits);
export const parseStatus = (text: string): Result<number, string> => parse(STATUS, text, 'ctstatus');
export const statusText = (bits: number): string => names(STATUS, bits);
