/** Why a step happened, in sentences made from the step and the tables it used. One case per kind: a new kind is asked for by the compiler. */
import { assertNever } from '../../base/assert.ts';
import { DROP_REASONS } from '../../engine/trace/drop-reasons.ts';
import type { PacketStep, Step } from '../../engine/trace/steps.ts';
import { formatIpv4, formatMac } from '../../engine/wire/addresses.ts';
import type { NetworkLayer } from '../../engine/wire/packet.ts';
import type { ReasonView } from '../../worker/protocol.ts';
import type { Inspector } from '../inspector.ts';
import { natChange } from '../timeline/timeline.ts';
import { decidingRow } from '../views/hits.ts';
import { ruleReason, traversal } from './rule.ts';

type Of<K extends Step['kind']> = Extract<Step, { kind: K }>;

const say = (headline: string, text: string): ReasonView => ({ headline, text, won: undefined, tried: [], cause: undefined });

const addresses = (net: NetworkLayer): string => (net.kind === 'ipv4' ? `${formatIpv4(net.src)} to ${formatIpv4(net.dst)}` : net.kind === 'arp' ? 'ARP' : 'a frame');

function fib(step: Of<'fib'>): ReasonView {
  const dst = formatIpv4(step.dst);
  switch (step.result) {
    case 'local': return say(`${dst} is an address of this namespace.`, 'Table local is asked before table main, and it holds every address of every device here: the packet goes up, not on.');
    case 'unicast': {
      const hop = step.gateway === undefined ? `is on the link of ${step.out ?? '?'}` : `is reached through ${formatIpv4(step.gateway)} on ${step.out ?? '?'}`;
      const source = step.direction === 'output' && step.prefSrc !== undefined ? ` The route also names the source address a new connection gets: ${formatIpv4(step.prefSrc)}.` : '';
      return say(`${dst} ${hop}.`, `Of all routes that contain the destination, the longest prefix wins, then the lowest metric.${source}`);
    }
    case 'broadcast': return say(`${dst} is a broadcast address.`, `It goes to every station on ${step.out ?? 'the link'}.`);
    case 'multicast': return say(`${dst} is a group address.`, 'Only those who joined the group take it.');
    case 'unreachable':
    case 'blackhole':
    case 'prohibit': return say(`A route of type ${step.result} holds ${dst}.`, 'The kernel drops what such a route matches.');
    case 'none': return say(`No route to ${dst}.`, 'No table that the policy rules name has a route that contains it.');
    default: return assertNever(step.result);
  }
}

function nat(step: Of<'nat'>): ReasonView {
  const { from, to } = natChange(step);
  if (step.direction === 'original') {
    return step.manip === 'dst'
      ? say(`DNAT: ${from} becomes ${to}.`, 'The connection’s first packet met a DNAT rule. Conntrack keeps the choice, so the nat table is not asked again for this connection.')
      : say(`SNAT: ${from} becomes ${to}.`, 'The source is rewritten as the packet leaves, so that the answer comes back here to be translated again.');
  }
  return step.manip === 'src'
    ? say(`The answer’s source ${from} becomes ${to}.`, 'Conntrack undoes the DNAT: to the client, the answer comes from the address it called. No rule is needed for that.')
    : say(`The answer’s destination ${from} becomes ${to}.`, 'Conntrack undoes the SNAT before the route is looked up, so the packet finds its way to the client.');
}

function conntrack(step: Of<'conntrack'>): ReasonView {
  switch (step.op) {
    case 'new': return say('Conntrack has not seen this connection.', 'It makes an entry with the packet’s addresses and ports and their mirror image. The entry counts only once the packet has left (confirm).');
    case 'found': return say(`Conntrack knows this connection: ${step.state}.`, 'Rules that match ctstate see this; a translation agreed for the first packet is applied without asking the nat table.');
    case 'confirm': return say('The entry is confirmed.', 'The packet made it through every hook, so the connection now stands in the table for others to match.');
    case 'invalid': return say('Conntrack calls the packet INVALID.', 'It belongs to no known connection and cannot begin one. KUBE-FORWARD drops such packets.');
    case 'untracked': return say('The packet is not tracked.', 'A rule in raw said so (NOTRACK).');
    default: return assertNever(step.op);
  }
}

function created(step: Of<'created'>): ReasonView {
  const { net, cause } = step;
  if (net.kind === 'arp') {
    return net.op === 1
      ? say(`ARP asks who has ${formatIpv4(net.targetIp)}.`, cause === undefined ? 'The question goes to every station on the link.' : `Packet #${cause} cannot go on before somebody answers. The question goes to every station on the link.`)
      : say(`ARP answers: ${formatIpv4(net.senderIp)} is at ${formatMac(net.senderMac)}.`, `The answer goes to ${formatIpv4(net.targetIp)} alone, which asked.`);
  }
  return say(`${step.by} sends a packet, ${addresses(net)}.`, cause === undefined ? 'It starts its way here, with the addresses its sender knows.' : `Packet #${cause} gave cause to it.`);
}

