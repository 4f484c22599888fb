import { describe, expect, it } from 'vitest';
import { withDefaults } from './defaults.ts';
import type { Service } from './kinds.ts';
import { serviceCauses } from './validate-service.ts';

const META = { name: 's', namespace: 'default', uid: '', resourceVersion: '', creationTimestamp: '' };
const service = (spec: Partial<Service['spec']>): Service => withDefaults('Service', { apiVersion: 'v1', kind: 'Service', metadata: META, spec: { ports: [{ port: 80, protocol: 'TCP' }], ...spec }, status: { loadBalancer: {} } });
const port = (more: object): Service['spec']['ports'][number] => ({ port: 80, protocol: 'TCP', ...more });

describe('ValidateService', () => {
  it.each<[string, Partial<Service['spec']>, readonly string[]]>([
    ['a plain one', {}, []], ['no ports', { ports: [] }, ['spec.ports: Required value']], ['headless without ports', { ports: [], clusterIP: 'None' }, []],
    ['a type that is none', { type: 'X' }, ['spec.type: Unsupported value: "X": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"']],
    ['nodePort of a ClusterIP', { ports: [port({ nodePort: 30000 })] }, ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"]],
    ['nodePort out of range', { type: 'NodePort', ports: [port({ nodePort: 80 })] }, ['spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767']],
    ['nodePort twice', { type: 'NodePort', ports: [port({ name: 'a', nodePort: 30001 }), port({ name: 'b', port: 81, nodePort: 30001 })] }, ['spec.ports[1].nodePort: Duplicate value: 30001']],
    ['unnamed among several', { ports: [port({ name: 'a' }), port({ port: 81 })] }, ['spec.ports[1].name: Required value']],
    ['the same port twice', { ports: [port({ name: 'a' }), port({ name: 'b' })] }, ['spec.ports[1]: Duplicate value: core.ServicePort{Name:"", Protocol:"TCP", AppProtocol:(*string)(nil), Port:80, TargetPort:intstr.IntOrString{Type:0, IntVal:0, StrVal:""}, NodePort:0}']],
    ['a target port name', { ports: [port({ targetPort: '80-' })] }, ['spec.ports[0].targetPort: Invalid value: "80-": must contain at least one letter (a-z)', 'spec.ports[0].targetPort: Invalid value: "80-": must not begin or end with a hyphen']],
    ['headless NodePort', { type: 'NodePort', clusterIP: 'None' }, ["spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for NodePort services"]],
    ['ExternalName without a name', { type: 'ExternalName', ports: [] }, ['spec.externalName: Required value']],
    ['a loopback external IP', { externalIPs: ['127.0.0.1'] }, ['spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)']],
    ['source ranges of a NodePort', { type: 'NodePort', loadBalancerSourceRanges: ['10.0.0.0/8'] }, ["spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'"]],
    ['source ranges that are none', { type: 'LoadBalancer', loadBalancerSourceRanges: ['10.0.0.0'] }, ['spec.LoadBalancerSourceRanges: Invalid value: "[10.0.0.0]": must be a list of IP ranges. For example, 10.240.0.0/24,10.250.0.0/24 ']],
    ['a policy for the outside without an outside', { externalTrafficPolicy: 'Local' }, ['spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services']],
    ['health check port without Local', { type: 'LoadBalancer', healthCheckNodePort: 30500 }, ["spec.healthCheckNodePort: Invalid value: 30500: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"]],
    ['an affinity timeout of a week', { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 604800 } } }, ['spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 604800: must be greater than 0 and less than 86400']],
    ['the kubelet’s port for the world', { type: 'LoadBalancer', ports: [port({ port: 10250 })] }, ['spec.ports[0]: Invalid value: 10250: may not expose port 10250 externally since it is used by kubelet']],
  ])('%s', (_name, spec, want) => expect([...serviceCauses(service(spec))].map((c) => `${c.path}: ${c.text}`)).toEqual(want));
});
