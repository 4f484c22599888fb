/**
 * The layer 2 announcer of one node: answers ARP for the addresses it was given, from a packet socket on each fitting interface, and spreads the news unasked.
 * Read first: packet(7), RFC 826.
 * Models: metallb internal/layer2/{announcer,arp}.go (v0.14.5), mdlayher/arp: interfaces scanned every 10 s; frames padded to 60 bytes; a socket bound to
 * ETH_P_ARP on ens3 also gets what arrives there with a tag for ens3.100, so both answer. No address is configured anywhere.
 * Not modelled: IPv6 neighbour discovery.
 */
import { millis, plus, seconds, type Nanos } from '../../../engine/sim/time.ts';
import type { Program } from '../../../engine/sim/process.ts';
import type { Kernel } from '../../../engine/uapi/kernel.ts';
import type { Link } from '../../../engine/uapi/rtnetlink.ts';
import type { CapturedFrame, PacketSocket } from '../../../engine/uapi/sockets.ts';
import { formatIpv4, formatMac, MAC_BROADCAST, type Ipv4, type Mac } from '../../../engine/wire/addresses.ts';
import { ARP_REPLY, ARP_REQUEST } from '../../../engine/wire/arp.ts';
import { ETH_P_ARP } from '../../../engine/wire/packet.ts';
import type { Logger } from './log.ts';

export const SCAN_INTERVAL = seconds(10);
/** Longer than a second, which some switches take for a flood of gratuitous ARP (metallb issue 172). */
const SPAM_INTERVAL = millis(1100);
const SPAM_SPAN = seconds(5);
/** Ethernet's shortest frame without FCS is 60 bytes: 14 of header, 28 of ARP, 18 of nothing. */
const PADDING = 18;

export interface Advertisement {
  readonly ip: Ipv4;
  /** undefined: all. */
  readonly interfaces: readonly string[] | undefined;
}

interface Responder {
  readonly ifindex: number;
  readonly name: string;
  readonly mac: Mac;
  readonly socket: PacketSocket;
  readonly stop: () => void;
}

const allows = (a: Advertisement, dev: string): boolean => a.interfaces === undefined || a.interfaces.includes(dev);

/** Up, broadcast, speaking ARP, no bridge port. */
const usable = (link: Link): boolean => link.up && link.kind !== 'loopback' && !link.noArp && link.master === undefined;

export class Announcer {
  readonly #kernel: Kernel;
  readonly #log: Logger;
  readonly #exclude: RegExp | undefined;
  readonly #responders = new Map<number, Responder>();
  /** By service. */
  readonly #given = new Map<string, Advertisement>();
  /** Addresses that are being spread, and until when. */
  readonly #spam = new Map<Ipv4, { readonly until: Nanos; readonly adv: Advertisement }>();
  #interfaces: readonly string[] = [];
  /** Of the ticker, which runs while something is spread. */
  #nextTick: Nanos;
  #nextScan: Nanos;

  constructor(kernel: Kernel, log: Logger, exclude: RegExp | undefined) {
    this.#kernel = kernel;
    this.#log = log;
    this.#exclude = exclude;
    this.#nextTick = kernel.clock.now;
    this.#nextScan = kernel.clock.now;
  }

  /** Names of the interfaces that are not excluded, as the last scan found them: also those that are down. */
  get interfaces(): readonly string[] {
    return this.#interfaces;
  }

  /** What it announces of a service. */
  of(service: string): Advertisement | undefined {
    return this.#given.get(service);
  }

  /** When {@link tick} wants to run next. */
  get due(): Nanos {
    return this.#spam.size > 0 && this.#nextTick < this.#nextScan ? this.#nextTick : this.#nextScan;
  }

