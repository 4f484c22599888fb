import { err, ok } from '../../../../../base/result.ts';
import { isMulticast } from '../../../../wire/addresses.ts';
import { defineMatch, ipOf, type PacketContext } from '../../extension.ts';
import { found, required } from '../../options.ts';

type PacketType = 'unicast' | 'broadcast' | 'multicast';
const NAMES: Readonly<Record<string, PacketType>> = { unicast: 'unicast', host: 'unicast', broadcast: 'broadcast', multicast: 'multicast' };

function typeOf(c: PacketContext): string {
  const { pktType } = c.skb;
  const p = ipOf(c);
  if (pktType === 'outgoing' || (c.iif === undefined && pktType === 'host')) return p === undefined ? 'unicast' : isMulticast(p.dst) ? 'multicast' : p.dst === 0xffffffff ? 'broadcast' : 'unicast';
  return pktType === 'host' ? 'unicast' : pktType;
}

/** Models: xt_pkttype.c. */
export const pkttype = defineMatch<{ readonly type: PacketType; readonly invert: boolean }>({
  name: 'pkttype', models: 'net/netfilter/xt_pkttype.c (v6.1), libxt_pkttype.c 1.8.9', notModelled: '',
  options: [{ name: 'pkt-type', argument: 'packettype', invert: true, help: 'match packet type' }],
  parse(given) {
    const g = found(given, 'pkt-type');
    if (g === undefined) return required('pkttype', 'pkt-type');
    const type = NAMES[g.value.toLowerCase()];
    return type === undefined ? err(`Bad packet type '${g.value}'`) : ok({ type, invert: g.invert });
  },
  save: (o) => `${o.invert ? '! ' : ''}--pkt-type ${o.type}`,
  list: (o) => `PKTTYPE ${o.invert ? '!=' : '='} ${o.type}`,
  nft: (o) => ({ text: `pkttype ${o.invert ? '!= ' : ''}${o.type}` }),
  compile: (o) => (c) => (typeOf(c) === o.type) !== o.invert,
});
