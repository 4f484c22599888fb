import type { Command } from '../../userland/host.ts';
import type { Cluster } from '../cluster.ts';
import { crictl } from './crictl.ts';
import { ctr } from './ctr.ts';
import { k3sTools } from './k3s.ts';

/** What a node has to look at its containers past the API. */
export const containerTools = (cluster: Cluster): readonly Command[] => [
  { name: 'ctr', models: 'containers ls, info; tasks ls; namespaces ls', notModelled: 'images, snapshots, anything that changes containers', run: (context) => ctr(cluster, context) },
  { name: 'crictl', models: 'ps, pods, images, inspect, inspectp, exec, logs, version', notModelled: 'stats, anything that changes containers', run: (context) => crictl(cluster, context) },
  ...((cluster.options.distribution ?? 'k3s') === 'k3s' ? k3sTools(cluster.options.version) : []),
];
