/**
 * What the page and the worker say to each other: plain data only. Sentences, table rows and addresses are made in the
 * worker; the page draws them. `step` is always an index into the run's trace; -1 stands before the first step.
 */

export interface ScenarioInfo {
  readonly id: string;
  readonly title: string;
  /** `k3s · flannel · kube-proxy iptables` */
  readonly stack: string;
  readonly summary: string;
  readonly seed: number;
  /** The course it is part of, and its place there. */
  readonly course: { readonly title: string; readonly at: number } | undefined;
}

export interface LabError {
  readonly title: string;
  readonly detail: string;
}

/** What a learner or author did, in order: the world is replayed from these. `at`: simulated ns at which it was done. */
export type Action =
  | { readonly kind: 'exec'; readonly at: number; readonly terminal: string; readonly on: string; readonly run: string }
  | { readonly kind: 'interrupt'; readonly at: number; readonly terminal: string }
  /** The editor of a terminal was left: with a text when it was saved. */
  | { readonly kind: 'edited'; readonly at: number; readonly terminal: string; readonly text?: string | undefined }
  | { readonly kind: 'apply'; readonly at: number; readonly manifest: string; readonly file: string }
  | { readonly kind: 'wait'; readonly at: number; readonly span: number };

export interface OpenRequest {
  readonly scenario: string;
  readonly seed?: number | undefined;
  readonly actions: readonly Action[];
}

export type LayerName = 'eth' | 'arp' | 'ipv4' | 'icmp' | 'udp' | 'tcp' | 'vxlan' | 'dns' | 'http' | 'data';

/** A place on the canvas. Ids are stable across steps: `vm2`, `vm2/` (its root namespace), `vm2/cni-…` (a pod's), `vm2/#cni0`, `vm2/@FORWARD`. */
export type PlaceId = string;

export interface MachineView {
  readonly id: PlaceId;
  readonly name: string;
  readonly role: 'server' | 'agent' | 'external' | 'hypervisor';
  readonly roleText: string;
  readonly address: string;
  readonly namespaces: readonly NamespaceView[];
  /** Opened on the canvas at start. */
  readonly open: boolean;
  /** Without power. */
  readonly off: boolean;
}

export interface NamespaceView {
  readonly id: PlaceId;
  readonly ns: number;
  /** Pod name, or '' for the machine's own namespace. */
  readonly name: string;
  readonly kind: 'root' | 'pod' | 'netns';
  /** Short label: `test-pod`, `nginx-…-gk7cj`. */
  readonly label: string;
  /** `default`, `kube-system`: Kubernetes namespace of a pod. */
  readonly kubeNamespace: string | undefined;
  readonly app: string | undefined;
  readonly devices: readonly DeviceView[];
  /** Step index at which it appeared, and went away. */
  readonly since: number;
  readonly until: number | undefined;
}

export interface DeviceView {
  readonly id: PlaceId;
  readonly name: string;
  readonly kind: 'loopback' | 'nic' | 'veth' | 'bridge' | 'vlan' | 'vxlan' | 'dummy';
  readonly addresses: readonly string[];
  readonly mac: string;
  readonly mtu: number;
  readonly up: boolean;
  /** Device id of: its bridge; its veth peer; its lower device. */
  readonly master: PlaceId | undefined;
  readonly peer: PlaceId | undefined;
  readonly lower: PlaceId | undefined;
  readonly segment: string | undefined;
}

export interface SegmentView {
  readonly id: string;
  readonly label: string;
  readonly cidr: string;
}

export interface Topology {
  readonly machines: readonly MachineView[];
  readonly segments: readonly SegmentView[];
}

/** How a timeline entry is drawn: shape and colour by kind, never by colour alone. */
export type EventKind = 'link' | 'bridge' | 'route' | 'hook' | 'rule' | 'conntrack' | 'nat' | 'neigh' | 'encap' | 'socket' | 'drop' | 'end' | 'table' | 'process' | 'control';

