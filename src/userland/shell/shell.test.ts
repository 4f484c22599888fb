import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fake } from '../testing/fake-kernel.ts';
import cases from '../testing/bash-cases.json' with { type: 'json' };
import { FILES } from '../testing/bash-files.ts';
import { matchesGlob } from './glob.ts';
import { ShellSession } from './session.ts';
import { Process } from '../../engine/sim/process.ts';
import { Capture, textInput } from './io.ts';

const files = Object.fromEntries(Object.entries(FILES).map(([name, text]) => [`/tmp/case/${name}`, text]));

describe('scripts answer as bash 5.2 and the tools of Debian 12 did (testing/record-bash.ts)', () => {
  test.each(cases.map((c) => [c.script, c] as const))('%s', (script, recorded) => {
    const f = fake({}, { files });
    const mine = f.run(`cd /tmp/case; ${script}`);
    expect({ stdout: mine.stdout, stderr: mine.stderr, code: mine.code }).toEqual({ stdout: recorded.stdout, stderr: recorded.stderr, code: recorded.code });
  });
});

test('brackets of a pattern hold what bash says, whatever stands in them', () => {
  const run = (script: string): string => fake({}, { files: { '/tmp/g/a': '', '/tmp/g/b': '' } }).run(`cd /tmp/g; ${script}`).stdout;
  expect(run(`echo [z-a] [a"-"z] ["\\\\"a] [!z-a]`)).toBe('[z-a] a a a b\n');
  expect(run('case f in [f-alse]) echo yes;; *) echo no;; esac')).toBe('no\n');
  fc.assert(fc.property(fc.string(), fc.string(), (set, text) => typeof matchesGlob(`[${set}]`, text) === 'boolean'));
});

test('sudo without a command says how to use it', () => {
  expect(fake().run('sudo; echo $?')).toMatchObject({ stdout: '1\n', stderr: expect.stringMatching(/^usage: sudo /) });
});

test('quoting round trip: any text in single quotes, double quotes or backslashes comes back from printf', () => {
  const f = fake();
  fc.assert(fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 20 }).filter((t) => !t.includes('\0')), (text) => {
    const single = `'${text.replaceAll("'", "'\\''")}'`;
    const double = `"${text.replace(/["$`\\]/g, '\\$&')}"`;
    const escaped = text === '' ? "''" : text.replace(/[^A-Za-z0-9\n]/g, '\\$&').replaceAll('\n', "$'\\n'");
    for (const form of [single, double, escaped]) expect(f.run(`printf '%s' ${form}`).stdout).toBe(text);
  }), { numRuns: 200 });
});

describe('processes', () => {
  test('head closes early: an endless writer dies of SIGPIPE and simulated time does not move', () => {
    const f = fake();
    expect(f.run('yes | head -n 2')).toEqual({ stdout: 'y\ny\n', stderr: '', code: 0 });
    expect(f.run('set -o pipefail; yes | head -n 1').code).toBe(141);
    expect(f.scheduler.now).toBe(0);
  });

  test('stages of a pipeline run at the same time', () => {
    const f = fake();
    expect(f.run('{ echo first; sleep 1; echo second; } | while read x; do echo "$x $(date +%S)"; done').stdout).toBe('first 28\nsecond 29\n');
  });

  test('Ctrl+C reaches every stage of the foreground pipeline', () => {
    const f = fake();
    const answer = f.run('sleep 1000 | cat; echo not reached', { span: 5 });
    expect(answer).toEqual({ stdout: '', stderr: '', code: 130 });
  });

  test('background jobs go on; wait gives their status; kill ends them', () => {
    const f = fake();
    expect(f.run('sleep 2 & sleep 1; jobs; wait $!; echo $?').stdout).toBe('[1]+  Running                 sleep 2 &\n0\n');
    expect(f.run('sleep 100 & kill $!; wait $!; echo $?').stdout).toBe('143\n');
  });

  test.each([['while :; do :; done'], ['for ((;;)); do x=1; done'], ['yes > /dev/null']])('%s leaves others their turn and ends with Ctrl+C', (line) => {
    const f = fake();
    expect(f.run(line, { span: 5 })).toEqual({ stdout: '', stderr: '', code: 130 });
    expect(f.run(`timeout 1 bash -c '${line}'; echo $?`).stdout).toBe('124\n');
  });

  test('what would eat all memory or all processes is refused as bash is by its kernel', () => {
    const f = fake();
    expect(f.run('x=a; while :; do x=$x$x; done')).toMatchObject({ stderr: 'bash: line 1: xrealloc: cannot allocate 134217728 bytes\n', code: 2 });
    expect(f.run('echo {1..100000000}')).toMatchObject({ stdout: '', stderr: 'bash: line 1: brace expansion: failed to allocate memory for 100000000 elements\n' });
    const many = f.run('for i in $(seq 600); do sleep 3 & done; wait; echo all');
    expect(many.stderr).toContain('fork: retry: Resource temporarily unavailable\n');
    expect(many.stdout).toBe('all\n');
  });

  test('timeout ends a command with 124', () => {
    const f = fake();
    expect(f.run('timeout 3 sleep 100; echo $? $SECONDS').stdout).toBe('124 3\n');
  });
});

