/** default/kubernetes, whose endpoint is the API server itself. Models: pkg/controlplane/controller/kubernetesservice (v1.29). */
import type { ControlPlane } from '../../plane.ts';
import { blankMeta } from '../owned.ts';

const API_PORT = 6443;

export function ensureKubernetesService(plane: ControlPlane, clusterIP: string, serverIp: string): void {
  const labels = { component: 'apiserver', provider: 'kubernetes' };
  plane.api.create('Service', {
    apiVersion: 'v1', kind: 'Service', metadata: { ...blankMeta('kubernetes', 'default'), labels },
    spec: { clusterIP, ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: API_PORT }] }, status: { loadBalancer: {} },
  });
  plane.api.create('EndpointSlice', {
    apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { ...blankMeta('kubernetes', 'default'), labels: { 'kubernetes.io/service-name': 'kubernetes' } }, addressType: 'IPv4',
    endpoints: [{ addresses: [serverIp], conditions: { ready: true } }], ports: [{ name: 'https', port: API_PORT, protocol: 'TCP' }],
  });
  plane.api.create('Endpoints', {
    apiVersion: 'v1', kind: 'Endpoints', metadata: { ...blankMeta('kubernetes', 'default'), labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
    subsets: [{ addresses: [{ ip: serverIp }], ports: [{ name: 'https', port: API_PORT, protocol: 'TCP' }] }],
  });
}
