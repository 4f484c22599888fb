/**
 * What differs between the versions of MetalLB that this lab runs.
 * Models: v0.14.5 and v0.14.9; line numbers of log lines as seen in logs of those versions (the lines of warnings are not known: nearest ones).
 */
export interface MetallbVersion {
  readonly version: string;
  readonly goVersion: string;
  /** Prefix of the annotation that names the pool, and of those that requests are read from, the preferred one first. */
  readonly annotations: readonly string[];
  /** Speakers keep ServiceL2Status objects (from v0.14.6). */
  readonly l2Status: boolean;
  readonly lines: {
    readonly controllerStart: string; readonly speakerStart: string; readonly allocated: string; readonly updated: string; readonly cleared: string; readonly announced: string;
    readonly withdrawn: string; readonly l2Inactive: string; readonly l2Skipped: string; readonly l2None: string; readonly bgpSkipped: string; readonly noInterface: string;
  };
}

const V0145: MetallbVersion = {
  version: '0.14.5', goVersion: 'gc / go1.21.9 / amd64', annotations: ['metallb.universe.tf'], l2Status: false,
  lines: {
    controllerStart: 'main.go:178', speakerStart: 'main.go:107', allocated: 'service.go:150', updated: 'main.go:116', cleared: 'service.go:117', announced: 'main.go:409', withdrawn: 'main.go:453',
    l2Inactive: 'layer2_controller.go:87', l2Skipped: 'layer2_controller.go:92', l2None: 'layer2_controller.go:106', bgpSkipped: 'bgp_controller.go:152', noInterface: 'layer2_controller.go:134',
  },
};
const V0149: MetallbVersion = {
  version: '0.14.9', goVersion: 'gc / go1.22.9 / amd64', annotations: ['metallb.io', 'metallb.universe.tf'], l2Status: true,
  lines: { ...V0145.lines, speakerStart: 'main.go:111', allocated: 'service.go:180', updated: 'main.go:127', announced: 'main.go:420', withdrawn: 'main.go:464', bgpSkipped: 'bgp_controller.go:163' },
};

export const METALLB_VERSIONS: readonly MetallbVersion[] = [V0145, V0149];

/** Of an image tag; a tag that is not known runs as the newest. */
export const versionOf = (tag: string): MetallbVersion => METALLB_VERSIONS.find((v) => `v${v.version}` === tag) ?? V0149;
