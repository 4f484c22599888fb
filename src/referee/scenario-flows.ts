/** Flows of a scenario, derived from what is in it: its Services, pods and machines, and the addresses that its suggested commands call. */
import type { Pod, Service } from '../cluster/api/kinds.ts';
import type { Kernel } from '../engine/uapi/kernel.ts';
import { formatIpv4 } from '../engine/wire/addresses.ts';
import type { ExportWorld } from '../lab/export/netns-script.ts';
import type { Lab } from '../lab/lab.ts';
import { ARP_PATIENCE, PATIENCE, type Action, type Flow, type TcpAction } from './flow.ts';
import type { Server } from './lab-flow.ts';

/** Ports that every pod serves besides its own: a UDP echo, and a TCP server that resets. */
export const EXTRA = 7000;
const CLOSED = 81;
const EPHEMERAL = 32768;
const VXLAN = 8472;
const LOOPBACK = 127;

export interface Place {
  readonly name: string;
  readonly ip: string;
}

export interface ScenarioPlaces {
  readonly nodes: readonly Place[];
  /** Machines outside of the cluster. */
  readonly outside: readonly Place[];
  /** Pods with a network of their own. */
  readonly pods: readonly (Place & { readonly node: string; readonly app: boolean })[];
  readonly services: readonly Service[];
}

/** First address that is not of the loopback. */
const addressOf = (kernel: Kernel): string => ((a) => (a === undefined ? '' : formatIpv4(a.address)))(kernel.netlink.addresses().find((a) => a.address >>> 24 !== LOOPBACK));

export function placesOf(lab: Lab, exported: ExportWorld): ScenarioPlaces {
  const { cluster } = lab;
  const nodes = new Set(cluster?.store.list('Node').map((n) => n.metadata.name));
  const machines = exported.namespaces.filter(({ kernel }) => kernel.netns === '').map(({ name, kernel }) => ({ name, ip: addressOf(kernel), node: nodes.has(name) }));
  const pods = exported.namespaces.flatMap(({ name, kernel }) => {
    const pod: Pod | undefined = cluster?.podOf(kernel.machine, kernel.netns);
    const ip = addressOf(kernel);
    return pod === undefined || ip === '' ? [] : [{ name, ip, node: kernel.machine, app: pod.metadata.namespace === 'default' }];
  });
  return { nodes: machines.filter((m) => m.node), outside: machines.filter((m) => !m.node && m.ip !== ''), pods, services: cluster?.store.list('Service').filter((s) => s.metadata.namespace === 'default' && s.spec.clusterIP !== 'None') ?? [] };
}

/** An echo where something listens, and the extra ones in pods. */
export function serversOf(exported: ExportWorld, places: ScenarioPlaces): readonly Server[] {
  const own = exported.namespaces.flatMap(({ name, kernel }) => kernel.sockets.list().flatMap((s): Server[] => {
    const { address, port } = s.local;
    if (address >>> 24 === LOOPBACK || port === 0 || port === VXLAN || s.v6only === true || (s.remote !== undefined && s.remote.port !== 0)) return [];
    if (s.protocol === 'tcp') return s.state === 'LISTEN' ? [{ ns: name, protocol: 'tcp', port, kind: 'echo' }] : [];
    return s.protocol === 'udp' && s.process !== undefined && port < EPHEMERAL ? [{ ns: name, protocol: 'udp', port, kind: 'echo' }] : [];
  }));
  const extra = places.pods.flatMap(({ name: ns }): Server[] => [{ ns, protocol: 'udp', port: EXTRA, kind: 'echo' }, { ns, protocol: 'tcp', port: EXTRA, kind: 'reset' }]);
  return [...new Map([...own, ...extra].map((s) => [`${s.ns} ${s.protocol} ${s.port}`, s])).values()];
}

