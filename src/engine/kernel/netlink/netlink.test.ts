import { describe, expect, it } from 'vitest';
import type { Ack, Rtnetlink } from '../../uapi/rtnetlink.ts';
import { formatMac } from '../../wire/addresses.ts';
import { Machine } from '../machine.ts';
import { rtnetlink } from './rtnetlink.ts';
import { mac, newWorld, ok, steps } from '../testing/worlds.ts';

function host(): { readonly nl: Rtnetlink; readonly machine: Machine } {
  const machine = new Machine(newWorld(), 'm');
  const nl = rtnetlink(machine.init);
  ok(nl.newLink({ name: 'br0', kind: 'bridge' }));
  ok(nl.newLink({ name: 'v0', kind: 'veth', peer: { name: 'v1' } }));
  ok(nl.newLink({ name: 'd0', kind: 'dummy' }));
  return { nl, machine };
}

/** Each answer is what the real kernel (6.18) gave for the same request. */
const REFUSALS: readonly [request: string, run: (nl: Rtnetlink) => Ack, errno: string, extack?: string][] = [
  ['link add br0 type bridge', (nl) => nl.newLink({ name: 'br0', kind: 'bridge' }), 'EEXIST'],
  ['link add vv type veth peer name br0', (nl) => nl.newLink({ name: 'vv', kind: 'veth', peer: { name: 'br0' } }), 'EEXIST'],
  ['link add averyveryverylongname type dummy', (nl) => nl.newLink({ name: 'averyveryverylongname', kind: 'dummy' }), 'ERANGE', 'Attribute failed policy validation'],
  ['link add v0.5 link v0 type vlan', (nl) => nl.newLink({ name: 'v0.5', kind: 'vlan', link: 'nosuch', vlanId: 5 }), 'ENODEV'],
  ['link set br0 master br0', (nl) => nl.setLink('br0', { master: 'br0' }), 'ELOOP', 'Can not enslave a bridge to a bridge'],
  ['link set lo master br0', (nl) => nl.setLink('lo', { master: 'br0' }), 'EINVAL'],
  ['link set v0 master d0', (nl) => nl.setLink('v0', { master: 'd0' }), 'EOPNOTSUPP'],
  ['link set nosuch up', (nl) => nl.setLink('nosuch', { up: true }), 'ENODEV'],
  ['link set v1 mtu 10', (nl) => nl.setLink('v1', { mtu: 10 }), 'EINVAL', 'mtu less than device minimum'],
  ['link set v1 mtu 70000', (nl) => nl.setLink('v1', { mtu: 70000 }), 'EINVAL', 'mtu greater than device maximum'],
  ['link set v1 name br0', (nl) => nl.setLink('v1', { name: 'br0' }), 'EEXIST'],
  ['link set v1 address 01:00:00:00:00:01', (nl) => nl.setLink('v1', { mac: mac('01:00:00:00:00:01') }), 'EADDRNOTAVAIL'],
  ['link set br0 netns', (nl) => nl.setLink('br0', { netns: 'other' }), 'EINVAL', 'The interface netns is immutable'],
  ['link del lo', (nl) => nl.delLink('lo'), 'EOPNOTSUPP'],
  ['link set v1 type bridge_slave hairpin on', (nl) => nl.setLink('v1', { hairpin: true }), 'EOPNOTSUPP'],
  ['link add ifindex taken', (nl) => nl.newLink({ name: 'd1', kind: 'dummy', ifindex: 2 }), 'EBUSY'],
  ['fdb add dev v1 master (no port)', (nl) => nl.newFdb({ mac: mac('02:00:00:00:00:19'), dev: 'v1', where: 'master' }, 'add'), 'EOPNOTSUPP'],
  ['fdb add dev br0 master', (nl) => nl.newFdb({ mac: mac('02:00:00:00:00:19'), dev: 'br0', where: 'master' }, 'add'), 'EOPNOTSUPP'],
  ['fdb del dev v1 (not there)', (nl) => nl.delFdb({ mac: mac('02:00:00:00:00:19'), dev: 'v1' }), 'ENOENT'],
  ['bridge with stp', (nl) => nl.setLink('br0', { bridge: { stp: true } }), 'EOPNOTSUPP', 'spanning tree and VLAN filtering are not modelled in this lab'],
];

