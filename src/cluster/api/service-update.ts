/** What an update of a Service keeps and drops. Models: pkg/registry/core/service/{strategy,storage/alloc}.go patchAllocatedValues, dropTypeDependentFields (v1.29). */
import type { Service } from './kinds.ts';

type Spec = Service['spec'];
const hasClusterIP = (s: Spec): boolean => (s.type ?? 'ClusterIP') !== 'ExternalName';
const hasNodePorts = (s: Spec): boolean => s.type === 'NodePort' || (s.type === 'LoadBalancer' && s.allocateLoadBalancerNodePorts !== false);
const hasHealthPort = (s: Spec): boolean => s.type === 'LoadBalancer' && s.externalTrafficPolicy === 'Local';
const isExternal = (s: Spec): boolean => s.type === 'NodePort' || s.type === 'LoadBalancer' || (s.externalIPs?.length ?? 0) > 0;
const portsOf = (s: Spec): string => s.ports.map((p) => p.nodePort ?? 0).join();

/** Values that the manifest leaves out although the Service has them go on; those its new type cannot have are released. */
export function updatedService(before: Service, given: Service): Service {
  const was = before.spec;
  let is = given.spec;
  if (hasClusterIP(was) && hasClusterIP(is) && (is.clusterIP ?? '') === '') is = { ...is, clusterIP: was.clusterIP, clusterIPs: was.clusterIPs };
  if (hasNodePorts(was) && hasNodePorts(is)) {
    const used = new Set(is.ports.map((p) => p.nodePort ?? 0));
    is = {
      ...is, ports: is.ports.map((p) => {
        const old = was.ports.find((o) => o.port === p.port && o.protocol === (p.protocol || 'TCP'))?.nodePort;
        return (p.nodePort ?? 0) === 0 && old !== undefined && !used.has(old) ? { ...p, nodePort: old } : p;
      }),
    };
  }
  if (hasHealthPort(was) && hasHealthPort(is) && (is.healthCheckNodePort ?? 0) === 0) is = { ...is, healthCheckNodePort: was.healthCheckNodePort };
  if (hasClusterIP(was) && !hasClusterIP(is) && is.clusterIP === was.clusterIP) is = { ...is, clusterIP: undefined, clusterIPs: undefined, ipFamilies: undefined, ipFamilyPolicy: undefined, internalTrafficPolicy: undefined };
  if (hasNodePorts(was) && !hasNodePorts(is) && portsOf(was) === portsOf(is)) is = { ...is, ports: is.ports.map(({ nodePort: _released, ...p }) => p) };
  if (hasHealthPort(was) && !hasHealthPort(is) && is.healthCheckNodePort === was.healthCheckNodePort) is = { ...is, healthCheckNodePort: undefined };
  if (was.type === 'LoadBalancer' && is.type !== 'LoadBalancer') {
    is = { ...is, allocateLoadBalancerNodePorts: undefined, ...(is.loadBalancerClass === was.loadBalancerClass ? { loadBalancerClass: undefined } : {}) };
  }
  if (isExternal(was) && !isExternal(is) && is.externalTrafficPolicy === was.externalTrafficPolicy) is = { ...is, externalTrafficPolicy: undefined };
  return { ...given, spec: is, status: is.type === 'LoadBalancer' ? given.status : { ...given.status, loadBalancer: {} } };
}
