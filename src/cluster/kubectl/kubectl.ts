/** kubectl as a command: finds the verb, reads its flags, runs it. Models: kubectl/pkg/cmd/cmd.go (v1.29). */
import type { Program } from '../../engine/sim/process.ts';
import type { Command, Context } from '../../userland/host.ts';
import type { Cluster } from '../cluster.ts';
import { GLOBAL, parseFlags } from './flags.ts';
import { complete } from './complete.ts';
import { connectionError } from './connection.ts';
import { loadKubeconfig } from './kubeconfig.ts';
import type { Kube, Verb } from './verb.ts';
import { apiResources, apiVersions, explain } from './verbs/api.ts';
import { apply, diff, replace } from './verbs/apply.ts';
import { config } from './verbs/config.ts';
import { create } from './verbs/create.ts';
import { del } from './verbs/delete.ts';
import { describe } from './verbs/describe.ts';
import { attach } from './verbs/attach.ts';
import { exec } from './verbs/exec.ts';
import { expose } from './verbs/expose.ts';
import { logs } from './verbs/logs.ts';
import { debug, run } from './verbs/run.ts';
import { edit } from './verbs/edit.ts';
import { events, get } from './verbs/get.ts';
import { auth, clusterInfo, options, version } from './verbs/info.ts';
import { annotate, label } from './verbs/label.ts';
import { cordonNode, drain, taint, uncordonNode } from './verbs/nodes.ts';
import { patch, scale } from './verbs/patch.ts';
import { rollout } from './verbs/rollout.ts';
import { set } from './verbs/set.ts';
import { wait } from './verbs/wait.ts';

/** In the order of `kubectl --help`. */
const VERBS: readonly Verb[] = [
  create, expose, run, set, explain, get, edit, del, rollout, scale, clusterInfo, cordonNode, uncordonNode, drain, taint, describe, logs, attach, exec, events, diff, apply, patch, replace, wait,
  label, annotate, debug, auth, apiResources, apiVersions, config, options, version,
];

/** Verbs that ask no server. */
const LOCAL: readonly string[] = ['config', 'options'];

const ABSENT: readonly string[] = ['autoscale', 'certificate', 'top', 'port-forward', 'proxy', 'cp', 'kustomize', 'completion', 'plugin', 'alpha'];

const HELP = (): string => `kubectl controls the Kubernetes cluster manager.

 Find more information at: https://kubernetes.io/docs/reference/kubectl/

Commands of this lab:
${VERBS.map((v) => `  ${v.name.padEnd(15)} ${v.summary}\n`).join('')}
Usage:
  kubectl [flags] [options]

Use "kubectl <command> --help" for more information about a given command.
`;

const verbHelp = (verb: Verb): string => `${verb.summary}.

Options:
${[...verb.flags].sort((a, b) => (a.name < b.name ? -1 : 1)).map((f) => `    ${f.short === undefined ? '    ' : `-${f.short}, `}--${f.name}${f.type === 'boolean' ? '=false' : "=''"}\n`).join('')}
Usage:
  kubectl ${verb.name} [options]

Use "kubectl options" for a list of global command-line options (applies to all commands).
`;

/** Levenshtein distance of at most 2, or a common prefix: cobra's suggestions. */
function near(a: string, b: string): boolean {
  if (b.startsWith(a)) return true;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return (row[b.length] ?? 9) <= 2;
}

/** Global flags may stand before the verb. */
function splitVerb(words: readonly string[]): { readonly verb: string | undefined; readonly words: readonly string[] } {
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (!word.startsWith('-')) return { verb: word, words: [...words.slice(0, i), ...words.slice(i + 1)] };
    const spec = GLOBAL.find((f) => word === `--${f.name}` || word === `-${f.short ?? ' '}`);
    if (spec !== undefined && spec.type !== 'boolean') i++;
  }
  return { verb: undefined, words };
}

function* runKubectl(cluster: Cluster, context: Context): Program {
  const fail = (text: string): 1 => {
    context.stderr.write(`${text}\n`);
    return 1;
  };
  const { verb: name, words } = splitVerb(context.args.slice(1));
  const alone = name === undefined ? parseFlags(words, GLOBAL) : undefined;
  if (alone?.ok === false) return fail(`error: ${alone.error}\nSee 'kubectl --help' for usage.`);
  if (name === undefined || name === 'help') {
    context.stdout.write(HELP());
    return 0;
  }
  const verb = VERBS.find((v) => v.name === name);
  if (verb === undefined) {
    if (ABSENT.includes(name)) return fail(`error: kubectl ${name} is not modelled in this lab`);
    const close = VERBS.filter((v) => near(name, v.name)).map((v) => v.name);
    return fail(`error: unknown command "${name}" for "kubectl"${close.length > 0 ? `\n\nDid you mean this?\n${close.map((c) => `\t${c}\n`).join('')}` : ''}`.trimEnd());
  }
  const under = words.filter((w) => !w.startsWith('-')).slice(0, 2).join(' ');
  const absent = verb.absent?.find((a) => under === a || under.startsWith(`${a} `));
  if (absent !== undefined) return fail(`error: kubectl ${verb.name} ${absent} is not modelled in this lab${verb.name === 'create' ? '; use create -f' : ''}`);
  const [first = '', second = ''] = words.filter((w) => !w.startsWith('-'));
  const subcommand = [`${first} ${second}`, first].find((s) => verb.subcommands?.includes(s));
  const called = subcommand === undefined ? verb.name : `${verb.name} ${subcommand}`;
  const flags = parseFlags(words, [...(subcommand === undefined ? (verb.ownFlags ?? verb.flags) : verb.flags), ...GLOBAL.filter((g) => !verb.flags.some((f) => f.name === g.name))], verb.options);
  if (!flags.ok) return fail(`error: ${flags.error}\nSee 'kubectl ${called} --help' for usage.`);
  if (flags.value.on('help')) {
    context.stdout.write(verbHelp(verb));
    return 0;
  }
  const timeout = flags.value.text('request-timeout');
  if (timeout !== undefined && !/^(?:\d+|(?:\d+(?:\.\d*)?(?:ns|us|ms|s|m|h))+)$/.test(timeout)) return fail('error: Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)');
  const config = loadKubeconfig(context, verb.flags.some((f) => f.name === 'user') ? flags.value.without('user') : flags.value);
  if (!config.ok) return fail(config.error);
  if (config.value === undefined) return fail('The connection to the server localhost:8080 was refused - did you specify the right host or port?');
  const unreachable = LOCAL.includes(name) || (name === 'version' && flags.value.on('client')) ? undefined : yield* connectionError(cluster, context, config.value.server);
  if (unreachable !== undefined) return fail(unreachable);
  if (flags.value.has('server') && !/^https?:\/\/[\d.]+(?::\d+)?\/?$/.test(config.value.server)) return fail('error: a server given by name is not modelled in this lab');
  const namespace = flags.value.text('namespace') || config.value.namespace || 'default';
  const k: Kube = {
    cluster, context, flags: flags.value, verb: verb.name, namespace, config: config.value, now: cluster.plane.wallMillis(),
    out: (text) => void context.stdout.write(text), fail,
  };
  return yield* verb.run(k);
}

export const kubectlCommand = (cluster: Cluster): Command => ({
  name: 'kubectl', aliases: ['k'],
  models: `kubectl 1.29: ${VERBS.map((v) => v.name).join(', ')}`,
  notModelled: ABSENT.join(', '),
  complete: (_host, words) => complete(cluster, VERBS, words),
  run: (context) => runKubectl(cluster, context),
});
