/** A scenario's network with servers of the referee's own: the same ones on both sides. */
import type { Lab } from '../lab/lab.ts';
import { exportWorld } from '../lab/export/export-lab.ts';
import type { ArenaWorld } from './arena.ts';
import { PATIENCE, ARP_PATIENCE, type Action, type Flow, type TcpAction } from './flow.ts';
import { EXTRA, flowsOfScenario, placesOf, serversOf } from './scenario-flows.ts';
import { twinOf } from './twin.ts';

export function scenarioWorld(lab: Lab): { readonly world: ArenaWorld; readonly flows: readonly Flow[] } {
  const original = exportWorld(lab, { servers: false });
  const places = placesOf(lab, original);
  const { world, exported } = twinOf(original);
  return { world: { world, exported, servers: serversOf(original, places) }, flows: flowsOfScenario(lab, places) };
}

const VIP = '10.43.180.238';
const POD_VM1 = '10.42.0.8';
const POD_VM2 = '10.42.1.2';
const POD_VM3 = '10.42.2.2';
const NGINX2 = 'nginx-deployment-7c79c4bf97-5j5bv';

let number = 0;
const next = (): number => ++number;
const tcp = (ns: string, dst: string, more: Partial<TcpAction> = {}): Action => ({ kind: 'tcp', ns, dst, dport: 80, sport: 20000 + next(), tag: `t${String(next()).padStart(3, '0')}`, size: 40, timeout: PATIENCE, ...more });
const udp = (ns: string, dst: string, size: number, df = false, dport = EXTRA): Action => ({ kind: 'udp', ns, dst, dport, sport: 20000 + next(), tag: `u${String(next()).padStart(3, '0')}`, size, df, timeout: PATIENCE });
const ping = (ns: string, dst: string, ttl = 64, size = 56, df = true, timeout = PATIENCE): Action => ({ kind: 'ping', ns, dst, ttl, size, df, id: 4000 + next(), tag: `p${String(next()).padStart(3, '0')}`, timeout });
const flow = (name: string, ...actions: Action[]): Flow => ({ name, actions });

/** Chosen by hand for k3s-clusterip: the mutations are shown to them. */
export const clusteripFlows = (): readonly Flow[] => [
  flow('test-pod calls the ClusterIP', tcp('test-pod', VIP), tcp('test-pod', VIP), tcp('test-pod', VIP), tcp('test-pod', VIP)),
  flow('a pod reaches itself through its Service', tcp(NGINX2, VIP), tcp(NGINX2, VIP), tcp(NGINX2, VIP), tcp(NGINX2, VIP)),
  flow('a node calls the ClusterIP', tcp('vm1', VIP), tcp('vm2', VIP), tcp('vm2', VIP)),
  flow('pod to pod on one node', tcp('test-pod', POD_VM2)),
  flow('pod to pod through the tunnel', tcp('test-pod', POD_VM3)),
  flow('node to pod of another node', tcp('vm1', POD_VM2)),
  flow('closed port of a pod', tcp('test-pod', POD_VM1, { dport: 81 })),
  flow('closed port of a pod on the same node', tcp('test-pod', POD_VM2, { dport: 81 })),
  flow('closed port of a node, from outside', tcp('vm-ext', '10.65.94.238', { dport: 81 })),
  flow('a port of the VIP that no Service has', tcp('test-pod', VIP, { dport: 81 })),
  flow('the external host calls the VIP', tcp('vm-ext', VIP)),
  flow('the server resets after the request', tcp('test-pod', POD_VM1, { dport: EXTRA })),
  flow('the client resets after the answer', tcp('test-pod', VIP, { end: 'reset' })),
  flow('UDP there and back', udp('test-pod', POD_VM1, 100), udp('test-pod', POD_VM2, 100)),
  flow('UDP to a closed port', udp('test-pod', POD_VM1, 20, false, 7777)),
  flow('UDP in fragments', udp('test-pod', POD_VM1, 3000)),
  flow('UDP larger than the MTU, not to be fragmented', udp('test-pod', POD_VM1, 1500, true)),
  flow('ping through the tunnel', ping('test-pod', POD_VM1)),
  flow('TTL ends at the own node', ping('test-pod', POD_VM1, 1)),
  flow('TTL ends at the other node', ping('test-pod', POD_VM1, 2)),
  flow('ping of a pod beside', ping('test-pod', POD_VM2)),
  flow('ping of the external host', ping('test-pod', '10.65.94.56')),
  flow('ping of a node in fragments', ping('vm1', '10.65.94.199', 64, 3000, false)),
  flow('ping too large', ping('vm1', POD_VM2, 64, 1472)),
  flow('nobody has the address', ping('test-pod', '10.42.0.77', 64, 56, true, ARP_PATIENCE)),
  flow('nobody beside has the address', ping('test-pod', '10.42.1.77', 64, 56, true, ARP_PATIENCE)),
];
