import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Step } from '../engine/trace/steps.ts';

/** A step as text: the same step gives the same text, in any engine. Keys are sorted, bytes are hex. */
function canonical(value: unknown): string {
  if (value instanceof Uint8Array) return `x${bytesToHex(value)}`;
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value instanceof Map) return canonical([...value]);
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).filter(([, v]) => v !== undefined && typeof v !== 'function').sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${fields.map(([k, v]) => `${k}:${canonical(v)}`).join(',')}}`;
  }
  return String(value);
}

/** SHA-256 over every step of a trace: equal fingerprints mean equal runs, byte for byte. */
export function fingerprint(steps: readonly Step[]): string {
  const hash = sha256.create();
  // Rule sets are large values that steps share by reference: each is written out once.
  const seen = new Map<object, string>();
  for (const step of steps) {
    if (step.kind === 'table' && step.table.endsWith('/ruleset')) hash.update(utf8ToBytes(`${step.i} ${step.t} ${step.table} ${step.key} ${shared(step.after, seen)}\n`));
    else hash.update(utf8ToBytes(`${canonical(step)}\n`));
  }
  return bytesToHex(hash.digest());
}

function shared(value: object | undefined, seen: Map<object, string>): string {
  if (value === undefined) return 'none';
  const known = seen.get(value);
  if (known !== undefined) return known;
  const text = bytesToHex(sha256(utf8ToBytes(canonical(value))));
  seen.set(value, text);
  return text;
}
