/** Packet hops per second (a packet received by a device counts one), a large cluster, many Services. Figures of one run on one machine; compare the ratios. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { flood } from '../lab/bench/flood.ts';
import { idleServices } from '../lab/bench/idle-services.ts';
import { replicas, scale } from '../lab/bench/scale.ts';
import { Inspector } from '../lab/inspector.ts';
import { readArgs } from './arguments.ts';
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

/** Wall time of applying to a live cluster, and the longest single event: a worker cannot answer while one runs. */
function measureScale(): readonly string[] {
  let longest = 0;
  const timed = (what: () => void): number => {
    const started = performance.now();
    what();
    return performance.now() - started;
  };
  const step = (event: () => void): void => {
    longest = Math.max(longest, timed(event));
  };
  const world = scale(10);
  const pods = timed(() => world.pods(200, step));
  const services = timed(() => world.services(500, step));
  const longestApplying = longest;
  longest = 0;
  const one = timed(() => world.services(501, step));
  const { endpoints, rules } = world.check();
  if (endpoints < 1000) throw new Error(`only ${endpoints} ready endpoints`);
  return [
    `10 nodes: 200 pods, then 500 Services applied    ${ms(pods)} + ${ms(services)}   wanted: under 5 s; longest event ${ms(longestApplying)}; ${rules} nat rules a node`,
    `  one Service more                               ${ms(one)}   longest event ${ms(longest)}`,
  ];
}

/** What a pod costs when a Deployment is scaled, in a small and in a large step. */
function measureReplicas(): string {
  replicas().scale(50);
  const each = [50, 200].map((count) => {
    const { scale: to } = replicas();
    const started = process.cpuUsage();
    to(count);
    const { user, system } = process.cpuUsage(started);
    return (user + system) / 1000 / count;
  });
  const [few = 0, many = 0] = each;
  return `Scaling to 200 replicas, a pod's share, against 50`.padEnd(64) + `${(many / few).toFixed(2)} x   ${few.toFixed(1)} and ${many.toFixed(1)} ms, traced`;
}

const LOOKS = 200;

/** The same early steps, looked at in either direction, in a run that is ten times as long; and what a run keeps in memory. */
function measureLongRun(): readonly string[] {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  const heap = (): number => {
    if (typeof collect === 'function') collect();
    return process.memoryUsage().heapUsed;
  };
  const lab = openFromDisk('k3s-clusterip', {});
  const inspector = new Inspector(lab);
  const ns = lab.machines.get('vm2')?.kernel.nsId ?? 0;
  const request = (times: number): void => {
    for (let i = 0; i < times; i++) lab.exec('test-pod', 'curl -s -o /dev/null http://10.43.180.238');
    inspector.catchUp();
  };
  const look = (): number => {
    let best = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 5; round++) {
      const started = performance.now();
      for (let i = 0; i < LOOKS; i++) inspector.step(lab.start + (i < LOOKS / 2 ? i : LOOKS - i));
      inspector.tables(ns, lab.start + LOOKS);
      best = Math.min(best, (performance.now() - started) * 1000 / LOOKS);
    }
    return best;
  };
  request(30);
  look();
  const short = look();
  const [bytes, steps] = [heap(), lab.steps.length];
  request(270);
  const long = look();
  const kept = (heap() - bytes) / (lab.steps.length - steps);
  return [
    `A step back or forth in a run ten times as long`.padEnd(64) + `${(long / short).toFixed(2)} x   ${short.toFixed(0)} and ${long.toFixed(0)} us`,
    `Memory that a run keeps`.padEnd(64) + `${kept.toFixed(0)} bytes a step, tables of ${(lab.steps.length / 1000).toFixed(0)} thousand steps included`,
  ];
}

const PACKETS = 250;

/** The first packet of a flow to a Service, with none and with 500 others. Short rounds: the best of them met no neighbour on this machine. */
function measureIdle(trace: boolean, by: 'cluster IP' | 'node port'): string {
  const worlds = [idleServices(0, { trace }), idleServices(500, { trace })];
  const best = worlds.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < 40; round++) {
    worlds.forEach((world, i) => {
      const started = performance.now();
      if (world.run(by, PACKETS) !== PACKETS) throw new Error('datagrams were lost');
      best[i] = Math.min(best[i] ?? 0, ((performance.now() - started) * 1000) / PACKETS);
    });
  }
  const [alone = 0, among = 0] = best;
  return `A new flow by ${by} among 500 idle Services, ${trace ? 'traced' : 'untraced'}`.padEnd(64) + `${(among / alone).toFixed(2)} x   ${alone.toFixed(1)} and ${among.toFixed(1)} us; wanted: at most 1.5 x`;
}

const ms = (span: number): string => `${Math.round(span)} ms`;

export async function run(args: readonly string[]): Promise<number> {
  readArgs(args, {});
  const results = [measureFlood(false), measureFlood(true), measureClusterIp(false), measureClusterIp(true)];
  for (const r of results) console.log(`${r.name.padEnd(56)} ${Math.round(r.hopsPerSecond).toLocaleString('en-US').padStart(12)} hops/s   ${r.note}`);
  for (const line of measureScale()) console.log(line);
  console.log(measureReplicas());
  for (const line of measureLongRun()) console.log(line);
  for (const trace of [false, true]) for (const by of ['cluster IP', 'node port'] as const) console.log(measureIdle(trace, by));
  return 0;
}
