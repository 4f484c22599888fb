/** A spec as engine machines: k3s-like nodes with flannel and kube-proxy's rules, pods, and a host outside. No control plane. */
import { must } from '../../base/assert.ts';
import type { Result } from '../../base/result.ts';
import { buildRules, defaultConfig } from '../../cluster/addons/kube-proxy/rules.ts';
import { ensureChain, ensureJumps, JUMPS } from '../../cluster/addons/kube-proxy/jumps.ts';
import { withDefaults } from '../../cluster/api/defaults.ts';
import type { EndpointSlice, Service } from '../../cluster/api/kinds.ts';
import { decode } from '../../cluster/api/manifest.ts';
import { Machine } from '../../engine/kernel/machine.ts';
import { Segment } from '../../engine/kernel/segment.ts';
import { World } from '../../engine/kernel/world.ts';
import { micros, millis, plus } from '../../engine/sim/time.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import { ipv4, mac, parseCidr, parseIpv4, prefix, type Ipv4, type Mac, type Prefix } from '../../engine/wire/addresses.ts';
import type { ExportNamespace } from '../../lab/export/netns-script.ts';
import type { ArenaWorld } from '../arena.ts';
import type { Server } from '../lab-flow.ts';
import type { ExtraRules, NodeSpec, ServiceSpec, WorldSpec } from './spec.ts';

export const EXTERNAL = '10.65.94.100';
export const ECHO = 80;
export const RESET = 82;
export const CLOSED = 81;
const CLUSTER = '10.42.0.0/16';

export const nodeIp = (i: number): string => `10.65.94.${11 + i}`;
export const vip = (i: number): string => `10.43.0.${10 + i}`;
export const balancer = (i: number): string => `10.200.0.${10 + i}`;
export const nodePort = (i: number): number => 30080 + i;

export interface PodPlace {
  readonly name: string;
  readonly node: number;
  readonly ip: string;
}

export interface BuiltWorld extends ArenaWorld {
  readonly nodes: readonly string[];
  readonly pods: readonly PodPlace[];
  readonly services: readonly ServiceSpec[];
}

const ip = (text: string): Ipv4 => must(parseIpv4(text), text);
const net = (text: string): Prefix => ((p) => prefix(p.address, p.length))(must(parseCidr(text), text));
const hw = (kind: number, i: number, j = 0): Mac => mac(0x020000000000 + kind * 0x10000 + i * 0x100 + j);

function done(result: Result<unknown, unknown>): void {
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.error)}`);
}

function address(k: Kernel, dev: string, text: string): void {
  const { address: a, length } = must(parseCidr(text), text);
  done(k.netlink.newAddress({ dev, address: a, prefixLength: length, ...(length < 31 ? { broadcast: ipv4(prefix(a, length).address + 2 ** (32 - length) - 1) } : {}) }));
}

const route = (k: Kernel, dst: string, via: string | undefined, dev: string, more: { readonly onlink?: boolean; readonly table?: number } = {}): void =>
  done(k.netlink.newRoute({ dst: net(dst), ...(more.table === undefined ? {} : { table: more.table }), nexthops: [{ via: via === undefined ? undefined : ip(via), dev, onlink: more.onlink ?? false }] }, 'add'));

const up = (k: Kernel, ...devs: readonly string[]): void => devs.forEach((dev) => done(k.netlink.setLink(dev, { up: true })));

const FLANNEL = (subnet: string, fully: boolean): string => {
  const random = fully ? ' --random-fully' : '';
  return `*nat