describe('session', () => {
  function session(user = 'root'): { readonly f: ReturnType<typeof fake>; readonly s: ShellSession; type(line: string): string } {
    const f = fake({ netns: ['blue'] }, { user });
    const s = new ShellSession(f.host);
    return {
      f, s,
      type(line) {
        const out = new Capture();
        const process = new Process(f.scheduler, line, s.run(line, { stdin: textInput(''), stdout: out, stderr: out, tty: true }));
        while (process.exitCode === undefined && f.scheduler.runNext());
        return out.text;
      },
    };
  }

  test('keeps folder, variables, functions and status from line to line', () => {
    const { s, type } = session();
    type('cd /tmp; x=5; f() { echo "f $1"; }');
    expect(s.prompt()).toBe('root@vm2:/tmp# ');
    expect(type('f $x; false')).toBe('f 5\n');
    expect(type('echo $?')).toBe('1\n');
    expect(s.history).toEqual(['cd /tmp; x=5; f() { echo "f $1"; }', 'f $x; false', 'echo $?']);
  });

  test('errors have no line number at a terminal', () => {
    const { type } = session();
    expect(type('foo')).toBe('bash: foo: command not found\n');
    expect(type('a | | b')).toBe("bash: syntax error near unexpected token `|'\n");
  });

  test('an unfinished line asks for more', () => {
    const { s, type } = session();
    expect(type('for i in 1 2; do')).toBe('');
    expect(s.prompt()).toBe('> ');
    expect(type('echo $i; done')).toBe('1\n2\n');
    type('cat <<X');
    expect(s.prompt()).toBe('> ');
    type('hello $((1+1))');
    expect(type('X')).toBe('hello 2\n');
  });

  test('a shell inside the shell takes the next lines until exit', () => {
    const { s, type } = session('ubuntu');
    expect(s.prompt()).toBe('ubuntu@vm2:~$ ');
    type('sudo -i');
    expect(s.prompt()).toBe('root@vm2:~# ');
    expect(type('whoami; pwd')).toBe('root\n/root\n');
    type('ip netns exec blue bash');
    expect(type('echo inner')).toBe('inner\n');
    type('exit 4');
    expect(s.status).toBe(4);
    type('exit');
    expect(s.prompt()).toBe('ubuntu@vm2:~$ ');
    expect(s.ended).toBe(false);
  });

  test.each([
    ['ifc', 3, { start: 0, candidates: ['ifconfig'] }],
    ['cat /etc/host', 13, { start: 4, candidates: ['/etc/hostname', '/etc/hosts'] }],
    ['sudo conntr', 11, { start: 5, candidates: ['conntrack'] }],
    ['iptables -t na', 14, { start: 12, candidates: ['nat'] }],
    ['ls | gre', 8, { start: 5, candidates: ['grep'] }],
  ])('Tab after %s', (line, cursor, expected) => {
    expect(session().s.complete(line, cursor)).toEqual(expected);
  });
});

test('/proc/sys is sysctl: echo 1 > /proc/sys/net/ipv4/ip_forward', () => {
  const f = fake();
  expect(f.run('cat /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv4/ip_forward; sysctl net.ipv4.ip_forward').stdout).toBe('0\nnet.ipv4.ip_forward = 1\n');
  expect(f.run('cat /proc/sys/net/ipv4/conf/ens3.100/rp_filter').stdout).toBe('0\n');
});