/** One entry of the timeline: light enough to send all of them. */
export interface TimelineEvent {
  readonly step: number;
  /** Simulated ns. */
  readonly t: number;
  /** Namespace lane; 0: none. */
  readonly ns: number;
  readonly kind: EventKind;
  /** Packet, 0: none. Flow: packets of one conversation, both directions, ARP on behalf of it apart. */
  readonly pkt: number;
  readonly flow: number;
  readonly reply: boolean;
  /** Outermost layer: colours the capsule. `inner`: the layer inside an encapsulation, for a capsule in a capsule. */
  readonly layer: LayerName;
  readonly inner: LayerName | undefined;
  /** `SYN :80`, `DNS A?`, `ARP who-has` */
  readonly label: string;
  /** Where it happens: a device, hook or namespace place. */
  readonly place: PlaceId;
  /** A hop: Right/Left stop here. Other events are stopped at with `,` and `.` only. */
  readonly hop: boolean;
  /** Control-plane or background noise, hidden by default. */
  readonly noise: boolean;
  /** One line: `vm2 · nat PREROUTING · DNAT to 10.42.0.8:80`. */
  readonly title: string;
}

export interface FieldView {
  readonly name: string;
  readonly value: string;
  /** Value before this step when it changed here. */
  readonly was: string | undefined;
  /** Byte range in `bytes`. */
  readonly offset: number;
  readonly length: number;
}

export interface LayerView {
  readonly layer: LayerName;
  /** `ETH`, `IPv4`, `TCP`, `VXLAN` … */
  readonly name: string;
  readonly summary: string;
  readonly fields: readonly FieldView[];
  readonly offset: number;
  readonly length: number;
}

export interface ReasonView {
  /** Bold first sentence, then the explanation. */
  readonly headline: string;
  readonly text: string;
  /** The row that won. */
  readonly won: TableRowRef | undefined;
  /** Rows tried before it and the first predicate each failed. */
  readonly tried: readonly { readonly row: TableRowRef; readonly text: string; readonly failed: string }[];
  /** `Service default/nginx-service, spec.clusterIP` when a manifest field caused the row. */
  readonly cause: string | undefined;
}

export interface TableRowRef {
  readonly table: string;
  readonly key: string;
}

export interface StepDetail {
  readonly step: number;
  readonly t: number;
  /** Wall clock `13:09:28.510565`. */
  readonly clock: string;
  readonly nsId: number;
  /** `Packet #3 · vm2 · nat PREROUTING` */
  readonly heading: string;
  readonly reason: ReasonView;
  readonly layers: readonly LayerView[];
  readonly bytes: Uint8Array;
  /** Tables worth showing for this step, most important first, with the rows that decided or changed. */
  readonly tables: readonly TableView[];
  readonly place: PlaceId;
}

export interface TableView {
  /** `${ns}/routes`, `${ns}/neigh`, `${ns}/fdb`, `${ns}/conntrack`, `${ns}/nat/KUBE-SERVICES` … */
  readonly id: string;
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly TableRow[];
  readonly empty: string;
}

export interface TableRow {
  readonly key: string;
  readonly cells: readonly string[];
  readonly mark: 'hit' | 'tried' | 'added' | 'changed' | 'removed' | undefined;
}

export interface TerminalOpened {
  readonly id: string;
  readonly prompt: string;
}

/** What stands in a terminal's editor. */
export interface EditorText {
  /** Machine or pod. */
  readonly on: string;
  readonly path: string;
  readonly text: string;
}

/** Sent by the worker whenever the run grew or a terminal has something to show. */
export type LabEvent =
  | { readonly kind: 'progress'; readonly text: string; readonly done: number; readonly total: number }
  | { readonly kind: 'grew'; readonly from: number; readonly events: readonly TimelineEvent[]; readonly head: number; readonly now: number; readonly topology: Topology | undefined }
  | { readonly kind: 'terminal'; readonly id: string; readonly text: string; readonly step: number }
  /** A command opened a text for the learner to edit; it waits for {@link LabApi.edited}. Without `editing`: it gave up. */
  | { readonly kind: 'edit'; readonly id: string; readonly editing: EditorText | undefined }
  | { readonly kind: 'prompt'; readonly id: string; readonly prompt: string; readonly code: number }
  | { readonly kind: 'actions'; readonly actions: readonly Action[] }
  | { readonly kind: 'bug'; readonly error: LabError };

