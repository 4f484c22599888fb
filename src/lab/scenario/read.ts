/** scenario.yaml as data, checked field by field. Manifests and pins are checked by the cluster, which knows what they mean. */
import * as v from 'valibot';
import { isMap, isNode, isScalar, isSeq, parseDocument, type Document } from 'yaml';
import { err, ok, type Result } from '../../base/result.ts';
import { COMPONENTS } from '../../cluster/addons/k3s-packaged/manifests.ts';
import { Topology } from '../topology/all.ts';
import { address, cidr, mac } from './fields.ts';
import type { Scenario, ScenarioFiles } from './scenario.ts';

const Pod = v.strictObject({
  namespace: v.string(), name: v.string(), node: v.optional(v.string()), ip: v.optional(address), mac: v.optional(mac), veth: v.optional(v.string()), vethMac: v.optional(mac),
  uid: v.optional(v.string()), containerId: v.optional(v.string()), pid: v.optional(v.pipe(v.number(), v.integer(), v.minValue(2))), sandboxId: v.optional(v.string()), netns: v.optional(v.string()),
  containers: v.optional(v.record(v.string(), v.strictObject({ id: v.optional(v.string()), pid: v.optional(v.pipe(v.number(), v.integer(), v.minValue(2))) }))) });

const Service = v.strictObject({ clusterIP: v.optional(address), nodePorts: v.optional(v.record(v.string(), v.number())) });

/** What the scenario fixes of what a cluster draws at random; see cluster/pins.ts. */
const Pins = v.strictObject({
  templateHashes: v.optional(v.record(v.string(), v.union([v.string(), v.array(v.string())])), {}),
  pods: v.optional(v.array(Pod), []),
  services: v.optional(v.record(v.string(), v.union([Service, v.array(Service)])), {}),
  nodes: v.optional(v.record(v.string(), v.strictObject({ cni0Mac: v.optional(mac), flannelMacs: v.optional(v.array(mac)) })), {}),
  ages: v.optional(v.record(v.string(), v.number()), {}),
  uids: v.optional(v.record(v.string(), v.string())),
  portOrder: v.optional(v.array(v.string())),
});

const Stage = v.strictObject({ on: v.string(), run: v.string(), times: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000))) });

const File = v.strictObject({
  title: v.string(),
  stack: v.string(),
  summary: v.string(),
  /** Lessons that belong together, in the order in which the gallery shows them. */
  course: v.optional(v.strictObject({ title: v.string(), at: v.pipe(v.number(), v.integer(), v.minValue(1)) })),
  seed: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffffffff)),
  now: v.pipe(v.string(), v.check((text) => !Number.isNaN(Date.parse(text)), 'is no time')),
  topology: Topology,
  /** Machine: path (in the home, when relative) to the scenario's file. Without it the manifests lie in the homes of those who have kubectl. */
  files: v.optional(v.record(v.string(), v.record(v.string(), v.string()))),
  /** Commands that were run before the learner takes over: reboots, restarts. Each has a quarter of a minute to settle. */
  history: v.optional(v.array(Stage), []),
  show: v.strictObject({ open: v.array(v.string()), tries: v.array(v.strictObject({ on: v.string(), run: v.string(), why: v.string() })) }),
  cluster: v.strictObject({
    distribution: v.optional(v.picklist(['k3s', 'kind']), 'k3s'),
    /** k3s' packaged components beside coredns. */
    components: v.optional(v.array(v.picklist(COMPONENTS)), []),
    version: v.string(), podCidr: cidr, serviceCidr: cidr, manifests: v.array(v.string()),
    /** URL that kubectl apply -f may name: the scenario's file it stands for. */
    urls: v.optional(v.record(v.string(), v.string()), {}),
    pins: Pins,
  }),
  replay: v.record(v.string(), v.strictObject({
    before: v.optional(v.array(Stage)), during: v.optional(v.array(Stage)), apart: v.optional(v.boolean()), in: v.optional(v.string()), typed: v.optional(v.string()), command: v.optional(v.string()), instead: v.optional(v.strictObject({ output: v.string(), why: v.string() })), skip: v.optional(v.string()) })),
});

export type ClusterSpec = v.InferOutput<typeof File>['cluster'];

/** `line 12` of the value at a path, for a message that says where. */
function lineOf(doc: Document, text: string, path: readonly unknown[]): string {
  let node: unknown = doc.contents;
  for (const key of path) {
    const next: unknown = isMap(node) ? node.items.find((pair) => isScalar(pair.key) && pair.key.value === key)?.value : isSeq(node) ? node.items[Number(key)] : undefined;
    if (next === undefined || next === null) break;
    node = next;
  }
  const offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  return `line ${text.slice(0, offset).split('\n').length}`;
}

/** Reads a scenario's folder. The error names file, line and field. */
export function readScenario(id: string, files: ScenarioFiles): Result<Scenario, string> {
  const text = files.get('scenario.yaml');
  if (text === undefined) return err('scenario.yaml is missing');
  const doc = parseDocument(text);
  const broken = doc.errors[0];
  if (broken !== undefined) return err(`scenario.yaml: ${broken.message}`);
  const parsed = v.safeParse(File, doc.toJS());
  if (!parsed.success) {
    const issue = parsed.issues[0];
    return err(`scenario.yaml: ${lineOf(doc, text, issue.path?.map((p) => p.key) ?? [])}: ${v.getDotPath(issue) ?? 'file'}: ${issue.message}`);
  }
  const file = parsed.output;
  return ok({
    info: { id, title: file.title, stack: file.stack, summary: file.summary, seed: file.seed, course: file.course },
    story: files.get('story.md') ?? '',
    tries: file.show.tries,
    open: file.show.open,
    nowMillis: Date.parse(file.now),
    topology: file.topology,
    placed: file.files,
    history: file.history,
    cluster: file.cluster,
    replay: new Map(Object.entries(file.replay)),
    files,
  });
}
