/** The fake lab's recorded curl: DNS through kube-dns, ARP, TCP to nginx-1 through DNAT and VXLAN, and every reply. */
import type { EventKind, LayerName, TimelineEvent } from '../../worker/protocol.ts';

export interface FakeStep extends TimelineEvent { readonly src: string; readonly dst: string; readonly was: string | undefined; readonly ttl: number }

interface Conversation { readonly flow: number; readonly client: string; readonly service: string; readonly server: string; readonly port: number; readonly layer: LayerName; readonly serverNs: number; readonly serverPlace: string; readonly serverName: string }

class Recording {
  readonly steps: FakeStep[] = [];
  t: number;
  pkt: number;
  private readonly first: number;
  constructor(first: number, t: number, pkt: number) { this.first = first; this.t = t; this.pkt = pkt; }

  add(ns: number, place: string, kind: EventKind, title: string, base: { readonly flow: number; readonly reply: boolean; readonly layer: LayerName; readonly inner?: LayerName | undefined; readonly label: string; readonly src?: string; readonly dst?: string; readonly was?: string | undefined; readonly ttl?: number }, hop = true, noise = false): void {
    this.t += kind === 'link' ? 21_000 : 1_700;
    this.steps.push({ step: this.first + this.steps.length, t: this.t, ns, kind, pkt: this.pkt, flow: base.flow, reply: base.reply, layer: base.layer, inner: base.inner, label: base.label, place, hop, noise, title, src: base.src ?? '', dst: base.dst ?? '', was: base.was, ttl: base.ttl ?? 64 });
  }

  arp(ns: number, place: string, peerNs: number, peer: string, ask: string, tell: string): void {
    this.pkt++;
    const q = { flow: 900 + this.pkt, reply: false, layer: 'arp' as const, label: 'ARP who-has', src: tell, dst: ask };
    this.add(ns, place, 'neigh', `who has ${ask}? tell ${tell}`, q);
    this.add(peerNs, peer, 'link', `request for ${ask} arrives`, q);
    this.pkt++;
    const a = { ...q, reply: true, label: 'ARP is-at', src: ask, dst: tell };
    this.add(peerNs, peer, 'neigh', `${ask} answers`, a);
    this.add(ns, place, 'neigh', `${ask} is now REACHABLE`, a);
  }

  packet(c: Conversation, label: string, reply: boolean, first: boolean): void {
    this.pkt++;
    const base = { flow: c.flow, reply, layer: c.layer, label };
    const wrapped = { ...base, layer: 'vxlan' as const, inner: c.layer };
    if (!reply) {
      const before = { ...base, src: c.client, dst: c.service };
      const after = { ...base, src: c.client, dst: c.server, ttl: 63 };
      this.add(21, 'vm2/cni-21@socket', 'socket', `test-pod · curl sends ${label}`, before);
      this.add(21, 'vm2/cni-21#eth0', 'link', 'test-pod · leaves through eth0', before);
      this.add(2, 'vm2/#cni0', 'bridge', 'vm2 · cni0 passes it up: the frame is for the bridge itself', before);
      this.add(2, 'vm2/@PREROUTING', 'hook', 'vm2 · raw PREROUTING', before, false);
      this.add(2, 'vm2/@PREROUTING', 'conntrack', first ? 'vm2 · conntrack · NEW' : 'vm2 · conntrack · ESTABLISHED', before, false);
      if (first) {
        this.add(2, 'vm2/@PREROUTING', 'rule', 'vm2 · nat PREROUTING → KUBE-SERVICES → KUBE-SVC-V2OKYYMBY3REGZOG', before, false);
      }
      this.add(2, 'vm2/@PREROUTING', 'nat', `vm2 · nat PREROUTING · DNAT to ${c.server}:${c.port}`, { ...after, was: c.service, ttl: 64 });
      this.add(2, 'vm2/@route', 'route', 'vm2 · route: 10.42.0.0/24 via 10.42.0.0 dev flannel.1 onlink', after, false);
      this.add(2, 'vm2/@FORWARD', 'hook', 'vm2 · filter FORWARD · FLANNEL-FWD accepts', after);
      this.add(2, 'vm2/@POSTROUTING', 'hook', 'vm2 · nat POSTROUTING · FLANNEL-POSTRTG returns, no masquerade inside the cluster', after);
      this.add(2, 'vm2/#flannel.1', 'encap', 'vm2 · flannel.1 wraps it: VXLAN 1 to 10.65.94.238:8472', { ...wrapped, src: c.client, dst: c.server, ttl: 63 });
      this.add(2, 'vm2/#ens3', 'link', 'vm2 · leaves through ens3', { ...wrapped, src: c.client, dst: c.server, ttl: 63 });
      this.add(1, 'vm1/#ens3', 'link', 'vm1 · arrives at ens3', { ...wrapped, src: c.client, dst: c.server, ttl: 63 });
      this.add(1, 'vm1/#flannel.1', 'encap', 'vm1 · flannel.1 unwraps it', after);
      this.add(1, 'vm1/@FORWARD', 'hook', 'vm1 · filter FORWARD · accepted', { ...after, ttl: 62 });
      this.add(1, 'vm1/#cni0', 'bridge', `vm1 · cni0 forwards to ${c.serverName}`, { ...after, ttl: 62 });
      this.add(c.serverNs, `${c.serverPlace}#eth0`, 'link', `${c.serverName} · arrives at eth0`, { ...after, ttl: 62 });
      this.add(c.serverNs, `${c.serverPlace}@socket`, 'end', `${c.serverName} · delivered to the socket on port ${c.port}`, { ...after, ttl: 62 });
    } else {
      const raw = { ...base, src: c.server, dst: c.client };
      const back = { ...raw, src: c.service, ttl: 62 };
      this.add(c.serverNs, `${c.serverPlace}@socket`, 'socket', `${c.serverName} · sends ${label}`, raw);
      this.add(c.serverNs, `${c.serverPlace}#eth0`, 'link', `${c.serverName} · leaves through eth0`, raw);
      this.add(1, 'vm1/#cni0', 'bridge', 'vm1 · cni0 passes it up', raw);
      this.add(1, 'vm1/@FORWARD', 'hook', 'vm1 · filter FORWARD · accepted', { ...raw, ttl: 63 });
      this.add(1, 'vm1/#flannel.1', 'encap', 'vm1 · flannel.1 wraps it: VXLAN 1 to 10.65.94.199:8472', { ...wrapped, src: c.server, dst: c.client, ttl: 63 });
      this.add(1, 'vm1/#ens3', 'link', 'vm1 · leaves through ens3', { ...wrapped, src: c.server, dst: c.client, ttl: 63 });
      this.add(2, 'vm2/#ens3', 'link', 'vm2 · arrives at ens3', { ...wrapped, src: c.server, dst: c.client, ttl: 63 });
      this.add(2, 'vm2/#flannel.1', 'encap', 'vm2 · flannel.1 unwraps it', { ...raw, ttl: 63 });
      this.add(2, 'vm2/@PREROUTING', 'conntrack', 'vm2 · conntrack · ESTABLISHED, reply direction', { ...raw, ttl: 63 });
      this.add(2, 'vm2/@FORWARD', 'hook', 'vm2 · filter FORWARD · KUBE-FORWARD accepts RELATED,ESTABLISHED', { ...raw, ttl: 62 });
      this.add(2, 'vm2/@POSTROUTING', 'nat', `vm2 · POSTROUTING · the source becomes ${c.service} again`, { ...back, was: c.server });
      this.add(2, 'vm2/#cni0', 'bridge', 'vm2 · cni0 forwards to test-pod', back);
      this.add(21, 'vm2/cni-21#eth0', 'link', 'test-pod · arrives at eth0', back);
      this.add(21, 'vm2/cni-21@socket', 'end', 'test-pod · delivered to curl', back);
    }
  }
}

