/**
 * The backend of learnk8s' article on Services: one job title and the name of the pod that answers, as JSON.
 * Models: ghcr.io/learnk8s/jobs-api as seen from outside (PORT, 3000 by default). Not modelled: its other titles; the list here is short.
 */
import type { Program } from '../../engine/sim/process.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import { httpServer } from './http-responder.ts';
import type { Image, ProcessSpec } from './images.ts';

const JOBS = ['Chief Unicorn Wrangler', 'Supreme Commander of Stuff', 'Instructor at Learnk8s', 'Head of Rolling Updates', 'Keeper of the Last Replica', 'Principal YAML Gardener'];
const DEFAULT_PORT = 3000;

const jobsApi = (spec: ProcessSpec, kernel: Kernel): Program =>
  httpServer(kernel, 'node', Number(spec.env.get('PORT') ?? DEFAULT_PORT), ({ target, method }, peer) => {
    spec.log.write(`${method} ${target} from ${peer.address}\n`);
    const job = JOBS[spec.random.below(JOBS.length)] ?? '';
    return { status: 200, headers: [['Content-Type', 'application/json; charset=utf-8']], body: JSON.stringify({ job, pod: spec.host.hostname }) };
  });

export const JOBS_API: Image = {
  names: ['ghcr.io/learnk8s/jobs-api', 'docker.io/learnk8s/jobs-api'], version: '1.0.0', megabytes: 45,
  commands: ['sh', 'cat', 'ls', 'echo', 'env', 'grep', 'head', 'tail', 'wc', 'sleep', 'hostname', 'date', 'id', 'pwd', 'wget', 'nslookup', 'ping', 'ip', 'nc', 'netstat', 'which'],
  env: {}, files: { '/etc/alpine-release': '3.19.1\n' }, workingDir: '/app', main: jobsApi, defaultCommand: ['node', 'server.js'],
};
