import { describe, expect, it, test } from 'vitest';
import { sshd } from '../../daemons/sshd/sshd.ts';
import { makeHost } from '../../make-host.ts';
import { lan } from '../../testing/lan.ts';
import { meterLine, rateText, sizeText } from './meter.ts';
import { scp } from './scp.ts';

const BINARY = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join('');

const net = () => {
  const two = lan();
  const there = makeHost({ name: 'b', kernel: two.b.kernel, commands: [scp] });
  two.b.daemon('sshd', (kernel) => sshd(kernel, there));
  there.fs.write('/root/there.bin', BINARY);
  two.a.host.fs.write('/root/here.bin', `${BINARY}here`);
  return { a: two.a, b: { ...two.b, host: there } };
};

describe('scp', () => {
  test.each<[string, string, 'a' | 'b', string, string]>([
    ['fetches into a folder', 'scp root@10.0.0.2:/root/there.bin /root/', 'a', '/root/there.bin', BINARY],
    ['fetches under another name', 'scp 10.0.0.2:/root/there.bin /root/copy', 'a', '/root/copy', BINARY],
    ['sends', 'scp /root/here.bin 10.0.0.2:/root/', 'b', '/root/here.bin', `${BINARY}here`],
    ['sends over what is there', 'scp /root/here.bin 10.0.0.2:/root/there.bin', 'b', '/root/there.bin', `${BINARY}here`],
  ])('%s', (_name, line, on, path, content) => {
    const two = net();
    expect(two.a.run(scp, line)).toEqual({ stdout: '', stderr: '', code: 0 });
    expect(two[on].host.fs.read(path)).toEqual({ ok: true, value: content });
  });

  test.each<[string, string, string, number]>([
    ['no such file there', 'scp 10.0.0.2:/root/none .', 'scp: /root/none: No such file or directory\n', 1],
    ['no such file here', 'scp /root/none 10.0.0.2:', '/root/none: No such file or directory\n', 1],
    ['a folder there', 'scp 10.0.0.2:/root .', 'scp: /root: not a regular file\n', 1],
    ['another user', 'scp nobody@10.0.0.2:/root/there.bin .', 'nobody@b: Permission denied (publickey).\nlost connection\n', 1],
    ['nobody listens', 'scp -P 2222 10.0.0.2:/root/there.bin .', 'ssh: connect to host 10.0.0.2 port 2222: Connection refused\nlost connection\n', 1],
    ['folders', 'scp -r 10.0.0.2:/root .', 'scp: -r is not modelled in this lab\n', 1],
    ['between two others', 'scp a:x b:y', 'scp: a copy between two remote machines is not modelled in this lab\n', 1],
  ])('%s', (_name, line, stderr, code) => {
    expect(net().a.run(scp, line)).toEqual({ stdout: '', stderr, code });
  });

  it('its bytes travel', () => {
    const two = net();
    const received = (): number => two.b.kernel.netlink.links().find((l) => l.name !== 'lo')?.stats.rxBytes ?? 0;
    const before = received();
    two.a.host.fs.write('/root/big', 'x'.repeat(50_000));
    two.a.run(scp, 'scp /root/big 10.0.0.2:');
    expect(received() - before).toBeGreaterThan(50_000);
  });
});

describe('the line of a transfer', () => {
  test.each<[number, string]>([[0, '   0  '], [9999, '9999  '], [10_000, '  10KB'], [19_456, '  19KB'], [10_240_000, '  10MB'], [10_239_487, '9999KB']])('%d bytes: %j', (bytes, text) => {
    expect(sizeText(bytes)).toBe(text);
  });

  test.each<[number, string]>([[0, '  0.0KB'], [512, '  0.5KB'], [4_718_592, '  4.5MB'], [102_400, '100.0KB']])('%d bytes a second: %j', (rate, text) => {
    expect(rateText(rate)).toBe(text);
  });

  it.each([
    [19_456, 19_456, 0.004, '100%   19KB   4.6MB/s   00:00    '], [0, 19_456, 0, '  0%    0     0.0KB/s   --:-- ETA'], [1000, 4000, 10, ' 25% 1000     0.1KB/s   00:30 ETA'],
  ])('%d of %d after %d s', (done, size, seconds, rest) => {
    expect(meterLine('tcpdump.pcap', done, size, seconds)).toBe(`\r${'tcpdump.pcap'.padEnd(44)} ${rest}`);
  });
});
