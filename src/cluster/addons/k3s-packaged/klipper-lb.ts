/**
 * What a ServiceLB pod does: forward a port of its own address to the Service.
 * Models: klipper-lb 0.3.5 entry (iptables calls, in that order). Not modelled: IPv6, several destinations.
 */
import type { Program } from '../../../engine/sim/process.ts';
import { plus, seconds } from '../../../engine/sim/time.ts';
import type { Kernel } from '../../../engine/uapi/kernel.ts';
import type { ProcessSpec } from '../../node/images.ts';
import { ensureRule } from '../kube-proxy/jumps.ts';

export function* klipperLb(spec: ProcessSpec, kernel: Kernel): Program {
  const get = (name: string): string => spec.env.get(name) ?? '';
  const [ip, port, proto] = [get('DEST_IPS'), get('DEST_PORT'), get('DEST_PROTO').toLowerCase()];
  kernel.sysctl.set('net.ipv4.ip_forward', '1');
  const to = ['-d', `${ip}/32`, '-p', proto, '-m', proto, '--dport', port];
  ensureRule(kernel.netfilter, 'append', 'filter', 'FORWARD', ['-d', `${ip}/32`, '-p', proto, '-m', proto, '--dport', port, '-j', 'DROP']);
  for (const range of get('SRC_RANGES').split(/[\s,]+/)) ensureRule(kernel.netfilter, 'prepend', 'filter', 'FORWARD', [...(range === '0.0.0.0/0' ? [] : ['-s', range]), ...to, '-j', 'ACCEPT']);
  ensureRule(kernel.netfilter, 'prepend', 'nat', 'PREROUTING', ['!', '-s', `${ip}/32`, '-p', proto, '-m', proto, '--dport', get('SRC_PORT'), '-j', 'DNAT', '--to-destination', `${ip}:${port}`]);
  ensureRule(kernel.netfilter, 'prepend', 'nat', 'POSTROUTING', ['-d', `${ip}/32`, '-p', proto, '-j', 'MASQUERADE']);
  for (;;) yield { until: plus(kernel.clock.now, seconds(86_400)) };
}
