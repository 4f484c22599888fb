/** A flow: what clients do, one after the other. The kernel's side is agent.py, the lab's is lab-flow.ts. */

interface Base {
  /** Namespace by its name in the export. */
  readonly ns: string;
  readonly dst: string;
  /** First bytes of the payload: the packet is known by them. */
  readonly tag: string;
  readonly size: number;
  /** Milliseconds. */
  readonly timeout: number;
}

export interface TcpAction extends Base {
  readonly kind: 'tcp';
  readonly sport: number;
  readonly dport: number;
  /** What to do after the answer came: close (default), reset, or hold until the flow's end. */
  readonly end?: 'close' | 'reset' | 'hold';
}

export interface UdpAction extends Base {
  readonly kind: 'udp';
  readonly sport: number;
  readonly dport: number;
  readonly df: boolean;
}

export interface PingAction extends Base {
  readonly kind: 'ping';
  readonly id: number;
  readonly ttl: number;
  readonly df: boolean;
}

export type Action = TcpAction | UdpAction | PingAction;

export interface Flow {
  readonly name: string;
  readonly actions: readonly Action[];
}

/** Runs longer than the kernel's three ARP requests, a second apart. */
export const ARP_PATIENCE = 3600;
export const PATIENCE = 600;
