/** Every match: one folder and one line each. */
import type { MatchExtension } from './extension.ts';
import { addrtype } from './matches/addrtype/addrtype.ts';
import { comment } from './matches/comment/comment.ts';
import { connmark } from './matches/connmark/connmark.ts';
import { conntrack } from './matches/conntrack/conntrack.ts';
import { dscp } from './matches/dscp/dscp.ts';
import { icmp } from './matches/icmp/icmp.ts';
import { iprange } from './matches/iprange/iprange.ts';
import { length } from './matches/length/length.ts';
import { limit } from './matches/limit/limit.ts';
import { mac } from './matches/mac/mac.ts';
import { mark } from './matches/mark/mark.ts';
import { multiport } from './matches/multiport/multiport.ts';
import { owner } from './matches/owner/owner.ts';
import { physdev } from './matches/physdev/physdev.ts';
import { pkttype } from './matches/pkttype/pkttype.ts';
import { recent } from './matches/recent/recent.ts';
import { sctp } from './matches/sctp/sctp.ts';
import { state } from './matches/state/state.ts';
import { statistic } from './matches/statistic/statistic.ts';
import { tcp } from './matches/tcp/tcp.ts';
import { tos } from './matches/tos/tos.ts';
import { ttl } from './matches/ttl/ttl.ts';
import { udp } from './matches/udp/udp.ts';

export const ALL_MATCHES: readonly MatchExtension[] = [
  addrtype, comment, connmark, conntrack, dscp, icmp, iprange, length, limit, mac, mark, multiport, owner, physdev, pkttype, recent, sctp, state, statistic,
  tcp, tos, ttl, udp,
];

/** Known to the real tool, absent here. */
export const NOT_MODELLED_MATCHES: readonly string[] = [
  'set', 'ah', 'bpf', 'cgroup', 'cluster', 'connbytes', 'connlabel', 'connlimit', 'cpu', 'dccp', 'devgroup', 'ecn', 'esp', 'hashlimit', 'helper', 'ipvs', 'nfacct',
  'osf', 'policy', 'quota', 'rateest', 'realm', 'rpfilter', 'socket', 'string', 'tcpmss', 'time', 'u32', 'unclean',
];

const BY_NAME: ReadonlyMap<string, MatchExtension> = new Map(ALL_MATCHES.map((m) => [m.name, m]));
export const matchNamed = (name: string): MatchExtension | undefined => BY_NAME.get(name);