  tick(): void {
    const { now } = this.#kernel.clock;
    if (now >= this.#nextScan) {
      this.#scan();
      this.#nextScan = plus(now, SCAN_INTERVAL);
    }
    if (this.#spam.size === 0 || now < this.#nextTick) return;
    for (const [ip, s] of [...this.#spam]) {
      if (now > s.until) this.#spam.delete(ip);
      else this.#gratuitous(s.adv);
    }
    while (this.#nextTick <= now) this.#nextTick = plus(this.#nextTick, SPAM_INTERVAL);
  }

  set(service: string, adv: Advertisement): void {
    this.#given.set(service, adv);
    const { now } = this.#kernel.clock;
    const known = this.#spam.has(adv.ip);
    if (this.#spam.size === 0) this.#nextTick = plus(now, SPAM_INTERVAL);
    this.#spam.set(adv.ip, { until: plus(now, SPAM_SPAN), adv });
    if (!known) this.#gratuitous(adv);
  }

  /** Stops answering; nothing is said on the wire. */
  delete(service: string): void {
    this.#given.delete(service);
  }

  close(): void {
    for (const r of this.#responders.values()) r.stop();
    this.#responders.clear();
  }

  #scan(): void {
    const kept = new Set<number>();
    const links = this.#kernel.netlink.links().filter((l) => this.#exclude?.test(l.name) !== true);
    this.#interfaces = links.map((l) => l.name);
    for (const link of links) {
      if (!usable(link)) continue;
      kept.add(link.ifindex);
      if (!this.#responders.has(link.ifindex)) this.#open(link);
    }
    for (const r of [...this.#responders.values()]) {
      if (kept.has(r.ifindex)) continue;
      r.stop();
      this.#responders.delete(r.ifindex);
      this.#log.write('info', 'announcer.go:145', { event: 'deleteARPResponder', interface: r.name, msg: 'deleted ARP responder for interface' });
    }
  }

  #open(link: Link): void {
    const opened = this.#kernel.sockets.packet(link.name, ETH_P_ARP);
    if (!opened.ok) {
      this.#log.write('error', 'announcer.go:122', { op: 'createARPResponder', interface: link.name, error: opened.error.errno, msg: 'failed to create ARP responder' });
      return;
    }
    const socket = opened.value;
    const { process } = this.#kernel.spawn('speaker', () => this.#respond(link, socket));
    const stop = (): void => {
      process.kill('SIGTERM');
      socket.close();
    };
    this.#responders.set(link.ifindex, { ifindex: link.ifindex, name: link.name, mac: link.mac, socket, stop });
    this.#log.write('info', 'announcer.go:126', { event: 'createARPResponder', interface: link.name, msg: 'created ARP responder for interface' });
  }

  *#respond(link: Link, socket: PacketSocket): Program {
    for (;;) {
      for (let f = socket.recv(); f !== undefined; f = socket.recv()) this.#answer(link, socket, f);
      yield { on: [socket.readable] };
    }
  }

  #answer(link: Link, socket: PacketSocket, { frame }: CapturedFrame): void {
    const { payload, header } = frame;
    if (payload.kind !== 'arp' || payload.op !== ARP_REQUEST || (header.dst !== MAC_BROADCAST && header.dst !== link.mac)) return;
    if (![...this.#given.values()].some((a) => a.ip === payload.targetIp && allows(a, link.name))) return;
    this.#log.write('debug', 'arp.go:110', {
      interface: link.name, ip: formatIpv4(payload.targetIp), senderIP: formatIpv4(payload.senderIp), senderMAC: formatMac(payload.senderMac), responseMAC: formatMac(link.mac),
      msg: 'got ARP request for service IP, sending response',
    });
    socket.send({
      kind: 'ethernet', header: { dst: payload.senderMac, src: link.mac, etherType: ETH_P_ARP },
      payload: { kind: 'arp', op: ARP_REPLY, senderMac: link.mac, senderIp: payload.targetIp, targetMac: payload.senderMac, targetIp: payload.senderIp, padding: PADDING },
    });
  }

  /** A request and a reply about the address, to everybody. */
  #gratuitous(adv: Advertisement): void {
    if (![...this.#given.values()].some((a) => a.ip === adv.ip)) return;
    for (const { name, mac, socket } of this.#responders.values()) {
      if (!allows(adv, name)) continue;
      for (const op of [ARP_REQUEST, ARP_REPLY]) {
        socket.send({
          kind: 'ethernet', header: { dst: MAC_BROADCAST, src: mac, etherType: ETH_P_ARP },
          payload: { kind: 'arp', op, senderMac: mac, senderIp: adv.ip, targetMac: MAC_BROADCAST, targetIp: adv.ip, padding: PADDING },
        });
      }
    }
  }
}
