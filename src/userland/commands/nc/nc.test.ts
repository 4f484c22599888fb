import { describe, expect, it, test } from 'vitest';
import { DEFAULT_PAGE } from '../../daemons/httpd/page.ts';
import { lan } from '../../testing/lan.ts';
import { arping } from '../arping/index.ts';
import { wget } from '../wget/index.ts';
import { nc } from './index.ts';

describe('nc', () => {
  it('carries text both ways', () => {
    const { a, b } = lan();
    const server = b.start(nc, 'nc -l -v 5000 -q 1', { stdin: 'pong\n' });
    const client = a.run(nc, 'nc -N 10.0.0.2 5000', { stdin: 'ping\n' });
    expect(client).toEqual({ stdout: 'pong\n', stderr: '', code: 0 });
    expect(server.stdout.text).toBe('ping\n');
    expect(server.stderr.text).toMatch(/^Listening on 0\.0\.0\.0 5000\nConnection received on 10\.0\.0\.1 \d+\n$/);
  });
  it('UDP', () => {
    const { a, b } = lan();
    const server = b.start(nc, 'nc -u -l 5000');
    expect(a.run(nc, 'nc -u -q 1 10.0.0.2 5000', { stdin: 'hello' }).code).toBe(0);
    expect(server.stdout.text).toBe('hello');
  });
  test.each([
    ['nc -zv 10.0.0.2 80', 'Connection to 10.0.0.2 80 port [tcp/http] succeeded!\n', 0], ['nc -zv 10.0.0.2 81', 'nc: connect to 10.0.0.2 port 81 (tcp) failed: Connection refused\n', 1],
    ['nc -zv -w1 10.0.0.77 81', 'nc: connect to 10.0.0.77 port 81 (tcp) timed out: Operation now in progress\n', 1], ['nc -zvu -w1 10.0.0.2 53', 'Connection to 10.0.0.2 53 port [udp/domain] succeeded!\n', 0], ['nc -zvu -w1 10.0.0.2 54', '', 1],
    ['nc -zv 10.0.0.2 79-81', 'nc: connect to 10.0.0.2 port 79 (tcp) failed: Connection refused\nConnection to 10.0.0.2 80 port [tcp/http] succeeded!\nnc: connect to 10.0.0.2 port 81 (tcp) failed: Connection refused\n', 0],
    ['nc -zv 9.9.9.9 80', 'nc: connect to 9.9.9.9 port 80 (tcp) failed: Network is unreachable\n', 1], ['nc 10.0.0.2', 'nc: missing port number\n', 1], ['nc 10.0.0.2 foo', 'nc: port number invalid: foo\n', 1],
  ] as const)('%s', (line, stderr, code) => {
    expect(lan().a.run(nc, line)).toEqual({ stdout: '', stderr, code });
  });
});

describe('wget', () => {
  it('busybox style', () => {
    const { a } = lan({ alpine: true });
    expect(a.run(wget, 'wget -O - 10.0.0.2')).toEqual({
      stdout: DEFAULT_PAGE, code: 0, stderr: 'Connecting to 10.0.0.2 (10.0.0.2:80)\nwriting to stdout\n-                    100% |********************************|   615  0:00:00 ETA\nwritten to stdout\n' });
    expect(a.run(wget, 'wget -q -O /dev/null 10.0.0.2:81')).toEqual({ stdout: '', stderr: "wget: can't connect to remote host (10.0.0.2): Connection refused\n", code: 1 });
    expect(a.run(wget, 'wget -O - 10.0.0.2/nope').stderr).toBe('Connecting to 10.0.0.2 (10.0.0.2:80)\nwget: server returned error: HTTP/1.1 404 Not Found\n');
    expect(a.run(wget, 'wget nosuch').stderr).toBe("wget: bad address 'nosuch'\n");
  });
  it('GNU style', () => {
    const { a } = lan();
    const ran = a.run(wget, 'wget http://10.0.0.2/');
    expect(ran.stderr).toMatch(/^--\d{4}-\d\d-\d\d \d\d:\d\d:\d\d-- {2}http:\/\/10\.0\.0\.2\/\nConnecting to 10\.0\.0\.2:80\.\.\. connected\.\nHTTP request sent, awaiting response\.\.\. 200 OK\nLength: 615 \[text\/html\]\nSaving to: ‘index\.html’\n\n {5}0K {55}100% .*\n\n.* - ‘index\.html’ saved \[615\/615\]\n\n$/);
    expect(a.host.fs.read('/root/index.html')).toEqual({ ok: true, value: DEFAULT_PAGE });
    expect(a.run(wget, 'wget -O - http://10.0.0.2/nope')).toMatchObject({ code: 8, stderr: expect.stringMatching(/awaiting response\.\.\. 404 Not Found\n.* ERROR 404: Not Found\.\n\n$/) });
    expect(a.run(wget, 'wget --foo')).toMatchObject({ code: 2 });
  });
});

describe('arping', () => {
  it('asks and times the answers', () => {
    const { a } = lan();
    expect(a.run(arping, 'arping -c 2 10.0.0.2')).toEqual({
      stdout: expect.stringMatching(/^ARPING 10\.0\.0\.2 from 10\.0\.0\.1 eth0\nUnicast reply from 10\.0\.0\.2 \[02:00:00:00:00:02\] {2}0\.\d{3}ms\nUnicast reply from 10\.0\.0\.2 \[02:00:00:00:00:02\] {2}0\.\d{3}ms\nSent 2 probes \(1 broadcast\(s\)\)\nReceived 2 response\(s\)\n$/), stderr: '', code: 0 });
  });
  test.each([
    ['arping -c 2 -I eth0 10.0.0.77', 'ARPING 10.0.0.77 from 10.0.0.1 eth0\nSent 2 probes (2 broadcast(s))\nReceived 0 response(s)\n', '', 1],
    ['arping -I nodev 10.0.0.2', '', 'arping: Device nodev not available.\n', 2],
    ['arping -D -c 1 -I eth0 10.0.0.76', 'ARPING 10.0.0.76 from 0.0.0.0 eth0\nSent 1 probes (1 broadcast(s))\nReceived 0 response(s)\n', '', 0],
    ['arping -c 1 -U -I eth0 10.0.0.1', 'ARPING 10.0.0.1 from 10.0.0.1 eth0\nSent 1 probes (1 broadcast(s))\nReceived 0 response(s)\n', '', 0],
  ] as const)('%s', (line, stdout, stderr, code) => {
    expect(lan().a.run(arping, line)).toEqual({ stdout, stderr, code });
  });
});
