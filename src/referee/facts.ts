/** What the referee taught about Linux, for readers of its page. Each is pinned as a test beside the code that does it. */
export const FACTS: readonly string[] = [
  'POSTROUTING of a VXLAN packet has the tunnel as its input device: skb->dev stays when a packet is wrapped.',
  'After a DNAT in nat OUTPUT, filter OUTPUT still sees the old output device: nf_hook_state is filled once.',
  'br_netfilter forwards packets that it put together as a whole, not in their pieces.',
  'REJECT with tcp-reset of a bridged packet leaves by the port, past all hooks.',
  'A DNAT in OUTPUT to an address without a route gives the sender the route’s errno, not EPERM.',
  'VXLAN leaves its own UDP checksum to the card (CHECKSUM_PARTIAL) when the inner one is done; when the inner one is not, the outer is right and the inner stays open (local checksum offload).',
  'A device without carrier (a bridge whose ports are gone) sends nothing, and captures on it see nothing: noop_qdisc drops before they look.',
  'With rp_filter=1 a node does not answer ARP of an address that it has no way back to.',
  'Fragments of a connected socket keep its flow hash, so VXLAN gives them its source port; fragments of others are hashed by address alone.',
  'An ICMP error ends a half-open TCP request only when it says that net or host cannot be reached, that time ran out or that a parameter was wrong: not when a port is closed or traffic prohibited.',
  'A bridged DNAT goes by the neighbour’s output, and so once more through the bridge device, unless the neighbour is NUD_CONNECTED and has sent before.',
  'An address 0.0.0.0 is taken without an error and forgotten.',
  'FIN_WAIT2 without a program is a time-wait remainder (tcp_time_wait), not a socket: what it answers has its checksum already.',
  'A route that was asked for by a device and found by no table has no table either: fibmatch has nothing to show.',
];

/** How what the export cannot have is stood in for. */
export const STAND_INS: readonly string[] = [
  'Programs that answer ARP for addresses that no kernel owns (MetalLB’s speaker): `announce.py` answers in the namespace that said it last, by the same device, from a packet socket. It does not move to another node.',
  'Servers: an echo listens on every port where the scenario’s pods and nodes listen, the same one on both sides. The control plane does not run: the lab’s side is a twin of the scenario’s network without its programs.',
  '802.1Q devices: a veth of the same name on a switch of its own.',
  'How long a neighbour stays good is drawn at random, and timers that are late decide when it is asked again: base_reachable_time_ms and delay_first_probe_time are an hour on both sides.',
  'ICMP redirects are sent after pauses of 40 ms and more: redirect_number is 1 and redirect_silence half an hour on both sides.',
  'Programs: a server that the machine kept waiting for longer than the delayed-ACK timer when its client had closed is as slow in the lab.',
  'Draws: statistic matches, masquerade ports and VXLAN’s source ports (hashes with a random key) are given to the lab as the kernel made them.',
];
