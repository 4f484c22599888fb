/** What every namespace is born with: the `default` service account and the kube-root-ca.crt config map. Models: pkg/controller/serviceaccount, pkg/controller/certificates/rootcacertpublisher (v1.29). */
import { LATENCY, Loop, type ControlPlane } from '../../plane.ts';
import { blankMeta } from '../owned.ts';

const CA = '-----BEGIN CERTIFICATE-----\n(not modelled in this lab)\n-----END CERTIFICATE-----\n';

export class NamespaceController {
  constructor(plane: ControlPlane) {
    const { store, api } = plane;
    new Loop(plane, ['Namespace'], LATENCY.controller, () => {
      for (const { metadata: { name } } of store.list('Namespace')) {
        if (store.get('ServiceAccount', name, 'default') === undefined) api.create('ServiceAccount', { apiVersion: 'v1', kind: 'ServiceAccount', metadata: blankMeta('default', name) });
        if (store.get('ConfigMap', name, 'kube-root-ca.crt') === undefined) api.create('ConfigMap', { apiVersion: 'v1', kind: 'ConfigMap', metadata: blankMeta('kube-root-ca.crt', name), data: { 'ca.crt': CA } });
      }
    }).queue();
  }
}