export interface RunInfo {
  readonly scenario: ScenarioInfo;
  readonly seed: number;
  readonly story: string;
  readonly topology: Topology;
  readonly events: readonly TimelineEvent[];
  readonly head: number;
  readonly now: number;
  /** First step of interest: where the playhead stands after opening. */
  readonly start: number;
  /** Suggested first commands: `{ on: 'test-pod', run: 'curl http://nginx-service' }`. */
  readonly tries: readonly { readonly on: string; readonly run: string; readonly why: string }[];
  /** The scenario's own files (manifests) on its machines. */
  readonly files: readonly { readonly on: string; readonly path: string }[];
  /** Names that open as terminals: machines and pods. */
  readonly targets: readonly { readonly name: string; readonly prompt: string; readonly ns: number }[];
  readonly fingerprint: string;
}

export interface CoverageItem {
  readonly subsystem: string;
  readonly name: string;
  readonly models: string;
  readonly notModelled: string;
}

/** What was compared with real Linux, and what came of it. Written by `npm run referee -- --report`. */
export interface RefereeFigures {
  /** `2026-11-21`. */
  readonly date: string;
  /** `uname -r`. */
  readonly kernel: string;
  readonly seed: number;
  readonly worlds: number;
  readonly flows: number;
  /** Base chains that packets passed, in the kernel and in the lab alike. */
  readonly hooks: number;
  /** Rules and policies they met there. */
  readonly rules: number;
  /** Packets that entered or left a device. */
  readonly crossings: number;
  readonly conntrackEvents: number;
  /** Lines of `nft monitor trace`. */
  readonly traceLines: number;
  /** Command lines whose output is the same byte for byte. */
  readonly commands: number;
  readonly divergences: number;
  /** Ways the engine was broken on purpose, and how many of them were seen. */
  readonly mutations: { readonly made: number; readonly caught: number };
  readonly notRefereed: readonly string[];
}

/** The lab as it stands now, as scripts for real Linux. */
export interface NetnsExport {
  /** Of the folder and the file: `vethlab-k3s-clusterip`. */
  readonly name: string;
  readonly files: readonly { readonly path: string; readonly text: string }[];
}

/** The lab as the page calls it (Comlink). Calls that fail reject with a LabError-shaped object. */
export interface LabApi {
  scenarios(): Promise<readonly ScenarioInfo[]>;
  open(request: OpenRequest, onEvent: (event: LabEvent) => void): Promise<RunInfo>;
  /** What there is to say about one step. */
  step(step: number): Promise<StepDetail>;
  /** Every table of a namespace as of a step. */
  tables(ns: number, step: number): Promise<readonly TableView[]>;
  openTerminal(on: string): Promise<TerminalOpened>;
  /** Enter was pressed. Output comes as events; `at`: the playhead, when it stands in the past: the command sees that past. */
  input(terminal: string, line: string, at: number | undefined): Promise<void>;
  /** Ctrl+C */
  interrupt(terminal: string): Promise<void>;
  /** The editor of a terminal was saved and left; undefined: left without saving. */
  edited(terminal: string, text: string | undefined): Promise<void>;
  complete(terminal: string, line: string, cursor: number): Promise<{ readonly start: number; readonly candidates: readonly string[] }>;
  apply(manifest: string, file: string): Promise<{ readonly ok: boolean; readonly text: string }>;
  fingerprint(): Promise<string>;
  coverage(): Promise<readonly CoverageItem[]>;
  referee(): Promise<RefereeFigures>;
  exportNetns(): Promise<NetnsExport>;
  close(): Promise<void>;
}
