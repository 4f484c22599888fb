/**
 * ip of busybox: the listings of addresses, links and routes look otherwise; changes go iproute2's way.
 * Models: busybox 1.36 networking/libiproute/{ipaddress,iproute}.c. A veth's end elsewhere has no flags here, so it counts as down (M-DOWN).
 * Not modelled: ip rule, ip tunnel, ip neigh as busybox words them.
 */
import { formatIpv4, formatMac, formatPrefix } from '../../../engine/wire/addresses.ts';
import type { Link } from '../../../engine/uapi/rtnetlink.ts';
import type { Context } from '../../host.ts';
import { inet6Of } from '../../text/inet6.ts';
import { Exit, print } from '../kit.ts';
import { linkFlags, linkName, operState } from './link-text.ts';

export const isBusybox = (context: Context): boolean => context.host.versions?.['ip'] === 'busybox';

const OPTIONS = /^-(?:[046os]|f(?:amily)?|stats|oneline)$/;
const USAGE = `BusyBox v1.36.1 () multi-call binary.

Usage: ip [OPTIONS] address|route|link|tunnel|neigh|rule [ARGS]

OPTIONS := -f[amily] inet|inet6|link | -o[neline]
`;

const FOREVER = '       valid_lft forever preferred_lft forever\n';

function linkLines(link: Link, links: readonly Link[]): string {
  const lower = link.link === undefined ? undefined : link.link.netns === undefined ? links.find((l) => l.ifindex === link.link?.ifindex) : undefined;
  const flags = linkFlags(link) + (link.link !== undefined && lower?.up !== true ? ',M-DOWN' : '');
  const queue = link.kind === 'nic' ? 'fq_codel' : 'noqueue';
  const kind = link.kind === 'loopback' ? 'loopback' : 'ether';
  return `${link.ifindex}: ${linkName(link)}: <${flags}> mtu ${link.mtu} qdisc ${queue} ${link.master === undefined ? '' : `master ${link.master} `}state ${operState(link)} ${link.txQueueLen === 0 ? '' : `qlen ${link.txQueueLen}`}\n`
    + `    link/${kind} ${formatMac(link.mac)} brd ${link.kind === 'loopback' ? '00:00:00:00:00:00' : 'ff:ff:ff:ff:ff:ff'}\n`;
}

function addressLines(context: Context, link: Link): string {
  const v4 = context.kernel.netlink.addresses().filter((a) => a.ifindex === link.ifindex)
    .map((a) => `    inet ${formatIpv4(a.address)}/${a.prefixLength}${a.broadcast === undefined ? '' : ` brd ${formatIpv4(a.broadcast)}`} scope ${a.scope} ${a.label}\n${FOREVER}`);
  return [...v4, ...inet6Of(link).map((a) => `    inet6 ${a.address}/${a.prefixLength} scope ${a.scope} \n${FOREVER}`)].join('');
}

function routeLines(context: Context): string {
  return context.kernel.netlink.routes().filter((r) => r.type === undefined || r.type === 'unicast').map((r) => {
    const [hop] = r.nexthops;
    return `${r.dst.length === 0 ? 'default' : r.dst.length === 32 ? formatIpv4(r.dst.address) : formatPrefix(r.dst)} ${hop?.via === undefined ? '' : `via ${formatIpv4(hop.via)} `}${hop?.dev === undefined ? '' : `dev ${hop.dev} `}`
      + `${r.scope === 'universe' ? '' : `scope ${r.scope} `}${r.prefSrc === undefined ? '' : ` src ${formatIpv4(r.prefSrc)} `}${r.priority === 0 ? '' : ` metric ${r.priority} `}\n`;
  }).join('');
}

/** Prints a listing; false: not one of these, iproute2's code goes on. */
export function busyboxIp(context: Context, args: readonly string[]): boolean {
  const wrong = args.find((a, i) => a.startsWith('-') && !OPTIONS.test(a) && args.slice(0, i).every((b) => b.startsWith('-')));
  if (wrong !== undefined) throw new Exit(1, `ip: ${wrong.startsWith('--') ? `unrecognized option '${wrong}'` : `invalid option -- '${wrong.charAt(1)}'`}\n${USAGE}`);
  const [object = '', command = 'show', ...rest] = args.filter((a) => !a.startsWith('-'));
  if (object === '') throw new Exit(1, USAGE);
  if (!['show', 'list', 'sh', 's', 'l', 'ls', 'lst'].some((w) => w === command || (w.length > 2 && w.startsWith(command)))) return false;
  const dev = rest.filter((w) => w !== 'dev').at(0);
  const links = context.kernel.netlink.links().filter((l) => dev === undefined || l.name === dev);
  if (dev !== undefined && links.length === 0 && !'route'.startsWith(object)) throw new Exit(1, `ip: can't find device '${dev}'\n`);
  if ('address'.startsWith(object)) print(context, links.map((l) => linkLines(l, context.kernel.netlink.links()) + addressLines(context, l)).join(''));
  else if ('link'.startsWith(object)) print(context, links.map((l) => linkLines(l, context.kernel.netlink.links())).join(''));
  else if ('route'.startsWith(object) && rest.length === 0) print(context, routeLines(context));
  else return false;
  return true;
}
