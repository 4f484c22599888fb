import { err, ok } from '../../../../../base/result.ts';
import { defineMatch } from '../../extension.ts';
import { found, required } from '../../options.ts';
import { stateBit } from '../conntrack/evaluate.ts';
import { parseStates, STATES, stateText } from '../conntrack/states.ts';

/** The old name of `conntrack --ctstate`. Models: xt_state.c. */
export const state = defineMatch<{ readonly bits: number; readonly invert: boolean }>({
  name: 'state', models: 'net/netfilter/xt_state.c (v6.1), libxt_conntrack.c 1.8.9', notModelled: '', conntrack: true,
  options: [{ name: 'state', argument: '[INVALID|ESTABLISHED|NEW|RELATED|UNTRACKED][,...]', invert: true, help: 'State(s) to match' }],
  parse(given) {
    const g = found(given, 'state');
    if (g === undefined) return required('state', 'state');
    const bits = parseStates(g.value);
    if (!bits.ok || bits.value & (STATES.SNAT | STATES.DNAT)) return err(`Bad state "${g.value}"`);
    return ok({ bits: bits.value, invert: g.invert });
  },
  save: (o) => `${o.invert ? '! ' : ''}--state ${stateText(o.bits)}`,
  list: (o) => `${o.invert ? '! ' : ''}state ${stateText(o.bits)}`,
  nft: (o) => ({ text: `ct state ${o.invert ? '! ' : ''}${stateText(o.bits).toLowerCase()}` }),
  compile: (o) => (c) => ((stateBit(c.skb) & o.bits) !== 0) !== o.invert,
  explain(o, s) {
    if (s.ctState === undefined) return undefined;
    return stateText(o.bits).split(',').includes(s.ctState) === o.invert ? `state is ${s.ctState}` : undefined;
  },
});
