/** What every description begins and ends with. Models: kubectl/pkg/describe/describe.go printLabelsMultiline, printAnnotationsMultiline, DescribeEvents (v1.29). */
import type { AnyObject, ApiEvent } from '../../api/kinds.ts';
import type { Labels } from '../../api/meta.ts';
import { liveEvents } from '../../events.ts';
import { humanDuration } from '../age.ts';
import type { Kube } from '../verb.ts';
import { alignBlocks, type DescribeWriter } from './writer.ts';

export type Lines = Pick<DescribeWriter, 'line'>;

/** `Wed, 29 May 2024 13:09:28 +0000` (RFC 1123 with numeric zone) */
export const rfc1123z = (t: string | undefined): string => (t === undefined || t === '' ? '<unknown>' : new Date(Date.parse(t)).toUTCString().replace('GMT', '+0000'));

const sorted = <T>(map: Readonly<Record<string, T>> | undefined): readonly (readonly [string, T])[] => Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));

/** A title and one item a line. */
export function several(w: Lines, level: number, title: string, items: readonly string[]): void {
  if (items.length === 0) w.line(level, `${title}:`, '<none>');
  for (const [i, item] of items.entries()) w.line(level, i === 0 ? `${title}:` : '', item);
}

export const labelLines = (w: Lines, level: number, title: string, labels: Labels | undefined): void => several(w, level, title, sorted(labels).map(([key, value]) => `${key}=${value}`));

/** Longer values go to a line of their own and are cut. */
const MAX_ANNOTATION = 140;

export function annotationLines(w: Lines, level: number, all: Labels | undefined): void {
  const entries = sorted(all).filter(([key]) => key !== 'kubectl.kubernetes.io/last-applied-configuration');
  if (entries.length === 0) w.line(level, 'Annotations:', '<none>');
  for (const [i, [key, raw]] of entries.entries()) {
    const value = raw.replace(/\n$/, '');
    const first = i === 0 ? 'Annotations:' : '';
    if (value.length + key.length + 2 <= MAX_ANNOTATION && !value.includes('\n')) {
      w.line(level, first, `${key}: ${value}`);
      continue;
    }
    w.line(level, first, `${key}:`);
    for (const line of value.split('\n')) w.line(level, '', `  ${line.length > MAX_ANNOTATION - 2 ? `${line.slice(0, MAX_ANNOTATION - 2)}...` : line}`);
  }
}

/** Name, namespace, labels, annotations. */
export function headLines(w: Lines, o: AnyObject): void {
  w.line(0, 'Name:', o.metadata.name);
  if (o.metadata.namespace !== '') w.line(0, 'Namespace:', o.metadata.namespace);
  labelLines(w, 0, 'Labels', o.metadata.labels);
  annotationLines(w, 0, o.metadata.annotations);
}

/** The text so far with the object's events behind it. */
export function withEvents(w: DescribeWriter, k: Kube, object: AnyObject): string {
  if (k.flags.text('show-events') === 'false') return w.toString();
  const found: readonly ApiEvent[] = [...liveEvents(k.cluster.plane)].filter((e) => e.involvedObject.uid === object.metadata.uid).sort((a, b) => Date.parse(a.lastTimestamp) - Date.parse(b.lastTimestamp));
  if (found.length === 0) {
    w.line(0, 'Events:', '<none>');
    return w.toString();
  }
  const since = (t: string): string => humanDuration(k.now - Date.parse(t));
  const rows = [
    ['Type', 'Reason', 'Age', 'From', 'Message'], ['----', '------', '----', '----', '-------'],
    ...found.map((e) => [e.type, e.reason, e.count > 1 ? `${since(e.lastTimestamp)} (x${e.count} over ${since(e.firstTimestamp)})` : since(e.firstTimestamp), e.source.component, e.message.trim()]),
  ];
  return `${w.toString()}Events:\n${alignBlocks(rows.map((r) => [`  ${r[0] ?? ''}`, ...r.slice(1)]))}`;
}
