/** Read first: iptables-extensions(8) "conntrack". Models: xt_conntrack.c revision 3 (v6.1), libxt_conntrack.c 1.8.9. */
import { err, ok, type Result } from '../../../../../base/result.ts';
import { defineMatch, type Given } from '../../extension.ts';
import { dotted, maskText, parseNetwork, parsePortRange, parseUint, portRangeText, type PortRange } from '../../options.ts';
import { protocolByName } from '../../services.ts';
import { conntrackMatches } from './evaluate.ts';
import { parseStates, parseStatus, stateText, STATUS, STATES, statusText } from './states.ts';

export interface Network {
  readonly address: number;
  readonly mask: number;
  readonly invert: boolean;
}
export interface ConntrackOptions {
  readonly state: { readonly bits: number; readonly invert: boolean } | undefined;
  readonly protocol: { readonly number: number; readonly invert: boolean } | undefined;
  readonly origSrc: Network | undefined;
  readonly origDst: Network | undefined;
  readonly replSrc: Network | undefined;
  readonly replDst: Network | undefined;
  readonly origSrcPort: PortRange | undefined;
  readonly origDstPort: PortRange | undefined;
  readonly replSrcPort: PortRange | undefined;
  readonly replDstPort: PortRange | undefined;
  readonly status: { readonly bits: number; readonly invert: boolean } | undefined;
  readonly expire: PortRange | undefined;
  readonly direction: 'ORIGINAL' | 'REPLY' | undefined;
}

const NETWORKS = [['ctorigsrc', 'origSrc', 'ct original saddr'], ['ctorigdst', 'origDst', 'ct original daddr'], ['ctreplsrc', 'replSrc', 'ct reply saddr'], ['ctrepldst', 'replDst', 'ct reply daddr']] as const;
const PORTS = [['ctorigsrcport', 'origSrcPort', 'ct original proto-src'], ['ctorigdstport', 'origDstPort', 'ct original proto-dst'], ['ctreplsrcport', 'replSrcPort', 'ct reply proto-src'], ['ctrepldstport', 'replDstPort', 'ct reply proto-dst']] as const;

/** Options as words: the same in save (`--ctstate NEW`) and list (`ctstate NEW`). */
function words(o: ConntrackOptions, dashes: string): string {
  const out: string[] = [];
  const put = (name: string, text: string, invert: boolean): void => void out.push(`${invert ? '! ' : ''}${dashes}${name} ${text}`);
  if (o.state !== undefined) put('ctstate', stateText(o.state.bits), o.state.invert);
  if (o.protocol !== undefined) put('ctproto', `${o.protocol.number}`, o.protocol.invert);
  for (const [name, key] of NETWORKS) {
    const n = o[key];
    if (n !== undefined) put(name, n.mask >>> 0 === 0xffffffff ? dotted(n.address) : `${dotted(n.address)}/${maskText(n.mask)}`, n.invert);
  }
  for (const [name, key] of PORTS) {
    const p = o[key];
    if (p !== undefined) put(name, portRangeText(p), p.invert);
  }
  if (o.status !== undefined) put('ctstatus', statusText(o.status.bits), o.status.invert);
  if (o.expire !== undefined) put('ctexpire', portRangeText(o.expire), o.expire.invert);
  if (o.direction !== undefined) put('ctdir', o.direction, false);
  return out.join(' ');
}

function nft(o: ConntrackOptions): string {
  const out: string[] = [];
  if (o.direction !== undefined) out.push(`ct direction ${o.direction.toLowerCase()}`);
  if (o.state !== undefined) {
    // The translation loses every state but the NAT pseudo state (libxt_conntrack.c 1.8.9, state_xlate_print).
    if (o.state.bits & STATES.SNAT) out.push('ct status snat');
    else if (o.state.bits & STATES.DNAT) out.push('ct status dnat');
    else out.push(`ct state ${o.state.invert ? '! ' : ''}${stateText(o.state.bits).toLowerCase()}`);
  }
  if (o.protocol !== undefined) out.push(`ct original protocol ${o.protocol.invert ? '!= ' : ''}${o.protocol.number}`);
  for (const [, key, text] of NETWORKS) {
    const n = o[key];
    if (n !== undefined) out.push(`${text} ${n.invert ? '!= ' : ''}${dotted(n.address)}${n.mask >>> 0 === 0xffffffff ? '' : `/${maskText(n.mask)}`}`);
  }
  for (const [, key, text] of PORTS) {
    const p = o[key];
    if (p !== undefined) out.push(`${text} ${p.invert ? '!= ' : ''}${portRangeText(p, '-')}`);
  }
  if (o.status !== undefined) out.push(o.status.bits === STATUS.NONE ? 'ct status' : `ct status ${o.status.invert ? '!= ' : ''}${statusText(o.status.bits).toLowerCase().replace('seen_reply', 'seen-reply')}`);
  if (o.expire !== undefined) out.push(`ct expiration ${o.expire.invert ? '!= ' : ''}${portRangeText(o.expire, '-')}`);
  return out.join(' ');
}

