/** What a k3s binary is made of. Sources: release notes, `k3s -v` and `kubectl get nodes -o wide` of those versions. */
export interface K3sParts {
  /** As `k3s -v` shortens it. */
  readonly commit: string;
  readonly go: string;
  readonly containerd: string;
}

const LATEST: K3sParts = { commit: '4e53a323', go: 'go1.21.9', containerd: '1.7.15-k3s1' };
const PARTS: Readonly<Record<string, K3sParts>> = {
  'v1.24.3+k3s1': { commit: '990ba0e8', go: 'go1.18.1', containerd: '1.6.6-k3s1' },
  'v1.29.5+k3s1': LATEST,
};

/** A version that this lab has no world of is taken for the latest. */
export const k3sParts = (version: string): K3sParts => PARTS[version] ?? LATEST;
