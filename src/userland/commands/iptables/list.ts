/** Read first: iptables 1.8.7 and 1.8.9 iptables/xshared.c (print_header, print_rule_details, save_*), xtables_print_num. */
import type { ChainDump, RuleDump } from '../../../engine/uapi/netfilter.ts';

export interface ListOptions {
  readonly verbose: boolean;
  readonly numeric: boolean;
  readonly exact: boolean;
  readonly lineNumbers: boolean;
  /** With `numeric`: 6 instead of tcp (1.8.9). */
  readonly protocolNumbers?: boolean;
  /** Names of addresses, without -n. */
  readonly names?: ReadonlyMap<string, string> | undefined;
}

const ADDRESS = /^(!?)(\d+\.\d+\.\d+\.\d+)(.*)$/;

/** Addresses of a rule that `-L` without `-n` asks names for: hosts and networks alike, all but 0.0.0.0/0. */
export const namedAddresses = (rule: RuleDump): readonly string[] =>
  [rule.list.source, rule.list.destination].flatMap((text) => (text.endsWith('0.0.0.0/0') ? [] : [ADDRESS.exec(text)?.[2] ?? []].flat()));

/** `%5llu ` up to 99999, then K, M, G, T with the next unit above 9999. `bare`: without widths (chain headers). */
export function count(n: number, exact: boolean, bare = false): string {
  if (exact) return bare ? `${n} ` : `${String(n).padStart(8)} `;
  if (n <= 99_999) return bare ? `${n} ` : `${String(n).padStart(5)} `;
  let value = n;
  for (const unit of ['K', 'M', 'G']) {
    value = Math.floor((value + 500) / 1000);
    if (value <= 9999) return bare ? `${value}${unit} ` : `${String(value).padStart(4)}${unit} `;
  }
  value = Math.floor((value + 500) / 1000);
  return bare ? `${value}T ` : `${String(value).padStart(4)}T `;
}

export function chainHeader(chain: ChainDump, o: ListOptions): string {
  const about = chain.policy === undefined ? `(${chain.references} references)` : `(policy ${chain.policy}${o.verbose ? ` ${count(chain.packets, o.exact, true)}packets, ${count(chain.bytes, o.exact, true)}bytes` : ''})`;
  const numbers = o.lineNumbers ? 'num  ' : '';
  const counters = !o.verbose ? '' : o.exact ? '    pkts      bytes ' : ' pkts bytes ';
  const via = o.verbose ? ' in     out    ' : '';
  return `Chain ${chain.name} ${about}\n${numbers}${counters}target     prot opt${via} source               destination         \n`;
}

/** `!` takes the blank's place in front of a negated column. */
const glued = (text: string): string => (text.startsWith('!') ? text : ` ${text}`);

export function ruleLine(rule: RuleDump, number: number, o: ListOptions): string {
  const l = rule.list;
  let text = o.lineNumbers ? `${String(number).padEnd(4)} ` : '';
  if (o.verbose) text += o.exact ? `${String(rule.packets).padStart(8)} ${String(rule.bytes).padStart(8)} ` : count(rule.packets, false) + count(rule.bytes, false);
  const protocol = o.numeric && o.protocolNumbers === true ? l.protocol.replace(/[^!].*/, String(l.protocolNumber)) : l.protocol;
  text += `${l.target.padEnd(9)} ${protocol.startsWith('!') ? `!${protocol.slice(1).padEnd(5)}` : ` ${protocol.padEnd(5)}`}`;
  text += `${l.options} `;
  const any = o.numeric ? '*' : 'any';
  const device = (name: string): string => (name === '' || name === '*' || name === 'any' ? any : name);
  if (o.verbose) text += ` ${device(l.in).padEnd(6)} ${device(l.out).padEnd(6)} `;
  const host = (address: string): string => (o.numeric ? address : address.replace(/(^|!)0\.0\.0\.0\/0$/, '$1anywhere').replace(ADDRESS, (_, not: string, ip: string, mask: string) => `${not}${o.names?.get(ip) ?? ip}${mask}`));
  text += `${glued(host(l.source)).padEnd(20)} ${glued(host(l.destination)).padEnd(20)} `;
  const extra = o.numeric ? l.extraNumeric : l.extra;
  if (l.goto) text += '[goto] ';
  return `${text}${extra === '' ? '' : ` ${extra}`}\n`;
}

/** `-A CHAIN …`, with `-c p b` before the target when asked for. */
export function ruleSave(chain: string, rule: RuleDump, counters: boolean): string {
  const save = rule.save === '' ? '' : ` ${rule.save}`;
  if (!counters) return `-A ${chain}${save}\n`;
  const c = ` -c ${rule.packets} ${rule.bytes}`;
  // The target is the last -j or -g outside quotes.
  let at = -1;
  for (const m of save.matchAll(/"(?:[^"\\]|\\.)*"| (-j|-g) /g)) if (m[1] !== undefined) at = m.index;
  return `-A ${chain}${at < 0 ? save + c : save.slice(0, at) + c + save.slice(at)}\n`;
}

export const chainSave = (chain: ChainDump, counters: boolean): string =>
  chain.policy === undefined ? `-N ${chain.name}\n` : `-P ${chain.name} ${chain.policy}${counters ? ` -c ${chain.packets} ${chain.bytes}` : ''}\n`;
