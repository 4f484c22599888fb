/** kubectl delete. Models: kubectl/pkg/cmd/delete (v1.29): waits until the objects are gone. */
import { plus, seconds } from '../../../engine/sim/time.ts';
import { WaitQueue, type Program } from '../../../engine/sim/process.ts';
import { kubectlText, notFound } from '../../api/errors.ts';
import { kindInfo, singularName, type Kind } from '../../api/kinds.ts';
import { parseManifest } from '../../api/manifest.ts';
import { flag } from '../flags.ts';
import { pick } from '../resources.ts';
import type { Verb } from '../verb.ts';
import { sources } from './apply.ts';

interface Target {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
}

export const del: Verb = {
  name: 'delete', summary: 'Delete resources by file names, stdin, resources and names, or by resources and label selector',
  flags: [
    flag('filename', 'list', 'f'), flag('all', 'boolean'), flag('all-namespaces', 'boolean', 'A'), flag('selector', 'string', 'l'), flag('field-selector'), flag('now', 'boolean'), flag('force', 'boolean'),
    flag('grace-period'), flag('wait', 'string', undefined, 'true'), flag('ignore-not-found', 'boolean'), flag('output', 'string', 'o'), flag('timeout'), flag('cascade', 'string', undefined, 'background'), flag('recursive', 'boolean', 'R'),
  ],
  *run(k): Program {
    const targets: Target[] = [];
    let code = 0;
    if (k.flags.has('filename')) {
      const read = yield* sources(k);
      if (!read.ok) return k.fail(read.error);
      for (const source of read.value) {
        const manifest = parseManifest(source.text, source.name, k.cluster.store.serves);
        for (const error of manifest.errors) code = k.fail(error.text);
        for (const doc of manifest.documents) {
          const decoded = k.cluster.plane.api.decode(doc.kind, doc.raw);
          if (!decoded.ok) code = k.fail(kubectlText(decoded.error));
          else targets.push({ kind: doc.kind, namespace: kindInfo(doc.kind).namespaced ? decoded.value.metadata.namespace || k.namespace : '', name: decoded.value.metadata.name });
        }
      }
    } else {
      if (k.flags.args.length === 0) return k.fail('error: You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   \'-f rsrc.yaml\'\n   \'--filename=rsrc.json\'\n   \'<resource> <name>\'\n   \'<resource>\'');
      const named = k.flags.args.length > 1 || (k.flags.args[0] ?? '').includes('/');
      if (!named && !k.flags.on('all') && !k.flags.has('selector') && !k.flags.has('field-selector')) return k.fail('error: resource(s) were provided, but no name was specified');
      const picked = pick(k, k.flags.args);
      if (!picked.ok) return k.fail(picked.error);
      for (const error of k.flags.on('ignore-not-found') ? [] : picked.value.errors) code = k.fail(error);
      for (const s of picked.value.selections) for (const o of s.objects) targets.push({ kind: s.info.kind, namespace: o.metadata.namespace, name: o.metadata.name });
      if (targets.length === 0 && code === 0) {
        k.context.stderr.write('No resources found\n');
        return 0;
      }
    }
    const force = k.flags.on('force');
    const grace = force ? 0 : k.flags.on('now') ? 1 : k.flags.has('grace-period') ? Number(k.flags.text('grace-period')) : undefined;
    if (force) k.context.stderr.write('Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.\n');
    const { store, plane } = k.cluster;
    const changed = new WaitQueue();
    const stop = store.watch((change) => {
      if (change.type === 'DELETED') changed.wake();
    });
    try {
      for (const t of targets) {
        const deleted = store.get(t.kind, t.namespace, t.name) === undefined ? { ok: false as const, error: notFound(t.kind, t.name) } : plane.api.delete(t.kind, t.namespace, t.name, grace);
        if (!deleted.ok) {
          if (!(k.flags.on('ignore-not-found') && deleted.error.reason === 'NotFound')) code = k.fail(kubectlText(deleted.error, k.flags.has('filename') ? `error when deleting "${k.flags.text('filename') ?? ''}"` : undefined));
          continue;
        }
        k.out(k.flags.text('output') === 'name' ? `${singularName(kindInfo(t.kind))}/${t.name}\n` : `${singularName(kindInfo(t.kind))} "${t.name}" ${force ? 'force deleted' : 'deleted'}\n`);
      }
      if (k.flags.text('wait') === 'false' || force) return code;
      const limit = plus(plane.scheduler.now, seconds(300));
      const uids = targets.map((t) => store.get(t.kind, t.namespace, t.name)?.metadata.uid);
      while (targets.some((t, i) => uids[i] !== undefined && store.get(t.kind, t.namespace, t.name)?.metadata.uid === uids[i]) && plane.scheduler.now < limit) yield { on: [changed], until: limit };
      return code;
    } finally {
      stop();
    }
  },
};
