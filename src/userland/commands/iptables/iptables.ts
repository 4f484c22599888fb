/** Read first: iptables(8). The kernel side (uapi Netfilter) parses rules and answers with the tool's own words. */
import type { IptablesCommand, RuleDump } from '../../../engine/uapi/netfilter.ts';
import type { Program } from '../../../engine/sim/process.ts';
import { parseIpv4 } from '../../../engine/wire/addresses.ts';
import type { Command, Context } from '../../host.ts';
import { libraryOf, reverseLookup } from '../../resolver/lookup.ts';
import { Exit, NOT_MODELLED, print } from '../kit.ts';
import { parseArguments, problem, type Arguments } from './arguments.ts';
import { IPTABLES_HELP } from './help.ts';
import { chainHeader, chainSave, namedAddresses, ruleLine, ruleSave } from './list.ts';
import { BASE_CHAINS, printsProtocolNumbers, requireRoot, speaking, tableOf, VERSION, versionOf } from './tables.ts';

export const iptables: Command = {
  name: 'iptables', aliases: ['iptables-nft'], models: 'all commands and listing forms; matches and targets as the kernel side lists them; tables raw, mangle, nat, filter, security', notModelled: 'IPv6, -m set, translation',
  complete: (host, words) => {
    const last = words.at(-2);
    if (last === '-t') return Object.keys(BASE_CHAINS);
    const table = words[words.indexOf('-t') + 1];
    const chains = (table === 'nat' || table === 'mangle' || table === 'raw' || table === 'filter' || table === 'security' ? host.kernel.netfilter.dump(table) : host.kernel.netfilter.dump('filter'))?.chains.map((c) => c.name) ?? [];
    return ['-t', '-L', '-S', '-A', '-D', '-I', '-F', '-N', '-X', '-P', '-n', '-v', '--line-numbers', '-j', '-p', '-s', '-d', ...chains];
  },
  *run(context) {
    return yield* speaking(context, main(context));
  },
};

export const iptablesLegacy: Command = {
  name: 'iptables-legacy', aliases: ['ip6tables', 'ip6tables-save', 'iptables-legacy-save'], models: 'refused', notModelled: 'the legacy back end and IPv6',
  *run(context) {
    context.stderr.write(`${context.args[0] ?? ''}: ${NOT_MODELLED}; use iptables (nf_tables)\n`);
    return 1;
  },
};

function* main(context: Context): Program {
  const a = parseArguments(context.args.slice(1));
  if (a === 'version') {
    print(context, `iptables ${versionOf(context)}\n`);
    return 0;
  }
  if (a === 'help') {
    print(context, `iptables ${versionOf(context)}\n\nUsage: iptables -[ACD] chain rule-specification [options]\n\tiptables -I chain [rulenum] rule-specification [options]\n\tiptables -R chain rulenum rule-specification [options]\n\tiptables -D chain rulenum [options]\n\tiptables -[LS] [chain [rulenum]] [options]\n\tiptables -[FZ] [chain] [options]\n\tiptables -[NX] chain\n\tiptables -E old-chain-name new-chain-name\n\tiptables -P chain target [options]\n\tiptables -h (print this help information)\n${IPTABLES_HELP}`);
    return 0;
  }
  if (a.command === 'N' && a.chain === '') throw problem('chain name may not clash with target name');
  if (a.command === 'N' && (a.chain ?? '').length > 28) throw problem(`chain name \`${a.chain ?? ''}' too long (must be under 29 chars)`);
  const jump = a.spec.findIndex((w) => w === '-j' || w === '--jump');
  if (jump >= 0 && a.spec[jump + 1] === '') throw problem('Invalid target name (too short)');
  requireRoot(context, 'iptables');
  if (a.command === 'L') yield* list(context, a);
  else if (a.command === 'S') listRules(context, a);
  if (a.command === 'L' || a.command === 'S') {
    if (!a.zero) return 0;
    const done = context.kernel.netfilter.command({ op: 'zero', table: a.table, chain: a.chain, position: a.position });
    return done.ok ? 0 : done.error.exitCode;
  }
  const result = context.kernel.netfilter.command(request(a));
  if (result.ok) return 0;
  throw new Exit(result.error.exitCode, `${result.error.message}\n`);
}

function request(a: Arguments): IptablesCommand {
  const chain = a.chain ?? '';
  const { table, spec } = a;
  switch (a.command) {
    case 'A': return { op: 'append', table, chain, spec };
    case 'C': return { op: 'check', table, chain, spec };
    case 'D': return a.position === undefined ? { op: 'delete', table, chain, spec } : { op: 'delete-number', table, chain, position: a.position };
    case 'I': return { op: 'insert', table, chain, position: a.position ?? 1, spec };
    case 'R': return { op: 'replace', table, chain, position: a.position ?? 1, spec };
    case 'N': return { op: 'new-chain', table, chain };
    case 'X': return { op: 'delete-chain', table, chain: a.chain };
    case 'E': return { op: 'rename-chain', table, chain, to: a.second ?? '' };
    case 'P': return { op: 'policy', table, chain, policy: a.second ?? '' };
    case 'F': return { op: 'flush', table, chain: a.chain };
    case 'Z': case 'L': case 'S': return { op: 'zero', table, chain: a.chain, position: a.position };
  }
}

function chosen(context: Context, a: Arguments): ReturnType<typeof tableOf> {
  const chains = tableOf(context.kernel, a.table);
  if (a.chain === undefined) return chains;
  const chain = chains.find((c) => c.name === a.chain);
  if (chain === undefined) throw new Exit(1, `iptables ${VERSION}: chain \`${a.chain}' in table \`${a.table}' is incompatible, use 'nft' tool.\n\n`.replace(/\n\n$/, '\n'));
  return [chain];
}

/** Names of the addresses of rules: one query each (the real tool asks again for every rule). */
function* namesOf(context: Context, rules: readonly RuleDump[]): Program<ReadonlyMap<string, string>> {
  const { kernel, host } = context;
  const names = new Map<string, string>();
  for (const text of new Set(rules.flatMap(namedAddresses))) {
    const address = parseIpv4(text);
    const name = address === undefined ? undefined : yield* reverseLookup(kernel, host.fs, address, libraryOf(host.fs));
    if (name !== undefined) names.set(text, name);
  }
  return names;
}

function* list(context: Context, a: Arguments): Program<void> {
  const chains = chosen(context, a);
  const shown = chains.flatMap((c) => c.rules.filter((_, i) => a.position === undefined || i === a.position - 1));
  const options = { ...a, protocolNumbers: printsProtocolNumbers(context), names: a.numeric ? undefined : yield* namesOf(context, shown) };
  for (const [i, chain] of chains.entries()) {
    if (a.position !== undefined) {
      const rule = chain.rules[a.position - 1];
      if (rule !== undefined) print(context, ruleLine(rule, a.position, options));
      continue;
    }
    print(context, `${i === 0 ? '' : '\n'}${chainHeader(chain, a)}${chain.rules.map((r, n) => ruleLine(r, n + 1, options)).join('')}`);
  }
}

function listRules(context: Context, a: Arguments): void {
  const chains = chosen(context, a);
  if (a.position !== undefined) {
    const [chain] = chains;
    const rule = chain?.rules[a.position - 1];
    if (chain !== undefined && rule !== undefined) print(context, ruleSave(chain.name, rule, a.verbose));
    return;
  }
  for (const chain of chains) print(context, chainSave(chain, a.verbose));
  for (const chain of chains) print(context, chain.rules.map((r) => ruleSave(chain.name, r, a.verbose)).join(''));
}
