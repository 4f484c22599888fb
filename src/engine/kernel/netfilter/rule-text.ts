/** A rule as text: iptables-save, the columns of iptables -L, nft. Models: save_rule, print_rule (nft-ipv4.c 1.8.9), nft 1.0.6's printing of such rules. */
import { must } from '../../../base/assert.ts';
import type { RuleDump } from '../../uapi/netfilter.ts';
import { matchNamed } from './all-matches.ts';
import { targetNamed } from './all-targets.ts';
import type { MatchExtension, TargetExtension } from './extension.ts';
import { dotted, maskLength, maskText } from './options.ts';
import type { AddressMatch, DeviceMatch, ExtensionUse, RuleSpec } from './ruleset.ts';
import { nftProtocol, protocolName } from './services.ts';

export const matchOf = (use: ExtensionUse): MatchExtension => must(matchNamed(use.name), `match ${use.name}`);
export const targetOf = (use: ExtensionUse): TargetExtension => must(targetNamed(use.name), `target ${use.name}`);

/** -p without `!`, for extensions that print by protocol. */
export const protocolOf = (spec: RuleSpec): number | undefined => (spec.protocol?.invert === false ? spec.protocol.number : undefined);

const bang = (invert: boolean): string => (invert ? '! ' : '');
const deviceText = (d: DeviceMatch): string => `${d.name}${d.prefix ? '+' : ''}`;
const SAVED = new WeakMap<RuleSpec, string>();

/** After `-A CHAIN `. */
export function saveText(spec: RuleSpec): string {
  const known = SAVED.get(spec);
  if (known !== undefined) return known;
  const out: string[] = [];
  if (spec.src !== undefined) out.push(`${bang(spec.src.invert)}-s ${dotted(spec.src.address)}/${maskText(spec.src.mask)}`);
  if (spec.dst !== undefined) out.push(`${bang(spec.dst.invert)}-d ${dotted(spec.dst.address)}/${maskText(spec.dst.mask)}`);
  if (spec.iif !== undefined) out.push(`${bang(spec.iif.invert)}-i ${deviceText(spec.iif)}`);
  if (spec.oif !== undefined) out.push(`${bang(spec.oif.invert)}-o ${deviceText(spec.oif)}`);
  if (spec.protocol !== undefined) out.push(`${bang(spec.protocol.invert)}-p ${protocolName(spec.protocol.number) ?? spec.protocol.number}`);
  if (spec.fragment !== undefined) out.push(`${bang(spec.fragment.invert)}-f`);
  for (const use of spec.matches) {
    const text = matchOf(use).save(use.options);
    out.push(text === '' ? `-m ${use.name}` : `-m ${use.name} ${text}`);
  }
  const { target } = spec;
  switch (target.kind) {
    case 'none': break;
    case 'verdict': out.push(`-j ${target.verdict}`); break;
    case 'jump': out.push(`-j ${target.chain}`); break;
    case 'goto': out.push(`-g ${target.chain}`); break;
    case 'extension': {
      const text = targetOf(target.use).save(target.use.options);
      out.push(text === '' ? `-j ${target.use.name}` : `-j ${target.use.name} ${text}`);
      break;
    }
  }
  const text = out.join(' ');
  SAVED.set(spec, text);
  return text;
}

function nftAddress(field: string, a: AddressMatch): string {
  const length = maskLength(a.mask);
  if (length === undefined) return `ip ${field} & ${dotted(a.mask)} ${a.invert ? '!=' : '=='} ${dotted(a.address)}`;
  return `ip ${field} ${a.invert ? '!= ' : ''}${dotted(a.address)}${length === 32 ? '' : `/${length}`}`;
}
const nftDevice = (field: string, d: DeviceMatch): string => `${field} ${d.invert ? '!= ' : ''}"${d.name}${d.prefix ? '*' : ''}"`;

/** As `nft list ruleset` prints an iptables-nft rule. A comment prints as nothing, which leaves two blanks. */
export function nftText(spec: RuleSpec, packets: number, bytes: number): string {
  const out: string[] = [];
  if (spec.iif !== undefined) out.push(nftDevice('iifname', spec.iif));
  if (spec.oif !== undefined) out.push(nftDevice('oifname', spec.oif));
  const protocol = protocolOf(spec);
  const matches = spec.matches.map((use) => ({ name: use.name, ...matchOf(use).nft(use.options, protocol) }));
  const foreign = matches.findIndex((m) => m.native !== true);
  const port = matches.findIndex((m) => m.native === true && (m.name === 'tcp' || m.name === 'udp'));
  const implied = port >= 0 && (foreign < 0 || port < foreign);
  if (spec.protocol !== undefined && !implied) out.push(`meta l4proto ${spec.protocol.invert ? '!= ' : ''}${nftProtocol(spec.protocol.number)}`);
  if (spec.src !== undefined) out.push(nftAddress('saddr', spec.src));
  if (spec.dst !== undefined) out.push(nftAddress('daddr', spec.dst));
  if (spec.fragment !== undefined) out.push(`ip frag-off & 8191 ${spec.fragment.invert ? '==' : '!='} 0`);
  for (const m of matches) out.push(m.text);
  out.push(`counter packets ${packets} bytes ${bytes}`);
  const { target } = spec;
  switch (target.kind) {
    case 'none': break;
    case 'verdict': out.push(target.verdict.toLowerCase()); break;
    case 'jump': out.push(`jump ${target.chain}`); break;
    case 'goto': out.push(`goto ${target.chain}`); break;
    case 'extension': out.push(targetOf(target.use).nft(target.use.options)); break;
  }
  return out.join(' ');
}

const listAddress = (a: AddressMatch | undefined): string => {
  if (a === undefined) return '0.0.0.0/0';
  return `${a.invert ? '!' : ''}${dotted(a.address)}${a.mask >>> 0 === 0xffffffff ? '' : `/${maskText(a.mask)}`}`;
};
const listDevice = (d: DeviceMatch | undefined): string => (d === undefined ? '' : `${d.invert ? '!' : ''}${deviceText(d)}`);

export function listColumns(spec: RuleSpec): RuleDump['list'] {
  const { target } = spec;
  const extra = (numeric: boolean): string => {
    const out = spec.matches.map((use) => matchOf(use).list(use.options, numeric, protocolOf(spec)));
    if (target.kind === 'extension') out.push(targetOf(target.use).list(target.use.options, numeric));
    return out.filter((text) => text !== '').join(' ');
  };
  const negated = spec.protocol?.invert === true ? '!' : '';
  return {
    target: targetName(spec, true),
    protocol: spec.protocol === undefined ? 'all' : `${negated}${protocolName(spec.protocol.number) ?? spec.protocol.number}`,
    protocolNumber: spec.protocol?.number ?? 0,
    fragment: spec.fragment?.invert === false,
    options: spec.fragment === undefined ? '--' : spec.fragment.invert ? '!f' : '-f',
    in: listDevice(spec.iif), out: listDevice(spec.oif), source: listAddress(spec.src), destination: listAddress(spec.dst),
    extra: extra(false), extraNumeric: extra(true), goto: target.kind === 'goto',
  };
}

export function targetName(spec: RuleSpec, forList = false): string {
  const { target } = spec;
  switch (target.kind) {
    case 'none': return '';
    case 'verdict': return target.verdict;
    case 'jump': case 'goto': return target.chain;
    case 'extension': return (forList ? targetOf(target.use).listName : undefined) ?? target.use.name;
  }
}
