import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Step } from '../engine/trace/steps.ts';

/** Characters hashed at once. */
const CHUNK = 0x10000;

/** A step as text: the same step gives the same text, in any engine. Keys are sorted, bytes are hex. */
function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof Uint8Array) return `x${bytesToHex(value)}`;
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value instanceof Map) return canonical([...value]);
  let fields = '';
  for (const key of Object.keys(value).sort()) {
    const field: unknown = Reflect.get(value, key);
    if (field !== undefined && typeof field !== 'function') fields += `${fields === '' ? '' : ','}${key}:${canonical(field)}`;
  }
  return `{${fields}}`;
}

/** SHA-256 over every step of a trace: equal fingerprints mean equal runs, byte for byte. */
export function fingerprint(steps: readonly Step[]): string {
  const work = fingerprinting(steps);
  for (;;) {
    const next = work.next();
    if (next.done === true) return next.value;
  }
}

/** As {@link fingerprint}; stops now and then. */
export function* fingerprinting(steps: readonly Step[]): Generator<undefined, string> {
  const hash = sha256.create();
  // Rule sets are large values that steps share by reference: each is written out once.
  const seen = new Map<object, string>();
  let text = '';
  for (const step of steps) {
    if (step.kind === 'table' && step.table.endsWith('/ruleset')) text += `${step.i} ${step.t} ${step.table} ${step.key} ${shared(step.after, seen)}\n`;
    else text += `${canonical(step)}\n`;
    if (text.length < CHUNK) continue;
    hash.update(utf8ToBytes(text));
    text = '';
    yield;
  }
  hash.update(utf8ToBytes(text));
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
