/** Worlds and flows that mutations are shown to. The same in the recording process and in every broken one. */
import fc from 'fast-check';
import { must } from '../../base/assert.ts';
import { openFromDisk } from '../../cli/scenarios.ts';
import type { ArenaWorld } from '../arena.ts';
import { PATIENCE, type Action, type Flow } from '../flow.ts';
import { clusteripFlows, scenarioWorld } from '../scenario-world.ts';
import { buildWorld } from '../worlds/build.ts';
import { flowsOf } from '../worlds/flows.ts';
import { worldSpec } from '../worlds/spec.ts';

export interface Subject {
  readonly name: string;
  make(): { readonly world: ArenaWorld; readonly flows: readonly Flow[] };
}

const EXTERNAL = '10.65.94.56';
const [VM1, VM3] = ['10.65.94.238', '10.65.94.95'];
const [POD_VM1, POD_VM2] = ['10.42.0.8', '10.42.1.2'];
const VIP = '10.43.180.238';
const ECHO = 7000;

/** What the scenario has no occasion for: rules that refuse, a mangle table, a reverse path that is wrong, rules by mark. */
const ADDED: readonly (readonly [string, string])[] = [
  ['vm3', 'sudo iptables -I INPUT -p udp --dport 7501 -j REJECT --reject-with icmp-admin-prohibited'],
  ['vm3', 'sudo iptables -I INPUT -p tcp --dport 7502 -j REJECT --reject-with tcp-reset'],
  ['vm1', 'sudo iptables -I FORWARD -p udp --dport 7503 -j REJECT --reject-with icmp-net-prohibited'],
  ['vm1', 'sudo iptables -t mangle -A FORWARD -p udp --dport 7504 -j MARK --set-mark 0x77'],
  ['vm1', 'sudo iptables -I FORWARD -m mark --mark 0x77 -j REJECT --reject-with icmp-host-prohibited'],
  ['vm1', 'sudo iptables -t nat -A POSTROUTING -p udp --dport 7505 -j MASQUERADE'],
  ['vm1', 'sudo iptables -t nat -A POSTROUTING -p udp --dport 7506 -j SNAT --to-source 10.42.0.0'],
  ['vm1', 'sudo ip route add 10.65.94.56 dev cni0'],
  ['vm1', 'sudo sysctl -w net.ipv4.conf.all.rp_filter=1'],
  ['vm2', 'sudo iptables -t nat -A PREROUTING -p udp --dport 7507 -j DNAT --to-destination 10.42.0.8:7777'],
  ['vm2', 'sudo iptables -t nat -A PREROUTING -p udp --dport 7508 -j DNAT --to-destination 10.42.1.2:7000'],
  ['vm2', 'sudo iptables -t nat -A POSTROUTING -p udp -s 10.42.1.2 -d 10.42.1.2 -j MASQUERADE'],
  ['vm2', 'sudo iptables -t mangle -A PREROUTING -p icmp -j ACCEPT'],
  ['vm-ext', 'sudo ip route add 10.42.0.0/16 via 10.65.94.95'],
  ['vm2', 'sudo ip route add 10.42.0.0/16 via 10.65.94.95'],
];

let number = 0;
const tag = (letter: string): string => `${letter}${String(++number).padStart(3, '0')}`;
const udp = (ns: string, dst: string, dport: number, more: { readonly sport?: number; readonly size?: number } = {}): Action =>
  ({ kind: 'udp', ns, dst, dport, sport: more.sport ?? 30000 + dport, size: more.size ?? 40, df: false, tag: tag('m'), timeout: PATIENCE });
const tcp = (ns: string, dst: string, dport: number): Action => ({ kind: 'tcp', ns, dst, dport, sport: 31000 + ++number, tag: tag('t'), size: 20, timeout: PATIENCE });
const ping = (ns: string, dst: string, ttl = 64, size = 56): Action => ({ kind: 'ping', ns, dst, ttl, size, df: true, id: 5000 + ++number, tag: tag('q'), timeout: PATIENCE });
const flow = (name: string, ...actions: Action[]): Flow => ({ name, actions });

const addedFlows = (): readonly Flow[] => [
  flow('rejected by the node itself', udp('test-pod', VM3, 7501), tcp('test-pod', VM3, 7502)),
  flow('rejected on the way', udp('nginx-deployment-7c79c4bf97-gk7cj', POD_VM2, 7503)),
  flow('marked in mangle, rejected in filter', udp('nginx-deployment-7c79c4bf97-gk7cj', POD_VM2, 7504)),
  flow('masqueraded into the tunnel', udp('nginx-deployment-7c79c4bf97-gk7cj', POD_VM2, 7505)),
  flow('two clients that get the same address and port', udp('nginx-deployment-7c79c4bf97-gk7cj', POD_VM2, 7506, { sport: 4001 }), udp('coredns-6799fbcd5-9ln42', POD_VM2, 7506, { sport: 4001 })),
  flow('a sender behind the wrong device', ping('vm-ext', VM1), udp('vm-ext', VM1, 7600)),
  flow('an error about a translated packet', udp('test-pod', VIP, 7507), ping('test-pod', POD_VM1, 2)),
  flow('a pod that reaches itself', udp('nginx-deployment-7c79c4bf97-5j5bv', VIP, 7508)),
  flow('too large for the tunnel, from outside', ping('vm-ext', POD_VM2, 64, 1472)),
  flow('a closer route and a wider one', udp('test-pod', POD_VM1, ECHO), ping('test-pod', EXTERNAL)),
];

/** Any will do, as long as it is the same every time. */
const RANDOM_WORLDS = [11, 12, 13];

const randomWorld = (seed: number): Subject => ({
  name: `world ${seed}`,
  make() {
    const [spec] = fc.sample(worldSpec, { seed, numRuns: 1 });
    const world = buildWorld(must(spec, 'a world'), seed);
    return { world, flows: flowsOf(world, spec?.flows ?? []) };
  },
});

export const SUBJECTS: readonly Subject[] = [
  { name: 'k3s-clusterip', make: () => ({ world: scenarioWorld(openFromDisk('k3s-clusterip', {})).world, flows: clusteripFlows() }) },
  {
    name: 'k3s-clusterip with more rules',
    make() {
      const lab = openFromDisk('k3s-clusterip', {});
      for (const [on, line] of ADDED) {
        const { code, stderr } = lab.exec(on, line);
        must(code === 0 ? line : undefined, `${on}: ${line}: ${stderr}`);
      }
      return { world: scenarioWorld(lab).world, flows: addedFlows() };
    },
  },
  ...RANDOM_WORLDS.map(randomWorld),
];
