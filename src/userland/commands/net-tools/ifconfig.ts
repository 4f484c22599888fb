/** Read first: ifconfig(8), net-tools 2.10 lib/interface.c. Not modelled: IPv6, aliases, multicast and media options. */
import { ANY, formatIpv4, formatMac, ipv4, type Ipv4, maskOf, parseCidr, parseIpv4, parseMac } from '../../../engine/wire/addresses.ts';
import { STRERROR } from '../../../engine/uapi/errno.ts';
import type { Link } from '../../../engine/uapi/rtnetlink.ts';
import type { Ack } from '../../../engine/uapi/rtnetlink.ts';
import type { Command, Context } from '../../host.ts';
import { catching, Exit, print } from '../kit.ts';

function flagsOf(link: Link): { readonly value: number; readonly names: string; readonly short: string } {
  const loop = link.kind === 'loopback';
  const bits: (readonly [boolean, number, string, string])[] = [
    [link.up, 1, 'UP', 'U'], [!loop, 2, 'BROADCAST', 'B'], [loop, 8, 'LOOPBACK', 'L'], [link.up && link.carrier, 0x40, 'RUNNING', 'R'], [link.noArp, 0x80, 'NOARP', 'O'],
    [link.promiscuity > 0 && link.port === undefined, 0x100, 'PROMISC', 'P'], [!loop, 0x1000, 'MULTICAST', 'M'],
  ];
  const on = bits.filter(([set]) => set);
  const order = 'BDFLPMORU'; // net-tools' order of letters
  return { value: on.reduce((n, [, bit]) => n + bit, 0), names: on.map(([, , name]) => name).join(','), short: on.map(([, , , s]) => s).sort((a, b) => order.indexOf(a) - order.indexOf(b)).join('') };
}

function size(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let n = bytes;
  let u = 0;
  while (n >= 1024 && u < units.length - 1) {
    n /= 1024;
    u++;
  }
  return `${n.toFixed(1)} ${units[u] ?? ''}`;
}

function block(context: Context, link: Link): string {
  const flags = flagsOf(link);
  const loop = link.kind === 'loopback';
  let text = `${link.name}: flags=${flags.value}<${flags.names}>  mtu ${link.mtu}\n`;
  const [address] = context.kernel.netlink.addresses().filter((a) => a.ifindex === link.ifindex);
  if (address !== undefined) text += `        inet ${formatIpv4(address.address)}  netmask ${formatIpv4(ipv4(maskOf(address.prefixLength)))}${loop ? '' : `  broadcast ${formatIpv4(address.broadcast ?? ANY)}`}\n`;
  text += loop ? `        loop  txqueuelen ${link.txQueueLen}  (Local Loopback)\n` : `        ether ${formatMac(link.mac)}  txqueuelen ${link.txQueueLen}  (Ethernet)\n`;
  const s = link.stats;
  text += `        RX packets ${s.rxPackets}  bytes ${s.rxBytes} (${size(s.rxBytes)})\n        RX errors ${s.rxErrors}  dropped ${s.rxDropped}  overruns 0  frame 0\n`;
  text += `        TX packets ${s.txPackets}  bytes ${s.txBytes} (${size(s.txBytes)})\n        TX errors ${s.txErrors}  dropped ${s.txDropped} overruns 0  carrier 0  collisions 0\n\n`;
  return text;
}

/** `netstat -i`, `ifconfig -s`. */
export function interfaceTable(context: Context, all: boolean, netstat: boolean): string {
  let text = `Iface${netstat ? '       ' : ''}      MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n`;
  for (const l of sorted(context)) {
    if (!l.up && !all) continue;
    const s = l.stats;
    const p = (n: number, w: number): string => String(n).padStart(w);
    text += `${l.name.padEnd(15)} ${p(l.mtu, 5)} ${p(s.rxPackets, 8)} ${p(s.rxErrors, 6)} ${p(s.rxDropped, 6)} ${'0'.padEnd(6)} ${p(s.txPackets, 8)} ${p(s.txErrors, 6)} ${p(s.txDropped, 6)} ${p(0, 6)} ${flagsOf(l).short}\n`;
  }
  return text;
}

