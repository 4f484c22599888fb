import { explainMiss } from '../../engine/kernel/netfilter/explain.ts';
import { saveText } from '../../engine/kernel/netfilter/rule-text.ts';
import type { Step } from '../../engine/trace/steps.ts';
import type { ReasonView } from '../../worker/protocol.ts';
import type { Inspector } from '../inspector.ts';
import { chainAt, matchText } from '../views/chains.ts';
import { ruleCause } from './cause.ts';

type RuleStep = Extract<Step, { kind: 'rule' }>;
type HookStep = Extract<Step, { kind: 'hook' }>;

const PURPOSE: Readonly<Record<HookStep['table'], string>> = {
  raw: 'raw comes first, before connection tracking: exemptions and TRACE live here.',
  mangle: 'mangle changes marks and header fields.',
  nat: 'nat is asked for the first packet of a connection only; conntrack repeats its decision for the rest.',
  filter: 'filter decides whether the packet may pass.',
  security: 'security is where mandatory access control marks packets.',
};

/** How far ahead the rules of one walk are looked for. */
const WALK = 400;

/** Rules that matched in the walk that begins at a hook step, and how it ended. */
export function walkOf(inspector: Inspector, hook: HookStep): { readonly rules: readonly RuleStep[]; readonly end: Extract<Step, { kind: 'hook-end' }> | undefined } {
  const rules: RuleStep[] = [];
  for (let i = hook.i + 1; i < inspector.lab.steps.length && i < hook.i + WALK; i++) {
    const step = inspector.lab.steps[i];
    if (step === undefined || !('pkt' in step) || step.pkt !== hook.pkt) continue;
    if (step.kind === 'rule' && step.table === hook.table && step.hook === hook.hook) rules.push(step);
    else if (step.kind === 'hook-end' && step.table === hook.table) return { rules, end: step };
    else if (step.kind === 'hook') break;
  }
  return { rules, end: undefined };
}

/** What a table did with the packet, told where the packet enters it. */
export function traversal(inspector: Inspector, step: HookStep): ReasonView {
  const { rules, end } = walkOf(inspector, step);
  const where = `${step.table} ${step.hook}`;
  const path = rules.filter((r) => r.verdict === 'jump' || r.verdict === 'goto').map((r) => r.target);
  const last = rules.findLast((r) => r.verdict !== 'jump' && r.verdict !== 'goto' && r.verdict !== 'return');
  const matched = rules.length === 0 ? 'No rule matched' : `${rules.length} rule${rules.length === 1 ? '' : 's'} matched`;
  const through = path.length === 0 ? '' : `, through ${path.join(', ')}`;
  const verdict = end === undefined ? '' : end.by === 'policy' ? `; the policy says ${end.verdict}` : `; ${last === undefined ? end.verdict : last.target}`;
  return { headline: `${where}: ${matched.toLowerCase()}${through}${verdict}.`, text: PURPOSE[step.table], won: undefined, tried: [], cause: undefined };
}

const OUTCOME: Readonly<Record<RuleStep['verdict'], string>> = {
  continue: 'The walk goes on with the next rule.', accept: 'The walk of this table ends here.', drop: 'The packet ends here.',
  return: 'The walk goes back to the chain it came from.', jump: 'The walk goes on in that chain, and comes back if nothing there decides.',
  goto: 'The walk goes on in that chain and does not come back here.', stolen: 'The packet ends here; an answer is sent in its place.',
};

/** Why a rule matched: its predicate, what chance drew, and which rules above it did not match. */
export function ruleReason(inspector: Inspector, step: RuleStep): ReasonView {
  const chain = chainAt(inspector, step.ns, step.i, step.table, step.chain);
  const rule = chain?.rules.find((r) => r.handle === step.handle);
  const table = `${step.ns}/${step.table}/${step.chain}`;
  const number = step.index + 1;
  const draw = step.draw === undefined ? '' : ` Chance drew ${(step.draw.value / 0x80000000).toFixed(3)}, below ${(step.draw.bound / 0x80000000).toFixed(3)}.`;
  const asks = rule === undefined || matchText(rule) === '' ? 'It matches every packet.' : `It matches ${matchText(rule)}.`;
  const hook = hookOf(inspector, step);
  const tried = (chain?.rules ?? []).slice(0, step.index).flatMap((other) => {
    const failed = hook === undefined ? undefined : explainMiss(other, { ...hook, net: step.net, mark: step.mark });
    return failed === undefined ? [] : [{ row: { table, key: String(other.handle) }, text: saveText(other.spec), failed }];
  });
  return {
    headline: `Rule ${number} of ${step.chain}: ${step.target === '' ? 'counts' : step.target}.`, text: `${asks}${draw} ${OUTCOME[step.verdict]}`,
    won: { table, key: String(step.handle) }, tried, cause: rule === undefined ? undefined : ruleCause(saveText(rule.spec)),
  };
}

/** The hook step that a rule's walk began with: it says in and out device, mark and connection state. */
function hookOf(inspector: Inspector, step: RuleStep): HookStep | undefined {
  for (let i = step.i - 1; i >= 0 && i > step.i - WALK; i--) {
    const other = inspector.lab.steps[i];
    if (other?.kind === 'hook' && other.pkt === step.pkt) return other;
  }
  return undefined;
}
