import { describe, expect, it, test } from 'vitest';
import { lan } from '../../testing/lan.ts';
import { host } from '../host/index.ts';
import { nslookup } from '../nslookup/index.ts';
import { dig } from './index.ts';
import { questionText, recordText } from './print.ts';

const NAMES = { 'web.default.svc.cluster.local': '10.0.0.2', 'web': '10.0.0.2', '2.0.0.10.in-addr.arpa': 'web.default.svc.cluster.local' };
const world = (): ReturnType<typeof lan>['a'] => lan({ names: NAMES }).a;
const masked = (text: string): string => text.replaceAll(/id: \d+/g, 'id: N').replaceAll(/COOKIE: [0-9a-f]{16}/g, 'COOKIE: C').replaceAll(/Query time: \d+/g, 'Query time: N').replaceAll(/WHEN: .*/g, 'WHEN: W');

describe('dig', () => {
  it('prints a message in full', () => {
    const ran = world().run(dig, 'dig web');
    expect(masked(ran.stdout)).toBe(`
; <<>> DiG 9.18.26 <<>> web
;; global options: +cmd
;; Got answer:
;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: N
;; flags: qr aa rd; QUERY: 1, ANSWER: 1, AUTHORITY: 0, ADDITIONAL: 1
;; WARNING: recursion requested but not available

;; OPT PSEUDOSECTION:
; EDNS: version: 0, flags:; udp: 1232
; COOKIE: C (echoed)
;; QUESTION SECTION:
;web.\t\t\t\tIN\tA

;; ANSWER SECTION:
web.\t\t\t5\tIN\tA\t10.0.0.2

;; Query time: N msec
;; SERVER: 10.0.0.2#53(10.0.0.2) (UDP)
;; WHEN: W
;; MSG SIZE  rcvd: 63

`);
    expect(ran.code).toBe(0);
  });
  test.each([
    ['dig +short web', '10.0.0.2\n'], ['dig +noall +answer web', 'web.\t\t\t5\tIN\tA\t10.0.0.2\n'], ['dig +short -x 10.0.0.2', 'web.default.svc.cluster.local.\n'], ['dig +short @10.0.0.2 web A', '10.0.0.2\n'],
    ['dig +short +search web', '10.0.0.2\n'], ['dig +short AAAA web', ''], ['dig +short nope', ''], ['dig web nope +short', '10.0.0.2\n'],
  ])('%s', (line, stdout) => {
    expect(world().run(dig, line).stdout.replace(/\n; <<>>[^]*$/, '')).toBe(stdout);
  });
  it('nobody answers: nine', () => {
    expect(world().run(dig, 'dig @10.0.0.77 web +time=1 +tries=2')).toMatchObject({ code: 9, stdout: expect.stringMatching(/^;; communications error to 10\.0\.0\.77#53: [a-z ]+\n;; communications error to 10\.0\.0\.77#53: [a-z ]+\n\n; <<>> DiG 9\.18\.26 <<>> @10\.0\.0\.77 web \+time=1 \+tries=2\n; \(1 server found\)\n;; global options: \+cmd\n;; no servers could be reached\n$/) });
    expect(world().run(dig, 'dig @10.0.0.2 -p 54 web +tries=1').stdout).toContain(';; communications error to 10.0.0.2#54: connection refused\n');
    expect(world().run(dig, 'dig @nosuch web')).toMatchObject({ code: 1, stderr: "dig: couldn't get address for 'nosuch': not found\n" });
    expect(world().run(dig, 'dig +foo web').stderr).toMatch(/^Invalid option: \+foo\nUsage: {2}dig /);
  });
  it.each([
    ['web-service.default.svc.cluster.local', ' IN A', ' 30 IN A\t'], ['web-a.default.svc.cluster.local', ' IN\tA', ' 30 IN\tA\t'], ['webbbbbbbbbbbbbbbbb.a', '\t\tIN\tA', '\t30\tIN\tA\t'],
    ['webbbbbbbbbbbbbbbbbbbbbbbb.a', '\tIN\tA', ' 30 IN\tA\t'], ['webbbbbbbbbbbbbbbbbbbbbbbbbbb.a', ' IN\tA', ' 30 IN\tA\t'], ['webbbbbbbbbbbbbbbbbbbbbb', '\tIN\tA', ' 30\tIN\tA\t'], ['webbbbbbbbbbbbbbbbbbbbbbbbbbbbb', ' IN\tA', ' 30 IN\tA\t'],
    ['web-serviceeeee.default.svc.cluster.local', ' IN A', ' 30 IN A '],
  ])('columns of %s as the real dig has them', (name, question, answer) => {
    expect(questionText({ name, type: 1, class: 1 })).toBe(`;${name}.${question}`);
    expect(recordText({ name, type: 1, class: 1, ttl: 30, data: { kind: 'A', address: 0x0a630002 as never } })).toBe(`${name}.${answer}10.99.0.2`);
  });
});

describe('nslookup', () => {
  test.each([
    ['nslookup web', ';; Got recursion not available from 10.0.0.2\nServer:\t\t10.0.0.2\nAddress:\t10.0.0.2#53\n\nName:\tweb.default.svc.cluster.local\nAddress: 10.0.0.2\n;; Got recursion not available from 10.0.0.2\n\n', 0],
    ['nslookup web 10.0.0.2', 'Server:\t\t10.0.0.2\nAddress:\t10.0.0.2#53\n\nName:\tweb.default.svc.cluster.local\nAddress: 10.0.0.2\n\n', 0],
    ['nslookup nope', `${';; Got recursion not available from 10.0.0.2\n'.repeat(4)}Server:\t\t10.0.0.2\nAddress:\t10.0.0.2#53\n\n** server can't find nope: NXDOMAIN\n\n`, 1],
    ['nslookup 10.0.0.2', ';; Got recursion not available from 10.0.0.2\n2.0.0.10.in-addr.arpa\tname = web.default.svc.cluster.local.\n\n', 0],
    ['nslookup -type=srv web 10.0.0.2', "Server:\t\t10.0.0.2\nAddress:\t10.0.0.2#53\n\n*** Can't find web: No answer\n\n", 0],
  ])('%s', (line, stdout, code) => {
    expect(world().run(nslookup, line)).toEqual({ stdout, stderr: '', code });
  });
});

describe('host', () => {
  test.each([
    ['host web', 'web.default.svc.cluster.local has address 10.0.0.2\n', 0], ['host nope', 'Host nope not found: 3(NXDOMAIN)\n', 1], ['host 10.0.0.2', '2.0.0.10.in-addr.arpa domain name pointer web.default.svc.cluster.local.\n', 0],
    ['host -t aaaa web', 'web.default.svc.cluster.local has no AAAA record\n', 0],
    ['host web 10.0.0.2', 'Using domain server:\nName: 10.0.0.2\nAddress: 10.0.0.2#53\nAliases: \n\nweb.default.svc.cluster.local has address 10.0.0.2\n', 0],
  ])('%s', (line, stdout, code) => {
    expect(world().run(host, line)).toEqual({ stdout, stderr: '', code });
  });
});
