/** ARP frames of both sides as crossings. One form for the kernel's bytes and the lab's layers. */
import type { ArpPacket } from '../engine/wire/packet.ts';
import { formatIpv4, formatMac, mac, ipv4, type Mac } from '../engine/wire/addresses.ts';
import type { Crossing } from './observation.ts';

export interface ArpFrame {
  readonly ns: string;
  readonly dev: string;
  readonly out: boolean;
  readonly to: Mac;
  readonly arp: ArpPacket;
}

const REQUEST = 1;

/** A frame from its Ethernet header on; undefined: no ARP. */
export function arpOf(frame: Uint8Array): { readonly to: Mac; readonly arp: ArpPacket } | undefined {
  if (frame.length < 42 || frame[12] !== 0x08 || frame[13] !== 0x06) return undefined;
  const number = (at: number, size: number): number => frame.subarray(at, at + size).reduce((n, b) => n * 256 + b, 0);
  return { to: mac(number(0, 6)), arp: { kind: 'arp', op: number(20, 2), senderMac: mac(number(22, 6)), senderIp: ipv4(number(28, 4)), targetMac: mac(number(32, 6)), targetIp: ipv4(number(38, 4)) } };
}

export function arpCrossings(frames: readonly ArpFrame[]): readonly Crossing[] {
  return frames.map(({ ns, dev, out, to, arp }): Crossing => {
    const request = arp.op === REQUEST;
    const [sender, target] = [formatIpv4(arp.senderIp), formatIpv4(arp.targetIp)];
    const packet = request ? `arp who-has ${target} tell ${sender}` : `arp ${sender} is-at, to ${target}`;
    return { ns, packet, text: `${out ? 'out' : 'in '} ${dev} to ${formatMac(to)}, ${formatMac(arp.senderMac)}${request ? '' : ` for ${formatMac(arp.targetMac)}`}` };
  });
}
