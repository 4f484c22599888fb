import { corednsManifest } from './manifest.ts';

/** What k3s deploys by itself. */
export class CorednsAddon {
  readonly path = '/var/lib/rancher/k3s/server/manifests/coredns.yaml';
  readonly text: string;

  constructor(clusterDns: string, domain: string) {
    this.text = corednsManifest(clusterDns, domain);
  }
}
