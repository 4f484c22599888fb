/** What the API server refuses of tolerations, affinity and spread constraints. Models: pkg/apis/core/validation (v1.29). */
import { bad, required, unsupported } from './causes.ts';
import type { Cause } from './errors.ts';
import type { PodSpec } from './pod.ts';

const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'];
const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

export function* placementCauses(spec: PodSpec, path: string): Generator<Cause> {
  for (const [i, t] of (spec.tolerations ?? []).entries()) {
    const at = `${path}.tolerations[${i}]`;
    const operator = t.operator ?? '';
    if (!['', 'Equal', 'Exists'].includes(operator)) yield unsupported(`${at}.operator`, operator, ['Equal', 'Exists']);
    if ((t.key ?? '') === '' && operator !== 'Exists') yield bad(`${at}.operator`, operator, 'operator must be Exists when `key` is empty, which means "match all values and all keys"');
    if (operator === 'Exists' && (t.value ?? '') !== '') yield bad(`${at}.operator`, t.value, "value must be empty when `operator` is 'Exists'");
    if (t.tolerationSeconds !== undefined && t.effect !== 'NoExecute') yield bad(`${at}.effect`, t.effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set");
    if (!['', ...EFFECTS].includes(t.effect ?? '')) yield unsupported(`${at}.effect`, t.effect ?? '', EFFECTS);
  }
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const at = `${path}.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`;
  if (terms?.length === 0) yield required(at, 'must have at least one node selector term');
  for (const [i, term] of (terms ?? []).entries()) {
    for (const [j, e] of (term.matchExpressions ?? []).entries()) {
      const where = `${at}[${i}].matchExpressions[${j}]`;
      if (!OPERATORS.includes(e.operator)) yield bad(`${where}.operator`, e.operator, 'not a valid selector operator');
      else if (['In', 'NotIn'].includes(e.operator) && (e.values ?? []).length === 0) yield required(`${where}.values`, "must be specified when `operator` is 'In' or 'NotIn'");
    }
  }
  for (const name of ['podAffinity', 'podAntiAffinity'] as const) {
    for (const [i, t] of (spec.affinity?.[name]?.requiredDuringSchedulingIgnoredDuringExecution ?? []).entries()) {
      if (t.topologyKey === '') yield required(`${path}.affinity.${name}.requiredDuringSchedulingIgnoredDuringExecution[${i}].topologyKey`, 'can not be empty');
    }
  }
  for (const [i, c] of (spec.topologySpreadConstraints ?? []).entries()) {
    const where = `${path}.topologySpreadConstraints[${i}]`;
    if (c.maxSkew <= 0) yield bad(`${where}.maxSkew`, c.maxSkew, 'must be greater than zero');
    if (c.topologyKey === '') yield required(`${where}.topologyKey`, 'can not be empty');
    if (!['DoNotSchedule', 'ScheduleAnyway'].includes(c.whenUnsatisfiable)) yield unsupported(`${where}.whenUnsatisfiable`, c.whenUnsatisfiable, ['DoNotSchedule', 'ScheduleAnyway']);
  }
}
