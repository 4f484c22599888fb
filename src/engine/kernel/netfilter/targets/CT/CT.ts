import { err, ok } from '../../../../../base/result.ts';
import { defineTarget } from '../../extension.ts';
import { found } from '../../options.ts';
import { notrack } from '../NOTRACK/NOTRACK.ts';

/** Models: xt_CT.c with --notrack. */
export const CT = defineTarget<object>({
  name: 'CT', models: 'net/netfilter/xt_CT.c (v6.1), libxt_CT.c 1.8.9', notModelled: '--helper, --timeout, --ctevents, --expevents, --zone', tables: ['raw'],
  conntrack: true,
  options: [{ name: 'notrack', help: 'Don\'t track connection' }],
  parse: (given) => (found(given, 'notrack') === undefined ? err('CT without --notrack is not modelled in this lab') : ok({})),
  save: () => '--notrack',
  list: () => 'CT notrack',
  nft: () => 'notrack',
  compile: () => notrack,
});
