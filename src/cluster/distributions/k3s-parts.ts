/** What a k3s binary is made of. Sources: release notes, `k3s -v` and `kubectl get nodes -o wide` of those versions, seed 002 for flannel's. */
import { sha256Hex } from '../../base/hash.ts';

export interface K3sParts {
  readonly commit: string;
  readonly go: string;
  readonly containerd: string;
  /** The CNI plugin of its bin folder: version and time of building. Known of one version only. */
  readonly flannel?: { readonly version: string; readonly built: string };
}

const LATEST: K3sParts = { commit: '4e53a323', go: 'go1.21.9', containerd: '1.7.15-k3s1' };
const PARTS: Readonly<Record<string, K3sParts>> = {
  'v1.24.3+k3s1': { commit: '990ba0e88c90f8ed8b50e0ccd375937b841b176e', go: 'go1.18.1', containerd: '1.6.6-k3s1', flannel: { version: 'v0.18.1', built: '2022-07-19T01:08:03Z' } },
  'v1.29.5+k3s1': LATEST,
};

/** A version that this lab has no world of is taken for the latest. */
export const k3sParts = (version: string): K3sParts => PARTS[version] ?? LATEST;

/** Where k3s unpacks itself: a folder by the hash of its contents, which stands for the version here. */
export const k3sBin = (version: string): string => `/var/lib/rancher/k3s/data/${sha256Hex(version)}/bin`;
