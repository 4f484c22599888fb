/** What a filter looks at: a frame as it lies in the capture buffer. */
import type { Mac } from '../addresses.ts';
import { ethernetHeaderLength } from '../ethernet.ts';
import { emitFrame } from '../frame.ts';
import { frameLength, ipv4HeaderLength, type EthernetFrame, type Ipv4Packet } from '../packet.ts';

export class FilterPacket {
  readonly frame: EthernetFrame;
  readonly direction: 'in' | 'out' | undefined;
  /** A live capture: the kernel has taken the VLAN tag out of the bytes, so `tcp` matches tagged frames too. */
  readonly tagOffloaded: boolean;
  #bytes: Uint8Array | undefined;

  constructor(frame: EthernetFrame, options: { readonly direction?: 'in' | 'out' | undefined; readonly tagOffloaded?: boolean } = {}) {
    this.frame = frame;
    this.direction = options.direction;
    this.tagOffloaded = options.tagOffloaded ?? false;
  }

  /** Bytes without the tag when it is offloaded. */
  get bytes(): Uint8Array {
    this.#bytes ??= emitFrame(this.tagOffloaded && this.frame.header.vlan !== undefined ? { ...this.frame, header: { ...this.frame.header, vlan: undefined } } : this.frame);
    return this.#bytes;
  }

  get length(): number {
    return frameLength(this.frame) - (this.tagOffloaded && this.frame.header.vlan !== undefined ? 4 : 0);
  }

  /** Can primitives that follow `depth` vlan keywords see the network layer? */
  #visible(depth: number): boolean {
    const tagged = this.frame.header.vlan !== undefined;
    if (depth === 0) return !tagged || this.tagOffloaded;
    return tagged && depth === 1;
  }

  etherType(depth: number): number | undefined {
    return this.#visible(depth) ? this.frame.header.etherType : depth === 0 ? 0x8100 : undefined;
  }

  ip(depth: number): Ipv4Packet | undefined {
    const n = this.frame.payload;
    return n.kind === 'ipv4' && this.#visible(depth) ? n : undefined;
  }

  get src(): Mac {
    return this.frame.header.src;
  }

  get dst(): Mac {
    return this.frame.header.dst;
  }

  networkOffset(): number {
    return ethernetHeaderLength(this.frame.header) - (this.tagOffloaded && this.frame.header.vlan !== undefined ? 4 : 0);
  }

  transportOffset(p: Ipv4Packet): number {
    return this.networkOffset() + ipv4HeaderLength(p);
  }
}

export type Predicate = (packet: FilterPacket) => boolean;
