/** Every target that is not a verdict: one folder and one line each. */
import type { TargetExtension } from './extension.ts';
import { CONNMARK } from './targets/CONNMARK/CONNMARK.ts';
import { CT } from './targets/CT/CT.ts';
import { DNAT } from './targets/DNAT/DNAT.ts';
import { DSCP } from './targets/DSCP/DSCP.ts';
import { LOG } from './targets/LOG/LOG.ts';
import { MARK } from './targets/MARK/MARK.ts';
import { MASQUERADE } from './targets/MASQUERADE/MASQUERADE.ts';
import { NFLOG } from './targets/NFLOG/NFLOG.ts';
import { NOTRACK } from './targets/NOTRACK/NOTRACK.ts';
import { REDIRECT } from './targets/REDIRECT/REDIRECT.ts';
import { REJECT } from './targets/REJECT/REJECT.ts';
import { SNAT } from './targets/SNAT/SNAT.ts';
import { TCPMSS } from './targets/TCPMSS/TCPMSS.ts';
import { TOS } from './targets/TOS/TOS.ts';
import { TRACE } from './targets/TRACE/TRACE.ts';
import { TTL } from './targets/TTL/TTL.ts';

export const ALL_TARGETS: readonly TargetExtension[] = [
  CONNMARK, CT, DNAT, DSCP, LOG, MARK, MASQUERADE, NFLOG, NOTRACK, REDIRECT, REJECT, SNAT, TCPMSS, TOS, TRACE, TTL,
];

/** Known to the real tool, absent here. */
export const NOT_MODELLED_TARGETS: readonly string[] = [
  'AUDIT', 'CHECKSUM', 'CLASSIFY', 'CLUSTERIP', 'CONNSECMARK', 'ECN', 'HMARK', 'IDLETIMER', 'LED', 'NETMAP', 'NFQUEUE', 'QUEUE', 'RATEEST', 'SECMARK', 'SET', 'SYNPROXY', 'TCPOPTSTRIP',
  'TEE', 'TPROXY', 'ULOG',
];

const BY_NAME: ReadonlyMap<string, TargetExtension> = new Map(ALL_TARGETS.map((t) => [t.name, t]));
export const targetNamed = (name: string): TargetExtension | undefined => BY_NAME.get(name);
