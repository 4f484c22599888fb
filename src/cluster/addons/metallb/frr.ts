/** The containers of frr-k8s: they run, as pods of the published manifest do, and say what they do not do. */
import type { Program } from '../../../engine/sim/process.ts';
import { plus, seconds } from '../../../engine/sim/time.ts';
import type { Kernel } from '../../../engine/uapi/kernel.ts';
import type { ProcessSpec } from '../../node/images.ts';

export function* frrStandIn(spec: ProcessSpec, kernel: Kernel): Program {
  spec.log.write('BGP (FRR, frr-k8s) is not modelled in this lab: this container only waits.\n');
  for (;;) yield { until: plus(kernel.clock.now, seconds(86_400)) };
}
