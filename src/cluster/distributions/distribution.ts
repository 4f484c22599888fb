/** What a cluster is made of beside the control plane: a record per way of installing Kubernetes. */
import type { Component } from '../addons/k3s-packaged/manifests.ts';
import type { Ipv4 } from '../../engine/wire/addresses.ts';
import type { Host } from '../../userland/host.ts';
import type { KubeProxy } from '../addons/kube-proxy/kube-proxy.ts';
import type { Kubelet } from '../node/kubelet.ts';
import type { CniPlugin } from '../node/cni.ts';
import type { ControlPlane } from '../plane.ts';

/** A machine that is to be a member. */
export interface Member {
  readonly name: string;
  /** None for a worker. */
  readonly roles: readonly string[];
  readonly internalIp: string;
  readonly host: Host;
}

/** What distributions put differently into a Node object. */
export interface Registration {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** `key=value:Effect` */
  readonly taints: readonly string[];
  readonly providerId: string;
  readonly readyMessage: string;
  readonly containerRuntimeVersion: string;
}

export interface Networks {
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly clusterDns: string;
  readonly clusterDomain: string;
  /** Search domain and upstream resolver that the machines were given. */
  readonly hostDomain: string;
  readonly upstreamDns: string;
  /** What of the distribution's own extras is deployed. */
  readonly components: readonly Component[];
}

/** A node that starts. */
export interface Starting {
  readonly plane: ControlPlane;
  readonly member: Member;
  readonly networks: Networks;
  readonly version: string;
  readonly kubelet: Kubelet;
  readonly proxy: KubeProxy;
  /** A new one, not started: the node's from now on. */
  readonly anotherProxy: () => KubeProxy;
}

export interface Manifest {
  /** Where it lies on the server; undefined: the installer sends it to the API and keeps no file. */
  readonly path: string | undefined;
  readonly name: string;
  readonly text: string;
}

interface Listening {
  readonly process: string;
  readonly ports: readonly number[];
}

export interface Distribution {
  readonly cni: CniPlugin;
  /** What the API server keeps its objects in: they list differently. */
  readonly storage: 'kine' | 'etcd';
  /** Resolver file that the kubelet is told of. */
  readonly resolvConf: string;
  /** Where the server's own kubeconfig lies. */
  readonly adminConfig: string;
  /** Seconds after the servers at which the other nodes join. */
  readonly workersJoinAfter: number;
  /** k3s' own controller keeps NodeHosts of the coredns config map. */
  readonly keepsNodeHosts: boolean;
  /** Process that kube-proxy runs in, and where its health check listens. */
  readonly proxy: (server: boolean) => { readonly process: string; readonly healthzBind?: Ipv4 };
  /** Process that holds the API port, and the one that a node's kubelet is part of, with their other ports on 127.0.0.1: those with TLS, which say nothing here. */
  readonly api: Listening;
  readonly agent: (server: boolean) => Listening;
  /** The API server reaches kubelets through a tunnel that its agents keep (k3s), not directly. */
  readonly tunnel: boolean;
  readonly register: (member: Member, members: readonly Member[], version: string) => Registration;
  /** Files, sysctls and agents of a node, in the distribution's order. */
  readonly start: (node: Starting) => void;
  /** Controllers of its own, beside Kubernetes'. */
  readonly controllers?: (plane: ControlPlane, networks: Networks, version: string) => void;
  readonly manifests: (networks: Networks, version: string) => readonly Manifest[];
}
