/**
 * kubectl api-resources, api-versions, explain. Models: kubectl/pkg/cmd/{apiresources,explain} (v1.29): what the server serves, fields with their types.
 * Not modelled: the prose of upstream's field descriptions; a field without effect here says so.
 */
import type { Program } from '../../../engine/sim/process.ts';
import { FIELDS, kindByResource, KINDS, resourceName, type Kind, type KindInfo } from '../../api/kinds.ts';
import type { Field } from '../../api/schema.ts';
import { flag } from '../flags.ts';
import { unknownType } from '../resources.ts';
import { formatTable } from '../table.ts';
import type { Kube, Verb } from '../verb.ts';

const groupOf = (i: KindInfo): string => (i.apiVersion.includes('/') ? (i.apiVersion.split('/')[0] ?? '') : '');
const VERBS = 'create,delete,deletecollection,get,list,patch,update,watch';
const CATEGORY_ALL: readonly Kind[] = ['Pod', 'Service', 'DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet', 'CronJob', 'Job'];

export const apiResources: Verb = {
  name: 'api-resources', summary: 'Print the supported API resources on the server',
  flags: [flag('namespaced', 'string', undefined, 'true'), flag('no-headers', 'boolean'), flag('output', 'string', 'o'), flag('api-group'), flag('verbs', 'list'), flag('sort-by'), flag('categories', 'list'), flag('cached', 'boolean')],
  *run(k): Program {
    if (k.flags.args.length > 0) return k.fail(`error: unexpected arguments: [${k.flags.args.join(' ')}]\nSee 'kubectl api-resources -h' for help and examples`);
    const output = k.flags.text('output') ?? '';
    if (!['', 'name', 'wide'].includes(output)) return k.fail(`error: --output ${output} is not available`);
    const by = k.flags.text('sort-by');
    if (by !== undefined && by !== 'name' && by !== 'kind') return k.fail(`error: --sort-by accepts only name or kind`);
    const namespaced = k.flags.text('namespaced');
    const group = k.flags.text('api-group');
    const verbs = k.flags.list('verbs').flatMap((v) => v.split(','));
    const categories = k.flags.list('categories').flatMap((c) => c.split(','));
    const key = (i: KindInfo): string => (by === 'name' ? i.plural : by === 'kind' ? i.kind : groupOf(i));
    const kinds = KINDS.filter((i) => k.cluster.store.serves(i.kind) && (namespaced === undefined || String(i.namespaced) === namespaced) && (group === undefined || groupOf(i) === group)
      && verbs.every((v) => VERBS.split(',').includes(v)) && categories.every((c) => c === 'all' && CATEGORY_ALL.includes(i.kind)))
      .sort((a, b) => (key(a) === key(b) ? (a.plural < b.plural ? -1 : 1) : key(a) < key(b) ? -1 : 1));
    if (output === 'name') {
      for (const i of kinds) k.out(`${resourceName(i)}\n`);
      return 0;
    }
    const wide = output === 'wide';
    const rows = kinds.map((i) => [i.plural, i.short.join(','), i.apiVersion, String(i.namespaced), i.kind, ...(wide ? [VERBS, CATEGORY_ALL.includes(i.kind) ? 'all' : ''] : [])]);
    k.out(formatTable(k.flags.on('no-headers') ? rows : [['NAME', 'SHORTNAMES', 'APIVERSION', 'NAMESPACED', 'KIND', ...(wide ? ['VERBS', 'CATEGORIES'] : [])], ...rows]));
    return 0;
  },
};

export const apiVersions: Verb = {
  name: 'api-versions', summary: 'Print the supported API versions on the server, in the form of "group/version"', flags: [],
  *run(k): Program {
    if (k.flags.args.length > 0) return k.fail(`error: unexpected arguments: [${k.flags.args.join(' ')}]\nSee 'kubectl api-versions -h' for help and examples`);
    const versions = new Set(KINDS.filter((i) => k.cluster.store.serves(i.kind)).map((i) => i.apiVersion));
    k.out([...versions].sort().map((v) => `${v}\n`).join(''));
    return 0;
  },
};

const ROOTS: Readonly<Record<Kind, Field<unknown>>> = FIELDS;
/** Kubernetes' names of Go's types. */
const typeName = (f: Field<unknown>): string => f.go.replace('intstr.', '').replace(/int32|int64/, 'integer').replace('bool', 'boolean');
const note = (f: Field<unknown>): string => (f.inert === true ? '   (kept, without effect in this lab)' : '');

function fieldList(f: Field<unknown>, indent: string, deep: boolean): string {
  return Object.entries(f.fields ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, sub]) => `${indent}${name}\t<${typeName(sub)}>${note(sub)}\n${deep && sub.fields !== undefined ? fieldList(sub, `${indent}  `, deep) : deep ? '' : '\n'}`).join('');
}

function explainKind(k: Kube, info: KindInfo, parts: readonly string[]): number {
  let field: Field<unknown> = ROOTS[info.kind];
  for (const part of parts) {
    const next = field.fields?.[part];
    if (next === undefined) return k.fail(`error: field "${part}" does not exist`);
    field = next;
  }
  const group = groupOf(info);
  k.out(`${group === '' ? '' : `GROUP:      ${group}\n`}KIND:       ${info.kind}\nVERSION:    ${info.apiVersion.split('/').at(-1) ?? ''}\n\n`);
  if (parts.length > 0) k.out(`FIELD: ${parts.at(-1) ?? ''} <${typeName(field)}>${note(field)}\n\n`);
  else if (info.inert === true) k.out('DESCRIPTION:\n    Kept and shown, without effect in this lab.\n\n');
  if (field.fields !== undefined) k.out(`FIELDS:\n${fieldList(field, '  ', k.flags.on('recursive'))}\n`);
  return 0;
}

export const explain: Verb = {
  name: 'explain', summary: 'Get documentation for a resource', flags: [flag('recursive', 'boolean'), flag('api-version'), flag('output', 'string', 'o')],
  *run(k): Program {
    const [path, ...more] = k.flags.args;
    if (path === undefined) return k.fail('error: You must specify the type of resource to explain. Use "kubectl api-resources" for a complete list of supported resources.');
    if (more.length > 0) return k.fail('error: We accept only this format: explain RESOURCE\n');
    const words = path.split('.');
    // `deployments.apps.spec`: the group may stand behind the resource.
    for (const length of [3, 2, 1]) {
      const info = kindByResource(words.slice(0, length).join('.'), k.cluster.store.serves);
      if (info !== undefined) return explainKind(k, info, words.slice(length));
    }
    const [resource = ''] = words;
    return k.fail(unknownType(resource).replace(/^error: (?=the server)/, ""));
  },
};
