/** The rule writer as a tool: JSON texts in, `iptables-restore` texts out, no cluster. What is wrong is told with its place; what is ignored is told too. */
import { err, ok, type Result } from '../../../base/result.ts';
import { canonicalJson } from '../../api/names.ts';
import type { EndpointSlice, Service } from '../../api/kinds.ts';
import type { ProxyConfig } from './config.ts';
import { isRecord, Notes, type Complaint } from './notes.ts';
import { readConfig } from './read-config.ts';
import { readObjects } from './read-objects.ts';
import { SyncWriter } from './sync.ts';

interface Input {
  readonly config: ProxyConfig;
  readonly syncPeriod: number;
  readonly services: readonly Service[];
  readonly slices: readonly EndpointSlice[];
  /** Seconds since the first. */
  readonly at: number;
}

function readInput(value: unknown, path: string, before: Input | undefined, notes: Notes): Input | undefined {
  const dot = path === '' ? '' : `${path}.`;
  if (!isRecord(value)) {
    notes.error(path === '' ? 'input' : path, 'expected an object {"config": {...}, "objects": [...]}');
    return undefined;
  }
  for (const key of Object.keys(value)) if (!['config', 'objects', 'at'].includes(key)) notes.warn(`${dot}${key}`, 'unknown field, ignored');
  const settings = value['config'] === undefined && before !== undefined ? before : readConfig(value['config'], `${dot}config`, notes);
  const { services, slices } = readObjects(value['objects'], `${dot}objects`, notes);
  const at = value['at'] ?? before?.at ?? 0;
  if (typeof at !== 'number' || at < (before?.at ?? 0)) {
    notes.error(`${dot}at`, 'expected seconds, not before those of the input before');
    return undefined;
  }
  return settings === undefined ? undefined : { config: settings.config, syncPeriod: settings.syncPeriod, services, slices, at };
}

export interface Answer {
  /** One input: its text. A list: a list. */
  readonly texts: string | readonly string[];
  readonly warnings: readonly Complaint[];
}

function notJson(text: string, message: string): string {
  if (text.trim() === '') return 'empty: give {"config": {...}, "objects": [...]}';
  if (/^\s*(---|[A-Za-z]\w*:|- )/.test(text)) return 'not JSON but YAML, it seems: kubectl get services,endpointslices -A -o json gives the objects as JSON';
  return `not JSON: ${message}`;
}

export function kubeProxyTool(source: string): Result<Answer, readonly Complaint[]> {
  const text = source.replace(/^\ufeff/, '');
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    return err([{ path: 'input', text: notJson(text, error instanceof Error ? error.message : String(error)) }]);
  }
  const notes = new Notes();
  const inputs: Input[] = [];
  const many = Array.isArray(parsed);
  const values: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  for (const [i, value] of values.entries()) {
    const input = readInput(value, many ? `[${i}]` : '', inputs.at(-1), notes);
    if (input !== undefined) inputs.push(input);
  }
  if (notes.errors.length > 0) return err(notes.errors);
  const texts = syncs(inputs);
  return ok({ texts: many ? texts : (texts[0] ?? ''), warnings: notes.warnings });
}

/** The first from an empty node; another configuration is a restart, so a full sync over what is there. */
function syncs(inputs: readonly Input[]): readonly string[] {
  const texts: string[] = [];
  let existing: ReadonlySet<string> = new Set();
  let writer = new SyncWriter(inputs[0]?.syncPeriod);
  let config = '';
  for (const input of inputs) {
    const now = canonicalJson([input.config, input.syncPeriod]);
    if (now !== config) writer = new SyncWriter(input.syncPeriod);
    config = now;
    const sync = writer.next(input.config, input.services, input.slices, existing, input.at);
    texts.push(sync.text);
    const gone = new Set([...sync.text.matchAll(/^-X (\S+)$/gm)].map((m) => m[1]));
    existing = new Set([...existing, ...sync.chains].filter((chain) => !gone.has(chain)));
  }
  return texts;
}
