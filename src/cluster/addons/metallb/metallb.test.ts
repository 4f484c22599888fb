/** MetalLB on real machines: from the published manifest to ARP on the wire. */
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { must } from '../../../base/assert.ts';
import { formatMac, MAC_BROADCAST, MAC_ZERO, parseIpv4, parseMac, type Mac } from '../../../engine/wire/addresses.ts';
import { ARP_REPLY, ARP_REQUEST } from '../../../engine/wire/arp.ts';
import { ETH_P_ARP, frameLength, type EthernetFrame } from '../../../engine/wire/packet.ts';
import type { Kernel } from '../../../engine/uapi/kernel.ts';
import { PUBLISHED } from '../../published.ts';
import { clusterWorld, type ClusterWorld } from '../../testing/cluster-world.ts';

const native = (version: string): string => must(PUBLISHED.get(`https://raw.githubusercontent.com/metallb/metallb/${version}/config/manifests/metallb-native.yaml`), 'manifest');
const pool = (name: string, ...addresses: readonly string[]): string => `apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {name: ${name}, namespace: metallb-system}
spec: {addresses: [${addresses.join(', ')}]}
`;
const adv = (name: string, spec = '{}'): string => `apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata: {name: ${name}, namespace: metallb-system}
spec: ${spec}
`;
const WEB = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: nginx, image: "nginx:1.27", ports: [{containerPort: 80}]}]}
`;
const service = (name: string, extra = '', annotations = '{}'): string => `apiVersion: v1
kind: Service
metadata: {name: ${name}, annotations: ${annotations}}
spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80}]${extra}}
`;

const boot = (...manifests: readonly string[]): ClusterWorld => {
  const w = clusterWorld({ nodes: 3, manifests: [native('v0.14.5'), `${pool('lab', '10.65.94.64/28')}---\n${adv('lab')}`, WEB, ...manifests] });
  w.wait(8);
  return w;
};

const apply = (w: ClusterWorld, text: string): string => w.cluster.apply(text, 'f.yaml').text;
const vipOf = (w: ClusterWorld, name: string): string => w.cluster.store.get('Service', 'default', name)?.status.loadBalancer.ingress?.map((i) => i.ip).join() ?? '';
const ownMac = (vm: number): Mac => must(parseMac(`52:54:00:00:00:0${vm}`), 'MAC');

/** A frame asking for an address, from a node's wire; the answers that it hears. */
function ask(w: ClusterWorld, ip: string, o: { readonly from?: number; readonly dst?: Mac; readonly op?: number } = {}): readonly EthernetFrame[] {
  const { from = 1, dst = MAC_BROADCAST, op = ARP_REQUEST } = o;
  const kernel = must(w.machines.get(`vm${from}`), 'asker').kernel;
  const opened = kernel.sockets.packet('ens3', ETH_P_ARP);
  if (!opened.ok) throw new Error('no socket');
  const target = must(parseIpv4(ip), 'address');
  opened.value.send({ kind: 'ethernet', header: { dst, src: ownMac(from), etherType: ETH_P_ARP }, payload: { kind: 'arp', op, senderMac: ownMac(from), senderIp: must(parseIpv4(`10.65.94.1${from}`), 'address'), targetMac: MAC_ZERO, targetIp: target } });
  w.wait(0.05);
  const out: EthernetFrame[] = [];
  for (let f = opened.value.recv(); f !== undefined; f = opened.value.recv()) if (f.frame.payload.kind === 'arp' && f.frame.payload.senderIp === target && f.pktType === 'host') out.push(f.frame);
  opened.value.close();
  return out;
}
/** MACs of everybody who answers: a node does not hear itself, so two ask. */
const answered = (w: ClusterWorld, ip: string, from: readonly number[] = [1, 3]): readonly string[] => [...new Set(from.flatMap((n) => ask(w, ip, { from: n })).map((f) => formatMac(f.header.src)))];

describe('custom kinds', () => {
  const URL = 'https://raw.githubusercontent.com/metallb/metallb/v0.14.5/config/manifests/metallb-native.yaml';
  const w = clusterWorld({ nodes: 1 });
  const crd = (name: string, group: string, kind: string, plural: string): string => `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ${name}}
