/** The presets of `topology.preset`. To add one: a file with a schema and a build function, and a line in each of these. */
import * as v from 'valibot';
import type { World } from '../../engine/kernel/world.ts';
import { K3sThreeNodes, buildK3sThreeNodes } from './k3s-three-nodes.ts';
import { Kind, buildKind } from './kind/kind.ts';
import { Lan, buildLan } from './lan.ts';
import type { BuiltTopology } from './topology.ts';

export const Topology = v.variant('preset', [K3sThreeNodes, Kind, Lan]);
export type TopologySpec = v.InferOutput<typeof Topology>;

/** Builds and configures the machines. `nowMillis`: wall clock when the learner takes over, ms since 1970. */
export function buildTopology(world: World, spec: TopologySpec, nowMillis: number): BuiltTopology {
  const built = ((): BuiltTopology => {
    switch (spec.preset) {
      case 'k3s-three-nodes': return buildK3sThreeNodes(world, spec, nowMillis);
      case 'kind': return buildKind(world, spec, nowMillis);
      case 'lan': return buildLan(world, spec, nowMillis);
    }
  })();
  for (const { machine, configure } of built.machines) configure(machine.handle());
  return built;
}
