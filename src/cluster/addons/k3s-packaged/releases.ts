/** What k3s packages in which version. To add one: one line. Models: scripts/airgap/image-list.txt and manifests/traefik.yaml of k3s' tags. */
import { minorOf } from '../../version.ts';

export interface Release {
  /** First minor version of Kubernetes that has it. */
  readonly from: number;
  readonly localPath: string;
  readonly metricsServer: string;
  readonly klipperHelm: string;
  /** Its entry script and the DaemonSets for it: servicelb.ts. */
  readonly klipperLb: string;
  /** Version of the charts traefik and traefik-crd. */
  readonly chart: string;
}

const RELEASES: readonly [Release, ...Release[]] = [
  { from: 0, localPath: 'v0.0.21', metricsServer: 'v0.5.2', klipperHelm: 'v0.7.3-build20220613', klipperLb: 'v0.3.5', chart: '10.19.300' },
  { from: 29, localPath: 'v0.0.26', metricsServer: 'v0.7.0', klipperHelm: 'v0.8.3-build20240228', klipperLb: 'v0.4.7', chart: '25.0.3+up25.0.0' },
];

export const releaseOf = (version: string): Release => RELEASES.findLast((r) => r.from <= minorOf(version)) ?? RELEASES[0];