spec: {group: ${group}, scope: Namespaced, names: {kind: ${kind}, plural: ${plural}}, versions: [{name: v1beta1, served: true, storage: true}]}
`;

  it('are unknown before their definition, known after it, and gone with it', () => {
    expect(apply(w, pool('x', '10.0.0.0/24'))).toBe('error: resource mapping not found for name: "x" namespace: "metallb-system" from "f.yaml": no matches for kind "IPAddressPool" in version "metallb.io/v1beta1"\nensure CRDs are installed first\n');
    expect(w.run('vm1', 'kubectl get ipaddresspools').stderr).toBe('error: the server doesn\'t have a resource type "ipaddresspools"\n');
    expect(apply(w, `${crd('ipaddresspools.metallb.io', 'metallb.io', 'IPAddressPool', 'ipaddresspools')}---\n${pool('x', '10.0.0.0/24')}`)).toContain('ensure CRDs are installed first');
    expect(w.run('vm1', 'kubectl get crd').stdout).toMatch(/^NAME +CREATED AT\nipaddresspools\.metallb\.io +2024-/);
    expect(w.run('vm1', 'kubectl get ipaddresspool -A').stderr).toBe('No resources found\n');
    expect(w.run('vm1', 'kubectl delete crd ipaddresspools.metallb.io').stdout).toBe('customresourcedefinition.apiextensions.k8s.io "ipaddresspools.metallb.io" deleted\n');
    expect(w.run('vm1', 'kubectl get ipaddresspools').code).toBe(1);
  });

  it.each<[string, string]>([
    [crd('foos.example.com', 'example.com', 'Foo', 'foos'), 'The CustomResourceDefinition "foos.example.com" is invalid: spec.names.kind: kind "Foo" of group "example.com" is not modelled in this lab\n'],
    [crd('x', 'metallb.io', 'IPAddressPool', 'ipaddresspools'), 'The CustomResourceDefinition "x" is invalid: metadata.name: Invalid value: "x": must be spec.names.plural+"."+spec.group\n'],
  ])('a definition that cannot be', (text, wanted) => expect(apply(w, text)).toBe(wanted));

  it('the published manifest can be fetched anywhere; until the controller is ready its webhook refuses', () => {
    const said = w.run('vm1', `kubectl apply -f ${URL}`);
    expect([said.code, said.stderr]).toEqual([0, '']);
    expect(said.stdout.split('\n').slice(0, 3)).toEqual(['namespace/metallb-system created', 'customresourcedefinition.apiextensions.k8s.io/bfdprofiles.metallb.io created', 'customresourcedefinition.apiextensions.k8s.io/bgpadvertisements.metallb.io created']);
    expect(said.stdout).toContain('daemonset.apps/speaker created');
    expect(apply(w, pool('x', '10.0.0.0/24'))).toMatch(/^Error from server \(InternalError\): error when creating "f\.yaml": Internal error occurred: failed calling webhook "ipaddresspoolvalidationwebhook\.metallb\.io": failed to call webhook: Post "https:\/\/metallb-webhook-service\.metallb-system\.svc:443\/validate-metallb-io-v1beta1-ipaddresspool\?timeout=10s": dial tcp 10\.43\.\d+\.\d+:443: connect: connection refused\n$/);
    w.wait(40);
    expect(apply(w, pool('x', '10.0.0.0/24'))).toBe('ipaddresspool.metallb.io/x created\n');
  });
});

describe('admission', () => {
  let w: ClusterWorld;
  beforeAll(() => void (w = boot()));
  const denied = (hook: string, why: string): string => `Error from server (Forbidden): error when creating "f.yaml": admission webhook "${hook}validationwebhook.metallb.io" denied the request: ${why}\n`;
  it.each<[string, string, string]>([
    ['overlap', pool('b', '10.65.94.70-10.65.94.99'), denied('ipaddresspool', 'CIDR "10.65.94.70/31" in pool "b" overlaps with already defined CIDR "10.65.94.64/28"')],
    ['no CIDR', pool('b', '10.65.94.70'), denied('ipaddresspool', 'parsing address pool b: invalid CIDR "10.65.94.70" in pool "b": invalid CIDR "10.65.94.70"')],
    ['elsewhere', pool('b', '10.9.0.0/24').replace('metallb-system', 'default'), denied('ipaddresspool', 'resource must be created in metallb-system namespace')],
    ['twice', adv('b', '{ipAddressPools: [lab, lab]}'), denied('l2advertisement', 'duplicate definition of ipAddressPools "lab"')],
    ['unknown field', adv('b', '{pools: [lab]}'), 'Error from server (BadRequest): error when creating "f.yaml": L2Advertisement in version "v1beta1" cannot be handled as a L2Advertisement: strict decoding error: unknown field "spec.pools"\n'],
    ['BGP', 'apiVersion: metallb.io/v1beta2\nkind: BGPPeer\nmetadata: {name: p, namespace: metallb-system}\nspec: {myASN: 64500, peerASN: 64501, peerAddress: 10.0.0.1}\n', 'The BGPPeer "p" is invalid: spec: BGP mode is not modelled in this lab (L2Advertisement is)\n'],
  ])('%s', (_name, text, wanted) => expect(apply(w, text)).toBe(wanted));
});

describe('addresses and answers', () => {
  let w: ClusterWorld;
  beforeAll(() => void (w = boot(service('a'), service('b'), service('c'))));

  it('services get the lowest addresses, an annotation and an event', () => {
    expect(['a', 'b', 'c'].map((s) => vipOf(w, s))).toEqual(['10.65.94.64', '10.65.94.65', '10.65.94.66']);
    expect(w.cluster.store.get('Service', 'default', 'a')?.metadata.annotations?.['metallb.universe.tf/ip-allocated-from-pool']).toBe('lab');
    const said = w.run('vm1', 'kubectl get events').stdout;
    expect(said).toMatch(/Normal +IPAllocated +service\/a +Assigned IP \["10\.65\.94\.64"\]/);
    expect(said).toMatch(/Normal +nodeAssigned +service\/a +announcing from node "vm2" with protocol "layer2"/);
  });

  it('exactly one node answers for each, with a frame of 60 bytes', () => {
    for (const name of ['a', 'b', 'c']) {
      const ip = vipOf(w, name);
      const said = w.cluster.store.list('Event').filter((e) => e.reason === 'nodeAssigned' && e.involvedObject.name === name).map((e) => Number(/node "vm(\d)"/.exec(e.message)?.[1]));
      expect(said).toHaveLength(1);
      expect(answered(w, ip)).toEqual(said.map((n) => formatMac(ownMac(n))));
      const replies = [1, 3].flatMap((from) => ask(w, ip, { from }));
      expect(replies.map((f) => [frameLength(f), f.payload.kind === 'arp' && f.payload.op])).toEqual(replies.map(() => [60, ARP_REPLY]));
    }
  });

  it.each<[string, () => readonly EthernetFrame[], number]>([
    ['an address nobody has', () => ask(w, '10.65.94.79'), 0],
    ['a request to its own MAC', () => ask(w, '10.65.94.64', { dst: ownMac(2) }), 1],
    ['a request to another MAC', () => ask(w, '10.65.94.64', { dst: ownMac(3) }), 0],
    ['a reply', () => ask(w, '10.65.94.64', { op: ARP_REPLY }), 0],
  ])('%s', (_name, asked, count) => expect(asked()).toHaveLength(count));

  it.each<[string, string, string]>([
    ['an address and a pool that do not fit', service('x', ', loadBalancerIP: 10.65.94.70', '{metallb.universe.tf/address-pool: other}'), 'requested loadBalancer IP(s) ["10.65.94.70"] is not compatible with requested address pool other'],
    ['both ways of asking', service('x', ', loadBalancerIP: 10.65.94.70', '{metallb.universe.tf/loadBalancerIPs: 10.65.94.71}'), 'service can not have both metallb.universe.tf/loadBalancerIPs and svc.Spec.LoadBalancerIP'],
    ['two of one family', service('x', '', '{metallb.universe.tf/loadBalancerIPs: "10.65.94.70,10.65.94.71"}'), 'IPFamilyForAddresses: same address family ["10.65.94.70" "10.65.94.71"]'],
    ['three', service('x', '', '{metallb.universe.tf/loadBalancerIPs: "10.65.94.70,10.65.94.71,fc00::1"}'), 'IPFamilyForAddresses: invalid ips length 3 ["10.65.94.70" "10.65.94.71" "fc00::1"]'],
    ['another family', service('x', ', loadBalancerIP: "fc00::1"'), 'requested loadBalancer IP(s) ["fc00::1"] does not match the ipFamily of the service'],
    ['no address', service('x', '', '{metallb.universe.tf/loadBalancerIPs: 10.65.94}'), 'invalid metallb.universe.tf/loadBalancerIPs: "10.65.94"'],
    ['outside', service('x', ', loadBalancerIP: 10.1.1.1'), '["10.1.1.1"] is not allowed in config'],
    ['taken', service('x', ', loadBalancerIP: 10.65.94.64'), 'can\'t change sharing key for "default/x", address also in use by default/a'],
    ['no such pool', service('x', '', '{metallb.universe.tf/address-pool: other}'), 'unknown pool "other"'],
  ])('refused: %s', (_name, text, why) => {
    apply(w, text);
    w.wait(1);
    expect(vipOf(w, 'x')).toBe('');
    expect(w.run('vm1', 'kubectl get svc x --no-headers').stdout).toContain('<pending>');
    expect(w.cluster.store.list('Event').some((e) => e.reason === 'AllocationFailed' && e.message === `Failed to allocate IP for "default/x": ${why}`)).toBe(true);
    w.run('vm1', 'kubectl delete svc x');
  });

  it('a service of a class is left alone', () => {
    apply(w, service('x', ', loadBalancerClass: example.com/lb'));
    w.wait(1);
    expect(vipOf(w, 'x')).toBe('');
    w.run('vm1', 'kubectl delete svc x');
  });

  it('two services share an address, and so a node', () => {
    const shared = '{metallb.universe.tf/allow-shared-ip: k, metallb.universe.tf/loadBalancerIPs: 10.65.94.75}';
    apply(w, `${service('x', '', shared)}---\n${service('z', '', shared).replace('port: 80', 'port: 81, targetPort: 80')}`);
    w.wait(1);
    expect([vipOf(w, 'x'), vipOf(w, 'z')]).toEqual(['10.65.94.75', '10.65.94.75']);
    w.run('vm1', 'kubectl delete svc x z');
  });
});

describe('what changes the owner', () => {
  const VIP = '10.65.94.64';
  const by = (vm: number): readonly string[] => [formatMac(ownMac(vm))];
  // sha256(node#10.65.94.64) puts them in the order vm2, vm1, vm3.
  it('a label, and back; the new owner tells everybody', () => {
    const w = boot(service('a'));
    expect(answered(w, VIP)).toEqual(by(2));
    const from = w.world.recorder.steps.length;
    w.run('vm1', 'kubectl label node vm2 node.kubernetes.io/exclude-from-external-load-balancers=');
    w.wait(7);
    const told = w.world.recorder.steps.slice(from).filter((s) => s.kind === 'created' && s.by === 'speaker').map((s) => ('net' in s && s.net.kind === 'arp' ? `${s.net.op} ${formatMac(s.net.senderMac)}` : ''));
    // At once, then every 1.1 s for 5 s: a request and a reply each time.
    expect(told).toEqual(Array.from({ length: 5 }, () => ['1', '2'].map((op) => `${op} ${String(by(1)[0])}`)).flat());
    expect(answered(w, VIP)).toEqual(by(1));
    w.run('vm1', 'kubectl label node vm2 node.kubernetes.io/exclude-from-external-load-balancers-');
    w.wait(1);
    expect(answered(w, VIP)).toEqual(by(2));
  });

  it('no pod, no answer', () => {
    const w = boot(service('a'));
    w.run('vm1', 'kubectl scale deployment web --replicas=0');
    w.wait(5);
    expect([vipOf(w, 'a'), answered(w, VIP)]).toEqual([VIP, []]);
  });

  it('nodes and interfaces of the advertisement', () => {
    const w = boot(service('a'));
    apply(w, adv('lab', '{nodeSelectors: [{matchLabels: {kubernetes.io/hostname: vm3}}]}'));
    w.wait(1);
    expect(answered(w, VIP)).toEqual(by(3));
    apply(w, adv('lab', '{nodeSelectors: [{matchLabels: {kubernetes.io/hostname: vm3}}], interfaces: [eth7]}'));
    w.wait(1);
    const event = w.cluster.store.list('Event').find((e) => e.reason === 'announceFailed');
    expect(event?.message).toBe(`the interfaces specified by LB IP "${VIP}" doesn't exist in assigned node "vm3" with protocol "layer2"`);
  });

  it('a pool that is moved takes the address along', () => {
    const w = boot(service('a'));
    apply(w, pool('lab', '10.65.94.96/28'));
    w.wait(1);
    expect([vipOf(w, 'a'), answered(w, VIP)]).toEqual(['10.65.94.96', []]);
    expect(w.cluster.store.list('Event').some((e) => e.reason === 'ClearAssignment')).toBe(true);
  });

  it('a speaker that stops says so and the next one takes over within a second', () => {
    const w = boot(service('a'));
    const speaker = must(w.cluster.store.list('Pod', 'metallb-system').find((p) => p.spec.nodeName === 'vm2' && p.metadata.name.startsWith('speaker')), 'speaker');
    w.run('vm1', `kubectl delete pod -n metallb-system ${speaker.metadata.name} --wait=false`);
    w.wait(0.2);
    expect(answered(w, VIP)).toEqual(by(1));
    w.wait(5); // the DaemonSet's next speaker is there
    expect(answered(w, VIP)).toEqual(by(2));
  });
});

