import { describe, expect, it } from 'vitest';
import { lan, site, twoNodes } from '../../testing/lan.ts';
import { ping } from '../ping/index.ts';
import { tcpdump } from '../tcpdump/index.ts';
import { tracepath } from './index.ts';

describe('tracepath', () => {
  it('one hop: the local MTU, then reached', () => {
    expect(lan().a.run(tracepath, 'tracepath -n 10.0.0.2').stdout).toMatch(/^ 1\?: \[LOCALHOST\]                      pmtu 1500\n 1:  10\.0\.0\.2 {44} {2}0\.\d{3}ms reached\n {5}Resume: pmtu 1500 hops 1 back 1 \n$/);
  });
  it('a pod on another node: its gateway, the other node, the pod', () => {
    const { world, pods } = twoNodes();
    const [a] = pods;
    if (a === undefined) throw new Error('pods');
    const pod = site(world, a, { name: 'pod-a' });
    const { stdout } = pod.run(tracepath, 'tracepath -n 10.42.1.2');
    expect(stdout.replaceAll(/\d\.\d{3}ms/g, 'T')).toBe(` 1?: [LOCALHOST]                      pmtu 1450
 1:  10.42.0.1${' '.repeat(43)}  T \n 1:  10.42.0.1${' '.repeat(43)}  T \n 2:  10.42.1.0${' '.repeat(43)}  T \n 3:  10.42.1.2${' '.repeat(43)}  T reached
     Resume: pmtu 1450 hops 3 back 3 \n`);
  });
  it('nobody answers: no reply', () => {
    expect(lan().a.run(tracepath, 'tracepath -n -m 2 9.9.9.9')).toMatchObject({ stdout: '     send failed\n     Resume: pmtu 65535 \n', code: 0 });
  });
});

describe('a node between pods', () => {
  it('tcpdump on flannel and on the wire: the ping, and the ping in VXLAN', () => {
    const { world, pods, nodes } = twoNodes();
    const [a] = pods;
    const [, second] = nodes;
    if (a === undefined || second === undefined) throw new Error('pods');
    const pod = site(world, a, { name: 'pod-a' });
    const node = site(world, second.ns, { name: 'vm2' });
    const wire = node.start(tcpdump, 'tcpdump -ni ens3 udp port 8472');
    const inside = node.start(tcpdump, 'tcpdump -vni flannel.1 icmp');
    expect(pod.run(ping, 'ping -c 1 10.42.1.2').stdout).toContain('64 bytes from 10.42.1.2: icmp_seq=1 ttl=62 ');
    expect(wire.stdout.text.replaceAll(/id \d+|\.\d{5}(?= >)|^\S+ (?=IP 10\.65)/gm, 'N')).toContain('NIP 10.65.94.1N > 10.65.94.2.8472: OTV, flags [I] (0x08), overlay 0, instance 1\nIP 10.42.0.2 > 10.42.1.2: ICMP echo request, N, seq 1, length 64\n');
    expect(inside.stdout.text).toMatch(/IP \(tos 0x0, ttl 63, id \d+, offset 0, flags \[DF\], proto ICMP \(1\), length 84\)\n {4}10\.42\.0\.2 > 10\.42\.1\.2: ICMP echo request, id \d+, seq 1, length 64\n/);
  });
});
