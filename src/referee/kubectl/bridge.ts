/** The API objects of a lab cluster over HTTP, for a real kubectl. Time in the lab passes after what is written. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { err, type Result } from '../../base/result.ts';
import type { ApiError, Reason } from '../../cluster/api/errors.ts';
import { KINDS, type AnyObject, type Kind, type KindInfo, type KindMap } from '../../cluster/api/kinds.ts';
import { decode, type Raw } from '../../cluster/api/manifest.ts';
import { jsonMerge, jsonPatch, strategicMerge } from '../../cluster/api/merge.ts';
import { columnsOf } from '../../cluster/kubectl/printers/columns.ts';
import { plain } from '../../cluster/kubectl/plain.ts';
import { listing } from '../../cluster/kubectl/resources.ts';
import { selected } from '../../cluster/kubectl/selectors.ts';
import type { ClusterWorld } from '../../cluster/testing/cluster-world.ts';
import { discovery, groupOf, SCALED } from './discovery.ts';

const CODES: Readonly<Record<Reason, number>> = { NotFound: 404, AlreadyExists: 409, Invalid: 422, BadRequest: 400, Forbidden: 403, Conflict: 409, MethodNotAllowed: 405, InternalError: 500 };
/** Seconds of the lab in which a watch sees what changes, and in which what was deleted goes. Else no time passes, as for the lab's kubectl. */
const WATCH = 1;
const GONE = 60;

interface Answer {
  readonly code: number;
  /** Several: one line each, of a watch. */
  readonly body: readonly unknown[];
}
const answer = (body: unknown, code = 200): Answer => ({ code, body: [body] });

function refused(error: ApiError, info: KindInfo, name?: string): Answer {
  const code = CODES[error.reason];
  const causes = error.invalid?.causes.map((c) => ({ reason: 'FieldValueInvalid', message: c.text, field: c.path }));
  const details = error.invalid === undefined ? { name, group: groupOf(info), kind: info.plural } : { name: error.invalid.name, group: groupOf(info), kind: error.invalid.kind, causes };
  return answer({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message: error.message, reason: error.reason, details, code }, code);
}

/** What the API server says of a JSON patch that does not apply: NewGenericServerResponse(422) in endpoints/handlers/patch.go. */
const UNAPPLIED = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message: 'the server rejected our request due to an error in our request', reason: 'Invalid', details: {}, code: CODES.Invalid };

const isRaw = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value);
const record = (value: unknown): Raw => (isRaw(value) ? value : {});

function cells<K extends Kind>(kind: K, object: AnyObject, now: number): readonly string[] {
  const columns = columnsOf(kind);
  const made: KindMap[K] = decode(kind, { ...object }).object;
  return columns.row(made, now, true);
}

/** `as=Table`: the server lays out the columns, wide ones with a priority. */
function table(info: KindInfo, objects: readonly AnyObject[], now: number): object {
  const { names, wide, wideOrder } = columnsOf(info.kind);
  const order = wideOrder ?? [...names, ...wide].map((_, i) => i);
  return {
    kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata: { resourceVersion: '1' },
    columnDefinitions: order.map((i) => ({ name: [...names, ...wide][i], type: 'string', format: i === 0 ? 'name' : '', description: '', priority: i < names.length ? 0 : 1 })),
    rows: objects.map((o) => {
      const row = cells(info.kind, o, now);
      return { cells: order.map((i) => row[i] ?? ''), object: plain(o) };
    }),
  };
}

interface Target {
  readonly info: KindInfo;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly sub: string | undefined;
}

const STAMP = /"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z"/g;

export class Bridge {
  #world: ClusterWorld;
  /** Milliseconds from the lab's clock to this machine's. */
  #ahead = 0;
  readonly #server: Server;

