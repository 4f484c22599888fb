/** A flow's spec as what clients do in a built world. */
import { must } from '../../base/assert.ts';
import { ARP_PATIENCE, PATIENCE, type Action, type Flow, type TcpAction } from '../flow.ts';
import { balancer, CLOSED, ECHO, EXTERNAL, nodeIp, nodePort, RESET, vip, type BuiltWorld, type PodPlace } from './build.ts';
import type { FlowSpec } from './spec.ts';

const SIZES = [1200, 1252, 1301, 1373, 1422, 1423, 1472, 1473, 2900];

export function flowsOf(w: BuiltWorld, specs: readonly FlowSpec[]): readonly Flow[] {
  let number = 0;
  const tag = (): string => `${String.fromCharCode(97 + (number % 26))}${String(number++).padStart(3, '0')}`;
  const at = <T>(all: readonly T[], i: number): T => must(all[i % all.length], 'one of them');
  const tcp = (ns: string, dst: string, dport: number, more: Partial<TcpAction> = {}): Action => ({ kind: 'tcp', ns, dst, dport, sport: 20000 + number, tag: tag(), size: 40, timeout: PATIENCE, ...more });
  const udp = (ns: string, dst: string, dport: number, size: number, df: boolean): Action => ({ kind: 'udp', ns, dst, dport, sport: 20000 + number, tag: tag(), size, df, timeout: PATIENCE });
  const ping = (ns: string, dst: string, ttl = 64, size = 56, df = true, timeout = PATIENCE): Action => ({ kind: 'ping', ns, dst, ttl, size, df, id: 4000 + number, tag: tag(), timeout });
  const call = (ns: string, service: number, dst: string, dport: number): Action => (w.services[service]?.protocol === 'UDP' ? udp(ns, dst, dport, 60, false) : tcp(ns, dst, dport));

  return specs.map((f): Flow => {
    const pod = at(w.pods, f.a);
    const other = at(w.pods, f.b);
    const s = f.b % w.services.length;
    const node = f.c % w.nodes.length;
    const flow = (about: string, ...actions: Action[]): Flow => ({ name: `${f.kind}: ${about}`, actions });
    switch (f.kind) {
      case 'pod-pod': return flow(`${pod.name} ${other.name}`, f.c % 2 === 0 ? tcp(pod.name, other.ip, ECHO) : udp(pod.name, other.ip, ECHO, 100, true));
      case 'pod-service': return flow(`${pod.name} svc${s} twice`, call(pod.name, s, vip(s), 80), call(pod.name, s, vip(s), 80));
      case 'pod-closed': return flow(`${pod.name} ${other.name}`, tcp(pod.name, other.ip, CLOSED));
      case 'self-service': {
        const endpoint = w.services[s]?.endpoints[0];
        const self = endpoint === undefined ? pod : at(w.pods, endpoint);
        return flow(`${self.name} svc${s} three times`, call(self.name, s, vip(s), 80), call(self.name, s, vip(s), 80), call(self.name, s, vip(s), 80));
      }
      case 'pod-node-port': return flow(`${pod.name} n${node} svc${s}`, call(pod.name, s, nodeIp(node), nodePort(s)));
      case 'ext-vip': return flow(`svc${s}`, call('ext', s, vip(s), 80));
      case 'ext-node-port': return flow(`n${node} svc${s}`, call('ext', s, nodeIp(node), nodePort(s)), call('ext', s, nodeIp(node), nodePort(s)));
      case 'ext-balancer': return flow(`svc${s}`, call('ext', s, balancer(s), 80));
      case 'balancer-from-pod': return flow(`${pod.name} svc${s}`, call(pod.name, s, balancer(s), 80));
      case 'node-service': return flow(`n${node} svc${s}`, call(`n${node}`, s, vip(s), 80), call(`n${node}`, s, vip(s), 80));
      case 'node-pod': return flow(`n${node} ${pod.name}`, tcp(`n${node}`, pod.ip, ECHO));
      case 'node-node-port': return flow(`n${node} n${f.a % w.nodes.length} svc${s}`, call(`n${node}`, s, nodeIp(f.a % w.nodes.length), nodePort(s)));
      case 'local-node-port': return flow(`n${node} 127.0.0.1 svc${s}`, call(`n${node}`, s, '127.0.0.1', nodePort(s)));
      case 'ttl': return flow(`${pod.name} ${other.name} ttl ${1 + (f.c % 3)}`, ping(pod.name, f.c % 5 === 0 ? EXTERNAL : other.ip, 1 + (f.c % 3)));
      case 'too-big': return flow(`${pod.name} ${other.name} ${at(SIZES, f.c)}`, ping(pod.name, f.c % 4 === 0 ? EXTERNAL : other.ip, 64, at(SIZES, f.c), f.c % 3 !== 0), ping(pod.name, other.ip, 64, at(SIZES, f.c), f.c % 3 !== 0));
      case 'udp-fragments': return flow(`${pod.name} ${other.name}`, udp(pod.name, other.ip, ECHO, 2000 + f.c * 20, false));
      case 'udp-too-big': return flow(`${pod.name} ${other.name} ${at(SIZES, f.c)}`, udp(pod.name, other.ip, ECHO, at(SIZES, f.c), true), udp(pod.name, other.ip, ECHO, at(SIZES, f.c), true));
      case 'udp-closed': return flow(`${pod.name} ${other.name}`, udp(pod.name, other.ip, 7777, 30, f.c % 2 === 0));
      case 'client-reset': return flow(`${pod.name} ${other.name}`, tcp(pod.name, other.ip, ECHO, { end: 'reset' }));
      case 'server-reset': return flow(`${pod.name} ${other.name}`, tcp(pod.name, other.ip, RESET));
      case 'clash': return clash(f, pod, other);
      case 'pod-ext': return flow(pod.name, f.c % 2 === 0 ? tcp(pod.name, EXTERNAL, ECHO) : udp(pod.name, EXTERNAL, ECHO, 100, false));
      case 'ping-vip': return flow(`${pod.name} svc${s}`, ping(pod.name, vip(s)));
      case 'absent': return flow(`${pod.name} 10.42.${node}.99`, ping(pod.name, `10.42.${node}.99`, 64, 56, true, ARP_PATIENCE));
      case 'pod-own-node': return flow(`${pod.name} n${pod.node}`, f.c % 2 === 0 ? tcp(pod.name, nodeIp(pod.node), CLOSED) : ping(pod.name, nodeIp(pod.node)));
    }

    /** Two clients with one port number, both masqueraded to one address. */
    function clash(spec: FlowSpec, one: PodPlace, two: PodPlace): Flow {
      const sport = 30000 + number;
      const [dst, dport] = spec.c % 2 === 0 ? [EXTERNAL, ECHO] : [nodeIp((one.node + 1) % w.nodes.length), nodePort(s)];
      const actions: Action[] = [tcp(one.name, dst, dport, { sport, end: 'hold' })];
      if (two.name !== one.name) actions.push(tcp(two.name, dst, dport, { sport }));
      return { name: `clash: ${one.name} ${two.name} port ${sport} to ${dst}:${dport}`, actions };
    }
  });
}
