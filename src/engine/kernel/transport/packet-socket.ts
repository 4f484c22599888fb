/** Read first: packet(7), net/packet/af_packet.c. Models: SOCK_RAW taps of one device or all (v6.1). Not modelled: filters in the kernel, rings, fanout. */
import { ok, type Result } from '../../../base/result.ts';
import { WaitQueue } from '../../sim/process.ts';
import { refuse, type KernelError } from '../../uapi/errno.ts';
import type { CapturedFrame, PacketSocket } from '../../uapi/sockets.ts';
import { MAC_ZERO } from '../../wire/addresses.ts';
import { ETH_P_ARP, ETH_P_IP, frameLength, type EthernetFrame, type EthernetHeader, type NetworkLayer } from '../../wire/packet.ts';
import type { NetDevice } from '../net-device.ts';
import { partialOf, Skb } from '../skb.ts';
import { devQueueXmit } from '../tx.ts';
import type { Owner } from './door.ts';
import type { Transport } from './transport.ts';

/** Frames that wait for the reader; more are lost, as with a full socket buffer. */
const QUEUE_LIMIT = 100_000;

/** Devices without a link layer (a loopback packet seen before its header is set) show an empty header. */
const bareHeader = (net: NetworkLayer): EthernetHeader =>
  ({ dst: MAC_ZERO, src: MAC_ZERO, etherType: net.kind === 'arp' ? ETH_P_ARP : ETH_P_IP });

export function openPacketSocket(transport: Transport, owner: Owner, device: NetDevice | undefined, protocol?: number): PacketSocket {
  const { ns } = transport;
  const world = ns.machine.world;
  const readable = new WaitQueue();
  const queue: CapturedFrame[] = [];
  let head = 0;
  const tap = (skb: Skb, direction: 'in' | 'out', dev: NetDevice): void => {
    if (queue.length - head >= QUEUE_LIMIT) return;
    const header = skb.mac ?? bareHeader(skb.net);
    if (protocol !== undefined && (direction === 'out' || header.etherType !== protocol)) return;
    queue.push({
      at: world.scheduler.now, dev: dev.name, ifindex: dev.ifindex, direction,
      pktType: direction === 'out' ? 'outgoing' : skb.pktType,
      frame: { kind: 'ethernet', header, payload: skb.net },
      partialChecksum: partialOf(skb), checksumAlgorithm: skb.checksumAlgorithm,
    });
    readable.wake();
  };
  const taps = device?.taps ?? ns.anyTaps;
  taps.push(tap);
  let open = true;
  const socket = {
    pid: owner.pid,
    readable,
    recv: (): CapturedFrame | undefined => {
      const frame = queue[head];
      if (frame === undefined) return undefined;
      if (++head === queue.length) {
        queue.length = 0;
        head = 0;
      }
      return frame;
    },
    send: (frame: EthernetFrame): Result<number, KernelError> => {
      if (!open || device === undefined) return refuse('ENXIO');
      if (!device.up) return refuse('ENETDOWN');
      const length = frameLength(frame);
      if (length > device.mtu + (frame.header.vlan === undefined ? 14 : 18)) return refuse('EMSGSIZE');
      const skb = new Skb(world.nextPacketId(), frame.payload, frame.header);
      skb.dev = device;
      skb.pktType = 'outgoing';
      if (world.recorder.on) world.recorder.write({ kind: 'created', ns: ns.id, pkt: skb.id, mac: skb.mac, net: skb.net, by: owner.name, cause: undefined });
      devQueueXmit(device, skb);
      return ok(length);
    },
    close: (): void => {
      if (!open) return;
      open = false;
      transport.packetSockets.delete(socket);
      const i = taps.indexOf(tap);
      if (i >= 0) taps.splice(i, 1);
      queue.length = 0;
      head = 0;
    },
  };
  transport.packetSockets.add(socket);
  return socket;
}
