import { ok } from '../../../../../base/result.ts';
import { LOOPBACK } from '../../../../wire/addresses.ts';
import { defineTarget } from '../../extension.ts';
import { EMPTY_RANGE, exactly, type NatRange } from '../../nat/range.ts';
import { found } from '../../options.ts';
import { flags, flagWords, nftFlags, parsePorts, portsText, RANDOM } from '../shared/nat-options.ts';

/** Models: nf_nat_redirect_ipv4: destination becomes this host: the in device's first address, or loopback for what is sent here. */
export const REDIRECT = defineTarget<NatRange>({
  name: 'REDIRECT', models: 'net/netfilter/nf_nat_redirect.c (v6.1), libxt_REDIRECT (libxt_NAT.c) 1.8.9', notModelled: '', conntrack: true,
  tables: ['nat'], hooks: ['PREROUTING', 'OUTPUT'],
  options: [{ name: 'to-ports', argument: '<port>[-<port>]', help: 'Port (range) to map to.' }, RANDOM],
  parse(given, context) {
    const g = found(given, 'to-ports');
    const base = { ...EMPTY_RANGE, ...flags(given) };
    if (g === undefined) return ok(base);
    const ports = parsePorts(g.value, context);
    return ports.ok ? ok({ ...base, ...ports.value }) : ports;
  },
  save: (o) => [...(portsText(o) === '' ? [] : [`--to-ports ${portsText(o)}`]), ...flagWords(o, '--')].join(' '),
  list: (o) => [...(portsText(o) === '' ? [] : [`redir ports ${portsText(o)}`]), ...flagWords(o, '')].join(' '),
  nft: (o) => [`redirect${portsText(o) === '' ? '' : ` to :${portsText(o)}`}`, ...nftFlags(o)].join(' '),
  compile: (o) => (c) => {
    const { ct } = c.skb;
    if (ct === undefined) return 'accept';
    const address = c.hook === 'OUTPUT' ? LOOPBACK : c.iif === undefined ? undefined : c.ns.fib.addressesOf(c.iif)[0]?.address;
    if (address === undefined) return 'drop';
    c.nat.setup(ct, exactly(address, o), 'dst');
    return 'accept';
  },
});
