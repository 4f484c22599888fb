/**
 * Endpoints written by hand, for a Service without selector, as EndpointSlices: kube-proxy reads only those.
 * Models: pkg/controller/endpointslicemirroring (v1.29). Not modelled: more than a thousand addresses of a subset.
 */
import type { SliceEndpoint } from '../../api/core.ts';
import { generatedName } from '../../api/names.ts';
import type { KindMap } from '../../api/kinds.ts';
import { samePlain, type ControlPlane } from '../../plane.ts';
import { blankMeta, ownedBy } from '../owned.ts';
import { MANAGED_BY } from './endpointslice-controller.ts';

type Endpoints = KindMap['Endpoints'];
type Subset = Endpoints['subsets'][number];

const OWNER = 'endpointslicemirroring-controller.k8s.io';
const SKIP = 'endpointslice.kubernetes.io/skip-mirror';

const addresses = (list: Subset['addresses'], ready: boolean): readonly SliceEndpoint[] => (list ?? []).map((a) => ({
  addresses: [a.ip], conditions: { ready }, ...(a.hostname === undefined ? {} : { hostname: a.hostname }), ...(a.nodeName === undefined ? {} : { nodeName: a.nodeName }),
  ...(a.targetRef === undefined ? {} : { targetRef: a.targetRef }),
}));

export function mirrorEndpoints(plane: ControlPlane): void {
  const { store, api, random } = plane;
  for (const e of store.list('Endpoints')) {
    const { namespace, name } = e.metadata;
    const service = store.get('Service', namespace, name);
    if (Object.keys(service?.spec.selector ?? {}).length > 0) continue;
    const old = store.list('EndpointSlice', namespace).filter((s) => s.metadata.labels?.[MANAGED_BY] === OWNER && s.metadata.labels['kubernetes.io/service-name'] === name);
    const subsets = service === undefined || e.metadata.labels?.[SKIP] === 'true' ? [] : e.subsets.filter((s) => (s.addresses ?? []).length + (s.notReadyAddresses ?? []).length > 0);
    for (const [i, subset] of subsets.entries()) {
      const ports = (subset.ports ?? []).map((p) => ({ name: p.name ?? '', port: p.port, protocol: p.protocol || 'TCP', ...(p.appProtocol === undefined ? {} : { appProtocol: p.appProtocol }) }));
      const endpoints = [...addresses(subset.addresses, true), ...addresses(subset.notReadyAddresses, false)];
      const slice = old[i];
      if (slice !== undefined) {
        if (!samePlain([slice.ports, slice.endpoints], [ports, endpoints])) store.update('EndpointSlice', { ...slice, ports, endpoints });
        continue;
      }
      api.create('EndpointSlice', {
        apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4', ports, endpoints,
        metadata: {
          ...blankMeta(generatedName(`${name}-`, random.fork(`mirror/${namespace}/${name}/${store.revision}`)), namespace), generateName: `${name}-`,
          labels: { ...e.metadata.labels, [MANAGED_BY]: OWNER, 'kubernetes.io/service-name': name }, ownerReferences: [ownedBy(e)],
        },
      });
    }
    for (const stale of old.slice(subsets.length)) store.delete('EndpointSlice', namespace, stale.metadata.name);
  }
}
