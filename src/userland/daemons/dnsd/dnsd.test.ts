import { describe, expect, it } from 'vitest';
import { must } from '../../../base/assert.ts';
import { formatIpv4, parseIpv4 } from '../../../engine/wire/addresses.ts';
import { DNS_TYPES, dnsQuery } from '../../../engine/wire/dns.ts';
import { dig } from '../../commands/dig/index.ts';
import { lan } from '../../testing/lan.ts';
import { dnsmasq, hostsNames, leaseLine, lookUp, parseLeases, reply } from './dnsmasq.ts';
import { MemoryFileSystem } from '../../fs/memory-file-system.ts';
import { resolved, synthesize } from './resolved.ts';

const ip = (text: string) => must(parseIpv4(text), text);
const LEASES = leaseLine(1716991768, '52:54:00:e2:c3:ec', '10.65.94.238', 'vm1') + leaseLine(1716991768, '52:54:00:c0:87:a0', '10.65.94.199', 'vm2') + leaseLine(1, '52:54:00:00:00:01', '10.65.94.9', '*');

describe('dnsmasq', () => {
  it.each<[string, string, number, number, readonly string[]]>([
    ['a lease with the domain', 'vm2.multipass', DNS_TYPES.A, 0, ['10.65.94.199']],
    ['a lease without it', 'vm1', DNS_TYPES.A, 0, ['10.65.94.238']],
    ['in any case', 'VM1.Multipass', DNS_TYPES.A, 0, ['10.65.94.238']],
    ['no IPv6 of it', 'vm2.multipass', DNS_TYPES.AAAA, 0, []],
    ['an address', '199.94.65.10.in-addr.arpa', DNS_TYPES.PTR, 0, ['vm2.multipass']],
    ['a lease without a name', '9.94.65.10.in-addr.arpa', DNS_TYPES.PTR, 3, []],
    ['nobody of the domain', 'vm9.multipass', DNS_TYPES.A, 3, []],
    ['anything else', 'example.com', DNS_TYPES.A, 3, []],
  ])('knows %s', (_name, name, type, rcode, answers) => {
    const found = lookUp(parseLeases(LEASES), 'multipass', name, type);
    expect(found.rcode).toBe(rcode);
    expect(found.answers.map((r) => (r.data.kind === 'A' ? formatIpv4(r.data.address) : r.data.kind === 'PTR' ? r.data.target : '?'))).toEqual(answers);
  });

  it('reads the hosts file too: names as they stand, the first one for the address', () => {
    const names = hostsNames(new MemoryFileSystem({ '/etc/hosts': '127.0.0.1 localhost\n10.42.0.0 big-host big # another cluster\n' }));
    const answers = (name: string, type: number) => lookUp([...names, ...parseLeases(LEASES)], 'multipass', name, type).answers.map((r) => (r.data.kind === 'A' ? formatIpv4(r.data.address) : r.data.kind === 'PTR' ? r.data.target : '?'));
    expect(answers('0.0.42.10.in-addr.arpa', DNS_TYPES.PTR)).toEqual(['big-host']);
    expect([answers('big', DNS_TYPES.A), answers('big.multipass', DNS_TYPES.A), answers('vm1.multipass', DNS_TYPES.A)]).toEqual([['10.42.0.0'], [], ['10.65.94.238']]);
  });

  it('says AA for what it holds only, RA always, and EDNS when asked with it', () => {
    const known = reply(dnsQuery(7, 'vm1', DNS_TYPES.A, { edns: 1232 }), parseLeases(LEASES), 'multipass');
    expect([known.id, known.authoritative, known.recursionAvailable, known.additional.map((r) => r.class)]).toEqual([7, true, true, [4096]]);
    const unknown = reply(dnsQuery(8, 'x.org', DNS_TYPES.A), parseLeases(LEASES), 'multipass');
    expect([unknown.authoritative, unknown.recursionAvailable, unknown.additional]).toEqual([false, true, []]);
  });
});

describe('systemd-resolved', () => {
  const net = () => {
    const two = lan({ resolv: 'nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch multipass\n' });
    two.b.host.fs.write('/leases', LEASES);
    two.a.host.fs.mkdirs('/run/systemd/resolve');
    two.a.host.fs.write('/run/systemd/resolve/resolv.conf', 'nameserver 10.0.0.1\nnameserver 10.0.0.2\n');
    return two;
  };

  it('synthesizes what this machine knows', () => {
    const { a } = net();
    const said = (name: string, type: number = DNS_TYPES.A): string => {
      const outcome = synthesize(a.host, name, type);
      return outcome === undefined ? 'asks' : outcome.answers.map((r) => (r.data.kind === 'A' ? formatIpv4(r.data.address) : r.data.kind === 'PTR' ? r.data.target : '?')).join(' ');
    };
    expect([said('localhost'), said('x.localhost'), said(a.host.hostname), said('a.example'), said('1.0.0.10.in-addr.arpa', DNS_TYPES.PTR)])
      .toEqual(['127.0.0.1', '127.0.0.1', '127.0.1.1', 'asks', a.host.hostname]);
  });

  it('forwards the rest to the servers of its uplink, and names of one label to nobody', () => {
    const { a, world } = net();
    a.kernel.netlink.setLink('lo', { up: true });
    a.daemon('systemd-resolve', (kernel) => resolved(kernel, a.host));
    const answers = (line: string) => a.run(dig, line).stdout;
    // 10.0.0.1 refuses (nobody listens there), 10.0.0.2 is asked next.
    expect(answers('dig +noall +comments +answer web.default.svc.cluster.local')).toMatch(/status: NOERROR[\s\S]*web\.default\.svc\.cluster\.local\.\s+5\s+IN\s+A\s+10\.0\.0\.2/);
    expect(answers('dig +noall +comments web')).toMatch(/status: SERVFAIL/);
    expect(answers('dig +noall +comments no.such.name')).toMatch(/status: NXDOMAIN/);
    expect(answers('dig +tcp +short web.default.svc.cluster.local')).toBe('10.0.0.2\n');
    expect(world.scheduler.now).toBeLessThan(1e9);
  });

  it('SERVFAIL without any uplink', () => {
    const { a } = net();
    a.kernel.netlink.setLink('lo', { up: true });
    a.daemon('systemd-resolve', (kernel) => resolved(kernel, a.host));
    a.host.fs.write('/run/systemd/resolve/resolv.conf', '# nobody\n');
    expect(a.run(dig, 'dig +noall +comments no.such.name').stdout).toMatch(/status: SERVFAIL/);
  });

  it('starts where port 53 is free only', () => {
    const { b } = net();
    // CoreDNS' stand-in holds port 53 of every address of b.
    expect(b.run({ name: 'dnsmasq', models: '', run: (c) => dnsmasq(c.kernel, { fs: b.host.fs, leases: '/leases', domain: 'multipass', listen: ip('10.0.0.2') }) }, 'dnsmasq').code).toBe(2);
  });
});