export function flowsOfScenario(lab: Lab, places: ScenarioPlaces): readonly Flow[] {
  let number = 0;
  const next = (): number => ++number;
  const tag = (): string => `${String.fromCharCode(97 + (next() % 26))}${String(next()).padStart(3, '0').slice(-3)}`;
  const tcp = (ns: string, dst: string, dport: number, more: Partial<TcpAction> = {}): Action => ({ kind: 'tcp', ns, dst, dport, sport: 20000 + next(), tag: tag(), size: 40, timeout: PATIENCE, ...more });
  const udp = (ns: string, dst: string, dport: number, size = 60): Action => ({ kind: 'udp', ns, dst, dport, sport: 20000 + next(), tag: tag(), size, df: false, timeout: PATIENCE });
  const ping = (ns: string, dst: string, ttl = 64, size = 56, df = true, timeout = PATIENCE): Action => ({ kind: 'ping', ns, dst, ttl, size, df, id: 4000 + next(), tag: tag(), timeout });
  const flows: Flow[] = [];
  const flow = (name: string, ...actions: readonly Action[]): void => void flows.push({ name, actions });
  const { nodes, outside, pods, services } = places;
  const apps = pods.filter((p) => p.app);
  const [caller] = [...apps, ...pods];

  for (const service of services) {
    const { name } = service.metadata;
    for (const { port, nodePort, protocol } of service.spec.ports ?? []) {
      const call = (ns: string, dst: string, to: number): Action => (protocol === 'UDP' ? udp(ns, dst, to) : tcp(ns, dst, to));
      const { clusterIP } = service.spec;
      if (clusterIP !== undefined && clusterIP !== '') {
        for (const pod of apps) flow(`${pod.name} calls ${name}:${port}`, call(pod.name, clusterIP, port), call(pod.name, clusterIP, port), call(pod.name, clusterIP, port));
        for (const node of nodes) flow(`${node.name} calls ${name}:${port}`, call(node.name, clusterIP, port), call(node.name, clusterIP, port));
        for (const ext of outside) flow(`${ext.name}, outside, calls the ClusterIP of ${name}`, call(ext.name, clusterIP, port));
      }
      if (nodePort !== undefined && nodePort !== 0) {
        for (const node of nodes) {
          for (const ext of outside) flow(`${ext.name} calls NodePort ${nodePort} of ${node.name}`, call(ext.name, node.ip, nodePort), call(ext.name, node.ip, nodePort));
          if (caller !== undefined) flow(`${caller.name} calls NodePort ${nodePort} of ${node.name}`, call(caller.name, node.ip, nodePort), call(caller.name, node.ip, nodePort));
          flow(`${node.name} calls its own NodePort ${nodePort}`, call(node.name, node.ip, nodePort), call(node.name, '127.0.0.1', nodePort));
        }
      }
      for (const { ip } of service.status?.loadBalancer?.ingress ?? []) {
        if (ip === undefined) continue;
        for (const from of [...outside, ...nodes, ...apps.slice(0, 2)]) flow(`${from.name} calls ${name} at ${ip}:${port}`, call(from.name, ip, port), call(from.name, ip, port));
        for (const from of outside) flow(`${from.name} pings ${ip}`, ping(from.name, ip));
      }
    }
  }
  for (const { on, run } of lab.scenario.tries) {
    const url = /\bcurl\b.*?(\d+\.\d+\.\d+\.\d+)(?::(\d+))?/.exec(run);
    if (url !== null) flow(`${on}: ${run}`, tcp(on.replace(/^.*\//, ''), url[1] ?? '', Number(url[2] ?? 80)));
  }
  if (caller !== undefined) {
    for (const pod of pods.filter((p) => p !== caller)) {
      const where = pod.node === caller.node ? 'on the same node' : `on ${pod.node}`;
      flow(`pod to pod ${where}`, udp(caller.name, pod.ip, EXTRA), ping(caller.name, pod.ip), tcp(caller.name, pod.ip, EXTRA), tcp(caller.name, pod.ip, CLOSED));
    }
    const far = pods.find((p) => p.node !== caller.node);
    if (far !== undefined) {
      flow('UDP in fragments through the network', udp(caller.name, far.ip, EXTRA, 3000));
      flow('UDP to a closed port', udp(caller.name, far.ip, 7777));
      flow('TTL ends at the own node', ping(caller.name, far.ip, 1));
      flow('TTL ends at the other node', ping(caller.name, far.ip, 2));
      flow('nobody has the address', ping(caller.name, `${far.ip.replace(/\.\d+$/, '')}.251`, 64, 56, true, ARP_PATIENCE));
    }
    for (const node of nodes) flow(`${node.name} calls a pod`, udp(node.name, caller.ip, EXTRA), ping(node.name, caller.ip));
    for (const to of [...nodes, ...outside]) flow(`pod to ${to.name}`, ping(caller.name, to.ip), tcp(caller.name, to.ip, CLOSED));
  }
  return flows;
}
