/** Divergences that the referee (src/referee) found between this engine and Linux 6.18, each pinned as it was mended. */
import { describe, expect, it } from 'vitest';
import { must } from '../../../base/assert.ts';
import { rtnetlink } from '../netlink/rtnetlink.ts';
import { addRoute, ip, net, ok, ping, settle, steps, twoNodes } from '../testing/worlds.ts';

const restore = (ns: Parameters<typeof ping>[0], text: string): void => {
  const done = ns.netfilter.door().restore(text, { noflush: true, counters: false, test: false });
  if (!done.ok) throw new Error(done.error.message);
};

describe('found by the referee', () => {
  it('filter OUTPUT sees the device of the route before a DNAT in nat OUTPUT: nf_hook_state is filled once', () => {
    const c = twoNodes();
    const node = must(c.nodes[0], 'node').ns;
    addRoute(node, 'default', '10.65.94.2', 'ens3');
    restore(node, '*filter\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n*nat\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -d 10.43.0.1/32 -j DNAT --to-destination 10.42.1.2\nCOMMIT\n');
    ping(node, '10.43.0.1');
    settle(c.world);
    const first = steps(c.world, 'hook', node).filter((s) => s.net.kind === 'ipv4' && s.net.protocol === 1);
    expect(first.map((s) => `${s.table} ${s.hook} ${s.oif ?? '-'}`).slice(0, 2)).toEqual(['nat OUTPUT ens3', 'filter OUTPUT ens3']);
    expect(steps(c.world, 'tx', node).some((s) => s.dev === 'flannel.1')).toBe(true);
  });

  it('POSTROUTING sees the tunnel as the device that a VXLAN packet came by: skb->dev stays when it is wrapped', () => {
    const c = twoNodes();
    const node = must(c.nodes[0], 'node').ns;
    restore(node, '*mangle\n:POSTROUTING ACCEPT [0:0]\nCOMMIT\n');
    ping(node, '10.42.1.2');
    settle(c.world);
    const outer = steps(c.world, 'hook', node).find((s) => s.net.kind === 'ipv4' && s.net.protocol === 17);
    expect([outer?.hook, outer?.iif, outer?.oif]).toEqual(['POSTROUTING', 'flannel.1', 'ens3']);
  });

  it('fragments that br_netfilter put together are forwarded whole: ip_rcv clears the largest fragment size', () => {
    const c = twoNodes();
    const node = must(c.nodes[0], 'node').ns;
    const pod = must(c.pods[0], 'pod');
    addRoute(node, 'default', '10.65.94.2', 'ens3');
    restore(node, '*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -m conntrack --ctstate INVALID -j DROP\nCOMMIT\n');
    pod.ip.send({ dst: ip('10.65.94.2'), protocol: 1, payload: { kind: 'icmp', type: 8, code: 0, rest: 1, body: new Uint8Array(1466) }, df: false, by: 'ping' });
    settle(c.world);
    const out = steps(c.world, 'tx', node).filter((s) => s.dev === 'ens3' && s.net.kind === 'ipv4');
    expect(steps(c.world, 'rx', node).filter((s) => s.dev === 'veth-pod-a' && s.net.kind === 'ipv4')).toHaveLength(2);
    expect(out.map((s) => s.bytes)).toEqual([1508]);
  });

  it('REJECT of a bridged packet tells its sender: icmp_send takes br_netfilter’s fake route', () => {
    const c = twoNodes();
    const node = must(c.nodes[0], 'node').ns;
    restore(node, '*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -p icmp -j REJECT --reject-with icmp-admin-prohibited\nCOMMIT\n');
    const pod = must(c.pods[0], 'pod');
    ping(pod, '10.42.0.3');
    settle(c.world);
    const told = steps(c.world, 'rx', pod).filter((s) => s.net.kind === 'ipv4' && s.net.payload.kind === 'icmp' && s.net.payload.type === 3 && s.net.payload.code === 13);
    expect(told).toHaveLength(1);
  });

  it('a DNAT in OUTPUT to where no route goes: the sender gets the route’s error (NF_DROP_ERR), not EPERM', () => {
    const c = twoNodes();
    const node = must(c.nodes[0], 'node').ns;
    addRoute(node, 'default', '10.65.94.2', 'ens3');
    ok(rtnetlink(node).newRoute({ dst: net('10.99.0.0/24'), type: 'unreachable' }, 'add'));
    restore(node, '*nat\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -d 10.43.0.1/32 -j DNAT --to-destination 10.99.0.1\n-A OUTPUT -d 10.43.0.2/32 -j DNAT --to-destination 10.42.1.2\nCOMMIT\n'
      + '*filter\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -d 10.42.1.2/32 -j DROP\nCOMMIT\n');
    const send = (dst: string): unknown => node.ip.send({ dst: ip(dst), protocol: 1, payload: { kind: 'icmp', type: 8, code: 0, rest: 1, body: new Uint8Array(8) }, by: 'ping' });
    expect(send('10.43.0.1')).toMatchObject({ ok: false, error: { errno: 'EHOSTUNREACH' } });
    expect(send('10.43.0.2')).toMatchObject({ ok: false, error: { errno: 'EPERM' } });
  });

  it.each([['bridged on', '10.42.0.3'], ['for the node', '10.42.0.1']])('a reset for what came by a bridge and was %s leaves by its port at once, no hook sees it (nf_send_reset)', (_where, dst) => {
    const c = twoNodes();
    const node = must(c.nodes[0], 'node').ns;
    const pod = must(c.pods[0], 'pod');
    restore(node, '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A FORWARD -p tcp -j REJECT --reject-with tcp-reset\n-A INPUT -p tcp -j REJECT --reject-with tcp-reset\nCOMMIT\n');
    const socket = pod.transport.door({ name: 'client', pid: 1 }).tcp();
    socket.connect({ address: ip(dst), port: 81 });
    settle(c.world);
    expect(socket.takeError()).toBe('ECONNREFUSED');
    expect(steps(c.world, 'hook', node).filter((s) => s.hook === 'OUTPUT' && s.net.kind === 'ipv4' && s.net.protocol === 6)).toEqual([]);
    const resets = steps(c.world, 'tx', node).filter((s) => s.net.kind === 'ipv4' && s.net.payload.kind === 'tcp');
    expect(resets.map((s) => s.dev)).toEqual(['veth-pod-a']);
  });
});
