import { describe, expect, it } from 'vitest';
import { decode } from './manifest.ts';
import { placementCauses } from './placement.ts';

const causes = (spec: Record<string, unknown>): readonly string[] =>
  [...placementCauses(decode('Pod', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [], ...spec } }).object.spec, 'spec')].map((c) => `${c.path}: ${c.text}`);
const terms = (list: unknown): Record<string, unknown> => ({ affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: list } } } });
const AT = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms';

describe('placement', () => {
  it.each<[string, Record<string, unknown>, readonly string[]]>([
    ['everything tolerated', { tolerations: [{ operator: 'Exists' }] }, []],
    ['no key', { tolerations: [{ effect: 'NoSchedule' }] }, ['spec.tolerations[0].operator: Invalid value: "": operator must be Exists when `key` is empty, which means "match all values and all keys"']],
    ['a value to Exists', { tolerations: [{ key: 'a', operator: 'Exists', value: 'b' }] }, ["spec.tolerations[0].operator: Invalid value: \"b\": value must be empty when `operator` is 'Exists'"]],
    ['seconds without NoExecute', { tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoSchedule', tolerationSeconds: 3 }] }, ["spec.tolerations[0].effect: Invalid value: \"NoSchedule\": effect must be 'NoExecute' when `tolerationSeconds` is set"]],
    ['an effect', { tolerations: [{ key: 'a', operator: 'Exists', effect: 'Now' }] }, ['spec.tolerations[0].effect: Unsupported value: "Now": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"']],
    ['no terms', terms([]), [`${AT}: Required value: must have at least one node selector term`]],
    ['an operator', terms([{ matchExpressions: [{ key: 'a', operator: 'Is' }] }]), [`${AT}[0].matchExpressions[0].operator: Invalid value: "Is": not a valid selector operator`]],
    ['no values', terms([{ matchExpressions: [{ key: 'a', operator: 'In' }] }]), [`${AT}[0].matchExpressions[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`]],
    ['no topology', { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: {} }] } } }, ['spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Required value: can not be empty']],
    ['spread', { topologySpreadConstraints: [{ maxSkew: 0, topologyKey: 'zone', whenUnsatisfiable: 'Never' }] }, [
      'spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero',
      'spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: "Never": supported values: "DoNotSchedule", "ScheduleAnyway"']],
  ])('%s', (_name, spec, expected) => {
    expect(causes(spec)).toEqual(expected);
  });
});
