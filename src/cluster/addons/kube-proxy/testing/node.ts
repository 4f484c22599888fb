/** A node that packets are pushed through: cni0 with its pods' network, ens3 to everything else, kube-proxy's jumps, and what kubelet makes. */
import { formatIpv4 } from '../../../../engine/wire/addresses.ts';
import type { TransportLayer } from '../../../../engine/wire/packet.ts';
import { Gate, packet, tcp, udp } from '../../../../engine/kernel/netfilter/testing/gate.ts';
import { addAddress, addRoute, up } from '../../../../engine/kernel/testing/worlds.ts';
import { ensureJumps, jumpsOf } from '../jumps.ts';
import type { Behaviour } from '../versions.ts';

export const NODE_IP = '10.65.94.238';
export const OTHER_IP = '192.168.7.1';

/** Where a packet comes from. */
export const FROM = {
  pod: { ip: '10.42.0.200', by: 'cni0' }, 'remote pod': { ip: '10.42.1.200', by: 'ens3' }, outside: { ip: '192.0.2.7', by: 'ens3' }, neighbour: { ip: '10.65.94.7', by: 'ens3' },
  node: { ip: NODE_IP, by: undefined }, localhost: { ip: '127.0.0.1', by: undefined },
} as const;
export type From = keyof typeof FROM | `pod ${string}`;

const source = (from: From): { readonly ip: string; readonly by: string | undefined } => {
  for (const [name, value] of Object.entries(FROM)) if (name === from) return value;
  return { ip: from.slice(4), by: 'cni0' };
};

export interface Outcome {
  /** `ip:port` it was sent on to; PASS: let through as it is; REJECT, DROP by a rule. */
  readonly to: string;
  readonly masqueraded: boolean;
}

export const KUBELET = '*nat\n:KUBE-MARK-DROP - [0:0]\n-A KUBE-MARK-DROP -j MARK --set-xmark 0x8000/0x8000\nCOMMIT\n*filter\n:KUBE-FIREWALL - [0:0]\n-A KUBE-FIREWALL -m mark --mark 0x8000/0x8000 -j DROP\n-A INPUT -j KUBE-FIREWALL\n-A OUTPUT -j KUBE-FIREWALL\nCOMMIT\n';

export class TestNode {
  readonly #gate: Gate;
  #port = 40000;

  constructor(text: string, behaviour: Behaviour) {
    this.#gate = new Gate(behaviour.layout === 'xlb' ? KUBELET : '*nat\nCOMMIT\n', { inside: 'cni0', outside: 'ens3' });
    const { ns } = this.#gate;
    up(ns, 'lo', 'cni0', 'ens3');
    addAddress(ns, 'ens3', `${NODE_IP}/24`);
    addAddress(ns, 'ens3', `${OTHER_IP}/24`);
    addAddress(ns, 'cni0', '10.42.0.1/24');
    addRoute(ns, 'default', '10.65.94.1', 'ens3');
    for (const key of ['net.ipv4.ip_forward', 'net.ipv4.conf.all.route_localnet']) ns.sysctl.set(key, '1');
    this.write(text);
    const jumped = ensureJumps(ns.netfilter.door(), jumpsOf(behaviour));
    if (!jumped.ok) throw new Error(jumped.error.message);
  }

  write(text: string): void {
    const result = this.#gate.ns.netfilter.door().restore(text, { noflush: true, counters: true, test: false });
    if (!result.ok) throw new Error(`line ${result.error.line ?? '?'}: ${result.error.message}`);
  }

  /** `again`: the same client port, for affinity, still a connection of its own. */
  send(from: From, to: string, port: number, protocol: 'tcp' | 'udp'): Outcome {
    const { ip, by } = source(from);
    const sport = this.#port++;
    const payload: TransportLayer = protocol === 'tcp' ? tcp(sport, port, 2) : udp(sport, port);
    const { ns, world, inside, outside } = this.#gate;
    const skb = this.#gate.skb(packet(ip, to, payload));
    const first = world.recorder.steps.length;
    const { netfilter } = ns;
    const local = (): boolean => ns.fib.addressType(skb.net.kind === 'ipv4' ? skb.net.dst : packet(ip, to, payload).dst) === 'local';
    const target = (): string => (skb.net.kind === 'ipv4' && 'dstPort' in skb.net.payload ? `${formatIpv4(skb.net.dst)}:${skb.net.payload.dstPort}` : '?');
    const oif = (): typeof inside => (target().startsWith('10.42.0.') ? inside : outside);
    const iif = by === 'cni0' ? inside : outside;
    const passed = by === undefined
      ? netfilter.hook('OUTPUT', skb, undefined, oif()) && (local() ? netfilter.hook('POSTROUTING', skb, undefined, outside) : netfilter.hook('POSTROUTING', skb, undefined, oif()))
      : netfilter.hook('PREROUTING', skb, iif, undefined) && (local() ? netfilter.hook('INPUT', skb, iif, undefined) : netfilter.hook('FORWARD', skb, iif, oif()) && netfilter.hook('POSTROUTING', skb, iif, oif()));
    if (!passed) {
      const last = world.recorder.steps.slice(first).findLast((s) => s.kind === 'rule' && ['REJECT', 'DROP'].includes(s.target));
      return { to: last?.kind === 'rule' ? last.target : 'LOST', masqueraded: false };
    }

    return { to: target() === `${to}:${port}` ? 'PASS' : target(), masqueraded: world.recorder.steps.slice(first).some((s) => s.kind === 'rule' && s.target === 'MASQUERADE') };
  }
}
