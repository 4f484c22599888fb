import { describe, expect, it, test } from 'vitest';
import { DEFAULT_PAGE } from '../../daemons/httpd/page.ts';
import { lan } from '../../testing/lan.ts';
import { nc } from '../nc/index.ts';
import { tcpdump } from '../tcpdump/index.ts';
import { curl } from './index.ts';

describe('curl on a real world', () => {
  it('prints the page', () => {
    const { a, log } = lan();
    expect(a.run(curl, 'curl http://10.0.0.2/', { tty: true })).toEqual({ stdout: DEFAULT_PAGE, stderr: '', code: 0 });
    expect(log.text).toMatch(/\n10\.0\.0\.1 - - \[\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d \+0000\] "GET \/ HTTP\/1\.1" 200 615 "-" "curl\/8\.7\.1" "-"\n$/);
  });
  it('looks a name up along the search list: A and AAAA with EDNS0 from one port', () => {
    const { a, b } = lan({ alpine: true });
    const dump = b.start(tcpdump, 'tcpdump -ni eth0 udp port 53');
    expect(a.run(curl, 'curl -s http://web/').code).toBe(0);
    const lines = dump.stdout.text.trim().split('\n').map((l) => l.slice(16));
    expect(lines[0]).toMatch(/^IP 10\.0\.0\.1\.(\d+) > 10\.0\.0\.2\.53: \d+\+ \[1au\] A\? web\.default\.svc\.cluster\.local\. \(58\)$/);
    const port = /10\.0\.0\.1\.(\d+)/.exec(lines[0] ?? '')?.[1];
    expect(lines[1]).toMatch(new RegExp(`^IP 10\\.0\\.0\\.1\\.${port ?? ''} > 10\\.0\\.0\\.2\\.53: \\d+\\+ \\[1au\\] AAAA\\? web\\.default\\.svc\\.cluster\\.local\\. \\(58\\)$`));
    expect(lines[2]).toMatch(/53 > 10\.0\.0\.1\.\d+: \d+\*- 1\/0\/1 A 10\.0\.0\.2 \(\d+\)$/);
    expect(lines).toHaveLength(4);
  });
  it('-v tells the story', () => {
    const { a } = lan();
    const { stderr, code } = a.run(curl, 'curl -s -v -o /dev/null http://web/');
    expect(code).toBe(0);
    expect(stderr.replace(/Date: .*/, 'Date: X').replaceAll('\r', '')).toBe(`* Host web:80 was resolved.
* IPv6: (none)
* IPv4: 10.0.0.2
*   Trying 10.0.0.2:80...
* Connected to web (10.0.0.2) port 80
> GET / HTTP/1.1
> Host: web
> User-Agent: curl/8.7.1
> Accept: */*
> 
* Request completely sent off
< HTTP/1.1 200 OK
< Server: nginx/1.27.0
< Date: X
< Content-Type: text/html
< Content-Length: 615
< Last-Modified: Tue, 28 May 2024 13:22:30 GMT
< Connection: keep-alive
< ETag: "6655da96-267"
< Accept-Ranges: bytes
< 
{ [615 bytes data]
* Connection #0 to host web left intact
`);
  });
  it('the meter runs when the output is no terminal', () => {
    const { a } = lan();
    const { stderr } = a.run(curl, 'curl 10.0.0.2');
    expect(stderr).toMatch(/^ {2}% Total {4}% Received % Xferd {2}Average Speed {3}Time {4}Time {5}Time {2}Current\n {33}Dload {2}Upload {3}Total {3}Spent {4}Left {2}Speed\n\r {2}0 {5}0 {4}0 {5}0 {4}0 {5}0 {6}0 {6}0 --:--:-- --:--:-- --:--:-- {5}0\r100 {3}615 {2}100 {3}615 {4}0 {5}0 /);
    expect(a.run(curl, 'curl 10.0.0.2', { tty: true }).stderr).toBe('');
    expect(a.run(curl, 'curl -s 10.0.0.2').stderr).toBe('');
  });
  test.each([
    ['curl -s 10.0.0.2:81', '', 7], ['curl -sS 10.0.0.2:81', "curl: (7) Failed to connect to 10.0.0.2 port 81 after 0 ms: Couldn't connect to server\n", 7],
    ['curl -sS --connect-timeout 1 10.0.0.77', 'curl: (28) Failed to connect to 10.0.0.77 port 80 after 1000 ms: Timeout was reached\n', 28],
    ['curl -sS -m 1 10.0.0.77', 'curl: (28) Connection timed out after 1000 milliseconds\n', 28], ['curl -sS http://nosuch/', 'curl: (6) Could not resolve host: nosuch\n', 6],
    ['curl -sS 9.9.9.9', "curl: (7) Failed to connect to 9.9.9.9 port 80 after 0 ms: Couldn't connect to server\n", 7], ['curl -sS -f 10.0.0.2/nope', 'curl: (22) The requested URL returned error: 404\n', 22],
    ['curl --foo', "curl: option --foo: is unknown\ncurl: try 'curl --help' or 'curl --manual' for more information\n", 2], ['curl', "curl: try 'curl --help' or 'curl --manual' for more information\n", 2],
    ['curl -m', "curl: option -m: requires parameter\ncurl: try 'curl --help' or 'curl --manual' for more information\n", 2],
    ['curl -m x 10.0.0.2', "curl: option -m: expected a proper numerical parameter\ncurl: try 'curl --help' or 'curl --manual' for more information\n", 2],
    ['curl --re 10.0.0.2', "curl: option --re: is ambiguous\ncurl: try 'curl --help' or 'curl --manual' for more information\n", 2],
    ['curl -sS --interface 10.0.0.9 10.0.0.2', 'curl: (45) bind failed with errno 99: Cannot assign requested address\n', 45], ['curl -sS --interface nope 10.0.0.2', "curl: (45) Couldn't bind to 'nope'\n", 45],
    ['curl -sS foo://x', 'curl: (1) Protocol "foo" not supported\n', 1], ['curl -sS 10.0.0.2:99999', 'curl: (3) URL rejected: Port number was not a decimal number between 0 and 65535\n', 3],
    ['curl -x http://p 10.0.0.2', "curl: option -x: not modelled in this lab\ncurl: try 'curl --help' or 'curl --manual' for more information\n", 2],
  ] as const)('%s', (line, stderr, code) => {
    expect(lan().a.run(curl, line)).toMatchObject({ stderr, code });
  });
  it('an empty reply is 52, a peer that goes away before the end 18', () => {
    const one = lan();
    one.b.start(nc, 'nc -l -p 90 -q 0', { stdin: '' });
    expect(one.a.run(curl, 'curl -sS 10.0.0.2:90')).toMatchObject({ code: 52, stderr: 'curl: (52) Empty reply from server\n' });
    const two = lan();
    two.b.start(nc, 'nc -l -p 90 -q 0', { stdin: 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc' });
    expect(two.a.run(curl, 'curl -sS 10.0.0.2:90')).toMatchObject({ code: 18, stdout: 'abc', stderr: 'curl: (18) transfer closed with 7 bytes remaining to read\n' });
  });
  it('-w, -o, -I, -i, several URLs over one connection', () => {
    const { a } = lan();
    expect(a.run(curl, "curl -s -o /dev/null -w '%{http_code} %{size_download} %{remote_ip}:%{remote_port} %{num_connects} %{content_type} %{foo}\\n' 10.0.0.2")).toEqual({ stdout: '200 615 10.0.0.2:80 1 text/html \n', stderr: "curl: unknown --write-out variable: 'foo'\n", code: 0 });
    expect(a.run(curl, 'curl -s -I 10.0.0.2').stdout).toMatch(/^HTTP\/1\.1 200 OK\r\nServer: nginx\/1\.27\.0\r\n[^]*\r\n\r\n$/);
    expect(a.run(curl, 'curl -s -i 10.0.0.2/x').stdout).toMatch(/^HTTP\/1\.1 404 Not Found\r\n[^]*<center>nginx\/1\.27\.0<\/center>\r\n<\/body>\r\n<\/html>\r\n$/);
    a.run(curl, 'curl -s -o page.html 10.0.0.2');
    expect(a.host.fs.read('/root/page.html')).toEqual({ ok: true, value: DEFAULT_PAGE });
    expect(a.run(curl, "curl -s -o /dev/null -o /dev/null -w '%{num_connects}' 10.0.0.2 10.0.0.2").stdout).toBe('10');
  });
  it('--resolve, -H, -A, --local-port', () => {
    const { a, log } = lan();
    expect(a.run(curl, "curl -s -o /dev/null -w '%{local_port} %{http_code}' --local-port 5000 --resolve foo:80:10.0.0.2 -A me -H 'X-Forwarded-For: 1.2.3.4' http://foo/").stdout).toBe('5000 200');
    expect(log.text).toContain('"me" "1.2.3.4"');
  });
});