describe('what they log', () => {
  type Line = Readonly<Record<string, unknown>>;
  const VIP = '10.65.94.64';
  /** Lines since the last call, less the time and, unless asked for, the reconcilers' own. */
  function* reader(w: ClusterWorld, pod: string): Generator<readonly Line[], never, boolean | undefined> {
    let seen = 0;
    let all: boolean | undefined = false;
    for (;;) {
      const name = w.cluster.store.list('Pod', 'metallb-system').find((p) => p.metadata.name.startsWith(pod) && (pod === 'controller' || p.spec.nodeName === 'vm2'))?.metadata.name ?? '';
      const lines = w.run('vm1', `kubectl logs -n metallb-system ${name}`).stdout.trimEnd().split('\n').map((l): Line => {
        const parsed: unknown = JSON.parse(l);
        return typeof parsed === 'object' && parsed !== null ? Object.fromEntries(Object.entries(parsed).filter(([k]) => k !== 'ts')) : {};
      });
      const fresh = lines.slice(seen).filter((l) => all === true || l['controller'] === undefined);
      seen = lines.length;
      all = yield fresh;
    }
  }
  const next = (r: ReturnType<typeof reader>, all = false): readonly Line[] => r.next(all).value;

  it('a service that comes, from the controller', () => {
    const w = boot();
    const log = reader(w, 'controller');
    next(log);
    apply(w, service('a'));
    w.wait(1);
    const line = (caller: string, rest: Line): Line => ({ caller, level: 'info', ...rest });
    const own = { controller: 'ServiceReconciler' };
    // As in the log of a v0.14.5 controller: once for the service, once for what it wrote.
    expect(next(log, true)).toEqual([
      line('service_controller.go:64', { ...own, 'start reconcile': 'default/a' }),
      line('service.go:150', { event: 'ipAllocated', ip: [VIP], msg: 'IP address assigned by controller' }),
      line('main.go:116', { event: 'serviceUpdated', msg: 'updated service object' }),
      line('service_controller.go:115', { ...own, 'end reconcile': 'default/a' }),
      line('service_controller.go:64', { ...own, 'start reconcile': 'default/a' }),
      line('service_controller.go:115', { ...own, 'end reconcile': 'default/a' }),
    ]);
    w.run('vm1', 'kubectl delete svc a');
    w.wait(1);
    expect(next(log, true).map((l) => `${String(l['caller'])} ${String(l['event'] ?? l['start reconcile'] ?? l['end reconcile'])}`)).toEqual([
      'service_controller.go:64 default/a', 'main.go:58 serviceDeleted', 'service_controller.go:107 force service reload', 'service_controller.go:109 default/a',
      'service_controller_reload.go:63 metallbreload/reload', 'service_controller_reload.go:119 metallbreload/reload']);
  });

  it.each<[string, string, readonly Line[]]>([
    ['another owner', 'kubectl label node vm2 node.kubernetes.io/exclude-from-external-load-balancers=',
      [{ caller: 'main.go:453', level: 'info', event: 'serviceWithdrawn', ip: [VIP], ips: [VIP], pool: 'lab', protocol: 'layer2', reason: 'notOwner', msg: 'withdrawing service announcement' }]],
    ['no LoadBalancer any more', `kubectl patch svc a -p '{"spec":{"type":"ClusterIP"}}'`, [{ caller: 'main.go:453', level: 'info', event: 'serviceWithdrawn', ip: [VIP], reason: 'notLoadBalancer', msg: 'withdrawing service announcement' }]],
    ['deleted', 'kubectl delete svc a', [{ caller: 'main.go:453', level: 'info', event: 'serviceWithdrawn', ip: [VIP], reason: 'serviceDeleted', msg: 'withdrawing service announcement' }]],
    ['a pool that is gone while its address is announced', 'kubectl -n metallb-system delete ipaddresspool lab', [
      { caller: 'main.go:532', level: 'error', op: 'setConfig', service: 'default/a', ip: [VIP], error: 'service has no configuration under new config', msg: 'new configuration rejected' },
      { caller: 'main.go:453', level: 'info', event: 'serviceWithdrawn', ip: [VIP], reason: 'noIPAllocated', msg: 'withdrawing service announcement' }]],
  ])('the owner’s speaker: %s', (_name, line, wanted) => {
    const w = boot(service('a'));
    const log = reader(w, 'speaker');
    next(log);
    w.run('vm1', line);
    w.wait(1);
    expect(next(log).filter((l) => l['msg'] !== 'triggering discovery').filter((l, i, all) => JSON.stringify(l) !== JSON.stringify(all[i - 1]))).toEqual(wanted);
  });
});

