/** What is modelled and what is not, from the records that the code itself works by. */
import { ABSENT_KINDS, KINDS } from '../cluster/api/kinds.ts';
import { IMAGES } from '../cluster/node/images.ts';
import { ALL_MATCHES } from '../engine/kernel/netfilter/all-matches.ts';
import { ALL_TARGETS } from '../engine/kernel/netfilter/all-targets.ts';
import { ABSENT_IN_NETSHOOT, ABSENT_ON_MACHINES } from '../userland/commands/absent/absent.ts';
import { COMMANDS, HYPERVISOR_COMMANDS } from '../userland/commands/all.ts';
import type { CoverageItem } from '../worker/protocol.ts';
import MODELS from './models.json' with { type: 'json' };

export function coverage(): readonly CoverageItem[] {
  return [
    ...MODELS,
    ...[...COMMANDS, ...HYPERVISOR_COMMANDS, ...ABSENT_ON_MACHINES, ...ABSENT_IN_NETSHOOT.filter((c) => !ABSENT_ON_MACHINES.some((m) => m.name === c.name))].map((c): CoverageItem => ({ subsystem: 'Commands', name: c.name, models: c.models, notModelled: c.notModelled ?? '' })),
    ...ALL_MATCHES.map((m): CoverageItem => ({ subsystem: 'iptables matches', name: m.name, models: m.models, notModelled: m.notModelled })),
    ...ALL_TARGETS.map((t): CoverageItem => ({ subsystem: 'iptables targets', name: t.name, models: t.models, notModelled: t.notModelled })),
    ...KINDS.map((k): CoverageItem => ({ subsystem: 'Kubernetes objects', name: k.kind, models: k.inert === true ? 'kept and shown' : 'stored, validated and acted upon', notModelled: k.inert === true ? 'any effect' : '' })),
    ...[...ABSENT_KINDS].map(([kind, versions]): CoverageItem => ({ subsystem: 'Kubernetes objects', name: kind, models: '', notModelled: `${versions.join(', ')}: refused by name` })),
    ...IMAGES.map((i): CoverageItem => ({ subsystem: 'Container images', name: i.names[0] ?? '', models: [i.version, ...i.names.slice(1)].join(', '), notModelled: '' })),
  ];
}
