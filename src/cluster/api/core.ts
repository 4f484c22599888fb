import { condition, objectMeta, objectReference } from './meta.ts';
import { bool, inert, int32, intOrString, list, map, str, struct, timestamp, type Infer } from './schema.ts';

export const servicePort = struct('ServicePort', { port: int32, protocol: str }, { name: str, targetPort: intOrString, nodePort: int32, appProtocol: str });
export type ServicePort = Infer<typeof servicePort>;

export const loadBalancerIngress = struct('LoadBalancerIngress', {}, { ip: str, hostname: str, ipMode: str, ports: inert });

export const serviceFields = struct('Service', {
  apiVersion: str, kind: str, metadata: objectMeta,
  spec: struct('ServiceSpec', { ports: list(servicePort) }, {
    type: str, clusterIP: str, clusterIPs: list(str), selector: map(str), externalIPs: list(str), externalName: str, sessionAffinity: str,
    sessionAffinityConfig: struct('SessionAffinityConfig', {}, { clientIP: struct('ClientIPConfig', {}, { timeoutSeconds: int32 }) }),
    externalTrafficPolicy: str, internalTrafficPolicy: str, ipFamilies: list(str), ipFamilyPolicy: str, loadBalancerIP: str, loadBalancerClass: str,
    loadBalancerSourceRanges: list(str), healthCheckNodePort: int32, publishNotReadyAddresses: bool, allocateLoadBalancerNodePorts: bool, trafficDistribution: inert }),
  status: struct('ServiceStatus', { loadBalancer: struct('LoadBalancerStatus', {}, { ingress: list(loadBalancerIngress) }) }, { conditions: list(condition) }),
}, {});

const endpointConditions = struct('EndpointConditions', {}, { ready: bool, serving: bool, terminating: bool });
export const sliceEndpoint = struct('Endpoint', { addresses: list(str) }, {
  conditions: endpointConditions, hostname: str, nodeName: str, zone: str, targetRef: objectReference, hints: inert, deprecatedTopology: inert });
export type SliceEndpoint = Infer<typeof sliceEndpoint>;
const slicePort = struct('EndpointPort', {}, { name: str, port: int32, protocol: str, appProtocol: str });

export const endpointSliceFields = struct(
  'EndpointSlice', { apiVersion: str, kind: str, metadata: objectMeta, addressType: str, endpoints: list(sliceEndpoint), ports: list(slicePort) }, {});

const endpointAddress = struct('EndpointAddress', { ip: str }, { hostname: str, nodeName: str, targetRef: objectReference });
export const endpointSubset = struct('EndpointSubset', {}, {
  addresses: list(endpointAddress), notReadyAddresses: list(endpointAddress), ports: list(struct('EndpointPort', { port: int32, protocol: str }, { name: str, appProtocol: str })) });
export const endpointsFields = struct('Endpoints', { apiVersion: str, kind: str, metadata: objectMeta, subsets: list(endpointSubset) }, {});

export const namespaceFields = struct('Namespace', {
  apiVersion: str, kind: str, metadata: objectMeta,
  spec: struct('NamespaceSpec', {}, { finalizers: list(str) }), status: struct('NamespaceStatus', {}, { phase: str }) }, {});

const nodeAddress = struct('NodeAddress', { type: str, address: str }, {});
export const nodeFields = struct('Node', {
  apiVersion: str, kind: str, metadata: objectMeta,
  spec: struct('NodeSpec', {}, {
    podCIDR: str, podCIDRs: list(str), providerID: str, unschedulable: bool,
    taints: list(struct('Taint', { key: str, effect: str }, { value: str, timeAdded: timestamp })) }),
  status: struct('NodeStatus', {}, {
    addresses: list(nodeAddress), conditions: list(condition), capacity: map(str), allocatable: map(str),
    nodeInfo: struct('NodeSystemInfo', {
      kernelVersion: str, osImage: str, containerRuntimeVersion: str, kubeletVersion: str, kubeProxyVersion: str, operatingSystem: str, architecture: str,
      machineID: str, systemUUID: str, bootID: str }, {}) }),
}, {});

export const configMapFields = struct('ConfigMap', { apiVersion: str, kind: str, metadata: objectMeta }, { data: map(str), binaryData: map(str), immutable: bool });

export const eventFields = struct('Event', {
  apiVersion: str, kind: str, metadata: objectMeta, involvedObject: objectReference, reason: str, message: str, type: str, count: int32,
  firstTimestamp: timestamp, lastTimestamp: timestamp, source: struct('EventSource', { component: str }, { host: str }) },
{ eventTime: str, reportingComponent: str, reportingInstance: str, action: str, series: inert, related: inert });