describe('a node without power', () => {
  it('its address is dark until memberlist gives it up, then the next node answers', () => {
    const w = boot(service('a'));
    const VIP = '10.65.94.64';
    const by = (vm: number): readonly string[] => [formatMac(ownMac(vm))];
    expect(answered(w, VIP)).toEqual(by(2));
    w.cluster.powerOff('vm2');
    w.wait(3);
    expect(answered(w, VIP)).toEqual([]);
    w.wait(6);
    expect(answered(w, VIP)).toEqual(by(1));
    w.cluster.powerOn('vm2');
    w.wait(60);
    expect(answered(w, VIP)).toEqual(by(2));
  });
});

describe('speakers that do not reach each other', () => {
  const VIP = '10.65.94.64';
  const macs = (...vms: readonly number[]): readonly string[] => vms.map((vm) => formatMac(ownMac(vm)));
  const kernelOf = (w: ClusterWorld, vm: number): Kernel => must(w.machines.get(`vm${vm}`), 'machine').kernel;
  const refuse = (w: ClusterWorld, vm: number, from: number): unknown => kernelOf(w, vm).netfilter.command({ op: 'append', table: 'filter', chain: 'INPUT', spec: ['-s', `10.65.94.1${from}`, '-j', 'DROP'] });
  const open = (w: ClusterWorld, vm: number): unknown => kernelOf(w, vm).netfilter.command({ op: 'flush', table: 'filter', chain: 'INPUT' });
  const speakerLog = (w: ClusterWorld, vm: number): string => {
    const pod = w.cluster.store.list('Pod', 'metallb-system').find((p) => p.spec.nodeName === `vm${vm}` && p.metadata.name.startsWith('speaker'));
    return w.run('vm1', `kubectl logs -n metallb-system ${pod?.metadata.name ?? ''}`).stdout;
  };
  const memberlist = (w: ClusterWorld): number => w.world.recorder.steps.filter((s) => s.kind === 'wire' && JSON.stringify(s.net).includes(':7946')).length;

  it('the owner’s link goes down: the next node answers after probe and suspicion, the owner again some time after its link is back', () => {
    const w = boot(service('a'));
    expect(answered(w, VIP)).toEqual(macs(2));
    kernelOf(w, 2).netlink.setLink('ens3', { up: false });
    w.wait(3);
    expect(answered(w, VIP)).toEqual([]);
    w.wait(6);
    expect(answered(w, VIP)).toEqual(macs(1));
    expect(speakerLog(w, 1)).toMatch(/"msg":"node event - forcing sync","node addr":"10\.65\.94\.12","node event":"NodeLeave","node name":"vm2"/);
    kernelOf(w, 2).netlink.setLink('ens3', { up: true });
    w.wait(5); // within 30 s of its death the others tell it, and it says that it lives
    expect(answered(w, VIP)).toEqual(macs(2));
  });

  it('a link that comes back later is found by the join of every minute', () => {
    const w = boot(service('a'));
    kernelOf(w, 2).netlink.setLink('ens3', { up: false });
    w.wait(100);
    expect(answered(w, VIP)).toEqual(macs(1));
    kernelOf(w, 2).netlink.setLink('ens3', { up: true });
    w.wait(62);
    expect(answered(w, VIP)).toEqual(macs(2));
  });

  it('a partition gives two owners, healing gives one', () => {
    const w = boot(service('a'));
    refuse(w, 2, 1);
    refuse(w, 2, 3);
    w.wait(15);
    expect([...answered(w, VIP)].sort()).toEqual(macs(1, 2));
    open(w, 2);
    w.wait(65);
    expect(answered(w, VIP)).toEqual(macs(2));
  });

  it('two that do not hear each other, while a third hears both, stay members', () => {
    const w = boot(service('a'));
    refuse(w, 2, 1);
    refuse(w, 1, 2);
    w.wait(15);
    expect(answered(w, VIP, [3])).toEqual(macs(2));
    expect(speakerLog(w, 1)).not.toContain('NodeLeave');
  });

  it('nobody probes while nothing changes', () => {
    const w = boot(service('a'));
    w.wait(60);
    expect(memberlist(w)).toBe(0);
    refuse(w, 2, 1);
    open(w, 2);
    w.wait(30);
    const after = memberlist(w);
    w.wait(60);
    expect(memberlist(w)).toBe(after);
  });
});

