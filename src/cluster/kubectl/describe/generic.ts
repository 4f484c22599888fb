/**
 * Custom resources and kinds without a describer: every field under a label made of its name.
 * Models: kubectl/pkg/describe/describe.go genericDescriber, smartLabelFor; fatih/camelcase. kubectl before 1.27 shows managed fields too: here one manager, that of kubectl apply.
 */
import type { AnyObject } from '../../api/kinds.ts';
import { LAST_APPLIED } from '../../api/server.ts';
import { plain } from '../plain.ts';
import type { Kube } from '../verb.ts';
import { annotationLines, labelLines, withEvents } from './common.ts';
import { DescribeWriter } from './writer.ts';

const ACRONYMS = ['API', 'URL', 'UID', 'OSB', 'GUID'];
const HIDES_MANAGED_FIELDS = 27;

/** camelcase.Split: a run of capitals gives its last one to the small letters behind it. */
const words = (field: string): readonly string[] => field.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[A-Z]|-/g) ?? [field];

/** `avoidBuggyIPs` is `Avoid Buggy I Ps`. */
export function smartLabel(field: string): string {
  if (!/^[A-Za-z-]*$/.test(field)) return field;
  return words(field).map((part) => (ACRONYMS.includes(part.toUpperCase()) ? part.toUpperCase() : part.charAt(0).toUpperCase() + part.slice(1))).join(' ');
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

function content(w: DescribeWriter, level: number, value: Readonly<Record<string, unknown>>): void {
  for (const [field, item] of Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (isRecord(item)) {
      w.line(level, `${smartLabel(field)}:`);
      content(w, level + 1, item);
    } else if (Array.isArray(item)) {
      w.line(level, `${smartLabel(field)}:`);
      for (const child of item as readonly unknown[]) {
        if (isRecord(child)) content(w, level + 1, child);
        else w.line(level + 1, String(child));
      }
    } else w.line(level, `${smartLabel(field)}:`, item === null ? '<nil>' : String(item));
  }
}

/** FieldsV1 of what the manifest set: `f:` names, `.` for the map itself. */
const fieldsOf = (value: unknown, top = false): Readonly<Record<string, unknown>> =>
  (isRecord(value) ? { ...(top ? {} : { '.': {} }), ...Object.fromEntries(Object.entries(value).map(([key, item]) => [`f:${key}`, isRecord(item) ? fieldsOf(item) : {}])) } : {});

function managedFields(o: AnyObject): readonly unknown[] {
  if (o.metadata.annotations?.[LAST_APPLIED] === undefined) return [];
  const all = plain(o);
  const body = isRecord(all) ? Object.fromEntries(Object.entries(all).filter(([key]) => !['apiVersion', 'kind', 'metadata', 'status'].includes(key))) : {};
  const metadata = { annotations: o.metadata.annotations, ...(o.metadata.labels === undefined ? {} : { labels: o.metadata.labels }) };
  return [{
    apiVersion: o.apiVersion, fieldsType: 'FieldsV1', fieldsV1: { 'f:metadata': fieldsOf(metadata, true), ...fieldsOf(body, true) }, manager: 'kubectl-client-side-apply', operation: 'Update', time: o.metadata.creationTimestamp,
  }];
}

export function describeGeneric(k: Kube, o: AnyObject): string {
  const w = new DescribeWriter();
  w.line(0, 'Name:', o.metadata.name);
  w.line(0, 'Namespace:', o.metadata.namespace);
  labelLines(w, 0, 'Labels', o.metadata.labels);
  annotationLines(w, 0, o.metadata.annotations);
  const all = plain(o);
  const { metadata, ...body } = isRecord(all) ? all : {};
  const hidden = ['name', 'namespace', 'labels', 'annotations'];
  const minor = Number(/^v?\d+\.(\d+)/.exec(k.cluster.options.version)?.[1] ?? HIDES_MANAGED_FIELDS);
  const managed = minor < HIDES_MANAGED_FIELDS ? managedFields(o) : [];
  content(w, 0, { ...body, metadata: { ...Object.fromEntries(Object.entries(isRecord(metadata) ? metadata : {}).filter(([key]) => !hidden.includes(key))), ...(managed.length > 0 ? { managedFields: managed } : {}) } });
  return withEvents(w, k, o);
}