:FLANNEL-POSTRTG - [0:0]
-A POSTROUTING -m comment --comment "flanneld masq" -j FLANNEL-POSTRTG
-A FLANNEL-POSTRTG -m mark --mark 0x4000/0x4000 -m comment --comment "flanneld masq" -j RETURN
-A FLANNEL-POSTRTG -s ${subnet} -d ${CLUSTER} -m comment --comment "flanneld masq" -j RETURN
-A FLANNEL-POSTRTG -s ${CLUSTER} -d ${subnet} -m comment --comment "flanneld masq" -j RETURN
-A FLANNEL-POSTRTG ! -s ${CLUSTER} -d ${subnet} -m comment --comment "flanneld masq" -j RETURN
-A FLANNEL-POSTRTG -s ${CLUSTER} ! -d 224.0.0.0/4 -m comment --comment "flanneld masq" -j MASQUERADE${random}
-A FLANNEL-POSTRTG ! -s ${CLUSTER} -d ${CLUSTER} -m comment --comment "flanneld masq" -j MASQUERADE${random}
COMMIT
*filter
:FLANNEL-FWD - [0:0]
-A FORWARD -m comment --comment "flanneld forward" -j FLANNEL-FWD
-A FLANNEL-FWD -s ${CLUSTER} -m comment --comment "flanneld forward" -j ACCEPT
-A FLANNEL-FWD -d ${CLUSTER} -m comment --comment "flanneld forward" -j ACCEPT
COMMIT
`;
};

const EXTRA_RULES: Readonly<Partial<Record<ExtraRules, string>>> = {
  'forward-drop': '*filter\n:FORWARD DROP [0:0]\nCOMMIT\n',
  'reject-81': '*filter\n-I FORWARD -p tcp -m tcp --dport 81 -j REJECT --reject-with icmp-host-prohibited\n-I INPUT -p tcp -m tcp --dport 81 -j REJECT\nCOMMIT\n',
  'reset-81': '*filter\n-I FORWARD -p tcp -m tcp --dport 81 -j REJECT --reject-with tcp-reset\n-I INPUT -p tcp -m tcp --dport 81 -j REJECT --reject-with tcp-reset\nCOMMIT\n',
  'prohibit-udp': '*filter\n-I FORWARD -p udp -m udp --dport 80 -j REJECT --reject-with icmp-admin-prohibited\nCOMMIT\n',
  'notrack-udp': '*raw\n-A PREROUTING -p udp -m udp --dport 80 -j CT --notrack\nCOMMIT\n',
  'mark-route': '*mangle\n-A PREROUTING -p tcp -m tcp --dport 82 -j MARK --set-xmark 0x7/0xffffffff\n-A OUTPUT -p tcp -m tcp --dport 82 -j MARK --set-xmark 0x7/0xffffffff\nCOMMIT\n',
  'clamp-mss': '*mangle\n-A FORWARD -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu\n-A FORWARD -p tcp -m tcp --dport 82 --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 900\nCOMMIT\n',
  'ttl': '*mangle\n-A PREROUTING -p icmp -j TTL --ttl-dec 1\n-A FORWARD -p udp -j TTL --ttl-set 9\nCOMMIT\n',
  'drop-invalid': '*filter\n-I FORWARD -m conntrack --ctstate INVALID -j DROP\n-I INPUT -m conntrack --ctstate INVALID -j DROP\n-I OUTPUT -p icmp -m icmp --icmp-type 3/4 -j DROP\nCOMMIT\n',
};

function services(spec: WorldSpec, pods: readonly PodPlace[]): { readonly services: readonly Service[]; readonly slices: readonly EndpointSlice[] } {
  const objects = spec.services.map((s, i): Service => {
    const external = s.type !== 'ClusterIP';
    const { object, problems } = decode('Service', {
      apiVersion: 'v1', kind: 'Service', metadata: { name: `svc${i}`, namespace: 'default' },
      spec: {
        type: s.type, clusterIP: vip(i), ports: [{ port: 80, targetPort: ECHO, protocol: s.protocol, ...(external ? { nodePort: nodePort(i) } : {}) }],
        ...(external && s.externalLocal ? { externalTrafficPolicy: 'Local' } : {}), ...(s.internalLocal ? { internalTrafficPolicy: 'Local' } : {}),
        ...(s.affinity ? { sessionAffinity: 'ClientIP' } : {}), ...(s.type === 'LoadBalancer' && s.sourceRanges ? { loadBalancerSourceRanges: ['10.65.94.100/32'] } : {}),
      },
      ...(s.type === 'LoadBalancer' ? { status: { loadBalancer: { ingress: [{ ip: balancer(i) }] } } } : {}),
    });
    if (problems.length > 0) throw new Error(JSON.stringify(problems));
    return withDefaults('Service', object);
  });
  const slices = spec.services.map((s, i): EndpointSlice => decode('EndpointSlice', {
    apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: `svc${i}-x`, namespace: 'default', labels: { 'kubernetes.io/service-name': `svc${i}` } }, addressType: 'IPv4',
    ports: [{ name: '', port: ECHO, protocol: s.protocol }],
    endpoints: s.hostNetwork ? [{ addresses: [nodeIp(1)], nodeName: 'n1', conditions: { ready: true, serving: true, terminating: false } }]
      : [...new Set(s.endpoints.map((e) => e % pods.length))].map((e) => ({ addresses: [pods[e]?.ip], nodeName: `n${pods[e]?.node ?? 0}`, conditions: { ready: true, serving: true, terminating: false } })),
  }).object);
  return { services: objects, slices };
}

export function buildWorld(spec: WorldSpec, seed: number): BuiltWorld {
  const world = new World({ seed, epochMillis: Date.UTC(2024, 4, 30, 8), trace: true });
  const segment = new Segment(world, 'lan', micros(50));
  const count = spec.nodes.length;
  const namespaces: ExportNamespace[] = [];
  const pods: PodPlace[] = spec.pods.map((n, i) => ({ name: `p${i}`, node: n % count, ip: `10.42.${n % count}.${2 + i}` }));
  const objects = services(spec, pods);
  const machine = (name: string, i: number, cidr: string): Machine => {
    const m = new Machine(world, name);
    m.addNic(m.init, { name: 'ens3', mac: hw(1, i) }, segment);
    const k = m.handle();
    up(k, 'lo', 'ens3');
    address(k, 'ens3', cidr);
    return m;
  };

  const ext = machine('ext', 99, `${EXTERNAL}/24`).handle();
  route(ext, '10.43.0.0/16', nodeIp(0), 'ens3');
  route(ext, '10.200.0.0/24', nodeIp(count - 1), 'ens3');
  namespaces.push({ name: 'ext', kernel: ext, servers: [] });

  for (const [i, s] of spec.nodes.entries()) {
    const m = machine(`n${i}`, i, `${nodeIp(i)}/24`);
    const k = m.handle();
    const { netlink, netfilter, sysctl } = k;
    route(k, '0.0.0.0/0', EXTERNAL, 'ens3');
    done(sysctl.set('net.ipv4.ip_forward', '1'));
    done(sysctl.set('net.ipv4.conf.all.rp_filter', String(s.rpFilter)));
    done(sysctl.set('net.bridge.bridge-nf-call-iptables', s.callIptables ? '1' : '0'));
    done(sysctl.set('net.ipv4.conf.all.route_localnet', '1'));
    done(netlink.newLink({ name: 'flannel.1', kind: 'vxlan', mac: hw(2, i), mtu: 1450, vxlan: { vni: 1, local: ip(nodeIp(i)), dev: 'ens3', dstPort: 8472, learning: false } }));
    done(netlink.newLink({ name: 'cni0', kind: 'bridge', mac: hw(3, i), mtu: s.mtu }));
    address(k, 'flannel.1', `10.42.${i}.0/32`);
    up(k, 'flannel.1', 'cni0');
    address(k, 'cni0', `10.42.${i}.1/24`);
    for (let j = 0; j < count; j++) {
      if (j === i) continue;
      done(netlink.newNeighbour({ dev: 'flannel.1', ip: ip(`10.42.${j}.0`), mac: hw(2, j), state: 'PERMANENT' }, 'replace'));
      done(netlink.newFdb({ dev: 'flannel.1', mac: hw(2, j), dst: ip(nodeIp(j)), where: 'self', kind: 'permanent' }, 'append'));
      if (!s.missingRoute || j !== (i + 1) % count) route(k, `10.42.${j}.0/24`, `10.42.${j}.0`, 'flannel.1', { onlink: true });
    }
    namespaces.push({ name: `n${i}`, kernel: k, servers: [] });
    for (const [p, pod] of pods.entries()) {
      if (pod.node !== i) continue;
      done(k.netnsAdd(pod.name));
      done(netlink.newLink({ name: `veth${p}`, kind: 'veth', mac: hw(4, p), mtu: s.mtu, peer: { name: 'eth0', netns: pod.name, mac: hw(5, p), mtu: s.mtu } }));
      done(netlink.setLink(`veth${p}`, { master: 'cni0' }));
      done(netlink.setLink(`veth${p}`, { up: true, hairpin: s.hairpin }));
      const inside = k.inNetns(pod.name);
      if (!inside.ok) throw new Error(pod.name);
      up(inside.value, 'lo', 'eth0');
      address(inside.value, 'eth0', `${pod.ip}/24`);
      route(inside.value, '0.0.0.0/0', `10.42.${i}.1`, 'eth0');
      namespaces.push({ name: pod.name, kernel: inside.value, servers: [] });
    }
    const restore = (text: string): void => done(netfilter.restore(text, { noflush: true, counters: true, test: false }));
    for (const table of ['mangle', 'nat', 'filter'] as const) done(ensureChain(netfilter, table, 'KUBE-PROXY-CANARY'));
    done(ensureJumps(netfilter, JUMPS));
    restore(buildRules({ ...defaultConfig(`n${i}`, nodeIp(i), CLUSTER), randomFully: spec.randomFully }, objects.services, objects.slices, { changed: undefined, existing: [] }).text);
    restore(FLANNEL(`10.42.${i}.0/24`, spec.randomFully));
    extraOf(k, s, restore);
  }
  const servers = [{ name: 'ext' }, { name: 'n1' }, ...pods].flatMap(({ name: ns }): Server[] => [
    { ns, protocol: 'tcp', port: ECHO, kind: 'echo' }, { ns, protocol: 'udp', port: ECHO, kind: 'echo' }, { ns, protocol: 'tcp', port: RESET, kind: 'reset' },
  ]);
  world.scheduler.runUntil(plus(world.scheduler.now, millis(100)));
  return {
    world, servers, nodes: spec.nodes.map((_, i) => `n${i}`), pods, services: spec.services,
    exported: { title: 'A random world of the referee', namespaces, nameOf: (host, netns) => (netns === '' ? host : netns), segmentOf: () => 'lan' },
  };
}

function extraOf(k: Kernel, s: NodeSpec, restore: (text: string) => void): void {
  const rules = EXTRA_RULES[s.extra];
  if (rules !== undefined) restore(rules);
  switch (s.extra) {
    case 'mark-route':
      route(k, '0.0.0.0/0', EXTERNAL, 'ens3', { table: 100 });
      done(k.netlink.newRule({ priority: 900, fwmark: 7, fwmask: 0xffffffff, action: 'lookup', table: 100 }));
      break;
    case 'unreachable-rule':
      done(k.netlink.newRule({ priority: 901, dst: net('10.42.0.2/31'), action: 'prohibit' }));
      break;
    case 'blackhole':
      done(k.netlink.newRoute({ dst: net('10.42.1.0/29'), type: 'unreachable' }, 'add'));
      done(k.netlink.newRoute({ dst: net('10.42.0.8/29'), type: 'blackhole' }, 'add'));
      break;
    default:
  }
}
