/**
 * Whatever was done to a cluster, and in whatever order: once it is quiet, a node shows what a node of a cluster shows that was made with the
 * objects there are now. FAST_CHECK_SEED picks another run; a failure prints the shortest list of commands that fast-check found.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Live, shown, type Do } from './testing/any-order.ts';

const SEED = Number(process.env['FAST_CHECK_SEED'] ?? 20_240_529);
const RUNS = Number(process.env['FAST_CHECK_RUNS'] ?? 40);
const LIMIT_MS = Number(process.env['FAST_CHECK_LIMIT'] ?? 30_000);

const app = fc.constantFrom('red', 'blue');
const name = fc.constantFrom('a', 'b', 'c');
const node = fc.nat(2);
const replicas = fc.nat(4);
const PORTS = [
  'ports: [{port: 80}]', 'ports: [{port: 80, targetPort: web}]', 'ports: [{name: http, port: 8080, targetPort: 80}, {name: other, port: 81, protocol: UDP, targetPort: 53}]',
  'ports: [{port: 80}], sessionAffinity: ClientIP', 'ports: [{port: 80}], externalIPs: [203.0.113.77]', 'ports: [{port: 80}], publishNotReadyAddresses: true', 'ports: [{port: 80, protocol: SCTP}]',
];
const PATCHES = [
  '{"spec":{"type":"ClusterIP"}}', '{"spec":{"type":"NodePort"}}', '{"spec":{"type":"LoadBalancer"}}', '{"spec":{"externalTrafficPolicy":"Local"}}', '{"spec":{"externalTrafficPolicy":"Cluster"}}',
  '{"spec":{"internalTrafficPolicy":"Local"}}', '{"spec":{"internalTrafficPolicy":"Cluster"}}', '{"spec":{"sessionAffinity":"ClientIP"}}', '{"spec":{"selector":{"app":"blue"}}}',
  '{"spec":{"loadBalancerSourceRanges":["192.0.2.0/24"]}}', '{"metadata":{"labels":{"service.kubernetes.io/service-proxy-name":"other"}}}', '{"spec":{"ports":[{"port":80,"targetPort":8080}]}}',
];

const command: fc.Arbitrary<Do> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('service' as const), name, app, type: fc.constantFrom('ClusterIP' as const, 'NodePort' as const, 'LoadBalancer' as const), external: fc.boolean(), internal: fc.boolean(), more: fc.constantFrom(...PORTS) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('patch' as const), name, patch: fc.constantFrom(...PATCHES) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('vip' as const), name, ip: fc.constantFrom('203.0.113.9', '203.0.113.10', undefined) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('deployment' as const), app, replicas }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('scale' as const), app, replicas }) },
  { weight: 2, arbitrary: fc.constantFrom('delete service a', 'delete service b', 'delete deployment red', 'cordon vm2', 'uncordon vm2', 'cordon vm3', 'label node vm1 topology.kubernetes.io/zone=x --overwrite', 'rollout restart deployment red', 'delete endpoints a')
    .map((line) => ({ do: 'kubectl' as const, line })) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete pod' as const), index: fc.nat(7), force: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('readiness' as const), index: fc.nat(7) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lose slice' as const), service: name }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('route' as const), node }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('peer route' as const), node }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('flush chain' as const), node, chain: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('flush' as const), node }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('power' as const), node }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.constantFrom(0.02, 0.4, 1, 3, 20, 60, 400) }) },
);

it('nodes end as if made at once from the objects that are left', () => {
  process.stderr.write(`any order: seed ${SEED}, up to ${RUNS} runs\n`);
  fc.assert(fc.property(fc.array(command, { maxLength: 14, size: 'max' }), (commands) => {
    const live = new Live();
    for (const c of commands) live.run(c);
    live.settle();
    const fresh = live.fromScratch();
    for (const [name, machine] of fresh.machines) {
      const loose = live.flushed.has(name);
      const now = shown(live.host(name), loose);
      expect({ node: name, ...now }).toEqual({ node: name, ...shown(machine, loose) });
    }
  }), { seed: SEED, numRuns: RUNS, interruptAfterTimeLimit: LIMIT_MS, verbose: 1 });
}, 4 * LIMIT_MS);
