/**
 * Addresses that a program answers ARP for without any kernel owning them (MetalLB's speaker, keepalived): known by what it told the neighbours last.
 * The export has no such program: a small responder stands in for it.
 */
import type { Step } from '../../engine/trace/steps.ts';
import { ANY, formatIpv4, type Ipv4 } from '../../engine/wire/addresses.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';

export interface Announced {
  readonly dev: string;
  readonly ip: Ipv4;
}

/** Who made it, as the trace says. */
const PACKET_SOCKET = 'packet socket';

/** By namespace id. */
export function announcedAddresses(steps: readonly Step[], kernels: readonly Kernel[]): ReadonlyMap<number, readonly Announced[]> {
  const owned = new Set(kernels.flatMap((k) => k.netlink.addresses().map((a) => a.address)));
  const made = new Set<number>();
  const last = new Map<Ipv4, { readonly ns: number; readonly dev: string }>();
  for (const step of steps) {
    if (step.kind === 'created' && step.net.kind === 'arp' && step.by === PACKET_SOCKET) made.add(step.pkt);
    else if (step.kind === 'tx' && step.net.kind === 'arp' && made.delete(step.pkt) && step.net.senderIp !== ANY && !owned.has(step.net.senderIp)) last.set(step.net.senderIp, { ns: step.ns, dev: step.dev });
  }
  const out = new Map<number, Announced[]>();
  for (const [ip, { ns, dev }] of last) {
    if (kernels.find((k) => k.nsId === ns)?.netlink.link(dev) === undefined) continue;
    out.set(ns, [...(out.get(ns) ?? []), { dev, ip }]);
  }
  return out;
}

export const ANNOUNCE = `# Answers ARP requests for addresses that no kernel owns, as MetalLB's speaker does. usage: announce.py DEVICE ADDRESS ...
import socket, sys

device, mine = sys.argv[1], {socket.inet_aton(a) for a in sys.argv[2:]}
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0806))
s.bind((device, 0x0806))
mac = s.getsockname()[4]
while True:
    frame, address = s.recvfrom(2048)
    if address[2] == 4 or len(frame) < 42 or frame[20:22] != b"\\x00\\x01" or frame[38:42] not in mine:
        continue
    asker = frame[22:28]
    s.send(asker + mac + frame[12:20] + b"\\x00\\x02" + mac + frame[38:42] + asker + frame[28:32])
`;

/** Shell commands that start the responders, with the namespace already entered. */
export const announcers = (announced: readonly Announced[]): readonly string[] =>
  [...new Set(announced.map((a) => a.dev))].map((dev) => `python3 announce.py ${dev} ${announced.filter((a) => a.dev === dev).map((a) => formatIpv4(a.ip)).join(' ')} >/dev/null 2>&1 &`);
