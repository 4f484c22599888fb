/** What the packet inspector shows: layers, their fields, and where each stands in the frame's bytes. */
export interface FieldView {
  readonly name: string;
  readonly value: string;
  /** Byte offset in the whole frame, and length in bytes (bit fields share their byte). */
  readonly offset: number;
  readonly length: number;
}

export type LayerKind = 'eth' | 'arp' | 'ipv4' | 'icmp' | 'udp' | 'tcp' | 'vxlan' | 'dns' | 'http' | 'data';

export interface LayerView {
  readonly layer: LayerKind;
  /** `ETH`, `IPv4`, `TCP`, `VXLAN` … */
  readonly name: string;
  /** One line, tcpdump-like. */
  readonly summary: string;
  readonly offset: number;
  readonly length: number;
  readonly fields: readonly FieldView[];
}

export const field = (name: string, value: string | number, offset: number, length: number): FieldView => ({ name, value: String(value), offset, length });

export const hex = (n: number, digits: number): string => `0x${n.toString(16).padStart(digits, '0')}`;