function parse(given: readonly Given[]): Result<ConntrackOptions, string> {
  if (given.length === 0) return err('conntrack: At least one option is required');
  const o: { -readonly [K in keyof ConntrackOptions]: ConntrackOptions[K] } = {
    state: undefined, protocol: undefined, origSrc: undefined, origDst: undefined, replSrc: undefined, replDst: undefined, origSrcPort: undefined,
    origDstPort: undefined, replSrcPort: undefined, replDstPort: undefined, status: undefined, expire: undefined, direction: undefined,
  };
  for (const g of given) {
    const network = NETWORKS.find(([name]) => name === g.name);
    const port = PORTS.find(([name]) => name === g.name);
    if (network !== undefined) {
      const n = parseNetwork(g.value);
      if (!n.ok) return n;
      o[network[1]] = { ...n.value, invert: g.invert };
    } else if (port !== undefined) {
      const p = parsePortRange(g.value, o.protocol?.number, g.invert);
      if (!p.ok) return p;
      o[port[1]] = p.value;
    } else if (g.name === 'ctstate') {
      const bits = parseStates(g.value);
      if (!bits.ok) return bits;
      o.state = { bits: bits.value, invert: g.invert };
    } else if (g.name === 'ctproto') {
      const number = parseUint(g.value, 255) ?? protocolByName(g.value);
      if (number === undefined) return err(`unknown protocol "${g.value}" specified`);
      o.protocol = { number, invert: g.invert };
    } else if (g.name === 'ctstatus') {
      const bits = parseStatus(g.value);
      if (!bits.ok) return bits;
      o.status = { bits: bits.value, invert: g.invert };
    } else if (g.name === 'ctexpire') {
      const [min, max] = g.value.split(':').map((t) => parseUint(t));
      if (min === undefined) return err(`conntrack: bad value for option "--ctexpire" near "${g.value}", or out of range (0-4294967295).\n`);
      o.expire = { min, max: max ?? min, invert: g.invert };
    } else {
      const direction = g.value.toUpperCase();
      if (direction !== 'ORIGINAL' && direction !== 'REPLY') return err(`conntrack: bad value for option "--ctdir"`);
      o.direction = direction;
    }
  }
  return ok(o);
}

export const conntrack = defineMatch<ConntrackOptions>({
  name: 'conntrack', models: 'net/netfilter/xt_conntrack.c revision 3 (v6.1), libxt_conntrack.c 1.8.9', notModelled: '', conntrack: true,
  options: [
    { name: 'ctstate', argument: '{INVALID|ESTABLISHED|NEW|RELATED|UNTRACKED|SNAT|DNAT}[,...]', invert: true, help: 'State(s) to match' },
    { name: 'ctproto', argument: 'proto', invert: true, help: 'Protocol to match; by number or name' },
    ...NETWORKS.map(([name]) => ({ name, argument: 'address[/mask]', invert: true, help: 'Original/Reply source/destination address' })),
    ...PORTS.map(([name]) => ({ name, argument: 'port[:port]', invert: true, help: 'TCP/UDP/SCTP original/reply source/destination port' })),
    { name: 'ctstatus', argument: '{NONE|EXPECTED|SEEN_REPLY|ASSURED|CONFIRMED}[,...]', invert: true, help: 'Status(es) to match' },
    { name: 'ctexpire', argument: 'time[:time]', invert: true, help: 'Match remaining lifetime in seconds against value or range of values (inclusive)' },
    { name: 'ctdir', argument: '{ORIGINAL|REPLY}', help: 'Flow direction of packet' },
  ],
  parse,
  save: (o) => words(o, '--'),
  list: (o) => words(o, ''),
  nft: (o) => ({ text: nft(o) }),
  compile: (o) => conntrackMatches(o),
  explain(o, s) {
    if (o.state === undefined || s.ctState === undefined) return undefined;
    if (o.state.bits & (STATES.SNAT | STATES.DNAT)) return undefined; // a snapshot does not say what was translated
    const hit = stateText(o.state.bits).split(',').includes(s.ctState);
    return hit === o.state.invert ? `state is ${s.ctState}` : undefined;
  },
});
