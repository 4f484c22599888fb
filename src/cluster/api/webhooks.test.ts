import { expect, it } from 'vitest';
import { clusterWorld } from '../testing/cluster-world.ts';

const HOOK = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: strict}
webhooks:
- name: strict.example.com
  clientConfig: {service: {name: strict, namespace: default, path: /check}}
  rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [services]}]
  admissionReviewVersions: [v1]
  sideEffects: None
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: strict-1, labels: {kubernetes.io/service-name: strict}}
addressType: IPv4
endpoints: [{addresses: [10.42.0.9]}]
ports: [{port: 9443}]
`;
const SERVICE = 'apiVersion: v1\nkind: Service\nmetadata:\n  name: s\nspec:\n  ports:\n  - port: 80\n  externalIPs:\n  - 192.0.2.1\n  - 192.0.2.2\n';

it.each([
  ['names the field whose value it quotes', 'not ours: "192.0.2.2"', 10, 'spec.externalIPs[1]'],
  ['names no value: the spec', 'not today', 5, 'spec'],
])('a denial that %s', (_name, why, line, path) => {
  const w = clusterWorld({ manifests: [HOOK] });
  w.cluster.plane.api.webhookServers.set('10.42.0.9:9443', () => why);
  const [error] = w.cluster.apply(SERVICE, 'f.yaml').errors;
  expect(error).toEqual({ text: `Error from server (Forbidden): error when creating "f.yaml": admission webhook "strict.example.com" denied the request: ${why}`, file: 'f.yaml', line, path });
  expect(w.cluster.store.get('Service', 'default', 's')).toBeUndefined();
});
