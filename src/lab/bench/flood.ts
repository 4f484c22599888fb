/** A UDP flood from a client over three routers to a server: the chain that ns-3's own example measures. */
import { must } from '../../base/assert.ts';
import { Machine } from '../../engine/kernel/machine.ts';
import { Segment } from '../../engine/kernel/segment.ts';
import { World } from '../../engine/kernel/world.ts';
import type { Program } from '../../engine/sim/process.ts';
import { micros, plus } from '../../engine/sim/time.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import { ANY, mac, parseIpv4, prefix } from '../../engine/wire/addresses.ts';

/** What a node of a cluster has in these tables at least: conntrack, one jump per hook, a stateful accept. */
export const ROUTER_RULES = `*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:KUBE-SERVICES - [0:0]
-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A KUBE-SERVICES -d 10.43.0.1/32 -p tcp -m tcp --dport 443 -j RETURN
COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:KUBE-FORWARD - [0:0]
-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP
-A KUBE-FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
COMMIT
`;

const PORT = 9000;
const ip = (text: string) => must(parseIpv4(text), text);

function up(kernel: Kernel, dev: string, address: string): void {
  kernel.netlink.setLink(dev, { up: true });
  kernel.netlink.newAddress({ dev, address: ip(address), prefixLength: 24 });
}

export interface Flood {
  readonly world: World;
  /** Sends `packets` datagrams and runs until the world is quiet; answers how many arrived. */
  run(packets: number): number;
}

export function flood(options: { readonly trace: boolean }): Flood {
  const world = new World({ seed: 1, epochMillis: 0, trace: options.trace });
  const names = ['client', 'r1', 'r2', 'r3', 'server'];
  const machines = names.map((name) => new Machine(world, name));
  const last = machines.length - 1;
  for (let link = 0; link < last; link++) {
    const segment = new Segment(world, `link${link}`, micros(10));
    for (const [side, machine] of [[1, machines[link]], [2, machines[link + 1]]] as const) {
      const name = side === 1 ? 'eth1' : 'eth0';
      const m = must(machine, 'machine');
      m.addNic(m.init, { name, mac: mac(0x020000000000 + link * 16 + side) }, segment);
      up(m.handle(), name, `10.0.${link}.${side}`);
    }
  }
  machines.forEach((machine, i) => {
    const kernel = machine.handle();
    if (i > 0 && i < last) {
      kernel.sysctl.set('net.ipv4.ip_forward', '1');
      const loaded = kernel.netfilter.restore(ROUTER_RULES, { noflush: false, counters: false, test: false });
      if (!loaded.ok) throw new Error(loaded.error.message);
    }
    if (i < last) kernel.netlink.newRoute({ dst: prefix(ip(`10.0.${last - 1}.0`), 24), nexthops: [{ via: ip(`10.0.${i}.2`), dev: 'eth1' }] }, 'add');
    if (i > 0) kernel.netlink.newRoute({ dst: prefix(ANY, 0), nexthops: [{ via: ip(`10.0.${i - 1}.1`), dev: 'eth0' }] }, 'add');
  });

  let received = 0;
  const server = must(machines[last], 'server').handle();
  server.spawn('sink', function* (kernel): Program {
    const socket = kernel.sockets.udp();
    socket.bind({ address: ANY, port: PORT });
    for (;;) {
      while (socket.recv() !== undefined) received++;
      yield { on: [socket.readable] };
    }
  });
  const client = must(machines[0], 'client').handle();
  const payload = new Uint8Array(1000);
  return {
    world,
    run(packets) {
      const before = received;
      client.spawn('flood', function* (kernel): Program {
        const socket = kernel.sockets.udp();
        const to = { address: ip(`10.0.${last - 1}.2`), port: PORT };
        for (let i = 0; i < packets; i++) {
          socket.send(payload, to);
          yield { until: plus(kernel.clock.now, micros(5)) };
        }
        socket.close();
        return 0;
      });
      // Conntrack and neighbour timers lie seconds ahead: the flood itself is over well before.
      world.scheduler.runUntil(plus(world.scheduler.now, micros(5 * packets + 100_000)));
      return received - before;
    },
  };
}
