/** Forms of names, labels and ports. Models: apimachinery/pkg/util/validation (v1.29). */
import { bad } from './causes.ts';
import type { Cause } from './errors.ts';
import type { Labels } from './meta.ts';

export const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
export const LABEL_1123 = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
export const LABEL_1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
export const SUBDOMAIN_TEXT = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
export const LABEL_1123_TEXT = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
export const LABEL_1035_TEXT = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const LABEL_VALUE_TEXT = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const KEY_TEXT = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
export const PORT_TEXT = 'must be between 1 and 65535, inclusive';
export const IP_TEXT = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
export const PROTOCOLS: readonly string[] = ['SCTP', 'TCP', 'UDP'];
export const isPort = (n: number): boolean => Number.isInteger(n) && n >= 1 && n <= 65535;
const MAX_LABEL = 63;

/** IsValidLabelValue */
export const labelValueErrors = (value: string): readonly string[] =>
  [...(value.length > MAX_LABEL ? ['must be no more than 63 characters'] : []), ...(LABEL_VALUE.test(value) ? [] : [LABEL_VALUE_TEXT])];

export function* labels(path: string, given: Labels | undefined): Generator<Cause> {
  for (const [key, value] of Object.entries(given ?? {})) {
    const slash = key.lastIndexOf('/');
    const name = key.slice(slash + 1);
    if (slash === 0) yield bad(path, key, 'prefix part must be non-empty');
    else if (slash > 0 && !SUBDOMAIN.test(key.slice(0, slash))) yield bad(path, key, `prefix part ${SUBDOMAIN_TEXT}`);
    if (name === '') yield bad(path, key, 'name part must be non-empty');
    else if (name.length > MAX_LABEL) yield bad(path, key, 'name part must be no more than 63 characters');
    if (name === '' || !LABEL_VALUE.test(name)) yield bad(path, key, KEY_TEXT);
    for (const text of labelValueErrors(value)) yield bad(path, value, text);
  }
}

/** IsDNS1123Label */
export function* label1123(path: string, value: string): Generator<Cause> {
  if (value.length > MAX_LABEL) yield bad(path, value, 'must be no more than 63 characters');
  if (!LABEL_1123.test(value)) yield bad(path, value, LABEL_1123_TEXT);
}

/** IsValidPortName */
export function* portName(path: string, name: string): Generator<Cause> {
  if (name.length > 15) yield bad(path, name, 'must be no more than 15 characters');
  if (!/^[-a-z0-9]+$/.test(name)) yield bad(path, name, 'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(name)) yield bad(path, name, 'must contain at least one letter (a-z)');
  if (name.includes('--')) yield bad(path, name, 'must not contain consecutive hyphens');
  if (name.startsWith('-') || name.endsWith('-')) yield bad(path, name, 'must not begin or end with a hyphen');
}
