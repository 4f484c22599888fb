import { describe, expect, it, test } from 'vitest';
import { fromUtf8 } from '../../../engine/wire/bytes.ts';
import { encodeFrame } from '../../daemons/sshd/frames.ts';
import { sshd } from '../../daemons/sshd/sshd.ts';
import { lan } from '../../testing/lan.ts';
import { ssh } from './ssh.ts';

const net = () => {
  const two = lan();
  two.b.daemon('sshd', (kernel) => sshd(kernel, two.b.host));
  return two;
};

describe('ssh', () => {
  test.each<[string, string, string, unknown, number]>([
    ['output and exit code come back', `ssh root@10.0.0.2 'echo out; echo err >&2; exit 3'`, 'out\n', 'err\n', 3],
    ['options behind the destination', 'ssh 10.0.0.2 -q echo here', 'here\n', '', 0],
    ['the user of -l is another', 'ssh -l nobody 10.0.0.2 true', '', 'nobody@b: Permission denied (publickey).\n', 255],
    ['nobody listens', 'ssh -p 2222 10.0.0.2 true', '', 'ssh: connect to host 10.0.0.2 port 2222: Connection refused\n', 255],
    ['nobody is there', 'ssh -o ConnectTimeout=1 10.0.0.9 true', '', 'ssh: connect to host 10.0.0.9 port 22: Connection timed out\n', 255],
    ['no such name', 'ssh nowhere.example. true', '', 'ssh: Could not resolve hostname nowhere.example.: Name or service not known\n', 255],
    ['forwarding is refused', 'ssh -L 1:a:2 10.0.0.2', '', 'ssh: -L is not modelled in this lab\n', 255],
    ['an option behind the destination that lacks its value', 'ssh 10.0.0.2 -p', '', expect.stringMatching(/^option requires an argument -- 'p'\nusage: ssh /), 255],
    ['a port that is none', 'ssh -p x 10.0.0.2', '', "Bad port 'x'\n", 255],
  ])('%s', (_name, line, stdout, stderr, code) => {
    expect(net().a.run(ssh, line)).toEqual({ stdout, stderr, code });
  });

  it('an option that ssh does not know gets its usage', () => {
    const said = net().a.run(ssh, 'ssh -z 10.0.0.2');
    expect([said.code, said.stderr.split('\n').slice(0, 2)]).toEqual([255, ['unknown option -- z', 'usage: ssh [-46AaCfGgKkMNnqsTtVvXxYy] [-B bind_interface]']]);
  });

  it('a frame is kind, length, text', () => {
    const bytes = encodeFrame({ kind: 'stdout', text: 'hé' });
    expect([[...bytes.subarray(0, 5)], fromUtf8(bytes.subarray(5))]).toEqual([[4, 0, 0, 0, 3], 'hé']);
  });
});
