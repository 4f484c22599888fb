/**
 * Readiness probes, for real: the kubelet connects from the node's own namespace.
 * Models: pkg/kubelet/prober, pkg/probe/{http,tcp} (v1.29). Not modelled: probing after the first success (so that an idle lab is silent), exec
 * and gRPC probes (an exec probe counts as ready), HTTPS.
 */
import { plus, seconds, type Nanos } from '../../engine/sim/time.ts';
import type { Wait } from '../../engine/sim/process.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import { fromLatin1, latin1 } from '../../engine/wire/bytes.ts';
import type { Ipv4 } from '../../engine/wire/addresses.ts';
import { formatIpv4 } from '../../engine/wire/addresses.ts';
import { STRERROR } from '../../engine/uapi/errno.ts';
import type { Pod } from '../api/kinds.ts';
import type { Container, Probe } from '../api/pod.ts';

export type ProbeResult = { readonly ok: true } | { readonly ok: false; readonly message: string };

export function probePort(pod: Pod, container: Container, port: number | string): number | undefined {
  if (typeof port === 'number') return port;
  return container.ports?.find((p) => p.name === port)?.containerPort ?? pod.spec.containers.flatMap((c) => c.ports ?? []).find((p) => p.name === port)?.containerPort;
}

/** One attempt. */
export function* runProbe(kernel: Kernel, probe: Probe, ip: Ipv4, port: number): Generator<Wait, ProbeResult, void> {
  const deadline: Nanos = plus(kernel.clock.now, seconds(probe.timeoutSeconds ?? 1));
  const socket = kernel.sockets.tcp();
  const where = `${formatIpv4(ip)}:${port}`;
  const path = probe.httpGet?.path ?? '/';
  const failed = (why: string): ProbeResult => ({ ok: false, message: probe.httpGet === undefined ? `dial tcp ${where}: ${why}` : `Get "http://${where}${path}": dial tcp ${where}: ${why}` });
  const started = socket.connect({ address: ip, port });
  if (!started.ok) return failed(`connect: ${STRERROR[started.error.errno].toLowerCase()}`);
  while (socket.state === 'SYN_SENT') {
    if (kernel.clock.now >= deadline) {
      socket.close();
      return failed('i/o timeout (Client.Timeout exceeded while awaiting headers)');
    }
    yield { on: [socket.writable, socket.readable], until: deadline };
  }
  const error = socket.takeError();
  if (error !== undefined || socket.state !== 'ESTABLISHED') {
    socket.close();
    return failed(`connect: ${STRERROR[error ?? 'ECONNREFUSED'].toLowerCase()}`);
  }
  if (probe.httpGet === undefined) {
    socket.setLingerZero();
    socket.close();
    return { ok: true };
  }
  const headers = (probe.httpGet.httpHeaders ?? []).map((h) => `${h.name}: ${h.value}\r\n`).join('');
  socket.send(fromLatin1(`GET ${path} HTTP/1.1\r\nHost: ${probe.httpGet.host ?? where}\r\nUser-Agent: kube-probe/1.29\r\n${headers}Accept: */*\r\nConnection: close\r\n\r\n`));
  let text = '';
  for (;;) {
    const chunk = socket.recv();
    if (chunk instanceof Uint8Array) text += latin1(chunk);
    const status = /^HTTP\/1\.[01] (\d{3})[^\n]*\n/.exec(text)?.[1];
    if (status !== undefined) {
      socket.close();
      const code = Number(status);
      return code >= 200 && code < 400 ? { ok: true } : { ok: false, message: `HTTP probe failed with statuscode: ${code}` };
    }
    if (chunk === 'eof' || kernel.clock.now >= deadline || (chunk === undefined && socket.takeError() !== undefined)) {
      socket.close();
      return { ok: false, message: `Get "http://${where}${path}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)` };
    }
    if (chunk === undefined) yield { on: [socket.readable], until: deadline };
  }
}