/** Health checks and leases of the control plane: noise. */
export function noise(first: number, count: number): readonly FakeStep[] {
  const r = new Recording(first, 0, 0);
  for (let i = 0; i < count; i++) r.add([1, 2, 3][i % 3] ?? 1, `vm${(i % 3) + 1}/`, 'control', i % 2 === 0 ? 'kubelet renews its lease' : 'kube-proxy syncs its rules', { flow: 0, reply: false, layer: 'data', label: '' }, false, true);
  return r.steps;
}

export function curl(first: number, t: number, pkt: number): readonly FakeStep[] {
  const r = new Recording(first, t, pkt);
  const dns: Conversation = { flow: first + 1, client: '10.42.1.4', service: '10.43.0.10', server: '10.42.0.2', port: 53, layer: 'dns', serverNs: 11, serverPlace: 'vm1/cni-11', serverName: 'coredns' };
  const web: Conversation = { flow: first + 2, client: '10.42.1.4', service: '10.43.180.238', server: '10.42.0.8', port: 80, layer: 'tcp', serverNs: 12, serverPlace: 'vm1/cni-12', serverName: 'nginx-1' };
  r.arp(21, 'vm2/cni-21#eth0', 2, 'vm2/#cni0', '10.42.1.1', '10.42.1.4');
  r.packet(dns, 'DNS A?', false, true);
  r.packet(dns, 'DNS A', true, false);
  r.packet(web, 'SYN :80', false, true);
  r.packet(web, 'SYN ACK', true, false);
  r.packet(web, 'ACK', false, false);
  r.packet({ ...web, layer: 'http' }, 'GET /', false, false);
  r.packet({ ...web, layer: 'http' }, '200 OK', true, false);
  r.packet(web, 'FIN', false, false);
  return r.steps;
}

/** A packet to a port nobody listens on, dropped on its way: for the drop mark. */
export function lost(first: number, t: number, pkt: number): readonly FakeStep[] {
  const r = new Recording(first, t, pkt);
  r.pkt++;
  const base = { flow: first, reply: false, layer: 'icmp' as const, label: 'echo request', src: '10.42.1.4', dst: '10.43.180.238' };
  r.add(21, 'vm2/cni-21@socket', 'socket', 'test-pod · ping sends an echo request', base);
  r.add(21, 'vm2/cni-21#eth0', 'link', 'test-pod · leaves through eth0', base);
  r.add(2, 'vm2/#cni0', 'bridge', 'vm2 · cni0 passes it up', base);
  r.add(2, 'vm2/@FORWARD', 'drop', 'vm2 · NETFILTER_DROP · KUBE-FORWARD: conntrack state INVALID', base);
  return r.steps;
}