  constructor(world: ClusterWorld) {
    this.#world = world;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  /** Answers the address. */
  open(): Promise<string> {
    return new Promise((resolve) => this.#server.listen(0, '127.0.0.1', () => {
      const at = this.#server.address();
      resolve(`http://127.0.0.1:${typeof at === 'object' && at !== null ? at.port : 0}`);
    }));
  }

  /** The next line's world. */
  use(world: ClusterWorld): void {
    this.#world = world;
    this.#ahead = Date.now() - Math.floor(world.cluster.plane.wallMillis() / 1000) * 1000; // stamps are whole seconds: ages agree for a second from now
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) if (chunk instanceof Buffer) chunks.push(chunk);
    const url = new URL(request.url ?? '/', 'http://bridge');
    const ahead = this.#ahead;
    const moved = (text: string, by: number): string => text.replaceAll(STAMP, (stamp) => JSON.stringify(new Date(Date.parse(stamp.slice(1, -1)) + by).toISOString()));
    let body: unknown;
    try {
      const text = moved(Buffer.concat(chunks).toString(), -ahead).replaceAll(/\.\d{3}Z"/g, 'Z"');
      body = text === '' ? undefined : JSON.parse(text);
    } catch {
      body = undefined;
    }
    const { code, body: lines } = this.#answer(request, url, body);
    if (code === 404 && lines.length === 0) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found\n');
      return;
    }
    response.writeHead(code, { 'content-type': 'application/json' }).end(lines.map((line) => moved(JSON.stringify(line), ahead)).join('\n'));
  }

  #answer(request: IncomingMessage, url: URL, body: unknown): Answer {
    const { options, store } = this.#world.cluster;
    const known = discovery(url.pathname, options.version, (info) => store.serves(info.kind));
    if (known !== undefined) return answer(known);
    const [, group, version = '', namespace, plural, name, sub] = /^\/api(?:s\/([^/]+))?\/(v[^/]+)(?:\/namespaces\/([^/]+)(?=\/.))?\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(url.pathname) ?? [];
    const info = KINDS.find((k) => k.apiVersion === (group === undefined ? version : `${group}/${version}`) && k.plural === plural && store.serves(k.kind));
    if (info === undefined) return { code: 404, body: [] };
    const target: Target = { info, namespace, name, sub };
    const tabular = (request.headers.accept ?? '').includes('as=Table');
    if (request.method === 'GET' && name === undefined) return this.#list(target, url.searchParams, tabular);
    const live = name === undefined ? undefined : store.get(info.kind, info.namespaced ? (namespace ?? '') : '', name);
    if (name !== undefined && live === undefined) return refused({ reason: 'NotFound', message: `${group === undefined ? info.plural : `${info.plural}.${group}`} "${name}" not found`, paths: [] }, info, name);
    if (request.method === 'POST' && live === undefined) return this.#create(target, body, url.searchParams);
    if (live === undefined) return { code: 404, body: [] };
    if (sub === 'scale' && SCALED.includes(info.kind)) return this.#scale(target, live, request.method === 'GET' ? undefined : body, url.searchParams);
    if (sub === 'eviction') return this.#delete(target, live, {}, url.searchParams, 201);
    if (sub !== undefined && sub !== 'ephemeralcontainers') return { code: 404, body: [] };
    switch (request.method) {
      case 'GET': return answer(tabular ? table(info, [live], this.#world.cluster.plane.wallMillis()) : plain(live));
      case 'PUT': return this.#written(target, record(body), url.searchParams);
      case 'PATCH': {
        const patched = patch(live, body, request.headers['content-type'] ?? '');
        if (patched.ok) return this.#written(target, patched.value, url.searchParams);
        return patched.error.startsWith('json:') ? refused({ reason: 'BadRequest', message: patched.error, paths: [] }, info, name) : answer(UNAPPLIED, CODES.Invalid);
      }
      case 'DELETE': return this.#delete(target, live, record(body), url.searchParams);
      default: return { code: 404, body: [] };
    }
  }

  #list({ info, namespace }: Target, query: URLSearchParams, tabular: boolean): Answer {
    const { store, plane } = this.#world.cluster;
    const found = selected(info, query.get('labelSelector') ?? undefined, query.get('fieldSelector') ?? undefined, listing(plane, info, namespace));
    if (!found.ok) return refused({ reason: 'BadRequest', message: found.error.replace(/^.* field selector ".*?": /, ''), paths: [] }, info);
    const shown = (objects: readonly AnyObject[]): unknown => (tabular ? table(info, objects, plane.wallMillis()) : plain(objects[0]));
    if (query.get('watch') !== null) {
      const before = found.value.map((o) => ({ type: 'ADDED', object: shown([o]) }));
      this.#world.wait(WATCH);
      return { code: 200, body: [...before, ...found.value.flatMap((o) => {
        const now = store.byUid(o.metadata.uid);
        return now === undefined ? [{ type: 'DELETED', object: shown([o]) }] : [{ type: 'MODIFIED', object: shown([now]) }];
      })] };
    }
    if (tabular) return answer(table(info, found.value, plane.wallMillis()));
    return answer({ kind: `${info.kind}List`, apiVersion: info.apiVersion, metadata: { resourceVersion: String(store.revision) }, items: found.value.map((o) => plain(o)) });
  }

  #create({ info, namespace }: Target, body: unknown, query: URLSearchParams): Answer {
    const { api } = this.#world.cluster.plane;
    const raw = record(body);
    const made = api.decode(info.kind, info.namespaced ? { ...raw, metadata: { namespace, ...record(raw['metadata']) } } : raw);
    if (!made.ok) return refused(made.error, info);
    return this.#done(info, api.create(info.kind, made.value, query.get('dryRun') === 'All'), 201);
  }

  #written({ info }: Target, raw: Raw, query: URLSearchParams): Answer {
    const done = this.#world.cluster.plane.api.put(info.kind, raw, query.get('dryRun') === 'All');
    return this.#done(info, done.ok ? { ok: true, value: done.value.object } : done);
  }

  #done(info: KindInfo, done: Result<AnyObject, ApiError>, code = 200): Answer {
    if (!done.ok) return refused(done.error, info);
    return answer(plain(done.value), code);
  }

  /** `body` undefined: read. */
  #scale({ info }: Target, live: AnyObject, body: unknown, query: URLSearchParams): Answer {
    const raw: Raw = { ...live };
    const shown = (o: AnyObject): unknown => {
      const { uid, name, namespace, resourceVersion, creationTimestamp } = o.metadata;
      const of = (field: string): unknown => record(record({ ...o })[field])['replicas'];
      return { kind: 'Scale', apiVersion: 'autoscaling/v1', metadata: plain({ name, namespace, uid, resourceVersion, creationTimestamp }), spec: { replicas: of('spec') }, status: { replicas: of('status') ?? 0 } };
    };
    if (body === undefined) return answer(shown(live));
    const done = this.#world.cluster.plane.api.put(info.kind, { ...raw, spec: { ...record(raw['spec']), replicas: record(record(body)['spec'])['replicas'] } }, query.get('dryRun') === 'All');
    if (!done.ok) return refused(done.error, info);
    return answer(shown(done.value.object));
  }

  #delete({ info }: Target, live: AnyObject, body: Raw, query: URLSearchParams, code = 200): Answer {
    const { name, namespace, uid } = live.metadata;
    if (query.get('dryRun') !== 'All' && !JSON.stringify(body['dryRun'] ?? []).includes('All')) {
      const grace = body['gracePeriodSeconds'];
      const policy = body['propagationPolicy'];
      const done = this.#world.cluster.plane.api.delete(info.kind, namespace, name, typeof grace === 'number' ? grace : undefined, policy === 'Foreground' || policy === 'Orphan' ? policy : 'Background');
      if (!done.ok) return refused(done.error, info);
      this.#world.wait(GONE);
    }
    return answer({ kind: 'Status', apiVersion: 'v1', status: 'Success', metadata: {}, details: { name, uid } }, code);
  }
}

function patch(live: AnyObject, body: unknown, type: string): Result<Raw, string> {
  if (type.includes('json-patch')) {
    const done = Array.isArray(body) ? jsonPatch(live, body) : err('json: cannot unmarshal object into Go value of type jsonpatch.Patch');
    return done.ok ? { ok: true, value: record(done.value) } : done;
  }
  if (!isRaw(body)) return err(`json: cannot unmarshal ${Array.isArray(body) ? 'array' : typeof body} into Go value of type map[string]interface {}`);
  return { ok: true, value: type.includes('strategic') ? strategicMerge(live, body) : jsonMerge(live, body) };
}
