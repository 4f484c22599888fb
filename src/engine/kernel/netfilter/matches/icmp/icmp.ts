import { err, ok } from '../../../../../base/result.ts';
import { defineMatch, ipOf } from '../../extension.ts';
import { found, required } from '../../options.ts';
import { icmpName, parseIcmpType } from './types.ts';

interface IcmpOptions {
  readonly type: number;
  readonly min: number;
  readonly max: number;
  readonly invert: boolean;
}

const NFT: Readonly<Record<number, string>> = {
  0: 'echo-reply', 3: 'destination-unreachable', 4: 'source-quench', 5: 'redirect', 8: 'echo-request', 9: 'router-advertisement', 10: 'router-solicitation',
  11: 'time-exceeded', 12: 'parameter-problem', 13: 'timestamp-request', 14: 'timestamp-reply', 15: 'info-request', 16: 'info-reply', 17: 'address-mask-request',
  18: 'address-mask-reply',
};
const text = (o: IcmpOptions): string => (o.type === 255 ? 'any' : o.min === 0 && o.max === 255 ? `${o.type}` : `${o.type}/${o.min}`);

/** Models: ip_tables.c icmp_match (nf: xt icmp). */
export const icmp = defineMatch<IcmpOptions>({
  name: 'icmp', models: 'net/netfilter/xt_tcpudp.c icmp_match (v6.1), libipt_icmp.c 1.8.9', notModelled: '',
  options: [{ name: 'icmp-type', argument: 'type[/code]|typename', invert: true, help: 'match icmp type (or numeric type or type/code)' }],
  parse(given) {
    const g = found(given, 'icmp-type');
    if (g === undefined) return required('icmp', 'icmp-type');
    const type = parseIcmpType(g.value);
    return type === undefined ? err(`Unknown ICMP type \`${g.value}'`) : ok({ ...type, invert: g.invert });
  },
  save: (o) => `${o.invert ? '! ' : ''}--icmp-type ${text(o)}`,
  list(o, numeric) {
    if (!numeric) {
      const name = icmpName(o);
      if (name !== undefined) return `icmp ${o.invert ? '!' : ''}${name}`;
    }
    const code = o.min === 0 && o.max === 255 ? '' : o.min === o.max ? ` code ${o.min}` : ` codes ${o.min}-${o.max}`;
    return o.invert ? `icmp !type ${o.type}${code}` : `icmptype ${o.type}${code}`;
  },
  nft(o) {
    if (o.type === 255) return { text: o.invert ? 'ip protocol != icmp' : 'ip protocol icmp' };
    const name = NFT[o.type];
    if (name === undefined || o.min !== 0 || o.max !== 255) return { text: 'xt match icmp' };
    return { text: `icmp type ${o.invert ? '!= ' : ''}${name}` };
  },
  compile: (o) => (c) => {
    const t = ipOf(c)?.payload;
    if (t?.kind !== 'icmp') return false;
    return (o.type === 255 || (t.type === o.type && t.code >= o.min && t.code <= o.max)) !== o.invert;
  },
  explain(o, s) {
    if (s.net.kind !== 'ipv4' || s.net.payload.kind !== 'icmp') return 'not an ICMP message';
    const t = s.net.payload;
    const hit = (o.type === 255 || (t.type === o.type && t.code >= o.min && t.code <= o.max)) !== o.invert;
    return hit ? undefined : `type is ${t.type} code ${t.code}`;
  },
});
