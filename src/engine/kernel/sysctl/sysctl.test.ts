import { describe, expect, it } from 'vitest';
import { Machine } from '../machine.ts';
import { rtnetlink } from '../netlink/rtnetlink.ts';
import { addAddress, device, newWorld, ok, steps } from '../testing/worlds.ts';
import { dotted } from './key.ts';

const host = (): Machine => new Machine(newWorld(), 'm');

describe('keys', () => {
  it.each([
    ['net.ipv4.ip_forward', 'net.ipv4.ip_forward'],
    ['net/ipv4/ip_forward', 'net.ipv4.ip_forward'],
    ['net/ipv4/conf/ens3.100/rp_filter', 'net.ipv4.conf.ens3/100.rp_filter'],
    ['net.ipv4.conf.ens3/100.rp_filter', 'net.ipv4.conf.ens3/100.rp_filter'],
  ])('%s is %s', (written, key) => expect(dotted(written)).toBe(key));
});

describe('values (as a fresh 6.x namespace shows them)', () => {
  it.each([
    ['net.ipv4.ip_forward', '0'], ['net.ipv4.ip_default_ttl', '64'], ['net.ipv4.ip_local_port_range', '32768\t60999'],
    ['net.ipv4.conf.all.accept_source_route', '0'], ['net.ipv4.conf.lo.accept_source_route', '1'], ['net.ipv4.conf.lo.disable_policy', '1'],
    ['net.ipv4.neigh.lo.base_reachable_time_ms', '30000'], ['net.ipv4.neigh.default.gc_thresh1', '128'], ['net.bridge.bridge-nf-call-iptables', '1'],
    ['net.netfilter.nf_conntrack_tcp_timeout_established', '432000'],
  ])('%s = %s', (key, value) => expect(host().init.sysctl.get(key)).toBe(value));

  it.each([
    ['net.ipv4.nosuch', '1', 'ENOENT'], ['net.ipv4.conf.eth9.rp_filter', '1', 'ENOENT'], ['net.ipv4.ip_default_ttl', '256', 'EINVAL'], ['net.ipv4.ip_default_ttl', '0', 'EINVAL'],
    ['net.ipv4.conf.all.rp_filter', 'x', 'EINVAL'], ['net.ipv4.ip_local_port_range', '1', 'EINVAL'], ['net.netfilter.nf_conntrack_count', '1', 'EACCES'],
  ])('%s = %s is refused: %s', (key, value, errno) => expect(host().init.sysctl.set(key, value)).toMatchObject({ error: { errno } }));

  it('every listed key can be read', () => {
    const { sysctl } = host().init;
    expect(sysctl.keys().filter((key) => sysctl.get(key) === undefined && key !== 'net.netfilter.nf_conntrack_count')).toEqual([]);
  });
});

describe('inheritance', () => {
  it('ip_forward is conf.all.forwarding, moves every device and those to come', () => {
    const { init } = host();
    ok(init.sysctl.set('net.ipv4.ip_forward', '1'));
    ok(rtnetlink(init).newLink({ name: 'd0', kind: 'dummy' }));
    for (const tree of ['all', 'default', 'lo', 'd0']) expect(init.sysctl.get(`net.ipv4.conf.${tree}.forwarding`)).toBe('1');
    expect(init.sysctl.get('net.ipv4.conf.all.accept_redirects')).toBe('0');
  });

  it('conf.default moves devices without a value or an address of their own', () => {
    const { init } = host();
    for (const name of ['d0', 'd1', 'd2']) ok(rtnetlink(init).newLink({ name, kind: 'dummy' }));
    ok(init.sysctl.set('net.ipv4.conf.d1.rp_filter', '2'));
    addAddress(init, 'd2', '10.0.0.1/24');
    ok(init.sysctl.set('net.ipv4.conf.default.rp_filter', '1'));
    expect(['d0', 'd1', 'd2'].map((d) => init.sysctl.get(`net.ipv4.conf.${d}.rp_filter`))).toEqual(['1', '2', '0']);
  });

  it('a new namespace starts with the initial one\'s conf, and with its own of the rest', () => {
    const machine = host();
    ok(machine.init.sysctl.set('net.ipv4.conf.default.arp_notify', '1'));
    ok(machine.init.sysctl.set('net.ipv4.ip_default_ttl', '32'));
    const { sysctl } = machine.addNetns('pod');
    expect([sysctl.get('net.ipv4.conf.default.arp_notify'), sysctl.get('net.ipv4.ip_default_ttl'), sysctl.get('net.ipv4.neigh.default.gc_thresh1')]).toEqual(['1', '64', undefined]);
    expect(sysctl.get('net.ipv4.tcp_congestion_control')).toBe('cubic');
  });

  it('all and device combine as the kernel\'s macros do', () => {
    const { init } = host();
    const lo = device(init, 'lo');
    ok(init.sysctl.set('net.ipv4.conf.all.rp_filter', '1'));
    ok(init.sysctl.set('net.ipv4.conf.lo.rp_filter', '2'));
    expect([init.sysctl.maxConf(lo, 'rp_filter'), init.sysctl.orConf(lo, 'proxy_arp'), init.sysctl.andConf(lo, 'accept_redirects')]).toEqual([2, false, true]);
  });

  it('only changed keys are rows of the journal', () => {
    const machine = host();
    expect(steps(machine.world, 'table').filter((s) => s.table.endsWith('/sysctl'))).toEqual([]);
    ok(machine.init.sysctl.set('net.ipv4.ip_default_ttl', '65'));
    expect(steps(machine.world, 'table').filter((s) => s.table.endsWith('/sysctl')).map((s) => [s.key, s.after?.['value']])).toEqual([['net.ipv4.ip_default_ttl', '65']]);
  });
});
