/** -l and --field-selector. Models: apimachinery/pkg/labels (parser), pkg/fields, and each kind's supported field labels (v1.29). */
import { err, ok, type Result } from '../../base/result.ts';
import type { AnyObject, Kind, KindInfo } from '../api/kinds.ts';
import { matches, type LabelSelector } from '../api/meta.ts';
import { evaluate } from './jsonpath.ts';

/** `app=nginx,tier!=db,env in (a,b),!x` */
export function parseLabelSelector(text: string): LabelSelector | undefined {
  const matchExpressions: { key: string; operator: string; values?: readonly string[] }[] = [];
  for (const part of text.split(/,(?![^(]*\))/).map((p) => p.trim()).filter((p) => p !== '')) {
    const set = /^([\w./-]+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(part);
    const equal = /^([\w./-]+)\s*(==|=|!=)\s*([\w.-]*)$/.exec(part);
    const exists = /^(!?)\s*([\w./-]+)$/.exec(part);
    if (set !== null) matchExpressions.push({ key: set[1] ?? '', operator: set[2] === 'in' ? 'In' : 'NotIn', values: (set[3] ?? '').split(',').map((v) => v.trim()) });
    else if (equal !== null) matchExpressions.push({ key: equal[1] ?? '', operator: equal[2] === '!=' ? 'NotIn' : 'In', values: [equal[3] ?? ''] });
    else if (exists !== null) matchExpressions.push({ key: exists[2] ?? '', operator: exists[1] === '!' ? 'DoesNotExist' : 'Exists' });
    else return undefined;
  }
  return { matchExpressions };
}

/** What the parser stumbles over, in its words. */
function labelComplaint(text: string): string {
  const twice = /^[\w./-]+\s*(?:==|=|!=)\s*[\w.-]*\s*(==|=|!=)/.exec(text);
  if (twice !== null) return `unable to parse requirement: found '${twice[1] ?? ''}', expected: ',' or 'end of string'`;
  if (/^[\w./-]+\s+(?:in|notin)\s+[^(]/.test(text)) return `unable to parse requirement: found '${text.split(/\s+/)[2] ?? ''}', expected: '('`;
  return `unable to parse requirement: found '${text}', expected: identifier`;
}

/** Field labels beside metadata.name and metadata.namespace, with the path of the value. */
const FIELDS: { readonly [K in Kind]?: Readonly<Record<string, string>> } = {
  Pod: Object.fromEntries(['spec.nodeName', 'spec.restartPolicy', 'spec.schedulerName', 'spec.serviceAccountName', 'spec.hostNetwork', 'status.phase', 'status.podIP', 'status.nominatedNodeName'].map((f) => [f, f])),
  Event: {
    ...Object.fromEntries(['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map((f) => [`involvedObject.${f}`, `involvedObject.${f}`])),
    reason: 'reason', reportingComponent: 'reportingComponent', source: 'source.component', type: 'type',
  },
  Node: { 'spec.unschedulable': 'spec.unschedulable' }, Namespace: { 'status.phase': 'status.phase' }, Secret: { type: 'type' }, Job: { 'status.successful': 'status.succeeded' },
};
/** Kinds with a conversion function of their own say it shortly. */
const OWN_WORDS: readonly Kind[] = ['Pod', 'Event', 'Node', 'Namespace', 'Secret', 'Job'];

const resourceText = (info: KindInfo): string => `${info.apiVersion.includes('/') ? info.apiVersion : `/${info.apiVersion}`}, Resource=${info.plural}`;

/** Objects of one kind that -l and --field-selector leave. */
export function selected(info: KindInfo, labels: string | undefined, fields: string | undefined, objects: readonly AnyObject[]): Result<readonly AnyObject[], string> {
  let out = objects;
  if (labels !== undefined && labels !== '') {
    const selector = parseLabelSelector(labels);
    if (selector === undefined) return err(`Error from server (BadRequest): Unable to find "${resourceText(info)}" that match label selector "${labels}", field selector "${fields ?? ''}": ${labelComplaint(labels)}`);
    out = out.filter((o) => matches(selector, o.metadata.labels ?? {}));
  }
  for (const term of (fields ?? '').split(',').filter((t) => t !== '')) {
    const [, label, op, value] = /^([^=!]+?)(==|=|!=)(.*)$/.exec(term) ?? [];
    const refuse = (why: string): Result<never, string> => err(`Error from server (BadRequest): Unable to find "${resourceText(info)}" that match label selector "${labels ?? ''}", field selector "${fields ?? ''}": ${why}`);
    if (label === undefined || value === undefined) return err(`Error from server (BadRequest): Unable to find "${resourceText(info)}" that match label selector "${labels ?? ''}", field selector "${fields ?? ''}": invalid selector: '${term}'; can't understand '${term}'`);
    const common = label === 'metadata.name' || (label === 'metadata.namespace' && info.namespaced) ? label : undefined;
    const path = common ?? FIELDS[info.kind]?.[label];
    if (path === undefined) return refuse(OWN_WORDS.includes(info.kind) ? `field label not supported: ${label}` : `"${label}" is not a known field selector: only "metadata.name", "metadata.namespace"`);
    out = out.filter((o) => {
      const found = evaluate(`.${path}`, o);
      const have = found.ok && found.value.length > 0 ? String(found.value[0]) : path === 'spec.unschedulable' || path === 'spec.hostNetwork' ? 'false' : '';
      return op === '!=' ? have !== value : have === value;
    });
  }
  return ok(out);
}
