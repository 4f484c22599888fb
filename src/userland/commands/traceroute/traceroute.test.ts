import { describe, expect, it, test } from 'vitest';
import { lan, site, twoNodes } from '../../testing/lan.ts';
import { traceroute } from './index.ts';

const pod = (files?: Readonly<Record<string, string>>) => {
  const { world, pods } = twoNodes();
  const [a] = pods;
  if (a === undefined) throw new Error('pods');
  return site(world, a, { name: 'pod-a', ...(files === undefined ? {} : { files }) });
};
const timeless = (text: string): string => text.replaceAll(/\d+\.\d{3} ms/g, 'T');

describe('traceroute', () => {
  it('one hop', () => {
    const ran = lan().a.run(traceroute, 'traceroute -n 10.0.0.2');
    expect(ran).toMatchObject({ stderr: '', code: 0 });
    expect(timeless(ran.stdout)).toBe('traceroute to 10.0.0.2 (10.0.0.2), 30 hops max, 60 byte packets\n 1  10.0.0.2  T  T  T\n');
  });
  it('a pod on another node: its gateway, the other node, the pod', () => {
    expect(timeless(pod().run(traceroute, 'traceroute -n -q1 10.42.1.2').stdout)).toBe('traceroute to 10.42.1.2 (10.42.1.2), 30 hops max, 60 byte packets\n 1  10.42.0.1  T\n 2  10.42.1.0  T\n 3  10.42.1.2  T\n');
  });
  it('busybox: one probe after the other, packets of 46', () => {
    expect(timeless(pod({ '/etc/alpine-release': '3.20.0\n' }).run(traceroute, 'traceroute -n -q 2 10.42.1.2').stdout)).toBe('traceroute to 10.42.1.2 (10.42.1.2), 30 hops max, 46 byte packets\n 1  10.42.0.1  T  T\n 2  10.42.1.0  T  T\n 3  10.42.1.2  T  T\n');
  });
  it('a neighbour that is not there: our own !H', () => {
    expect(timeless(lan().a.run(traceroute, 'traceroute -n -q 2 -m 2 10.0.0.77').stdout)).toBe('traceroute to 10.0.0.77 (10.0.0.77), 2 hops max, 60 byte packets\n 1  10.0.0.1  T !H  T !H\n');
  });
  // As traceroute 2.1.2 says it.
  test.each<[string, string, number]>([
    ['-n -m 2 9.9.9.9', 'connect: Network is unreachable\n', 1], ['-m 0 10.0.0.2', 'first hop out of range\n', 2], ['-m 300 10.0.0.2', 'max hops cannot be more than 255\n', 2], ['-q 11 10.0.0.2', 'no more than 10 probes per hop\n', 2],
    ['-m x 10.0.0.2', "Cannot handle `-m' option with arg `x' (argc 2)\n", 2], ['-n 10.0.0.2 abc', 'Cannot handle "packetlen" cmdline arg `abc\' on position 2 (argc 3)\n', 2],
    ['-x 10.0.0.2', "Bad option `-x' (argc 1)\n", 2], ['--foo a', "Bad option `--foo' (argc 1)\n", 2], ['-m', "Option `-m' (argc 1) requires an argument: `-m max_ttl'\n", 2], ['-I 10.0.0.2', 'traceroute: -I: not modelled in this lab\n', 2],
  ])('%s', (args, stderr, code) => {
    expect(lan().a.run(traceroute, `traceroute ${args}`)).toMatchObject({ stderr, code });
  });
});
