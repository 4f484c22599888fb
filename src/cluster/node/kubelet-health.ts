/** Read first: kubernetes.io/docs/reference/networking/ports-and-protocols. The kubelet's --healthz-port on 127.0.0.1, for its own machine. */
import type { Program } from '../../engine/sim/process.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import { LOOPBACK } from '../../engine/wire/addresses.ts';
import { goAnswer, goText, NOT_FOUND, pathOf } from './go-http.ts';
import { httpServer } from './http-responder.ts';

const HEALTHZ_PORT = 10248;

export const kubeletHealth = (kernel: Kernel, process: string): Program =>
  httpServer(kernel, process, HEALTHZ_PORT, (request) => goAnswer(pathOf(request) === '/healthz' ? goText('ok') : NOT_FOUND, kernel.clock.wallMillis()), LOOPBACK);
