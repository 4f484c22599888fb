/** What a service asks of MetalLB. Models: metallb controller/service.go getDesiredLbIPs, valueForAnnotation, internal/ipfamily ForAddresses (v0.14.5, v0.14.9). Not modelled: IPv6 text in its shortest form. */
import { err, ok, type Result } from '../../../base/result.ts';
import { parseIpv4, type Ipv4 } from '../../../engine/wire/addresses.ts';
import type { Service } from '../../api/kinds.ts';
import type { MetallbVersion } from './versions.ts';

export const annotation = (s: Service, v: MetallbVersion, name: string): string | undefined => {
  for (const prefix of v.annotations) {
    const value = s.metadata.annotations?.[`${prefix}/${name}`];
    if (value !== undefined) return value;
  }
  return undefined;
};

/** Near enough to net.ParseIP: eight groups, or fewer with one `::`. */
const isIpv6 = (text: string): boolean => /^(?=.*:)(?!.*::.*::)(([0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|(?=.*::)[0-9a-f:]{2,37})$/i.test(text) && !text.split(':').some((g) => g.length > 4);

export interface AddressRequest {
  readonly texts: readonly string[];
  /** The one address of a service of this lab; undefined where the request is of another family. */
  readonly ip: Ipv4 | undefined;
}

/** `["10.0.0.1" "fc00::1"]`, as Go's %q prints a list. */
export const quotedList = (texts: readonly string[]): string => `[${texts.map((t) => JSON.stringify(t)).join(' ')}]`;

/** What is asked for by annotation or by spec.loadBalancerIP, not by both; nothing at all is undefined. */
export function requestedIp(s: Service, v: MetallbVersion): Result<AddressRequest | undefined, string> {
  const name = `${v.annotations[0] ?? ''}/loadBalancerIPs`;
  const listed = annotation(s, v, 'loadBalancerIPs') ?? '';
  const spec = s.spec.loadBalancerIP ?? '';
  if (listed !== '' && spec !== '') return err(`service can not have both ${name} and svc.Spec.LoadBalancerIP`);
  if (listed === '' && spec === '') return ok(undefined);
  const texts = listed === '' ? [spec] : listed.split(',').map((t) => t.trim());
  const four = texts.map(parseIpv4);
  const families = texts.map((t, i) => (four[i] === undefined ? isIpv6(t) ? 6 : undefined : 4));
  if (families.includes(undefined)) return err(listed === '' ? `invalid spec.loadBalancerIP ${JSON.stringify(spec)}` : `invalid ${name}: ${JSON.stringify(listed)}`);
  if (texts.length > 2) return err(`IPFamilyForAddresses: invalid ips length ${texts.length} ${quotedList(texts)}`);
  if (texts.length === 2 && families[0] === families[1]) return err(`IPFamilyForAddresses: same address family ${quotedList(texts)}`);
  return ok({ texts, ip: texts.length === 1 ? four[0] : undefined });
}

export const poolAnnotation = (v: MetallbVersion): string => `${v.annotations[0] ?? ''}/ip-allocated-from-pool`;
