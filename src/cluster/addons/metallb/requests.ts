/** What a service asks of MetalLB. Models: metallb controller/service.go getDesiredLbIPs, valueForAnnotation (v0.14.5, v0.14.9). */
import { err, ok, type Result } from '../../../base/result.ts';
import { formatIpv4, parseIpv4, type Ipv4 } from '../../../engine/wire/addresses.ts';
import type { Service } from '../../api/kinds.ts';
import type { MetallbVersion } from './versions.ts';

export const annotation = (s: Service, v: MetallbVersion, name: string): string | undefined => {
  for (const prefix of v.annotations) {
    const value = s.metadata.annotations?.[`${prefix}/${name}`];
    if (value !== undefined) return value;
  }
  return undefined;
};

/** The address that is asked for by annotation or by spec.loadBalancerIP, not by both. */
export function requestedIp(s: Service, v: MetallbVersion): Result<Ipv4 | undefined, string> {
  const name = `${v.annotations[0] ?? ''}/loadBalancerIPs`;
  const listed = annotation(s, v, 'loadBalancerIPs') ?? '';
  const spec = s.spec.loadBalancerIP ?? '';
  if (listed !== '' && spec !== '') return err(`service can not have both ${name} and svc.Spec.LoadBalancerIP`);
  if (listed !== '') {
    const ips = listed.split(',').map((t) => t.trim());
    const parsed = ips.map(parseIpv4);
    if (ips.some((t) => t.includes(':'))) return err('IPv6 addresses are not modelled in this lab');
    if (parsed.includes(undefined)) return err(`invalid ${name}: ${JSON.stringify(listed)}`);
    if (ips.length > 1) return err(`[${parsed.map((p) => (p === undefined ? '' : formatIpv4(p))).join(' ')}] has more than one address of the same family`);
    return ok(parsed[0]);
  }
  if (spec === '') return ok(undefined);
  const ip = parseIpv4(spec);
  return ip === undefined ? err(`invalid spec.loadBalancerIP ${JSON.stringify(spec)}`) : ok(ip);
}

export const poolAnnotation = (v: MetallbVersion): string => `${v.annotations[0] ?? ''}/ip-allocated-from-pool`;
