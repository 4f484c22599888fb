/** Config maps, secrets, service accounts, namespaces, RBAC, priority and ingress classes. Models: kubectl/pkg/describe/describe.go (v1.29). */
import { fromBase64 } from '../../../base/base64.ts';
import type { ConfigMap, KindMap, Secret } from '../../api/kinds.ts';
import type { Kube } from '../verb.ts';
import { headLines, several, withEvents } from './common.ts';
import { DescribeWriter } from './writer.ts';

const sorted = (map: Readonly<Record<string, string>> | undefined): readonly (readonly [string, string])[] => Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
const bytes = (value: string): number => fromBase64(value)?.length ?? 0;

export function describeConfigMap(k: Kube, c: ConfigMap): string {
  const w = new DescribeWriter();
  headLines(w, c);
  const data = sorted(c.data).map(([key, value]) => `${key}:\n----\n${value}\n`).join('');
  const binary = sorted(c.binaryData).map(([key, value]) => `${key}: ${bytes(value)} bytes\n`).join('');
  return `${w.toString()}\nData\n====\n${data}\nBinaryData\n====\n${binary}\n${withEvents(new DescribeWriter(), k, c)}`;
}

export function describeSecret(_k: Kube, s: Secret): string {
  const w = new DescribeWriter();
  headLines(w, s);
  w.line(0, '');
  w.line(0, 'Type:', s.type ?? 'Opaque');
  const data = new DescribeWriter();
  for (const [key, value] of sorted(s.data)) data.line(0, `${key}:`, `${bytes(value)} bytes`);
  return `${w.toString()}\nData\n====\n${data.toString()}`;
}

export function describeServiceAccount(k: Kube, a: KindMap['ServiceAccount']): string {
  const w = new DescribeWriter();
  headLines(w, a);
  several(w, 0, 'Image pull secrets', (a.imagePullSecrets ?? []).map((s) => s.name));
  several(w, 0, 'Mountable secrets', (a.secrets ?? []).map((s) => s.name));
  several(w, 0, 'Tokens', []);
  return withEvents(w, k, a);
}

export function describeNamespace(_k: Kube, n: KindMap['Namespace']): string {
  const w = new DescribeWriter();
  headLines(w, n);
  w.line(0, 'Status:', n.status.phase ?? 'Active');
  return `${w.toString()}\nNo resource quota.\n\nNo LimitRange resource.\n`;
}

/** One row per group, resource and name with all its verbs; one per URL and verb. Models: rbac.BreakdownRule, CompactRules, SortableRuleSlice (by verbs, group, resource). */
function ruleRows(rules: KindMap['Role']['rules']): readonly (readonly string[])[] {
  const verbs = new Map<string, { readonly group: string; readonly resource: string; readonly url: string; readonly name: string; readonly verbs: string[] }>();
  for (const rule of rules) {
    for (const verb of rule.verbs) {
      for (const url of rule.nonResourceURLs ?? []) verbs.set(`${url} ${verb}`, { group: '', resource: '', url, name: '', verbs: [verb] });
      for (const group of rule.apiGroups ?? []) for (const resource of rule.resources ?? []) for (const name of rule.resourceNames ?? ['']) {
        const key = `${group} ${resource} ${name}`;
        const row = verbs.get(key) ?? { group, resource, url: '', name, verbs: [] };
        verbs.set(key, row);
        row.verbs.push(verb);
      }
    }
  }
  const combined = (resource: string, group: string): string => {
    const [first = '', sub] = resource.split('/');
    return `${first}${group === '' ? '' : `.${group}`}${sub === undefined ? '' : `/${sub}`}`;
  };
  return [...verbs.values()]
    .map((r) => ({ key: `[${r.verbs.join(' ')}],[${r.group}],[${r.resource}],[${r.name}],[${r.url}]`, cells: [combined(r.resource, r.group), `[${r.url}]`, `[${r.name}]`, `[${r.verbs.join(' ')}]`] }))
    .sort((a, b) => (a.key < b.key ? -1 : 1)).map((r) => r.cells);
}

export function describeRole(_k: Kube, r: KindMap['Role'] | KindMap['ClusterRole']): string {
  const w = new DescribeWriter();
  headLines({ line: (level, ...cells) => { if (cells[0] !== 'Namespace:') w.line(level, ...cells); } }, r);
  w.line(0, 'PolicyRule:');
  w.line(1, 'Resources', 'Non-Resource URLs', 'Resource Names', 'Verbs');
  w.line(1, '---------', '-----------------', '--------------', '-----');
  for (const row of ruleRows(r.rules)) w.line(1, ...row);
  return w.toString();
}

export function describeBinding(_k: Kube, b: KindMap['RoleBinding'] | KindMap['ClusterRoleBinding']): string {
  const w = new DescribeWriter();
  headLines({ line: (level, ...cells) => { if (cells[0] !== 'Namespace:') w.line(level, ...cells); } }, b);
  w.line(0, 'Role:');
  w.line(1, 'Kind:', b.roleRef.kind);
  w.line(1, 'Name:', b.roleRef.name);
  w.line(0, 'Subjects:');
  w.line(1, 'Kind', 'Name', 'Namespace');
  w.line(1, '----', '----', '---------');
  for (const s of b.subjects ?? []) w.line(1, s.kind, s.name, s.namespace ?? '');
  return w.toString();
}
