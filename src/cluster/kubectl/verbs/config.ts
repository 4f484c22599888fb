/** kubectl config. Models: kubectl/pkg/cmd/config (v1.29) on the one file that is in use. Not modelled: set, unset, set-cluster, set-credentials, rename-context. */
import type { Program } from '../../../engine/sim/process.ts';
import { flag } from '../flags.ts';
import { jsonPath } from '../jsonpath.ts';
import { toJson, toYaml } from '../plain.ts';
import { formatTable } from '../table.ts';
import type { Kube, Verb } from '../verb.ts';

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** --raw apart, secrets are masked. */
function masked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(masked);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, key === 'certificate-authority-data' || key.startsWith('client-') ? 'DATA+OMITTED' : masked(item)]));
}

/** Writes the file back; k3s' own belongs to root. */
function save(k: Kube, raw: Readonly<Record<string, unknown>>): number {
  if (k.config.path.startsWith('/etc/') && k.context.user !== 'root') return k.fail(`error: open ${k.config.path}.lock: permission denied`);
  const written = k.context.host.fs.write(k.config.path, toYaml(raw));
  return written.ok ? 0 : k.fail(`error: open ${k.config.path}: permission denied`);
}

function setContext(k: Kube, named: string | undefined): number {
  const name = k.flags.on('current') ? k.config.current : named;
  if (name === undefined) return k.fail('error: you must specify a non-empty context name or --current');
  const { raw } = k.config;
  const contexts = Array.isArray(raw['contexts']) ? raw['contexts'].filter(isRecord) : [];
  const known = contexts.some((c) => c['name'] === name);
  const changes = Object.fromEntries((['cluster', 'user', 'namespace'] as const).flatMap((f) => (k.flags.has(f) ? [[f, k.flags.text(f)]] : [])));
  const next = known ? contexts.map((c) => (c['name'] === name ? { ...c, context: { ...(isRecord(c['context']) ? c['context'] : {}), ...changes } } : c)) : [...contexts, { context: changes, name }];
  const code = save(k, { ...raw, contexts: next });
  if (code === 0) k.out(`Context "${name}" ${known ? 'modified' : 'created'}.\n`);
  return code;
}

export const config: Verb = {
  name: 'config', summary: 'Modify kubeconfig files', flags: [flag('current', 'boolean'), flag('minify', 'boolean'), flag('raw', 'boolean'), flag('output', 'string', 'o'), flag('no-headers', 'boolean'), flag('flatten', 'boolean')],
  *run(k): Program {
    const [what, name] = k.flags.args;
    const { config: c } = k;
    switch (what) {
      case 'current-context': k.out(`${c.current}\n`); return 0;
      case 'get-contexts': {
        const shown = c.contexts.filter((x) => name === undefined || x.name === name);
        if (k.flags.text('output') === 'name') k.out(shown.map((x) => `${x.name}\n`).join(''));
        else {
          const rows = shown.map((x) => [x.name === c.current ? '*' : '', x.name, x.fields['cluster'] ?? '', x.fields['user'] ?? '', x.fields['namespace'] ?? '']);
          k.out(formatTable(k.flags.on('no-headers') ? rows : [['CURRENT', 'NAME', 'CLUSTER', 'AUTHINFO', 'NAMESPACE'], ...rows]));
        }
        if (name !== undefined && shown.length === 0) return k.fail(`error: context ${name} not found`);
        return 0;
      }
      case 'get-clusters': k.out(`NAME\n${[...new Set(c.contexts.map((x) => x.fields['cluster'] ?? ''))].map((n) => `${n}\n`).join('')}`); return 0;
      case 'get-users': k.out(`NAME\n${[...new Set(c.contexts.map((x) => x.fields['user'] ?? ''))].map((n) => `${n}\n`).join('')}`); return 0;
      case 'view': {
        const value = k.flags.on('raw') ? c.raw : masked(c.raw);
        const output = k.flags.text('output') ?? 'yaml';
        if (output.startsWith('jsonpath=')) {
          const text = jsonPath(output.slice(9), value);
          if (!text.ok) return k.fail(text.error);
          k.out(text.value);
        } else k.out(output === 'json' ? toJson(value) : toYaml(value));
        return 0;
      }
      case 'use-context': {
        if (name === undefined || !c.contexts.some((x) => x.name === name)) return k.fail(`error: no context exists with the name: "${name ?? ''}"`);
        const code = save(k, { ...c.raw, 'current-context': name });
        if (code === 0) k.out(`Switched to context "${name}".\n`);
        return code;
      }
      case 'set-context': return setContext(k, name);
      default: return k.fail(what === undefined ? 'error: must specify a subcommand of config' : `error: kubectl config ${what} is not modelled in this lab`);
    }
  },
};
