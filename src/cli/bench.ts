/** Packet hops per second: a packet received by a device counts one. Figures of one run on one machine; compare the ratios. */
import { flood } from '../lab/bench/flood.ts';
import { openFromDisk } from './scenarios.ts';

/** ns-3 3.37 on the same chain of five nodes, on a machine like CI's (issue 2). */
const NS3 = { untraced: 86_000, traced: 21_000 };

interface Measured {
  readonly name: string;
  readonly hopsPerSecond: number;
  readonly note: string;
}

function measureFlood(trace: boolean): Measured {
  const warm = flood({ trace });
  warm.run(5_000);
  const batch = trace ? 10_000 : 50_000;
  let best = 0;
  let arrived = 0;
  for (let round = 0; round < 5; round++) {
    const { world, run } = flood({ trace });
    run(1000);
    const hops = world.hops;
    const started = performance.now();
    arrived = run(batch);
    const elapsed = performance.now() - started;
    if (arrived !== batch) throw new Error(`only ${arrived} of ${batch} datagrams arrived`);
    best = Math.max(best, ((world.hops - hops) / elapsed) * 1000);
  }
  const ns3 = trace ? NS3.traced : NS3.untraced;
  return { name: `UDP flood, client + 3 routers + server, ${trace ? 'traced' : 'untraced'}`, hopsPerSecond: best, note: `${(best / ns3).toFixed(1)} x ns-3 (${ns3})` };
}

function measureClusterIp(trace: boolean): Measured {
  const lab = openFromDisk('k3s-clusterip', { trace });
  const line = 'for i in $(seq 50); do curl -s -o /dev/null http://10.43.180.238; done';
  lab.exec('test-pod', line);
  const hops = lab.world.hops;
  const started = performance.now();
  const { code, stderr } = lab.exec('test-pod', line);
  const elapsed = performance.now() - started;
  if (code !== 0) throw new Error(`curl ended with ${code}: ${stderr}`);
  return { name: `ClusterIP: 50 curl from a pod, ${trace ? 'traced' : 'untraced'}`, hopsPerSecond: ((lab.world.hops - hops) / elapsed) * 1000, note: `${lab.world.hops - hops} hops` };
}

export async function run(): Promise<number> {
  const results = [measureFlood(false), measureFlood(true), measureClusterIp(false), measureClusterIp(true)];
  for (const r of results) console.log(`${r.name.padEnd(56)} ${Math.round(r.hopsPerSecond).toLocaleString('en-US').padStart(12)} hops/s   ${r.note}`);
  return 0;
}
