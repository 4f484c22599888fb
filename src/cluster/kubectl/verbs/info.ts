/** kubectl version, api-resources, cluster-info, explain, config. Models: kubectl/pkg/cmd of the same names (v1.29). */
import type { Program } from '../../../engine/sim/process.ts';
import { FIELDS, kindByResource, KINDS, type Kind } from '../../api/kinds.ts';
import type { Field } from '../../api/schema.ts';
import { flag } from '../flags.ts';
import { formatTable } from '../table.ts';
import type { Verb } from '../verb.ts';

export const version: Verb = {
  name: 'version', summary: 'Print the client and server version information', flags: [flag('client', 'boolean'), flag('output', 'string', 'o'), flag('short', 'boolean')],
  *run(k): Program {
    const { version: v } = k.cluster.options;
    k.out(`Client Version: ${v}\nKustomize Version: v5.0.4-0.20230601165947-6ce0bf390ce3\n${k.flags.on('client') ? '' : `Server Version: ${v}\n`}`);
    return 0;
  },
};

export const apiResources: Verb = {
  name: 'api-resources', summary: 'Print the supported API resources on the server', flags: [flag('namespaced', 'string', undefined, 'true'), flag('no-headers', 'boolean'), flag('output', 'string', 'o'), flag('api-group')],
  *run(k): Program {
    const wanted = k.flags.text('namespaced');
    const rows = KINDS.filter((i) => k.cluster.store.serves(i.kind) && (wanted === undefined || String(i.namespaced) === wanted)).map((i) => [i.plural, i.short.join(','), i.apiVersion, String(i.namespaced), i.kind]);
    k.out(formatTable(k.flags.on('no-headers') ? rows : [['NAME', 'SHORTNAMES', 'APIVERSION', 'NAMESPACED', 'KIND'], ...rows]));
    return 0;
  },
};

export const clusterInfo: Verb = {
  name: 'cluster-info', summary: 'Display cluster information', flags: [],
  *run(k): Program {
    k.out('Kubernetes control plane is running at https://127.0.0.1:6443\nCoreDNS is running at https://127.0.0.1:6443/api/v1/namespaces/kube-system/services/kube-dns:dns/proxy\n\nTo further debug and diagnose cluster problems, use \'kubectl cluster-info dump\'.\n');
    return 0;
  },
};

const ROOTS: Readonly<Record<Kind, Field<unknown>>> = FIELDS;

export const explain: Verb = {
  name: 'explain', summary: 'Get documentation for a resource', flags: [flag('recursive', 'boolean'), flag('api-version')],
  *run(k): Program {
    const [path] = k.flags.args;
    if (path === undefined) return k.fail('error: You must specify the type of resource to explain. Use "kubectl api-resources" for a complete list of supported resources.');
    const [resource = '', ...parts] = path.split('.');
    const info = kindByResource(resource, k.cluster.store.serves);
    if (info === undefined) return k.fail(`error: the server doesn't have a resource type "${resource}"`);
    let field: Field<unknown> = ROOTS[info.kind];
    for (const part of parts) {
      const next = field.fields?.[part];
      if (next === undefined) return k.fail(`error: field "${part}" does not exist`);
      field = next;
    }
    const [group, v] = info.apiVersion.includes('/') ? info.apiVersion.split('/') : [undefined, info.apiVersion];
    const head = `${group === undefined ? '' : `GROUP:      ${group}\n`}KIND:       ${info.kind}\nVERSION:    ${v ?? ''}\n\n`;
    const type = (f: Field<unknown>): string => (f.fields === undefined ? f.go.replace('intstr.', '') : f.go);
    const note = (f: Field<unknown>): string => (f.inert === true ? '   (kept, without effect in this lab)' : '');
    const list = (f: Field<unknown>, indent: string): string => Object.entries(f.fields ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, sub]) => `${indent}${name}\t<${type(sub)}>${note(sub)}\n${k.flags.on('recursive') && sub.fields !== undefined ? list(sub, `${indent}  `) : ''}`).join('');
    k.out(`${head}${parts.length > 0 ? `FIELD: ${parts.at(-1) ?? ''} <${type(field)}>${note(field)}\n\n` : ''}${field.fields === undefined ? '' : `FIELDS:\n${list(field, '  ')}\n`}`);
    return 0;
  },
};

export const config: Verb = {
  name: 'config', summary: 'Modify kubeconfig files', flags: [flag('current', 'boolean'), flag('minify', 'boolean'), flag('output', 'string', 'o')],
  *run(k): Program {
    switch (k.flags.args[0]) {
      case 'current-context': k.out('default\n'); return 0;
      case 'get-contexts': k.out('CURRENT   NAME      CLUSTER   AUTHINFO   NAMESPACE\n*         default   default   default    \n'); return 0;
      default: return k.fail(`error: kubectl config ${k.flags.args[0] ?? ''} is not modelled in this lab`);
    }
  },
};
