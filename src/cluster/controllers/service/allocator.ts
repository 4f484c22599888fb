/**
 * ClusterIPs and node ports, handed out at create as the API server does.
 * Models: pkg/registry/core/service/{ipallocator,portallocator} (v1.29): dynamic addresses come from the upper band of the range (KEP-3070).
 */
import type { Prng } from '../../../base/prng.ts';
import { contains, formatIpv4, ipv4, parseCidr, parseIpv4, type Prefix } from '../../../engine/wire/addresses.ts';
import type { Cause } from '../../api/errors.ts';
import type { Service } from '../../api/kinds.ts';
import type { ServicePort } from '../../api/core.ts';
import { PinBook, type Pins } from '../../pins.ts';

const NODE_PORT_FIRST = 30000;
const NODE_PORT_LAST = 32767;

/** Size of the lower band, kept for addresses that are asked for: min(max(16, size/16), 256). */
export const bandOffset = (size: number): number => (size < 16 ? 0 : Math.min(Math.max(16, Math.floor(size / 16)), 256));

export class ServiceAllocator {
  readonly #range: Prefix;
  readonly #random: Prng;
  readonly #pins: PinBook;

  constructor(serviceCidr: string, random: Prng, pins: Pins) {
    const range = parseCidr(serviceCidr);
    if (range === undefined) throw new Error(`service CIDR ${serviceCidr}`);
    this.#range = range;
    this.#random = random;
    this.#pins = new PinBook(pins);
  }

  allocate(service: Service, others: readonly Service[]): { readonly service: Service; readonly causes: readonly Cause[] } {
    const causes: Cause[] = [];
    const pin = this.#pins.service(service.metadata.namespace, service.metadata.name, service.metadata.uid === '');
    const type = service.spec.type ?? 'ClusterIP';
    let spec = service.spec;
    if (type !== 'ExternalName' && spec.clusterIP !== 'None') {
      const taken = new Set(others.map((s) => s.spec.clusterIP));
      const asked = spec.clusterIP ?? '';
      if (asked !== '') {
        const address = parseIpv4(asked);
        const why = address === undefined || !contains(this.#range, address) ? `the provided IP (${asked}) is not in the valid range. The range of valid IPs is ${formatIpv4(this.#range.address)}/${this.#range.length}`
          : taken.has(asked) ? 'provided IP is already allocated' : undefined;
        if (why !== undefined) causes.push({ path: 'spec.clusterIPs', text: `Invalid value: []string{"${asked}"}: failed to allocate IP ${asked}: ${why}` });
      }
      const pinned = pin?.clusterIP !== undefined && !taken.has(pin.clusterIP) ? pin.clusterIP : undefined;
      const clusterIP = asked === '' ? (pinned ?? this.#draw(taken)) : asked;
      spec = { ...spec, clusterIP, clusterIPs: [clusterIP] };
    } else if (spec.clusterIP === 'None') spec = { ...spec, clusterIPs: ['None'] };
    const external = type === 'NodePort' || (type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);
    if (external) {
      const taken = new Map<string, string>();
      for (const other of others) for (const p of other.spec.ports) if ((p.nodePort ?? 0) !== 0) taken.set(`${p.protocol}/${String(p.nodePort)}`, other.metadata.name);
      if (spec.externalTrafficPolicy === 'Local' && type === 'LoadBalancer' && (spec.healthCheckNodePort ?? 0) === 0) {
        spec = { ...spec, healthCheckNodePort: pin?.nodePorts?.['healthcheck'] ?? this.#drawPort('TCP', taken) };
        taken.set(`TCP/${String(spec.healthCheckNodePort)}`, service.metadata.name);
      }
      const ports: ServicePort[] = [];
      for (const [i, p] of spec.ports.entries()) {
        let nodePort = p.nodePort ?? 0;
        if (nodePort !== 0 && taken.has(`${p.protocol}/${nodePort}`)) causes.push({ path: `spec.ports[${i}].nodePort`, text: `Invalid value: ${nodePort}: provided port is already allocated` });
        const pinned = pin?.nodePorts?.[p.name ?? String(p.port)] ?? pin?.nodePorts?.[String(p.port)];
        if (nodePort === 0) nodePort = pinned !== undefined && !taken.has(`${p.protocol}/${pinned}`) ? pinned : this.#drawPort(p.protocol, taken);
        taken.set(`${p.protocol}/${nodePort}`, service.metadata.name);
        ports.push({ ...p, nodePort });
      }
      spec = { ...spec, ports };
    }
    return { service: { ...service, spec }, causes };
  }

  #draw(taken: ReadonlySet<string | undefined>): string {
    const size = 2 ** (32 - this.#range.length) - 2;
    const low = bandOffset(size);
    for (;;) {
      const address = formatIpv4(ipv4(this.#range.address + 1 + low + this.#random.below(size - low)));
      if (!taken.has(address)) return address;
    }
  }

  #drawPort(protocol: string, taken: ReadonlyMap<string, string>): number {
    for (;;) {
      const port = NODE_PORT_FIRST + this.#random.below(NODE_PORT_LAST - NODE_PORT_FIRST + 1);
      if (!taken.has(`${protocol}/${port}`)) return port;
    }
  }
}
