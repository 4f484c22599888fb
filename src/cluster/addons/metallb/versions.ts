/**
 * What differs between the versions of MetalLB that this lab runs.
 * Models: v0.14.5 and v0.14.9. Line numbers are those of logs of these versions (issues 2679 and others; service.go:150, main.go:116, 409, 453, service_controller.go:64 and
 * 115, speakerlist.go:98 of v0.14.5; pool_controller.go:48, 99, 112, main.go:420 and 464 of v0.14.9); the lines between them are counted in the source.
 */
export interface MetallbVersion {
  readonly version: string;
  readonly goVersion: string;
  /** Prefix of the annotation that names the pool, and of those that requests are read from, the preferred one first. */
  readonly annotations: readonly string[];
  /** Speakers keep ServiceL2Status objects (from v0.14.6). */
  readonly l2Status: boolean;
  readonly lines: typeof V0145_LINES;
}

const l2 = (line: number): string => `layer2_controller.go:${line}`;
const service = (line: number): string => `service.go:${line}`;
const main = (line: number): string => `main.go:${line}`;

/** Lines of controller/service.go, counted from the one that says `ipAllocated`; `dual`: lines about a second address (from v0.14.9) that stand between. */
const serviceLines = (allocated: number, dual: number, noClusterIps: number) => ({
  noClusterIps: service(noClusterIps), notAllowed: service(allocated - dual - 43), otherPool: service(allocated - dual - 31), invalidRequest: service(allocated - dual - 22),
  otherIp: service(allocated - dual - 17), failed: service(allocated - 7), allocated: service(allocated),
});
/** Lines of speaker/main.go, counted from the one that says `serviceAnnounced`. */
const speakerLines = (start: number, announced: number) => ({
  speakerStart: main(start), noNodeName: main(start + 12), speakerShutdown: main(start + 21), invalidIp: main(announced - 71), ipNotAllowed: main(announced - 61), announced: main(announced),
  withdrawn: main(announced + 44), configRejected: main(announced + 123),
});

const V0145_LINES = {
  ...serviceLines(150, 0, 65), ...speakerLines(107, 409),
  controllerStart: main(178), deleted: main(58), deprecated: '', reprocessed: main(97), updated: main(116),
  l2Inactive: l2(87), l2Skipped: l2(92), l2None: l2(106), bgpSkipped: 'bgp_controller.go:152', noInterface: l2(134),
};

const V0145: MetallbVersion = { version: '0.14.5', goVersion: 'gc / go1.21.9 / amd64', annotations: ['metallb.universe.tf'], l2Status: false, lines: V0145_LINES };
const V0149: MetallbVersion = {
  version: '0.14.9', goVersion: 'gc / go1.22.9 / amd64', annotations: ['metallb.io', 'metallb.universe.tf'], l2Status: true,
  lines: { ...V0145_LINES, ...serviceLines(180, 16, 72), ...speakerLines(111, 420), deprecated: main(97), reprocessed: main(108), updated: main(127), bgpSkipped: 'bgp_controller.go:163' },
};

export const METALLB_VERSIONS: readonly MetallbVersion[] = [V0145, V0149];

/** Of an image tag; a tag that is not known runs as the newest. */
export const versionOf = (tag: string): MetallbVersion => METALLB_VERSIONS.find((v) => `v${v.version}` === tag) ?? V0149;
