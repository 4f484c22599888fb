/** Read first: iptables-extensions(8) REJECT. Models: ipt_REJECT.c, nf_reject_ipv4.c (v6.1). Drops, and answers the sender. */
import { err, ok } from '../../../../../base/result.ts';
import { defineTarget } from '../../extension.ts';
import { found } from '../../options.ts';
import { sendReset } from './reset.ts';

interface RejectType {
  readonly name: string;
  readonly alias: string;
  readonly code: number | 'reset';
  readonly nft: string;
}
const TYPES: readonly RejectType[] = [
  { name: 'icmp-net-unreachable', alias: 'net-unreach', code: 0, nft: ' with icmp type net-unreachable' },
  { name: 'icmp-host-unreachable', alias: 'host-unreach', code: 1, nft: ' with icmp type host-unreachable' },
  { name: 'icmp-proto-unreachable', alias: 'proto-unreach', code: 2, nft: ' with icmp type prot-unreachable' },
  { name: 'icmp-port-unreachable', alias: 'port-unreach', code: 3, nft: '' },
  { name: 'icmp-net-prohibited', alias: 'net-prohib', code: 9, nft: ' with icmp type net-prohibited' },
  { name: 'icmp-host-prohibited', alias: 'host-prohib', code: 10, nft: ' with icmp type host-prohibited' },
  { name: 'tcp-reset', alias: 'tcp-rst', code: 'reset', nft: ' with tcp reset' },
  { name: 'icmp-admin-prohibited', alias: 'admin-prohib', code: 13, nft: ' with icmp type admin-prohibited' },
];
const ICMP_DEST_UNREACH = 3;

export const REJECT = defineTarget<{ readonly with: string }>({
  name: 'REJECT', models: 'net/ipv4/netfilter/ipt_REJECT.c, nf_reject_ipv4.c (v6.1), libipt_REJECT.c 1.8.9', notModelled: 'echo replies (never worked)',
  tables: ['filter'], hooks: ['INPUT', 'FORWARD', 'OUTPUT'],
  options: [{ name: 'reject-with', argument: 'type', help: 'drop input packet and send back a reply packet according to type' }],
  parse(given) {
    const text = found(given, 'reject-with')?.value ?? 'icmp-port-unreachable';
    const type = TYPES.find((t) => t.name === text || t.alias === text) ?? unique(text);
    return type === undefined ? err(`unknown reject type "${text}"`) : ok({ with: type.name });
  },
  save: (o) => `--reject-with ${o.with}`,
  list: (o) => `reject-with ${o.with}`,
  nft: (o) => `reject${TYPES.find((t) => t.name === o.with)?.nft ?? ''}`,
  check: (o, rule) => o.with !== 'tcp-reset' || rule.protocol === 6,
  compile(o) {
    const code = TYPES.find((t) => t.name === o.with)?.code ?? 3;
    return (c) => {
      if (code === 'reset') sendReset(c);
      else c.ns.ip.icmpSend(c.skb, ICMP_DEST_UNREACH, code, 0);
      return 'drop';
    };
  },
});

/** Names may be shortened while they stay clear. */
function unique(text: string): RejectType | undefined {
  const some = text === '' ? [] : TYPES.filter((t) => t.name.startsWith(text) || t.alias.startsWith(text));
  return some.length === 1 ? some[0] : undefined;
}