function packetReason(inspector: Inspector, step: PacketStep): ReasonView {
  switch (step.kind) {
    case 'created': return created(step);
    case 'clone': return say(`A copy of packet #${step.from}.`, 'Flooding sends one copy through every port; from here on the copy lives its own life.');
    case 'rx': return say(`${step.dev} receives ${step.bytes} bytes.`, step.mac === undefined ? 'The frame is handed to the protocol named by its ether type.' : `Frame from ${formatMac(step.mac.src)} to ${formatMac(step.mac.dst)}.`);
    case 'tx': return say(`${step.dev} sends ${step.bytes} bytes.`, step.partialChecksum !== false
      ? 'The transport checksum is still a seed here: the device was asked to finish it (checksum offload). tcpdump shows it as incorrect.'
      : 'All headers are final.');
    case 'wire': return say(`The frame crosses ${step.segment}.`, 'The switch learned behind which port the destination lives, or floods.');
    case 'bridge': return step.decision === 'local'
      ? say(`The frame is for ${step.bridge} itself.`, 'Its destination MAC is the bridge’s own, so the packet goes up into this namespace to be routed.')
      : step.decision === 'flood'
        ? say(`Nobody knows the destination MAC yet: ${step.bridge} floods.`, `Copies leave by ${step.outPorts.join(', ') || 'no port'}.`)
        : say(`${step.bridge} forwards to ${step.outPorts.join(', ')}.`, 'The forwarding database says behind which port the destination MAC was seen.');
    case 'fib': return fib(step);
    case 'hook': return traversal(inspector, step);
    case 'rule': return ruleReason(inspector, step);
    case 'hook-end': return say(`${step.table} ${step.hook} is done: ${step.verdict}.`, step.by === 'policy' ? 'No rule ended the walk, so the chain’s policy decided.' : 'A rule decided.');
    case 'conntrack': return conntrack(step);
    case 'nat': return nat(step);
    case 'neigh': return step.outcome === 'resolved'
      ? say(`${formatIpv4(step.ip)} is at ${step.mac2 === undefined ? '?' : formatMac(step.mac2)}.`, `The neighbour table of this namespace has it as ${step.state}. ${step.state === 'PERMANENT' ? 'Somebody put it there: no ARP is ever sent for it.' : ''}`)
      : step.outcome === 'queued'
        ? say(`Who has ${formatIpv4(step.ip)}? The packet waits for ARP.`, `There is no usable neighbour entry on ${step.dev}, so a broadcast asks for the MAC address.`)
        : say(`Nobody answers for ${formatIpv4(step.ip)}.`, 'Three requests went unanswered: the entry is FAILED.');
    case 'forward': return say(`Forwarded from ${step.from} to ${step.to}.`, `The time to live is now ${step.ttl}. A bridge would have left it alone.`);
    case 'encap': return say(`${step.dev} wraps the frame.`, step.how === 'vxlan'
      ? 'The inner frame’s destination MAC stands in the device’s FDB with the node that owns it: the whole frame becomes the payload of a UDP datagram to that node.'
      : 'The frame gets the tag of the VLAN.');
    case 'decap': return say(`${step.dev} unwraps the frame.`, step.how === 'vxlan' ? 'The datagram was for this node’s VXLAN port and its network identifier is this device’s. The inner frame starts anew here.' : 'The tag named this device’s VLAN.');
    case 'fragment': return say(`Too big for the MTU of ${step.mtu}: cut into ${step.parts.length}.`, 'The packet allows fragments.');
    case 'reassembled': return say('All fragments are there.', 'Conntrack and sockets see the whole packet only.');
    case 'delivered': return say(`Delivered to ${step.process ?? 'a socket'}.`, `The socket is ${step.socket}.`);
    case 'consumed': return say(`Taken by ${step.by}.`, 'The packet ends here; what it said has been noted.');
    case 'dropped': return say(`Dropped: ${DROP_REASONS[step.reason]}.`, `The kernel calls it ${step.reason}.${step.detail === undefined ? '' : ` ${step.detail}`}`);
    case 'became': return say('It became something else.', step.how);
    default: return assertNever(step);
  }
}

export function reason(inspector: Inspector, step: Step): ReasonView {
  switch (step.kind) {
    case 'table': {
      const what = step.before === undefined ? 'A row came' : step.after === undefined ? 'A row went' : 'A row changed';
      return { headline: `${what}: ${step.table.replace(/^\d+\//, '')}.`, text: step.key, won: { table: step.table, key: step.key }, tried: [], cause: undefined };
    }
    case 'process': return say(step.event === 'start' ? `${step.command} starts.` : `${step.command} ends with exit code ${step.code ?? 0}.`, `Process ${step.pid}.`);
    case 'control': return say(step.text, `Said by ${step.actor}.`);
    default: {
      const why = packetReason(inspector, step);
      return { ...why, won: why.won ?? decidingRow(inspector, step) };
    }
  }
}
