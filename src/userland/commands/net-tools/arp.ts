/** Read first: arp(8), net-tools 2.10 arp.c. Not modelled: -f, -D, proxy entries, name lookups (names come from /etc/hosts only). */
import { ANY, formatIpv4, formatMac, type Ipv4, parseIpv4, parseMac } from '../../../engine/wire/addresses.ts';
import { STRERROR } from '../../../engine/uapi/errno.ts';
import type { Neighbour } from '../../../engine/uapi/rtnetlink.ts';
import { listedNeighbours } from '../../fs/proc-net.ts';
import type { Command, Context } from '../../host.ts';
import { catching, Exit, NOT_MODELLED, print } from '../kit.ts';
import { getopt, UsageError } from '../../text/getopt.ts';
import { addressOf, nameOf } from './names.ts';

const USAGE = `Usage:
  arp [-vn]  [<HW>] [-i <if>] [-a] [<hostname>]             <-Display ARP cache
  arp [-v]          [-i <if>] -d  <host> [pub]               <-Delete ARP entry
  arp [-vnD] [<HW>] [-i <if>] -f  [<filename>]            <-Add entry from file
  arp [-v]   [<HW>] [-i <if>] -s  <host> <hwaddr> [temp]            <-Add entry
  arp [-v]   [<HW>] [-i <if>] -Ds <host> <if> [netmask <nm>] pub          <-''-

        -a                       display (all) hosts in alternative (BSD) style
        -e                       display (all) hosts in default (Linux) style
        -s, --set                set a new ARP entry
        -d, --delete             delete a specified entry
        -v, --verbose            be verbose
        -n, --numeric            don't resolve names
        -i, --device             specify network interface (e.g. eth0)
        -D, --use-device         read <hwaddr> from given device
        -A, -p, --protocol       specify protocol family
        -f, --file               read new entries from file or from /etc/ethers

  <HW>=Use '-H <hw>' to specify hardware address type. Default: ether
  List of possible hardware types (which support ARP):
    ash (Ash) ether (Ethernet) ax25 (AMPR AX.25) 
    netrom (AMPR NET/ROM) rose (AMPR ROSE) arcnet (ARCnet) 
    dlci (Frame Relay DLCI) fddi (Fiber Distributed Data Interface) hippi (HIPPI) 
    irda (IrLAP) x25 (generic X.25) eui64 (Generic EUI-64) 
`;

export const arp: Command = {
  name: 'arp', models: '-a -e -n -v -i -d -s, a host', notModelled: '-f, -D, proxy ARP',
  complete: (host) => ['-a', '-n', '-na', '-i', '-d', '-s', ...host.kernel.netlink.links().map((l) => l.name)],
  *run(context) {
    return yield* catching(context, (function* () {
      return main(context);
    })());
  },
};

function main(context: Context): number {
  let options;
  try {
    options = getopt(context.args.slice(1), { short: 'A:H:adfp:nsei:t:vhDNV', long: { numeric: 'n', delete: 'd', set: 's', verbose: 'v', device: 'i:', 'use-device': 'D', file: 'f', version: 'V', help: 'h' } });
  } catch (error) {
    if (error instanceof UsageError) throw new Exit(3, `arp: ${error.message}\n${USAGE}`);
    throw error;
  }
  if (options.has('h')) throw new Exit(3, USAGE);
  if (options.has('V')) {
    print(context, 'net-tools 2.10-alpha\n');
    return 0;
  }
  if (options.has('f') || options.has('D')) throw new Exit(1, `arp: -f and -D are ${NOT_MODELLED}\n`);
  const dev = options.value('i');
  if (options.has('d')) return remove(context, options.rest, dev);
  if (options.has('s')) return set(context, options.rest, dev);
  const [name] = options.rest;
  let only: Ipv4 | undefined;
  if (name !== undefined) {
    only = parseIpv4(name) ?? addressOf(context, name);
    if (only === undefined) throw new Exit(255, `${name}: Unknown host\n`);
  }
  const all = listedNeighbours(context.kernel);
  const shown = all.filter((n) => (only === undefined || n.ip === only) && (dev === undefined || n.dev === dev));
  const numeric = options.has('n');
  if (options.has('a')) for (const n of shown) print(context, bsdLine(context, n, numeric));
  else if (shown.length > 0) {
    print(context, 'Address                  HWtype  HWaddress           Flags Mask            Iface\n');
    for (const n of shown) print(context, linuxLine(context, n, numeric));
  }
  if (options.has('v')) print(context, `Entries: ${all.length}\tSkipped: ${all.length - shown.length}\tFound: ${shown.length}\n`);
  if (shown.length === 0 && !options.has('v')) {
    if (name !== undefined && !options.has('a')) print(context, `${name} (${formatIpv4(only ?? ANY)}) -- no entry\n`);
    else if (only !== undefined || dev !== undefined) print(context, `arp: in ${all.length} entries no match found.\n`);
  }
  return 0;
}