describe('a settled world', () => {
  const CHANGES = [
    ...[1, 2, 3].flatMap((n) => [`kubectl label node vm${n} node.kubernetes.io/exclude-from-external-load-balancers= --overwrite`, `kubectl label node vm${n} node.kubernetes.io/exclude-from-external-load-balancers-`]),
    'kubectl scale deployment web --replicas=1', 'kubectl scale deployment web --replicas=3', `kubectl patch svc a -p '{"spec":{"externalTrafficPolicy":"Local"}}'`,
    `kubectl patch svc a -p '{"spec":{"externalTrafficPolicy":"Cluster"}}'`, 'kubectl delete pod -n metallb-system -l component=speaker --wait=false', 'kubectl delete svc b',
  ];
  it('has at most one node that answers for an address, after any changes', () => {
    const w = boot(service('a'), service('b'));
    fc.assert(fc.property(fc.array(fc.constantFrom(...CHANGES), { minLength: 1, maxLength: 3 }), (lines) => {
      for (const line of lines) w.run('vm1', line);
      w.wait(20);
      for (const ip of ['10.65.94.64', '10.65.94.65']) expect(answered(w, ip).length).toBeLessThanOrEqual(1);
    }), { numRuns: 12, seed: 5 });
    expect(w.cluster.store.list('Event').filter((e) => e.reason === 'nodeAssigned').length).toBeGreaterThan(1);
  });
});

