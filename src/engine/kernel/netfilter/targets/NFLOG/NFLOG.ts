import { err, ok } from '../../../../../base/result.ts';
import { defineTarget } from '../../extension.ts';
import { found, parseUint, quote } from '../../options.ts';

interface NflogOptions {
  readonly group: number;
  readonly prefix: string;
  readonly size: number | undefined;
  readonly threshold: number | undefined;
}

function words(o: NflogOptions, dashes: string): string {
  const out: string[] = [];
  if (o.prefix !== '') out.push(`${dashes}nflog-prefix ${quote(o.prefix)}`);
  if (o.group !== 0) out.push(`${dashes}nflog-group ${o.group}`);
  if (o.size !== undefined) out.push(`${dashes}nflog-size ${o.size}`);
  if (o.threshold !== undefined) out.push(`${dashes}nflog-threshold ${o.threshold}`);
  return out.join(' ');
}

/** Models: xt_NFLOG.c. Nobody listens to the group here. */
export const NFLOG = defineTarget<NflogOptions>({
  name: 'NFLOG', models: 'net/netfilter/xt_NFLOG.c (v6.1), libxt_NFLOG.c 1.8.9', notModelled: 'nfnetlink_log listeners, --nflog-range',
  options: [
    { name: 'nflog-group', argument: 'NUM', help: 'NETLINK group used for logging' }, { name: 'nflog-prefix', argument: 'STRING', help: 'Prefix string for log messages' },
    { name: 'nflog-size', argument: 'NUM', help: 'Number of bytes to copy' }, { name: 'nflog-threshold', argument: 'NUM', help: 'Message threshold of in-kernel queue' },
  ],
  parse(given) {
    const number = (name: string, max: number): number | undefined => {
      const g = found(given, name);
      return g === undefined ? undefined : parseUint(g.value, max) ?? -1;
    };
    const group = number('nflog-group', 65535) ?? 0;
    const size = number('nflog-size', 0xffffffff);
    const threshold = number('nflog-threshold', 65535);
    if (group < 0) return err('NFLOG: bad value for option "--nflog-group", or out of range (0-65535).\n');
    if (size === -1) return err('NFLOG: bad value for option "--nflog-size", or out of range (0-4294967295).\n');
    if (threshold === -1) return err('NFLOG: bad value for option "--nflog-threshold", or out of range (0-65535).\n');
    return ok({ group, prefix: found(given, 'nflog-prefix')?.value ?? '', size, threshold });
  },
  save: (o) => words(o, '--'),
  list: (o) => words(o, ''),
  nft(o) {
    const out = ['log'];
    if (o.prefix !== '') out.push(`prefix "${o.prefix}"`);
    out.push(`group ${o.group}`);
    if (o.size !== undefined) out.push(`snaplen ${o.size}`);
    if (o.threshold !== undefined) out.push(`queue-threshold ${o.threshold}`);
    return out.join(' ');
  },
  compile: () => () => 'continue',
});