const complete = (n: Neighbour): boolean => n.mac !== undefined && n.state !== 'INCOMPLETE' && n.state !== 'FAILED';

function bsdLine(context: Context, n: Neighbour, numeric: boolean): string {
  const name = numeric ? undefined : nameOf(context, n.ip);
  const address = complete(n) && n.mac !== undefined ? `${formatMac(n.mac)} [ether]${n.state === 'PERMANENT' ? ' PERM' : ''}` : '<incomplete>';
  return `${name ?? '?'} (${formatIpv4(n.ip)}) at ${address} on ${n.dev}\n`;
}

function linuxLine(context: Context, n: Neighbour, numeric: boolean): string {
  const name = ((numeric ? undefined : nameOf(context, n.ip)) ?? formatIpv4(n.ip)).slice(0, 23).padEnd(23);
  if (!complete(n) || n.mac === undefined) return `${name}  ${' '.repeat(6)}  ${'(incomplete)'.padEnd(42)}${n.dev}\n`;
  return `${name}  ether   ${formatMac(n.mac).padEnd(18)}  ${(n.state === 'PERMANENT' ? 'CM' : 'C').padEnd(22)}${n.dev}\n`;
}

function remove(context: Context, rest: readonly string[], dev: string | undefined): number {
  const [name] = rest;
  if (name === undefined) throw new Exit(255, 'arp: need host name\n');
  const ip = parseIpv4(name) ?? addressOf(context, name);
  if (ip === undefined) throw new Exit(255, `${name}: Unknown host\n`);
  const found = listedNeighbours(context.kernel).find((n) => n.ip === ip && (dev === undefined || n.dev === dev));
  if (found === undefined) {
    // arp_req_delete asks for a route without a gateway (RTO_ONLINK).
    const route = context.kernel.netlink.getRoute({ dst: ip });
    if (dev === undefined && (!route.ok || route.value.via !== undefined)) throw new Exit(255, `SIOCDARP(dontpub): ${STRERROR.ENETUNREACH}\n`);
    print(context, `No ARP entry for ${name}\n`);
    return 255;
  }
  if (context.user !== 'root') throw new Exit(255, `SIOCDARP(dontpub): ${STRERROR.EPERM}\n`);
  context.kernel.netlink.delNeighbour(found.dev, ip);
  return 0;
}

function set(context: Context, rest: readonly string[], dev: string | undefined): number {
  const [name, address, flag] = rest;
  if (name === undefined) throw new Exit(255, 'arp: need host name\n');
  const ip = parseIpv4(name) ?? addressOf(context, name);
  if (ip === undefined) throw new Exit(255, `${name}: Unknown host\n`);
  if (address === undefined) throw new Exit(255, 'arp: need hardware address\n');
  const mac = parseMac(address);
  if (mac === undefined) throw new Exit(255, 'arp: invalid hardware address\n');
  if (context.user !== 'root') throw new Exit(255, `SIOCSARP: ${STRERROR.EPERM}\n`);
  const route = context.kernel.netlink.getRoute({ dst: ip });
  const device = dev ?? (route.ok && route.value.via === undefined ? route.value.dev : undefined);
  if (device === undefined || (route.ok && route.value.type === 'local')) throw new Exit(255, `SIOCSARP: ${STRERROR[route.ok ? 'EINVAL' : 'ENETUNREACH']}\n`);
  const made = context.kernel.netlink.newNeighbour({ dev: device, ip, mac, state: flag === 'temp' ? 'REACHABLE' : 'PERMANENT' }, 'replace');
  if (!made.ok) throw new Exit(255, `SIOCSARP: ${STRERROR[made.error.errno]}\n`);
  return 0;
}
