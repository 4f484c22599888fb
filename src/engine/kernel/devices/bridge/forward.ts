/**
 * Read first: br_handle_frame, br_handle_frame_finish (net/bridge/br_input.c), br_flood, __br_forward (br_forward.c), br_dev_xmit (br_device.c).
 * Models: v6.1 without STP and multicast snooping: multicast is flooded and goes up. Not modelled: VLAN filtering, MDB, guards, isolation.
 */
import { isMulticastMac, MAC_BROADCAST, MAC_ZERO } from '../../../wire/addresses.ts';
import { networkLength } from '../../../wire/packet.ts';
import { clone, drop } from '../../drop.ts';
import type { NetDevice } from '../../net-device.ts';
import { netifReceiveUp } from '../../rx.ts';
import type { Skb } from '../../skb.ts';
import { devQueueXmit } from '../../tx.ts';
import type { Bridge } from './bridge.ts';
import { afterForward, beforeBridging, bridgedDnat, postRouting } from './br-netfilter.ts';
import { BridgePort } from './port.ts';

function trace(bridge: Bridge, skb: Skb, inPort: BridgePort | undefined, decision: 'forward' | 'local' | 'flood', outPorts: readonly BridgePort[], fdbKey: string | undefined): void {
  const ns = bridge.dev.netns;
  const { recorder } = ns.machine.world;
  if (!recorder.on) return;
  recorder.write({
    kind: 'bridge', ns: ns.id, pkt: skb.id, mac: skb.mac, net: skb.net, bridge: bridge.dev.name, inPort: inPort?.dev.name, decision,
    outPorts: outPorts.map((p) => p.dev.name), fdbKey,
  });
}

/** br_handle_frame, the rx_handler of every port. */
export function handleFrame(port: BridgePort, skb: Skb): void {
  const { bridge } = port;
  const ns = bridge.dev.netns;
  const header = skb.mac;
  if (header === undefined || header.src === MAC_ZERO || isMulticastMac(header.src)) return drop(ns, skb, 'NOT_SPECIFIED', 'invalid source address');
  if (!port.forwarding) return drop(ns, skb, 'BRIDGE_INGRESS_STP_STATE', port.dev.name);
  if (header.dst === bridge.dev.mac) skb.pktType = 'host';
  beforeBridging(port, skb);
}

/** br_handle_frame_finish: learn, then up, on, or everywhere. */
export function handleFrameFinish(port: BridgePort, skb: Skb): void {
  const { bridge } = port;
  const header = skb.mac;
  if (header === undefined) return drop(bridge.dev.netns, skb, 'NOT_SPECIFIED');
  if (port.learning) bridge.fdb.learn(port, header.src);
  if (isMulticastMac(header.dst)) {
    const ports = floodPorts(bridge, port, true);
    trace(bridge, skb, port, 'flood', ports, undefined);
    for (const out of ports) forward(bridge, out, clone(bridge.dev.netns, skb), port);
    return passUp(bridge, skb);
  }
  const found = bridge.fdb.find(header.dst);
  if (found === undefined) {
    const ports = floodPorts(bridge, port, false);
    trace(bridge, skb, port, 'flood', ports, undefined);
    return flood(bridge, ports, skb, port, bridge.dev.promiscuity > 0);
  }
  if (found.local || found.port === undefined) {
    trace(bridge, skb, port, 'local', [], found.key);
    return passUp(bridge, skb);
  }
  if (!shouldDeliver(found.port, port)) {
    trace(bridge, skb, port, 'forward', [], found.key);
    return drop(bridge.dev.netns, skb, 'BRIDGE_NO_EGRESS_PORT', found.port === port ? `${port.dev.name} is where it came from, and hairpin is off` : found.port.dev.name);
  }
  trace(bridge, skb, port, 'forward', [found.port], found.key);
  forward(bridge, found.port, skb, port);
}

/** br_pass_frame_up: the bridge device receives it. */
function passUp(bridge: Bridge, skb: Skb): void {
  netifReceiveUp(bridge.dev, skb);
}

/** should_deliver */
const shouldDeliver = (to: BridgePort, from: BridgePort | undefined): boolean => to.forwarding && (to.hairpin || to !== from);

function floodPorts(bridge: Bridge, from: BridgePort | undefined, group: boolean): readonly BridgePort[] {
  return bridge.ports.filter((p) => shouldDeliver(p, from) && (group || p.flood));
}

/** br_flood: copies for all but the last. */
function flood(bridge: Bridge, ports: readonly BridgePort[], skb: Skb, from: BridgePort | undefined, alsoUp: boolean): void {
  const ns = bridge.dev.netns;
  const last = ports.at(-1);
  if (last === undefined && !(alsoUp && from !== undefined)) return drop(ns, skb, 'BRIDGE_NO_EGRESS_PORT', bridge.dev.name);
  for (const out of ports) if (out !== last || alsoUp) forward(bridge, out, clone(ns, skb), from);
  if (alsoUp && from !== undefined) passUp(bridge, skb);
  else if (last !== undefined) forward(bridge, last, skb, from);
}

/** __br_forward: FORWARD for what came in by a port, then out. */
function forward(bridge: Bridge, to: BridgePort, skb: Skb, from: BridgePort | undefined): void {
  if (from !== undefined && !afterForward(bridge, to, skb)) return;
  for (const out of postRouting(bridge, to, skb)) pushXmit(bridge, to, out);
}

/** br_dev_queue_push_xmit */
export function pushXmit(bridge: Bridge, to: BridgePort, skb: Skb): void {
  const tagged = skb.mac?.vlan !== undefined;
  if (networkLength(skb.net) + (tagged ? 4 : 0) > to.dev.mtu + 4) return drop(bridge.dev.netns, skb, 'PKT_TOO_BIG', to.dev.name);
  devQueueXmit(to.dev, skb);
}

/** br_dev_xmit: the stack sends by the bridge device. */
export function bridgeXmit(bridge: Bridge, dev: NetDevice, skb: Skb): void {
  if (skb.nfBridge?.bridgedDnat === true) return bridgedDnat(bridge, skb);
  const dst = skb.mac?.dst ?? MAC_BROADCAST;
  if (isMulticastMac(dst)) {
    const ports = floodPorts(bridge, undefined, true);
    trace(bridge, skb, undefined, 'flood', ports, undefined);
    return flood(bridge, ports, skb, undefined, false);
  }
  const found = bridge.fdb.find(dst);
  if (found === undefined) {
    const ports = floodPorts(bridge, undefined, false);
    trace(bridge, skb, undefined, 'flood', ports, undefined);
    return flood(bridge, ports, skb, undefined, false);
  }
  const { port } = found;
  trace(bridge, skb, undefined, 'forward', port === undefined ? [] : [port], found.key);
  if (port === undefined || !port.forwarding) return drop(dev.netns, skb, 'BRIDGE_NO_EGRESS_PORT', port?.dev.name ?? dev.name);
  forward(bridge, port, skb, undefined);
}

/** The port that a packet's nf_bridge remembers as its way in. */
export const portOfPhysIn = (skb: Skb): BridgePort | undefined => {
  const dev = skb.nfBridge?.physIn;
  return dev === undefined ? undefined : BridgePort.of(dev);
};
