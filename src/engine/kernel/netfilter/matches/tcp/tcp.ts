import { err, ok } from '../../../../../base/result.ts';
import type { TcpSegment } from '../../../../wire/packet.ts';
import { defineMatch, ipOf, type PacketContext } from '../../extension.ts';
import { parseUint } from '../../options.ts';
import { explainPorts, listPorts, nftPorts, onePort, PORT_OPTIONS, portsMatch, savePorts, takePort, withoutWhole, type PortOptions } from '../ports.ts';
import { FLAGS, flagText, parseFlags } from './flags.ts';

interface TcpOptions extends PortOptions {
  readonly flags: { readonly mask: number; readonly value: number; readonly invert: boolean } | undefined;
  readonly option: { readonly number: number; readonly invert: boolean } | undefined;
}

const CODES: Readonly<Record<string, number>> = { mss: 2, wscale: 3, sackOK: 4, sack: 5, timestamps: 8, nop: 1 };
const hasOption = (t: TcpSegment, n: number): boolean => t.options.some((o) => (o.kind === 'unknown' ? o.code : CODES[o.kind]) === n);

const segment = (c: PacketContext): TcpSegment | undefined => {
  const p = ipOf(c);
  return p?.payload.kind === 'tcp' ? p.payload : undefined;
};

/** Models: xt_tcpudp.c, tcp_mt. */
export const tcp = defineMatch<TcpOptions>({
  name: 'tcp', models: 'net/netfilter/xt_tcpudp.c (v6.1), libxt_tcp.c 1.8.9', notModelled: 'hotdrop of fragments at offset 1',
  options: [
    ...PORT_OPTIONS,
    { name: 'tcp-flags', argument: 'mask comp', words: 2, invert: true, help: 'match when TCP flags & mask == comp (Flags: SYN ACK FIN RST URG PSH ALL NONE)' },
    { name: 'syn', invert: true, help: 'match when only SYN flag set (equivalent to --tcp-flags SYN,RST,ACK,FIN SYN)' },
    { name: 'tcp-option', argument: 'number', invert: true, help: 'match if TCP option set' },
  ],
  parse(given, { protocol }) {
    if (protocol !== 6) return err("TCP match requires '-p tcp'");
    const ports = { sport: undefined, dport: undefined };
    let flags: TcpOptions['flags'];
    let option: TcpOptions['option'];
    for (const g of given) {
      switch (g.name) {
        case 'sport':
        case 'dport': {
          const taken = takePort(ports, g, 6, true);
          if (!taken.ok) return taken;
          break;
        }
        case 'syn':
        case 'tcp-flags': {
          if (flags !== undefined) return err("Only one of `--syn' or `--tcp-flags'  allowed");
          const mask = g.name === 'syn' ? ok(FLAGS.SYN | FLAGS.RST | FLAGS.ACK | FLAGS.FIN) : parseFlags(g.values[0] ?? '');
          const value = g.name === 'syn' ? ok(FLAGS.SYN) : parseFlags(g.values[1] ?? '');
          if (!mask.ok) return mask;
          if (!value.ok) return value;
          flags = { mask: mask.value, value: value.value, invert: g.invert };
          break;
        }
        case 'tcp-option': {
          const number = parseUint(g.value, 255);
          if (number === undefined || number === 0) return err(`Bad TCP option "${g.value}"`);
          option = { number, invert: g.invert };
          break;
        }
      }
    }
    return ok({ ...withoutWhole(ports), flags, option });
  },
  save(o) {
    const out = savePorts(o);
    if (o.option !== undefined) out.push(`${o.option.invert ? '! ' : ''}--tcp-option ${o.option.number}`);
    if (o.flags !== undefined) out.push(`${o.flags.invert ? '! ' : ''}--tcp-flags ${flagText(o.flags.mask)} ${flagText(o.flags.value)}`);
    return out.join(' ');
  },
  list(o, numeric) {
    const out = ['tcp', ...listPorts(o, numeric, 6)];
    if (o.option !== undefined) out.push(`option=${o.option.invert ? '!' : ''}${o.option.number}`);
    if (o.flags !== undefined) {
      const text = (n: number): string => (numeric ? `0x${n.toString(16).toUpperCase().padStart(2, '0')}` : flagText(n));
      out.push(`flags:${o.flags.invert ? '!' : ''}${text(o.flags.mask)}/${text(o.flags.value)}`);
    }
    return out.join(' ');
  },
  nft(o) {
    const out: string[] = [];
    if (o.flags !== undefined) {
      const { mask, value, invert } = o.flags;
      const names = (n: number): string => flagText(n).toLowerCase();
      if (value === 0) out.push(`tcp flags ${invert ? '' : '! '}${names(mask)}`);
      else if (mask === value && !invert) out.push(`tcp flags & ${names(mask)} == ${names(value)}`);
      else out.push(`tcp flags ${invert ? '!= ' : ''}${names(value)} / ${names(mask)}`);
    }
    out.push(...nftPorts(o, 'tcp'));
    if (o.option !== undefined) out.push(`tcp option ${o.option.number} ${o.option.invert ? 'missing' : 'exists'}`);
    return { text: out.join(' '), native: o.option === undefined && out.length > 0 };
  },
  compile(o) {
    const { flags, option } = o;
    if (flags === undefined && option === undefined) {
      return (c) => {
        const t = segment(c);
        return t !== undefined && portsMatch(o, t.srcPort, t.dstPort);
      };
    }
    return (c) => {
      const t = segment(c);
      if (t === undefined || !portsMatch(o, t.srcPort, t.dstPort)) return false;
      if (flags !== undefined && ((t.flags & flags.mask) === flags.value) === flags.invert) return false;
      return option === undefined || hasOption(t, option.number) !== option.invert;
    };
  },
  destinationPort: (o) => onePort(o),
  explain(o, s) {
    if (s.net.kind !== 'ipv4' || s.net.payload.kind !== 'tcp') return 'not a TCP segment';
    const t = s.net.payload;
    const port = explainPorts(o, t.srcPort, t.dstPort);
    if (port !== undefined) return port;
    if (o.flags !== undefined && ((t.flags & o.flags.mask) === o.flags.value) === o.flags.invert) return `flags are ${flagText(t.flags & 0x3f)}`;
    return undefined;
  },
});
