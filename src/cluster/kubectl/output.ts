/** -o of every verb that prints objects. Models: cli-runtime/pkg/genericclioptions/{print,json_yaml,jsonpath,name}_flags.go (v1.29). */
import { kindInfo, singularName, type AnyObject, type Kind } from '../api/kinds.ts';
import { kindOf } from '../store.ts';
import { customColumns } from './custom-columns.ts';
import { goTemplate } from './go-template.ts';
import { jsonPath } from './jsonpath.ts';
import { plain, plainList, rawJson, rawYaml } from './plain.ts';
import type { Kube } from './verb.ts';

const FORMATS = 'go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,name,template,templatefile,yaml';
const GET_FORMATS = 'custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,name,template,templatefile,wide,yaml';

/** `deployment.apps/web` */
export const refName = (kind: Kind, name: string): string => `${singularName(kindInfo(kind))}/${name}`;

/** yaml, json, name ...: what stands before `=`. */
export const formatOf = (k: Kube): string => (k.flags.text('output') ?? (k.flags.has('template') ? 'go-template' : '')).replace(/^=/, '').split('=')[0] ?? '';

/** Prints objects in the asked format. `single`: one object, not a list. Answers undefined when no such format was asked for. */
export function printStructured(k: Kube, objects: readonly AnyObject[], single: boolean, gets = false): number | undefined {
  const output = (k.flags.text('output') ?? (k.flags.has('template') ? 'go-template' : '')).replace(/^=/, '');
  if (output === '' || (gets && output === 'wide')) return undefined;
  const format = formatOf(k);
  const argument = output.slice(format.length + 1);
  const value: unknown = single ? plain(objects[0]) : plainList(objects);
  switch (format) {
    case 'yaml': k.out(rawYaml(value)); return 0;
    case 'json': k.out(rawJson(value)); return 0;
    case 'name':
      for (const o of objects) k.out(`${refName(kindOf(o), o.metadata.name)}\n`);
      return 0;
    case 'jsonpath':
    case 'jsonpath-as-json': {
      if (argument === '') return k.fail('error: template format specified but no template given');
      const text = jsonPath(argument, value, { json: format === 'jsonpath-as-json', allowMissing: k.flags.text('allow-missing-template-keys') !== 'false' });
      if (!text.ok) return k.fail(text.error);
      k.out(text.value);
      return 0;
    }
    case 'go-template':
    case 'template': {
      const template = argument === '' ? (k.flags.text('template') ?? '') : argument;
      if (template === '') return k.fail('error: template format specified but no template given');
      const text = goTemplate(template, value);
      if (!text.ok) return k.fail(text.error);
      k.out(text.value);
      return 0;
    }
    case 'go-template-file':
    case 'templatefile':
    case 'jsonpath-file':
    case 'custom-columns-file': return k.fail(`error: --output ${format} is not modelled in this lab`);
    case 'custom-columns': {
      if (!gets) break;
      const text = customColumns(argument, objects, !k.flags.on('no-headers'));
      if (!text.ok) return k.fail(text.error);
      k.out(text.value);
      return 0;
    }
    default: break;
  }
  return k.fail(`error: unable to match a printer suitable for the output format "${output}", allowed formats are: ${gets ? GET_FORMATS : FORMATS}`);
}

/** `pod/x created`, or the object itself with -o. */
export function report(k: Kube, object: AnyObject, said: string, dry: '' | 'client' | 'server' = dryRun(k)): number {
  const printed = printStructured(k, [object], true);
  if (printed !== undefined) return printed;
  k.out(`${refName(kindOf(object), object.metadata.name)} ${said}${dry === '' ? '' : dry === 'server' ? ' (server dry run)' : ' (dry run)'}\n`);
  return 0;
}

/** `0529 13:09:28.123456`: klog's time of the year. */
const klogTime = (ms: number): string => new Date(ms).toISOString().replace(/^\d+-(\d+)-(\d+)T([\d:.]+)Z$/, '$1$2 $3000');

/** --dry-run: '' is none. */
export function dryRun(k: Kube): '' | 'client' | 'server' {
  const value = k.flags.text('dry-run');
  return value === undefined || value === 'none' ? '' : value === 'server' ? 'server' : 'client';
}

/** What --dry-run refuses and warns about before the verb starts; undefined: go on. */
export function checkDryRun(k: Kube): number | undefined {
  const value = k.flags.text('dry-run');
  if (value === undefined || ['none', 'client', 'server'].includes(value)) return undefined;
  if (value === 'unchanged' || value === 'true') {
    if (value === 'unchanged') k.context.stderr.write(`W${klogTime(k.now)}       1 helpers.go:704] --dry-run is deprecated and can be replaced with --dry-run=client.\n`);
    return undefined;
  }
  return k.fail(`error: Invalid dry-run value (${value}). Must be "none", "server", or "client".`);
}
