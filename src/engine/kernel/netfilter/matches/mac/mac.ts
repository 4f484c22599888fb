import { err, ok } from '../../../../../base/result.ts';
import { formatMac, parseMac, type Mac } from '../../../../wire/addresses.ts';
import { defineMatch } from '../../extension.ts';
import { found, required } from '../../options.ts';

/** Models: xt_mac.c: source address of the frame that brought the packet. */
export const mac = defineMatch<{ readonly address: Mac; readonly invert: boolean }>({
  name: 'mac', models: 'net/netfilter/xt_mac.c (v6.1), libxt_mac.c 1.8.9', notModelled: '', hooks: ['PREROUTING', 'INPUT', 'FORWARD'],
  options: [{ name: 'mac-source', argument: 'XX:XX:XX:XX:XX:XX', invert: true, help: 'Match source MAC address' }],
  parse(given) {
    const g = found(given, 'mac-source');
    if (g === undefined) return required('mac', 'mac-source');
    const address = parseMac(g.value);
    return address === undefined ? err('Invalid MAC address specified.') : ok({ address, invert: g.invert });
  },
  save: (o) => `${o.invert ? '! ' : ''}--mac-source ${formatMac(o.address)}`,
  list: (o) => `MAC ${o.invert ? '! ' : ''}${formatMac(o.address)}`,
  nft: (o) => ({ text: `ether saddr ${o.invert ? '!= ' : ''}${formatMac(o.address)}` }),
  compile: (o) => (c) => c.skb.mac !== undefined && (c.skb.mac.src === o.address) !== o.invert,
  explain: (o, s) => (s.mac === undefined ? 'no Ethernet header' : (s.mac.src === o.address) === o.invert ? `source MAC is ${formatMac(s.mac.src)}` : undefined),
});
