/** Read first: Documentation/networking/nf_conntrack-sysctl.rst. Models: net.netfilter.nf_conntrack_* as the state machines read them, in seconds. */
import type { Netns } from '../netns.ts';

export interface Timeouts {
  /** By enum tcp_conntrack. */
  readonly tcp: readonly number[];
  readonly tcpRetrans: number;
  readonly tcpUnack: number;
  readonly tcpMaxRetrans: number;
  readonly tcpLoose: boolean;
  readonly tcpBeLiberal: boolean;
  readonly tcpIgnoreInvalidRst: boolean;
  readonly udp: number;
  readonly udpStream: number;
  readonly icmp: number;
  readonly generic: number;
  readonly max: number;
}

const KEY = 'net.netfilter.nf_conntrack_';

/** Defaults of v6.1, seconds; also the fallback for keys a sysctl table does not know. */
export const DEFAULT_TIMEOUTS: Timeouts = {
  tcp: [0, 120, 60, 432000, 120, 60, 30, 120, 10, 120], tcpRetrans: 300, tcpUnack: 300, tcpMaxRetrans: 3, tcpLoose: true, tcpBeLiberal: false,
  tcpIgnoreInvalidRst: false, udp: 30, udpStream: 120, icmp: 30, generic: 600, max: 262144,
};

/** Read once per sysctl change; see Conntrack.sysctlChanged. */
export function readTimeouts(ns: Netns): Timeouts {
  const n = (name: string, fallback: number): number => {
    const text = ns.sysctl.get(KEY + name);
    return text === undefined ? fallback : Number(text);
  };
  const d = DEFAULT_TIMEOUTS;
  const tcp = ['', 'syn_sent', 'syn_recv', 'established', 'fin_wait', 'close_wait', 'last_ack', 'time_wait', 'close', 'syn_sent'].map((state, i) =>
    state === '' ? 0 : n(`tcp_timeout_${state}`, d.tcp[i] ?? 0));
  return {
    tcp, tcpRetrans: n('tcp_timeout_max_retrans', d.tcpRetrans), tcpUnack: n('tcp_timeout_unacknowledged', d.tcpUnack),
    tcpMaxRetrans: n('tcp_max_retrans', d.tcpMaxRetrans), tcpLoose: n('tcp_loose', 1) !== 0, tcpBeLiberal: n('tcp_be_liberal', 0) !== 0,
    tcpIgnoreInvalidRst: n('tcp_ignore_invalid_rst', 0) !== 0, udp: n('udp_timeout', d.udp), udpStream: n('udp_timeout_stream', d.udpStream),
    icmp: n('icmp_timeout', d.icmp), generic: n('generic_timeout', d.generic), max: n('max', d.max),
  };
}
