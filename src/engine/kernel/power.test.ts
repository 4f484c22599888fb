import { describe, expect, it } from 'vitest';
import { ipv4, mac } from '../wire/addresses.ts';
import { micros, seconds, plus } from '../sim/time.ts';
import { Machine } from './machine.ts';
import { Segment } from './segment.ts';
import { World } from './world.ts';

const A = ipv4(0x0a000001);

function pair() {
  const world = new World({ seed: 1, epochMillis: 0, trace: true });
  const segment = new Segment(world, 'lan', micros(50));
  const [a, b] = ['a', 'b'].map((name, i) => {
    const machine = new Machine(world, name);
    machine.addNic(machine.init, { name: 'eth0', mac: mac(0x020000000001 + i) }, segment);
    const kernel = machine.handle();
    kernel.netlink.setLink('lo', { up: true });
    kernel.netlink.setLink('eth0', { up: true });
    kernel.netlink.newAddress({ dev: 'eth0', address: ipv4(A + i), prefixLength: 24 });
    return kernel;
  });
  if (a === undefined || b === undefined) throw new Error('two machines');
  return { world, segment, a, b };
}

describe('power', () => {
  it('a machine without it is off the wire, and everything but its NICs is gone', () => {
    const { world, segment, a } = pair();
    a.netnsAdd('x');
    a.netlink.newLink({ name: 'br0', kind: 'bridge' });
    a.sysctl.set('net.ipv4.ip_forward', '1');
    a.netfilter.command({ op: 'append', table: 'filter', chain: 'INPUT', spec: ['-j', 'ACCEPT'] });
    const { process } = a.spawn('sleeper', function* (kernel) {
      yield { until: plus(kernel.clock.now, seconds(100)) };
      return 0;
    });
    world.scheduler.runUntil(seconds(1));
    const seen: boolean[] = [];
    a.power.watch((on) => void seen.push(on));
    a.power.cut();
    a.power.cut();
    expect([process.exitCode, segment.ports.length, a.power.on]).toEqual([137, 1, false]);
    expect([a.netnsList(), a.netlink.addresses(), a.netlink.routes(), a.netfilter.tables(), a.sysctl.get('net.ipv4.ip_forward')]).toEqual([[], [], [], [], '0']);
    a.power.restore();
    expect([seen, segment.ports.length]).toEqual([[false, true], 2]);
    expect(a.netlink.links().map((l) => `${l.ifindex} ${l.name} ${l.up}`)).toEqual(['1 lo false', '2 eth0 false']);
    a.netlink.newLink({ name: 'br0', kind: 'bridge' });
    expect(a.netlink.link('br0')?.ifindex).toBe(3);
  });

  it('says nothing to its peers: their connections hang', () => {
    const { world, a, b } = pair();
    const listener = a.sockets.tcp();
    listener.bind({ address: A, port: 80 });
    listener.listen(1);
    const client = b.sockets.tcp();
    client.connect({ address: A, port: 80 });
    world.scheduler.runUntil(seconds(1));
    expect(client.state).toBe('ESTABLISHED');
    a.power.cut();
    world.scheduler.runUntil(seconds(5));
    expect(client.state).toBe('ESTABLISHED');
  });
});
