/** Names the control plane makes up. Models: apimachinery/pkg/util/rand (alphabet, SafeEncodeString), pkg/util/hash (FNV-32a of a template). */
import { fnv1a, type Prng } from '../../base/prng.ts';

const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** rand.String(n) */
export const randomName = (random: Prng, length: number): string => Array.from({ length }, () => ALPHABET.charAt(random.below(ALPHABET.length))).join('');

const MAX_GENERATED_BASE = 58;
/** apiserver/pkg/storage/names SimpleNameGenerator: a long generateName is cut, so that the whole stays a label. */
export const generatedName = (base: string, random: Prng): string => `${base.slice(0, MAX_GENERATED_BASE)}${randomName(random, 5)}`;

/** rand.SafeEncodeString */
export const safeEncode = (text: string): string => Array.from(text, (c) => ALPHABET.charAt(c.charCodeAt(0) % ALPHABET.length)).join('');

/** encoding/json: as JSON, but what HTML would misread is escaped. */
export const escapeHtml = (json: string): string => json.replaceAll(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
export const goJson = (value: unknown, indent?: number): string => escapeHtml(JSON.stringify(value, undefined, indent) ?? 'null');

export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, v]) => v !== undefined).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([k, v]) => `${JSON.stringify(k)}:${canonicalJson(v)}`).join(',')}}`;
}

/** Whether two plain values have the same canonical JSON. Parts that are the same object are not looked into. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return (a ?? null) === (b ?? null);
  if (Array.isArray(a) || Array.isArray(b)) return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item: unknown, i) => sameJson(item, b[i]));
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  for (const key of keys) {
    const [x, y]: readonly [unknown, unknown] = [Reflect.get(a, key), Reflect.get(b, key)];
    if (x === y) continue;
    if (x === undefined || y === undefined || !sameJson(x, y)) return false;
  }
  return true;
}

/** pod-template-hash. Upstream hashes Go's spew dump of the template; ours is FNV-1a of its canonical JSON, so the letters differ and scenarios pin them. */
export const templateHash = (template: unknown, collisions = 0): string => safeEncode(String(fnv1a(canonicalJson(template) + (collisions === 0 ? '' : String(collisions)))));

export function uuid(random: Prng): string {
  const hex = Array.from({ length: 4 }, () => random.u32().toString(16).padStart(8, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${'89ab'.charAt(random.below(4))}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

export const hex = (random: Prng, digits: number): string => Array.from({ length: Math.ceil(digits / 8) }, () => random.u32().toString(16).padStart(8, '0')).join('').slice(0, digits);

/** Locally administered, unicast, as eth_random_addr. */
export const randomMac = (random: Prng): number => {
  const high = (random.below(0x10000) & 0xfeff) | 0x0200;
  return high * 0x1_0000_0000 + random.u32();
};
