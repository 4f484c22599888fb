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
  /** Of its pause process, which the namespaces are named by. */
  readonly pid?: number | undefined;
  /** By container: its id and the pid of its first process, both of the first start in this sandbox. */
  readonly containers?: Readonly<Record<string, { readonly id?: string | undefined; readonly pid?: number | undefined }>> | undefined;
  readonly sandboxId?: string | undefined;
  /** Name of its network namespace. */
  readonly netns?: string | undefined;
}

export interface NodePin {
  readonly cni0Mac?: Mac | undefined;
  /** Of flannel.1, one for each time flanneld draws a new one. */
  readonly flannelMacs?: readonly Mac[] | undefined;
}

export interface ServicePin {
  readonly clusterIP?: string | undefined;
  readonly nodePorts?: Readonly<Record<string, number>> | undefined;
}

export interface Pins {
  /** `namespace/deployment` to pod-template-hash of its first template; a list: one for each template it gets. */
  readonly templateHashes: Readonly<Record<string, string | readonly string[]>>;
  /** In the order in which a ReplicaSet makes them. One name several times: one for each sandbox it gets (made again, or after a reboot). */
  readonly pods: readonly PodPin[];
  /** `namespace/service` to its addresses; a list: one for each time a Service of this name is made. */
  readonly services: Readonly<Record<string, ServicePin | readonly ServicePin[]>>;
  readonly nodes: Readonly<Record<string, NodePin>>;
  /** Seconds before the end of the bootstrap at which an object was made: `Kind/namespace/name`, `Kind/namespace/`, or `default`. */
  readonly ages: Readonly<Record<string, number>>;
  /** `Kind/namespace/name` to its uid. */
  readonly uids?: Readonly<Record<string, string>> | undefined;
  /** Service ports (`namespace/service:port`) in the order in which kube-proxy walked them; those left out come after. */
  readonly portOrder?: readonly string[] | undefined;
}

export const NO_PINS: Pins = { templateHashes: {}, pods: [], services: {}, nodes: {}, ages: {} };

/** Hash of the template with that number (from 0) of an object, `namespace/name`. */
export function pinnedHash(pins: Pins, object: string, index: number): string | undefined {
  const own = pins.templateHashes[object];
  return typeof own === 'string' ? [own][index] : own?.[index];
}

/** Which of several pins something has now. The last of a pod's stays for what comes after; a flannel MAC is not drawn twice. */
export class PinBook {
  readonly #pods: readonly PodPin[];
  readonly #nodes: Pins['nodes'];
  readonly #services: Pins['services'];
  readonly #draws = new Map<string, number>();
  readonly #made = new Map<string, number>();
  /** Pins taken so far of `namespace/name`, and whether a sandbox was made with the last one. */
  readonly #taken = new Map<string, { count: number; used: boolean }>();

  constructor(pins: Pins) {
    this.#pods = pins.pods;
    this.#nodes = pins.nodes;
    this.#services = pins.services;
  }

  /** The API server makes a pod of this name. */
  created(namespace: string, name: string): PodPin | undefined {
    this.#take(namespace, name, false);
    return this.current(namespace, name);
  }

  current(namespace: string, name: string): PodPin | undefined {
    const own = this.#pods.filter((p) => p.namespace === namespace && p.name === name);
    return own[Math.min(own.length, this.#taken.get(`${namespace}/${name}`)?.count ?? 1) - 1];
  }

  /** The kubelet makes a sandbox: the first of a pod has the pin of its creation, each later one the next. */
  sandbox(namespace: string, name: string): PodPin | undefined {
    const taken = this.#taken.get(`${namespace}/${name}`);
    if (taken?.used === false) taken.used = true;
    else this.#take(namespace, name, true);
    return this.current(namespace, name);
  }

  /** flanneld of a node draws a MAC: which draw it is, and what the scenario says it gives. */
  flannelMac(node: string): { readonly draw: number; readonly mac: Mac | undefined } {
    const draw = this.#draws.get(node) ?? 0;
    this.#draws.set(node, draw + 1);
    return { draw, mac: this.#nodes[node]?.flannelMacs?.[draw] };
  }

  /** Of a Service; `made`: the API server makes one of this name now. The last pin stays for what comes after. */
  service(namespace: string, name: string, made: boolean): ServicePin | undefined {
    const key = `${namespace}/${name}`;
    const own = this.#services[key];
    if (made) this.#made.set(key, (this.#made.get(key) ?? 0) + 1);
    return own === undefined || !isList(own) ? own : own[Math.min(this.#made.get(key) ?? 1, own.length) - 1];
  }

  #take(namespace: string, name: string, used: boolean): void {
    const key = `${namespace}/${name}`;
    this.#taken.set(key, { count: (this.#taken.get(key)?.count ?? 0) + 1, used });
  }
}

const isList = (own: ServicePin | readonly ServicePin[]): own is readonly ServicePin[] => Array.isArray(own);