const sorted = (context: Context): Link[] => [...context.kernel.netlink.links()].sort((a, b) => (a.name < b.name ? -1 : 1));

/** `ifconfig`, `netstat -ie` */
export const interfaceBlocks = (context: Context, all: boolean): string => sorted(context).filter((l) => all || l.up).map((l) => block(context, l)).join('');

export const ifconfig: Command = {
  name: 'ifconfig', models: 'listing (-a, -s, one), up, down, address, netmask, broadcast, mtu, hw ether, promisc', notModelled: 'IPv6, aliases',
  complete: (host) => host.kernel.netlink.links().map((l) => l.name),
  *run(context) {
    return yield* catching(context, (function* () {
      return main(context);
    })());
  },
};

function main(context: Context): number {
  const args = context.args.slice(1);
  let all = false;
  let short = false;
  for (let a = args[0]; a !== undefined && a.startsWith('-'); a = args[0]) {
    if (a === '-a') all = true;
    else if (a === '-s') short = true;
    else if (a !== '-v') throw new Exit(1, `ifconfig: option \`${a}' not recognised.\nifconfig: \`--help' gives usage information.\n`);
    args.shift();
  }
  const [name, ...words] = args;
  if (short) {
    print(context, interfaceTable(context, all, false));
    return 0;
  }
  if (name === undefined) {
    print(context, interfaceBlocks(context, all));
    return 0;
  }
  const { netlink } = context.kernel;
  const link = netlink.link(name);
  if (link === undefined) throw new Exit(1, words.length === 0 ? `${name}: error fetching interface information: Device not found\n` : `SIOCSIFADDR: ${STRERROR.ENODEV}\n${name}: ERROR while getting interface flags: ${STRERROR.ENODEV}\n`);
  if (words.length === 0) {
    print(context, block(context, link));
    return 0;
  }
  const ask = (call: string, run: () => Ack): void => {
    const result = context.user === 'root' ? run() : undefined;
    if (result === undefined || !result.ok) throw new Exit(1, `${call}: ${STRERROR[result?.error.errno ?? 'EPERM']}\n`);
  };
  let address: { readonly address: Ipv4; length: number } | undefined;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (word === 'up' || word === 'down') ask('SIOCSIFFLAGS', () => netlink.setLink(name, { up: word === 'up' }));
    else if (word === 'mtu') ask('SIOCSIFMTU', () => netlink.setLink(name, { mtu: Number(words[++i]) }));
    else if (word === 'promisc' || word === '-promisc') ask('SIOCSIFFLAGS', () => netlink.setLink(name, { promisc: word === 'promisc' }));
    else if (word === 'arp' || word === '-arp') ask('SIOCSIFFLAGS', () => netlink.setLink(name, { arp: word === 'arp' }));
    else if (word === 'hw') {
      const mac = parseMac(words[i + 2] ?? '');
      i += 2;
      if (mac === undefined) throw new Exit(1, `${words[i] ?? ''}: invalid ether address.\n`);
      ask('SIOCSIFHWADDR', () => netlink.setLink(name, { mac }));
    } else if (word === 'netmask') {
      const mask = parseIpv4(words[++i] ?? '');
      if (mask !== undefined && address !== undefined) address.length = mask.toString(2).replace(/0+$/, '').length;
    } else if (word === 'broadcast') i++;
    else {
      const cidr = parseCidr(word);
      if (cidr === undefined) throw new Exit(1, `${word}: Host name lookup failure\nifconfig: \`--help' gives usage information.\n`);
      const classful = cidr.address >>> 31 === 0 ? 8 : cidr.address >>> 30 === 2 ? 16 : 24;
      address = { address: cidr.address, length: word.includes('/') ? cidr.length : classful };
    }
  }
  if (address !== undefined) {
    const { address: ip, length } = address;
    for (const old of netlink.addresses().filter((a) => a.dev === name)) ask('SIOCSIFADDR', () => netlink.delAddress(name, old.address, old.prefixLength));
    ask('SIOCSIFADDR', () => netlink.newAddress({ dev: name, address: ip, prefixLength: length, broadcast: ipv4((ip | ~maskOf(length)) >>> 0) }));
    ask('SIOCSIFFLAGS', () => netlink.setLink(name, { up: true }));
  }
  return 0;
}
