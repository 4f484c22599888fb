import type { Command } from '../host.ts';
import { apt } from './apt/apt.ts';
import { awk } from './awk/awk.ts';
import { arp } from './net-tools/arp.ts';
import { brctl } from './brctl/brctl.ts';
import { bridge } from './bridge/bridge.ts';
import { conntrack } from './conntrack/conntrack.ts';
import { coreutils } from './coreutils/all.ts';
import { curl } from './curl/index.ts';
import { ethtool } from './ethtool/ethtool.ts';
import { editors } from './editors/editors.ts';
import { grep } from './grep/grep.ts';
import { ifconfig } from './net-tools/ifconfig.ts';
import { ip } from './ip/ip.ts';
import { iptables, iptablesLegacy } from './iptables/iptables.ts';
import { iptablesRestore, iptablesSave } from './iptables/save.ts';
import { jq } from './jq/jq.ts';
import { netstat, route } from './net-tools/route.ts';
import { lsns } from './lsns/lsns.ts';
import { nsenter } from './nsenter/nsenter.ts';
import { nft } from './nft/nft.ts';
import { ping } from './ping/index.ts';
import { power } from './power/power.ts';
import { procps } from './procps/procps.ts';
import { scp } from './scp/scp.ts';
import { sed } from './sed/sed.ts';
import { shells } from './shells/shells.ts';
import { multipass } from './multipass/multipass.ts';
import { ss } from './ss/ss.ts';
import { ssh } from './ssh/ssh.ts';
import { sysctl } from './sysctl/sysctl.ts';
import { tcpdump } from './tcpdump/index.ts';
import { users } from './users/users.ts';
import { arping } from './arping/index.ts';
import { dig } from './dig/index.ts';
import { host } from './host/index.ts';
import { nc } from './nc/index.ts';
import { nslookup } from './nslookup/index.ts';
import { tracepath } from './tracepath/index.ts';
import { traceroute } from './traceroute/index.ts';
import { wget } from './wget/index.ts';

/** Every command that a host may have, one line each (packages of small tools as a list). */
export const COMMANDS: readonly Command[] = [
  ...coreutils,
  ...shells,
  ...users,
  ...procps,
  ...power,
  nsenter,
  lsns,
  ethtool,
  jq,
  apt,
  ...editors,
  grep,
  sed,
  awk,
  ip,
  bridge,
  brctl,
  arp,
  route,
  netstat,
  ifconfig,
  ss,
  ssh,
  scp,
  sysctl,
  iptables,
  iptablesLegacy,
  iptablesSave,
  iptablesRestore,
  nft,
  conntrack,
  ping,
  curl,
  tcpdump,
  arping,
  dig,
  host,
  nc,
  nslookup,
  tracepath,
  traceroute,
  wget,
];

/** Those that only a machine with virtual machines has. */
export const HYPERVISOR_COMMANDS: readonly Command[] = [multipass];