describe('refusals', () => {
  it.each(REFUSALS)('%s', (_request, run, errno, extack) => {
    const { nl, machine } = host();
    machine.addNetns('other');
    const before = JSON.stringify(nl.links());
    expect(run(nl)).toEqual({ ok: false, error: { errno, extack } });
    expect(JSON.stringify(nl.links())).toBe(before);
  });
});

describe('links', () => {
  it('numbers are never given twice', () => {
    const { nl } = host();
    ok(nl.delLink('d0'));
    ok(nl.newLink({ name: 'd1', kind: 'dummy' }));
    expect(nl.link('d1')?.ifindex).toBe(6);
    ok(nl.newLink({ name: 'd9', kind: 'dummy', ifindex: 25 }));
    expect(nl.link('d9')?.ifindex).toBe(25);
  });

  it('a moved device keeps its number when free there, loses state and addresses', () => {
    const { nl, machine } = host();
    const other = machine.addNetns('other');
    ok(nl.setLink('v1', { up: true }));
    ok(nl.setLink('v1', { netns: 'other', name: 'eth0' }));
    expect(nl.link('v1')).toBeUndefined();
    expect(rtnetlink(other).link('eth0')).toMatchObject({ ifindex: 3, up: false, link: { name: 'v0', netns: '' } });
    expect(nl.link('v0')?.link).toMatchObject({ name: 'eth0', netns: 'other' });
  });

  it('renaming follows into the rows of other tables', () => {
    const { nl } = host();
    ok(nl.setLink('v0', { master: 'br0' }));
    ok(nl.setLink('br0', { name: 'cni0' }));
    ok(nl.setLink('v0', { name: 'veth0' }));
    expect(nl.link('veth0')?.master).toBe('cni0');
    expect(nl.fdb().filter((e) => e.where === 'master').map((e) => `${e.dev} ${e.master ?? ''}`)).toEqual(['veth0 cni0']);
  });

  it('changes are journaled as patches', () => {
    const { nl, machine } = host();
    const head = machine.world.recorder.head;
    ok(nl.setLink('v0', { mtu: 1450 }));
    const rows = steps(machine.world, 'table').filter((s) => s.i >= head && s.table.endsWith('/links'));
    expect(rows.map((s) => [s.key, s.before, s.after])).toEqual([['4', { mtu: 1500 }, { mtu: 1450 }]]);
  });

  it('unicast addresses of a card stand before its groups', () => {
    const { nl } = host();
    ok(nl.newFdb({ mac: mac('02:00:00:00:00:19'), dev: 'v1' }, 'add'));
    expect(nl.fdb().filter((e) => e.dev === 'v1').map((e) => `${formatMac(e.mac)} ${e.where} ${e.kind}`)).toEqual(['02:00:00:00:00:19 self permanent', '33:33:00:00:00:01 self permanent']);
  });
});

describe('the handle', () => {
  it('namespaces: add, list, enter, delete', () => {
    const { machine } = host();
    const kernel = machine.handle();
    ok(kernel.netnsAdd('a'));
    expect(kernel.netnsAdd('a')).toMatchObject({ error: { errno: 'EEXIST' } });
    expect(kernel.netnsList()).toEqual(['a']);
    const inside = kernel.inNetns('a');
    expect(inside.ok && inside.value.netns).toBe('a');
    expect(inside.ok && inside.value.netlink.link('lo')).toMatchObject({ ifindex: 1, up: false });
    ok(kernel.netnsDelete('a'));
    expect(kernel.netnsDelete('a')).toMatchObject({ error: { errno: 'ENOENT' } });
  });

  it('spawn writes start and exit', () => {
    const { machine } = host();
    const kernel = machine.handle();
    const { pid, process } = kernel.spawn('/usr/bin/true -x', function* () { return 3; });
    while (machine.world.scheduler.runNext());
    expect(process.exitCode).toBe(3);
    expect(steps(machine.world, 'process').map((s) => [s.event, s.pid, s.command, s.code])).toEqual([['start', pid, '/usr/bin/true -x', undefined], ['exit', pid, '/usr/bin/true -x', 3]]);
  });
});

it('netlink.watch hears of every change that was made, until it stops listening; refused requests are none', () => {
  const { nl } = host();
  let heard = 0;
  const stop = nl.watch(() => heard++);
  ok(nl.setLink('d0', { up: true }));
  expect(heard).toBe(1);
  expect(nl.setLink('nosuch', { up: true }).ok).toBe(false);
  expect(heard).toBe(1);
  stop();
  ok(nl.delLink('d0'));
  expect(heard).toBe(1);
});