describe('versions', () => {
  it('v0.14.9 writes and reads metallb.io annotations, the old ones too', () => {
    const w = clusterWorld({ nodes: 1, manifests: [native('v0.14.9'), `${pool('lab', '10.65.94.64/28')}---\n${adv('lab')}`, WEB, service('a', '', '{metallb.universe.tf/loadBalancerIPs: 10.65.94.70}'), service('b', '', '{metallb.io/loadBalancerIPs: 10.65.94.71}')] });
    w.wait(8);
    expect([vipOf(w, 'a'), vipOf(w, 'b')]).toEqual(['10.65.94.70', '10.65.94.71']);
    expect(w.cluster.store.get('Service', 'default', 'a')?.metadata.annotations?.['metallb.io/ip-allocated-from-pool']).toBe('lab');
    expect(w.run('vm1', 'kubectl get servicel2statuses -n metallb-system --no-headers').stdout.replaceAll(/l2-\w{5}/g, 'l2').split('\n').map((l) => l.trim().split(/\s+/).join(' ')).sort()).toEqual(['', 'l2 vm1 a default', 'l2 vm1 b default']);
    expect(w.cluster.store.list('Event').filter((e) => e.reason === 'deprecatedAnnotation').map((e) => [e.type, e.involvedObject.name, e.message])).toEqual([['Warning', 'a', 'Service uses deprecated annotation metallb.universe.tf/loadBalancerIPs']]);
    apply(w, adv('lab', '{interfaces: [ens3]}'));
    w.wait(1);
    expect(w.cluster.store.list('ServiceL2Status').map((o) => o.status.interfaces)).toEqual([[{ name: 'ens3' }], [{ name: 'ens3' }]]);
    apply(w, adv('lab'));
    w.run('vm1', 'kubectl delete svc a');
    w.wait(1);
    expect(w.cluster.store.list('ServiceL2Status').map((o) => [o.status.serviceName, o.status.interfaces])).toEqual([['b', []]]);
  });
});
