/**
 * MetalLB's custom resources: field tables, defaults, and the columns that their definitions ask kubectl to print.
 * Models: metallb api/v1beta1 (v0.14.5 to v0.14.9).
 * Not modelled: BGP: its kinds can be defined, and an object of them is refused.
 */
import type { Cause } from './errors.ts';
import { labelSelector, objectMeta } from './meta.ts';
import { bool, inert, int32, list, str, struct, type Infer } from './schema.ts';

const top = { apiVersion: str, kind: str, metadata: objectMeta } as const;

export const ipAddressPoolFields = struct('IPAddressPool', {
  ...top,
  spec: struct('IPAddressPoolSpec', { addresses: list(str) }, {
    autoAssign: bool, avoidBuggyIPs: bool,
    serviceAllocation: struct('ServiceAllocation', {}, {
      priority: int32, namespaces: list(str), namespaceSelectors: list(labelSelector), serviceSelectors: list(labelSelector) }) }),
}, { status: inert });
export type IPAddressPool = Infer<typeof ipAddressPoolFields>;

export const l2AdvertisementFields = struct('L2Advertisement', {
  ...top,
  spec: struct('L2AdvertisementSpec', {}, {
    ipAddressPools: list(str), ipAddressPoolSelectors: list(labelSelector), nodeSelectors: list(labelSelector), interfaces: list(str) }),
}, { status: inert });
export type L2Advertisement = Infer<typeof l2AdvertisementFields>;

/** Which node announces a service, as its speaker tells (from v0.14.6). */
export const serviceL2StatusFields = struct('ServiceL2Status', {
  ...top, status: struct('MetalLBServiceL2Status', {}, { node: str, serviceName: str, serviceNamespace: str, interfaces: list(struct('InterfaceInfo', {}, { name: str })) }),
}, { spec: inert });

const bgp = (kind: string): ReturnType<typeof bgpFields> => bgpFields(kind);
const bgpFields = (kind: string) => struct(kind, { ...top, spec: inert }, { status: inert });
export const bgpPeerFields = bgp('BGPPeer');
export const bgpAdvertisementFields = bgp('BGPAdvertisement');
export const bfdProfileFields = bgp('BFDProfile');
export const communityFields = bgp('Community');

/** Defaults of the definitions' schemas. */
export const defaultPool = (p: IPAddressPool): IPAddressPool => ({ ...p, spec: { ...p.spec, autoAssign: p.spec.autoAssign ?? true, avoidBuggyIPs: p.spec.avoidBuggyIPs ?? false } });

export function* noBgp(): Generator<Cause> {
  yield { path: 'spec', text: 'BGP mode is not modelled in this lab (L2Advertisement is)' };
}

export interface PrinterColumn {
  readonly name: string;
  readonly jsonPath: string;
  /** Only with -o wide. */
  readonly wide?: boolean;
}

const column = (name: string, path: string, wide = false): PrinterColumn => ({ name, jsonPath: `.${path}`, ...(wide ? { wide } : {}) });

/** additionalPrinterColumns; without any, kubectl prints NAME and AGE. */
export const METALLB_COLUMNS = {
  IPAddressPool: [column('Auto Assign', 'spec.autoAssign'), column('Avoid Buggy IPs', 'spec.avoidBuggyIPs'), column('Addresses', 'spec.addresses')],
  L2Advertisement: [column('IPAddressPools', 'spec.ipAddressPools'), column('IPAddressPool Selectors', 'spec.ipAddressPoolSelectors'), column('Interfaces', 'spec.interfaces'), column('Node Selectors', 'spec.nodeSelectors', true)],
  ServiceL2Status: [column('Allocated Node', 'status.node'), column('Service Name', 'status.serviceName'), column('Service Namespace', 'status.serviceNamespace')],
  BGPPeer: [], BGPAdvertisement: [], BFDProfile: [], Community: [],
} as const satisfies Readonly<Record<string, readonly PrinterColumn[]>>;
export type MetallbKind = keyof typeof METALLB_COLUMNS;

/** A cell of type string or boolean: strings bare, everything else as JSON, what is not there empty. */
export function printerCell(object: object, column: PrinterColumn): string {
  let value: unknown = object;
  for (const key of column.jsonPath.slice(1).split('.')) value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value);
}
