import { err, ok } from '../../../../../base/result.ts';
import { defineMatch, ipOf } from '../../extension.ts';
import { parseUint } from '../../options.ts';

interface DscpOptions {
  readonly value: number;
  readonly invert: boolean;
}

const CLASSES: Readonly<Record<string, number>> = {
  CS0: 0, BE: 0, CS1: 8, CS2: 16, CS3: 24, CS4: 32, CS5: 40, CS6: 48, CS7: 56, AF11: 10, AF12: 12, AF13: 14, AF21: 18, AF22: 20, AF23: 22, AF31: 26, AF32: 28,
  AF33: 30, AF41: 34, AF42: 36, AF43: 38, EF: 46,
};
export const parseDscp = (name: string, text: string): number | undefined => (name.endsWith('class') ? CLASSES[text.toUpperCase()] : parseUint(text, 63));
export const dscpText = (n: number): string => `0x${n.toString(16).padStart(2, '0')}`;

/** Models: xt_dscp.c, dscp_mt. */
export const dscp = defineMatch<DscpOptions>({
  name: 'dscp', models: 'net/netfilter/xt_dscp.c (v6.1), libxt_dscp.c 1.8.9', notModelled: '',
  options: [
    { name: 'dscp', argument: 'value', invert: true, help: 'Match DSCP codepoint with numerical value' },
    { name: 'dscp-class', argument: 'name', invert: true, help: 'Match the DiffServ class' },
  ],
  parse(given) {
    const g = given[0];
    if (g === undefined) return err('DSCP match: Parameter --dscp is required');
    const value = parseDscp(g.name, g.value);
    return value === undefined ? err(`dscp: bad value for option "--${g.name}", or out of range (0-63).\n`) : ok({ value, invert: g.invert });
  },
  save: (o) => `${o.invert ? '! ' : ''}--dscp ${dscpText(o.value)}`,
  list: (o) => `DSCP match ${o.invert ? '!' : ''}${dscpText(o.value)}`,
  nft: (o) => ({ text: `ip dscp ${o.invert ? '!= ' : ''}${dscpText(o.value)}` }),
  compile: (o) => (c) => {
    const p = ipOf(c);
    return p !== undefined && (p.tos >> 2 === o.value) !== o.invert;
  },
  explain: (o, s) => (s.net.kind === 'ipv4' && (s.net.tos >> 2 === o.value) === o.invert ? `DSCP is ${dscpText(s.net.tos >> 2)}` : undefined),
});
