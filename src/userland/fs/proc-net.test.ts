import { describe, expect, it } from 'vitest';
import { ipv4, mac } from '../../engine/wire/addresses.ts';
import { lan, site, twoNodes } from '../testing/lan.ts';
import { PROC_NET } from './proc-net.ts';

const shown = (name: string, kernel: Parameters<(typeof PROC_NET)[number][1]>[0]): string => PROC_NET.find(([n]) => n === name)?.[1](kernel) ?? '';

// Formats taken from a Linux 6.18: header and lines of the three files.
describe('/proc/net', () => {
  it('route: hexadecimal in the byte order of a little-endian machine, lines of 127', () => {
    const { world, nodes } = twoNodes();
    const [first] = nodes;
    if (first === undefined) throw new Error('nodes');
    const { host } = site(world, first.ns, { name: 'vm1' });
    const lines = shown('route', host.kernel).split('\n');
    expect(lines[0]?.trimEnd()).toBe('Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT');
    expect(new Set(lines.slice(0, -1).map((l) => l.length))).toEqual(new Set([127]));
    expect(lines.map((l) => l.trimEnd())).toContain('cni0\t00002A0A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0');
    expect(lines.map((l) => l.trimEnd())).toContain('flannel.1\t00012A0A\t00012A0A\t0003\t0\t0\t0\t00FFFFFF\t0\t0\t0');
  });

  it('arp: flags of a complete, a permanent and a failed neighbour', () => {
    const { a } = lan();
    const { kernel } = a.host;
    const title = 'IP address       HW type     Flags       HW address            Mask     Device\n';
    expect(shown('arp', kernel)).toBe(title);
    const dev = kernel.netlink.links().at(-1)?.name ?? '';
    for (const [last, state] of [[7, 'STALE'], [8, 'PERMANENT'], [9, 'FAILED']] as const) kernel.netlink.newNeighbour({ dev, ip: ipv4(0x0a000000 + last), ...(state === 'FAILED' ? {} : { mac: mac(0x525400000000 + last) }), state }, 'add');
    expect(shown('arp', kernel).slice(title.length).split('\n').sort()).toEqual(['',
      `10.0.0.7         0x1         0x2         52:54:00:00:00:07     *        ${dev}`,
      `10.0.0.8         0x1         0x6         52:54:00:00:00:08     *        ${dev}`,
      `10.0.0.9         0x1         0x0         00:00:00:00:00:00     *        ${dev}`]);
  });

  it('dev: columns as wide as the kernel writes them', () => {
    const { a } = lan();
    expect(shown('dev', a.host.kernel).split('\n')[2]).toBe('    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0');
  });
});
