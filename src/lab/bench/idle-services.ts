/** What a packet to one Service costs while many others lie idle: every packet is the first of its flow, so it walks the rules. */
import { must } from '../../base/assert.ts';
import { clusterWorld } from '../../cluster/testing/cluster-world.ts';
import type { Program } from '../../engine/sim/process.ts';
import { micros, plus, seconds } from '../../engine/sim/time.ts';
import { ANY, parseIpv4 } from '../../engine/wire/addresses.ts';

const PORT = 9000;
const pod = (name: string, app: string): string => `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, labels: {app: ${app}}}\nspec: {nodeName: vm1, containers: [{name: c, image: nicolaka/netshoot, command: [sleep, infinity]}]}\n`;
const service = (name: string, app: string, nodePort: number): string =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: {type: NodePort, selector: {app: ${app}}, ports: [{port: ${PORT}, protocol: UDP, nodePort: ${nodePort}}]}\n`;

export interface IdleServices {
  /** Sends datagrams from ever new ports to the Service, by its cluster IP or its node port; answers how many arrived. */
  run(by: 'cluster IP' | 'node port', packets: number): number;
}

export function idleServices(idle: number, options: { readonly trace: boolean }): IdleServices {
  const world = clusterWorld({ nodes: 1, manifests: [pod('server', 'busy') + '---\n' + pod('client', 'none')] });
  const { cluster } = world;
  const documents = [service('target', 'busy', 30000), ...Array.from({ length: idle }, (_, i) => service(`idle${i}`, 'busy', 30001 + i))];
  const { errors } = cluster.apply(documents.reverse().join('---\n'), 'idle.yaml');
  if (errors.length > 0) throw new Error(errors.map((e) => e.text).join('\n'));
  cluster.runUntilReady();
  world.world.recorder.on = options.trace;
  const kernelOf = (name: string) => must(cluster.hosts().find((h) => h.name === name), name).kernel;
  let received = 0;
  kernelOf('server').spawn('sink', function* (kernel): Program {
    const socket = kernel.sockets.udp();
    socket.bind({ address: ANY, port: PORT });
    for (;;) {
      while (socket.recv() !== undefined) received++;
      yield { on: [socket.readable] };
    }
  });
  const clusterIp = must(parseIpv4(cluster.store.get('Service', 'default', 'target')?.spec.clusterIP ?? ''), 'cluster IP');
  const targets = { 'cluster IP': { address: clusterIp, port: PORT }, 'node port': { address: must(parseIpv4('10.65.94.11'), 'node'), port: 30000 } };
  const client = kernelOf('client');
  const { scheduler } = world.world;
  let next = 0;
  return {
    run(by, packets) {
      const before = received;
      client.spawn('flows', function* (kernel): Program {
        for (let i = 0; i < packets; i++) {
          const socket = kernel.sockets.udp();
          socket.bind({ address: ANY, port: 10_000 + (next++ % 50_000) });
          socket.send(new Uint8Array(32), targets[by]);
          socket.close();
          yield { until: plus(kernel.clock.now, micros(5)) };
        }
        return 0;
      });
      scheduler.runUntil(plus(scheduler.now, micros(5 * packets + 100_000)));
      const arrived = received - before;
      scheduler.runUntil(plus(scheduler.now, seconds(60))); // unreplied entries time out
      return arrived;
    },
  };
}
