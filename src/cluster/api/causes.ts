/** The API server's ways to say what is wrong with a field. Models: apimachinery/pkg/util/validation/field/errors.go (v1.29). */
import type { Cause } from './errors.ts';

const quote = (v: unknown): string => (typeof v === 'string' ? JSON.stringify(v) : String(v));
export const bad = (path: string, value: unknown, why: string): Cause => ({ path, text: `Invalid value: ${quote(value)}: ${why}` });
export const required = (path: string, detail = ''): Cause => ({ path, text: `Required value${detail === '' ? '' : `: ${detail}`}` });
export const unsupported = (path: string, value: string, known: readonly string[]): Cause =>
  ({ path, text: `Unsupported value: ${quote(value)}: supported values: ${known.map((k) => `"${k}"`).join(', ')}` });
export const duplicate = (path: string, value: unknown): Cause => ({ path, text: `Duplicate value: ${quote(value)}` });
