/** What a scenario fixes of the values that a real cluster draws at random. */
import type { Mac } from '../engine/wire/addresses.ts';

export interface PodPin {
  readonly namespace: string;
  readonly name: string;
  readonly node?: string | undefined;
  readonly ip?: string | undefined;
  readonly mac?: Mac | undefined;
  /** Host end of its veth, and that end's own address. */
  readonly veth?: string | undefined;
  readonly vethMac?: Mac | undefined;
  readonly uid?: string | undefined;
  readonly containerId?: string | undefined;
  readonly sandboxId?: string | undefined;
}

export interface NodePin {
  readonly cni0Mac?: Mac | undefined;
  readonly flannelMac?: Mac | undefined;
}

export interface Pins {
  /** `namespace/deployment` to pod-template-hash of its first template. */
  readonly templateHashes: Readonly<Record<string, string>>;
  /** In the order in which a ReplicaSet makes them. */
  readonly pods: readonly PodPin[];
  /** `namespace/service` to its addresses. */
  readonly services: Readonly<Record<string, { readonly clusterIP?: string | undefined; readonly nodePorts?: Readonly<Record<string, number>> | undefined }>>;
  readonly nodes: Readonly<Record<string, NodePin>>;
  /** Seconds before the end of the bootstrap at which an object was made: `Kind/namespace/name`, `Kind/namespace/`, or `default`. */
  readonly ages: Readonly<Record<string, number>>;
}

export const NO_PINS: Pins = { templateHashes: {}, pods: [], services: {}, nodes: {}, ages: {} };

export const podPin = (pins: Pins, namespace: string, name: string): PodPin | undefined => pins.pods.find((p) => p.namespace === namespace && p.name === name);
