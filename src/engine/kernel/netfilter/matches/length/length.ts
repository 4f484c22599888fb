import { err, ok } from '../../../../../base/result.ts';
import { ipv4Length } from '../../../../wire/packet.ts';
import { defineMatch, ipOf } from '../../extension.ts';
import { found, inPortRange, parseUint, portRangeText, required, type PortRange } from '../../options.ts';

/** Models: xt_length.c: the whole IP packet. */
export const length = defineMatch<PortRange>({
  name: 'length', models: 'net/netfilter/xt_length.c (v6.1), libxt_length.c 1.8.9', notModelled: '',
  options: [{ name: 'length', argument: 'length[:length]', invert: true, help: 'Match packet length against value or range of values (inclusive)' }],
  parse(given) {
    const g = found(given, 'length');
    if (g === undefined) return required('length', 'length');
    const bad = err('length: bad value for option "--length" near "' + g.value + '", or out of range (0-65535).\n');
    const [low = '', high] = g.value.split(':');
    const min = low === '' ? 0 : parseUint(low, 65535);
    const max = high === undefined ? min : high === '' ? 65535 : parseUint(high, 65535);
    if (min === undefined || max === undefined) return bad;
    return min > max ? bad : ok({ min, max, invert: g.invert });
  },
  save: (o) => `${o.invert ? '! ' : ''}--length ${portRangeText(o)}`,
  list: (o) => `length ${o.invert ? '!' : ''}${portRangeText(o)}`,
  nft: (o) => ({ text: `meta length ${o.invert ? '!= ' : ''}${portRangeText(o, '-')}` }),
  compile: (o) => (c) => {
    const p = ipOf(c);
    return p !== undefined && inPortRange(o, ipv4Length(p));
  },
  explain: (o, s) => (s.net.kind === 'ipv4' && !inPortRange(o, ipv4Length(s.net)) ? `length is ${ipv4Length(s.net)}` : undefined),
});
