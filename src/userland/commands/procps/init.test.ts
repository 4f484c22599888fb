import { describe, expect, test } from 'vitest';
import { fake } from '../../testing/fake-kernel.ts';

describe('init and services', () => {
  test.each<[string, string, string, number]>([
    ['kill 1', 'ubuntu', 'bash: line 1: kill: (1) - Operation not permitted\n', 1],
    ['kill -0 1', 'ubuntu', 'bash: line 1: kill: (1) - Operation not permitted\n', 1],
    ['kill -9 1', 'root', '', 0],
    ['kill 99999', 'ubuntu', 'bash: line 1: kill: (99999) - No such process\n', 1],
  ])('%s by %s', (line, user, stderr, code) => {
    expect(fake({}, { user }).run(line)).toEqual({ stdout: '', stderr, code });
  });

  test.each<[string, RegExp]>([
    ['ps aux', /\nroot +1 .* \/sbin\/init\n/], ['ps -ef', /\nroot +1 .* \/sbin\/init\n/], ['ps -e', /\n +1 \? .* systemd\n/], ['pgrep systemd', /^1\n/],
  ])('%s shows the first process', (line, expected) => {
    expect(fake().run(line).stdout).toMatch(expected);
  });
});
