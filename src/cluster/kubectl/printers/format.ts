/** What columns and describe both write: labels, selectors. Models: apimachinery/pkg/labels and apis/meta/v1 FormatLabelSelector (v1.29). */
import type { Labels, LabelSelector } from '../../api/meta.ts';

export interface Columns<T> {
  readonly names: readonly string[];
  readonly wide: readonly string[];
  /** Places of the columns with -o wide, where the wide ones do not simply follow. */
  readonly wideOrder?: readonly number[];
  /** Cells of `names`, then those of `wide`. */
  readonly row: (object: T, now: number, wide: boolean) => readonly string[];
}

export const formatLabels = (labels: Labels | undefined): string =>
  (labels === undefined || Object.keys(labels).length === 0 ? '<none>' : Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => `${k}=${v}`).join(','));

export const formatSelector = (s: LabelSelector): string => {
  const parts = [
    ...Object.entries(s.matchLabels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => `${k}=${v}`),
    ...(s.matchExpressions ?? []).map((e) => (e.operator === 'In' ? `${e.key} in (${(e.values ?? []).join(',')})` : e.operator === 'NotIn' ? `${e.key} notin (${(e.values ?? []).join(',')})` : e.operator === 'Exists' ? e.key : `!${e.key}`)),
  ];
  return parts.length === 0 ? '<none>' : parts.join(',');
};
