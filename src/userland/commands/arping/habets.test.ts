import { describe, expect, it, test } from 'vitest';
import type { Command } from '../../host.ts';
import { lan } from '../../testing/lan.ts';
import { catching } from '../kit.ts';
import { habets } from './habets.ts';

const arping: Command = { name: 'arping', models: '', run: (context) => catching(context, habets(context)) };
const run = (line: string) => lan().a.run(arping, line);
const timeless = (text: string): string => text.replaceAll(/time=[\d.]+ usec/g, 'time=T').replaceAll(/= [\d./]+ ms/g, '= R');

describe('Thomas Habets’ arping', () => {
  it('options behind the address, replies with their MAC, statistics', () => {
    const said = run('arping 10.0.0.2 -c 2');
    expect(said.code).toBe(0);
    expect(timeless(said.stdout)).toMatch(/^ARPING 10\.0\.0\.2\n(?:42|60) bytes from [\da-f:]{17} \(10\.0\.0\.2\): index=0 time=T\n(?:42|60) bytes from [\da-f:]{17} \(10\.0\.0\.2\): index=1 time=T\n\n--- 10\.0\.0\.2 statistics ---\n2 packets transmitted, 2 packets received, {3}0% unanswered \(0 extra\)\nrtt min\/avg\/max\/std-dev = R\n$/);
  });

  it('nobody answers: a line for each period, exit code 1', () => {
    expect(run('arping -c 2 10.0.0.9')).toEqual({ stdout: 'ARPING 10.0.0.9\nTimeout\nTimeout\n\n--- 10.0.0.9 statistics ---\n2 packets transmitted, 0 packets received, 100% unanswered (0 extra)\n\n', stderr: '', code: 1 });
  });

  it('-C ends with so many replies, -D draws, -r names the MAC alone', () => {
    expect(run('arping -C 1 10.0.0.2').stdout).toContain('1 packets transmitted, 1 packets received,');
    expect(run('arping -D -c 3 10.0.0.2').stdout).toBe('!!!\t  0% packet loss (0 extra)\n');
    expect(run('arping -r -c 1 10.0.0.2').stdout).toMatch(/^[\da-f:]{17}\n$/);
  });

  test.each([
    ['arping -i nope 10.0.0.2', 'arping: libnet_init(LIBNET_LINK, nope): libnet_check_iface() ioctl: No such device\n'], ['arping nowhere.example.', "arping: Can't resolve nowhere.example.\n"], ['arping -U 10.0.0.2', 'arping: -U is not modelled in this lab\n'],
    ['arping 02:00:00:00:00:01', 'arping: asking a MAC address is not modelled in this lab\n'],
  ])('%s', (line, stderr) => {
    expect(run(line)).toEqual({ stdout: '', stderr, code: 1 });
  });

  it('an option that it does not know gets its usage', () => {
    expect(run('arping -z 10.0.0.2').stderr).toMatch(/^arping: invalid option -- 'z'\nARPing 2\.22, by Thomas Habets/);
  });
});
