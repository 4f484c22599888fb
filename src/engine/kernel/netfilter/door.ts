/** What iptables, iptables-restore and iptables-save ask of the kernel. Models: nft_cmd_* as commands see them (iptables 1.8.9). */
import { done, err, ok, type Result } from '../../../base/result.ts';
import type { TableName } from '../../trace/steps.ts';
import type { ChainDump, ExtensionInfo, IptablesCommand, IptablesError, Netfilter as NetfilterDoor, RuleDump, TableDump } from '../../uapi/netfilter.ts';
import { NftTracer } from '../../trace/nft-trace.ts';
import { ALL_MATCHES } from './all-matches.ts';
import { ALL_TARGETS } from './all-targets.ts';
import { commandError, restoreError, usage, type Failure } from './failure.ts';
import type { Netfilter } from './netfilter.ts';
import { parseRule } from './parse-rule.ts';
import { restore } from './restore.ts';
import { listColumns, nftText, saveText } from './rule-text.ts';
import { isTableName, jumpOf, TABLE_HOOKS, type Chain, type Rule } from './ruleset.ts';
import type { Draft } from './transaction.ts';

function run(draft: Draft, command: IptablesCommand): Failure | undefined {
  switch (command.op) {
    case 'new-chain': return draft.newChain(command.chain ?? '');
    case 'delete-chain': return draft.deleteChain(command.chain);
    case 'rename-chain': return draft.renameChain(command.chain, command.to);
    case 'flush': return draft.flush(command.chain);
    case 'zero': return draft.zero(command.chain, command.position);
    case 'policy': return draft.policy(command.chain, command.policy);
    case 'delete-number': return draft.removeAt(command.chain, command.position);
    default: break;
  }
  const rule = parseRule(command.table, command.chain, command.spec);
  if (!rule.ok) return rule.error;
  const { specs, counters } = rule.value;
  const missing = draft.missing(specs);
  if (missing !== undefined) return missing;
  switch (command.op) {
    case 'append': return draft.append(command.chain, specs, counters);
    case 'insert': return draft.insert(command.chain, command.position, specs, counters);
    case 'replace': return draft.replace(command.chain, command.position, specs, counters);
    case 'delete': return draft.remove(command.chain, specs);
    case 'check': return draft.check(command.chain, specs);
  }
}

/** Text of a rule is made when somebody reads it: a dump of thousands of rules costs only what is printed. */
function dumpRule(netfilter: Netfilter, rule: Rule): RuleDump {
  const { packets, bytes } = netfilter.counterOf(rule);
  const { spec, handle } = rule;
  return {
    handle, packets, bytes, jump: jumpOf(rule),
    get save() { return saveText(spec); },
    get list() { return listColumns(spec); },
    get nft() { return nftText(spec, packets, bytes); },
  };
}

export function dumpTable(netfilter: Netfilter, name: TableName): TableDump | undefined {
  const table = netfilter.table(name);
  if (table === undefined) return undefined;
  const references = new Map<string, number>();
  for (const chain of table.chains.values()) {
    for (const rule of chain.rules) {
      const to = jumpOf(rule);
      if (to !== undefined) references.set(to, (references.get(to) ?? 0) + 1);
    }
  }
  const dumpChain = (chain: Chain): ChainDump => {
    const counter = chain.hook === undefined ? { packets: 0, bytes: 0 } : { ...netfilter.policyCounter(name, chain.handle) };
    return {
      name: chain.name, handle: chain.handle, hook: chain.hook, policy: chain.hook === undefined ? undefined : chain.policy, ...counter,
      references: references.get(chain.name) ?? 0, rules: chain.rules.map((rule) => dumpRule(netfilter, rule)),
    };
  };
  const bases = TABLE_HOOKS[name].map((hook): ChainDump => {
    const chain = table.chains.get(hook);
    return chain === undefined ? { name: hook, hook, policy: 'ACCEPT', packets: 0, bytes: 0, references: 0, rules: [] } : dumpChain(chain);
  });
  const users = [...table.chains.values()].filter((chain) => chain.hook === undefined).sort((a, b) => (a.name < b.name ? -1 : 1));
  return { table: name, chains: [...bases, ...users.map(dumpChain)], created: [...table.chains.keys()] };
}

const info = (kind: 'match' | 'target', e: { readonly name: string; readonly models: string; readonly notModelled: string; readonly options: readonly { readonly name: string; readonly argument?: string; readonly help: string }[] }): ExtensionInfo => ({
  kind, name: e.name, models: e.notModelled === '' ? e.models : `${e.models}; not modelled: ${e.notModelled}`,
  options: e.options.map((o) => ({ name: `--${o.name}`, argument: o.argument, help: o.help })),
});

export function netfilterDoor(netfilter: Netfilter): NetfilterDoor {
  return {
    tables: () => netfilter.tables(),
    dump: (table) => dumpTable(netfilter, table),
    chainNames: (table) => [...(netfilter.table(table)?.chains.keys() ?? [])],
    hasChain: (table, chain) => netfilter.table(table)?.chains.has(chain) === true,
    watch(listener) {
      netfilter.watchers.add(listener);
      return () => netfilter.watchers.delete(listener);
    },
    command(command): Result<undefined, IptablesError> {
      if (!isTableName(command.table)) return err({ message: `iptables v1.8.7 (nf_tables): table '${String(command.table)}' does not exist\nPerhaps iptables or your kernel needs to be upgraded.`, exitCode: 3 });
      const draft = netfilter.begin(command.table, true);
      const failure = command.op === 'new-chain' && command.chain === undefined ? usage('option "-N" requires an argument') : run(draft, command);
      if (failure !== undefined) return err(commandError(failure));
      if (command.op === 'check') return done;
      const refused = netfilter.commit(draft);
      return refused === undefined ? done : err(commandError(refused));
    },
    restore(input, options): Result<undefined, IptablesError> {
      const result = restore(input, options, {
        begin: (table, keep) => netfilter.begin(table, keep),
        commit: (draft) => {
          if (!options.test) return netfilter.commit(draft);
          const finished = draft.finish();
          return finished.ok ? undefined : finished.error;
        },
      });
      return result.ok ? ok(undefined) : err(restoreError(result.error.failure, result.error.line));
    },
    traceSubscribe(listener) {
      const { recorder } = netfilter.ns.machine.world;
      const tracer = new NftTracer();
      return recorder.subscribe((step) => {
        if (step.ns === netfilter.ns.id) for (const text of tracer.see(step)) listener({ text });
      });
    },
    extensions: () => [...ALL_MATCHES.map((m) => info('match', m)), ...ALL_TARGETS.map((t) => info('target', t))],
  };
}
