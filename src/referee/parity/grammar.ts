/**
 * Command lines that nobody chose: words of each tool's grammar put together at random, some of them broken (a word missing, doubled, unknown or out of range).
 * They look and change nothing, so any of them can be run again alone. The same seed, the same lines.
 */
import fc from 'fast-check';
import { ALL, type ParityCommand } from './commands/group.ts';

type Words = fc.Arbitrary<string>;
const one = (...words: readonly string[]): Words => fc.constantFrom(...words);
/** A space between what is not empty. */
const line = (...parts: readonly Words[]): Words => fc.tuple(...parts).map((words) => words.filter((w) => w !== '').join(' '));
const maybe = (word: Words): Words => fc.oneof({ weight: 2, arbitrary: fc.constant('') }, { weight: 1, arbitrary: word });
const some = (words: readonly string[], max: number): Words => fc.subarray([...words], { maxLength: max }).map((w) => w.join(' '));

const DEVICE = one('lo', 'ens3', 'ens3.100', 'cni0', 'flannel.1', 'veth07c81aa5', 'vethc8e5c581', 'nosuch');
const ADDRESS = one('10.42.0.8', '10.42.1.4', '10.42.1.1', '10.42.1.0', '10.42.1.255', '10.65.94.199', '10.65.94.1', '10.65.94.95', '10.43.180.238', '127.0.0.1', '8.8.8.8', '255.255.255.255', '10.42.2.9', '300.1.1.1', 'nosuch');
const PREFIX = one('10.42.0.0/24', '10.42.1.0/24', '10.65.94.0/24', '10.42.0.0/16', '10.0.0.0/8', '0/0', 'default', '10.42.1.1', '10.42.1.1/32', '10.42/16', '10.42.0.0/33', 'nosuch');
const TABLE = one('main', 'local', 'default', 'all', '254', '255', '77', 'nosuch');
const IP_LOOK = one('', '', '-4', '-d', '-o', '-d -o', '-br', '-j', '-j -d', '-N', '-4 -o', '-d -j -p');

const ip: Words = fc.oneof(
  line(one('ip'), one('-4', '-4 -o', '-4 -br'), one('a', 'addr', 'address'), one('', 'show', 'list', 'ls'), maybe(fc.oneof(line(one('dev'), DEVICE), line(one('', 'to'), PREFIX.filter((p) => p !== '0/0' && p !== 'default')).filter((w) => w.startsWith('to')), line(one('scope'), one('global', 'host', 'nosuch')), line(one('label'), one('cni0', 'ens*', 'nosuch')), one('up', 'permanent', 'dynamic', 'secondary')))),
  line(one('ip'), one('', '-d', '-o', '-br', '-j', '-j -br', '-d -o', '-d -j'), one('l', 'link'), one('show', 'list', 'ls', 'sh'), fc.oneof(line(one('', 'dev'), DEVICE.filter((d) => !d.startsWith('ens3'))), line(one('type'), one('bridge', 'vxlan', 'bridge_slave', 'nosuch')), line(one('master'), one('cni0', 'ens3', 'nosuch')), one('group 7'))),
  line(one('ip'), IP_LOOK, one('r', 'route'), one('', 'show', 'list', 'ls'), maybe(line(one('table'), TABLE.filter((t) => t !== 'all'))), maybe(fc.oneof(line(one('dev'), DEVICE), line(one('proto'), one('kernel', 'boot', 'dhcp', 'static', '16', 'nosuch')), line(one('scope'), one('link', 'global', 'host', '253', 'nosuch')), line(one('type'), one('unicast', 'local', 'broadcast', 'nosuch')), line(one('via'), ADDRESS), line(one('src'), ADDRESS), line(one('', 'root', 'match', 'exact', 'to'), PREFIX)))),
  line(one('ip'), one('', '-o', '-d', '-j', '-d -j'), one('r get', 'route get'), one('', 'to'), ADDRESS, maybe(line(one('from'), ADDRESS)), maybe(line(one('iif', 'oif'), DEVICE.filter((d) => d !== 'lo'))), maybe(line(one('mark'), one('1', '0x4000', 'nosuch')))),
  line(one('ip'), one('', '-d', '-j', '-N', '-d -j'), one('ru', 'rule'), one('', 'show', 'list', 'ls'), maybe(fc.oneof(line(one('table', 'lookup'), TABLE.filter((t) => t !== 'all')), line(one('pref', 'priority'), one('0', '32766', '5', 'nosuch')), line(one('from', 'to'), PREFIX), line(one('iif', 'oif'), DEVICE)))),
  line(one('ip'), one('', '-4', '-o', '-d', '-br', '-j'), one('n', 'neigh'), one('', 'show', 'ls'), one('dev flannel.1', 'dev nosuch', 'dev lo'), maybe(fc.oneof(line(one('nud'), one('permanent', 'noarp', 'failed', 'nosuch')), line(one('to', ''), one('10.42.0.0', '10.42.2.0', '10.42.0.0/16', '10.99.0.0/16')), one('nomaster', 'unused', 'proxy')))),
);
const bridges: Words = fc.oneof(
  line(one('bridge'), some(['-d', '-o', '-s'], 1), one('link', 'link show', 'link ls', 'l'), maybe(line(one('dev', 'master'), one('veth07c81aa5', 'vethc8e5c581', 'cni0', 'lo', 'nosuch')))),
  line(one('bridge'), one('', '-d', '-o'), one('fdb', 'fdb show', 'fdb ls'), fc.oneof(line(one('dev', 'brport'), one('flannel.1', 'ens3', 'lo', 'nosuch')), line(one('br'), one('ens3', 'nosuch')), line(one('br cni0 state'), one('static', 'nosuch')))),
  line(one('bridge fdb get'), one('2a:84:33:96:c8:f5', 'da:8d:30:d5:ca:26', '02:00:00:00:00:01', 'zz'), maybe(line(one('br'), one('cni0', 'ens3', 'nosuch'))), maybe(line(one('dev', 'brport'), one('veth07c81aa5', 'cni0', 'lo', 'nosuch'))), maybe(one('self', 'master'))),
  line(one('bridge'), one('', '-j', '-s'), one('vlan', 'vlan show', 'vlan ls'), maybe(line(one('dev'), one('cni0', 'ens3', 'nosuch')))),
  line(one('brctl'), one('show', 'showmacs', 'showstp', 'stp', 'hairpin', 'nosuch'), maybe(one('cni0', 'ens3', 'lo', 'nosuch'))).filter((l) => !/show(?:macs|stp) cni0/.test(l)),
);
const CHAIN = one('INPUT', 'FORWARD', 'OUTPUT', 'PREROUTING', 'POSTROUTING', 'KUBE-FORWARD', 'KUBE-SERVICES', 'KUBE-POSTROUTING', 'FLANNEL-FWD', 'NOSUCH');
const tables: Words = fc.oneof(
  line(one('iptables'), maybe(line(one('-t'), one('filter', 'nat', 'mangle', 'raw', 'nosuch'))), one('-nL', '-nvL', '-nxvL', '-n -v -L', '-S', '-vS'), maybe(line(CHAIN, maybe(one('1', '2', '99', '0', 'x')))), one('', '', '--line-numbers', '-x', '-w')).filter((l) => !/-v?S.*-(?:-line|x)/.test(l)),
  line(one('iptables-save'), maybe(line(one('-t'), one('filter', 'nat', 'mangle', 'raw', 'nosuch'))), maybe(one('-c', '--counters'))),
  line(one('nft'), one('', '-n', '-s', '-a', '-y', '-ns', '-t'), one('list'), fc.oneof(one('tables', 'chains', 'sets', 'ruleset', 'ruleset ip6', 'tables inet', 'counters', 'maps ip', 'nosuch', 'chains extra'), line(one('table'), one('', 'ip', 'ip6'), one('nat', 'filter', 'mangle', 'nosuch')), line(one('chain'), one('', 'ip', 'inet'), one('nat', 'filter', 'nosuch'), CHAIN))),
);
const sysctls: Words = line(one('sysctl'), one('', '-n', '-N', '-e', '-q', '-b'), one('net.ipv4.ip_forward', 'net.ipv4.conf.cni0.rp_filter', 'net/ipv4/conf/ens3.100/forwarding', 'net.ipv4.conf.flannel/1.rp_filter', 'net.ipv4.nosuch', 'net.ipv4.conf.all', 'net.bridge', '-a -r rp_filter', '-a -r "conf.(lo|cni0).arp"'), maybe(one('net.ipv4.ip_default_ttl', 'net.nosuch')));
const flows: Words = line(one('conntrack -L -s 203.0.113.9'), maybe(line(one('-p'), one('tcp', 'udp', 'icmp', '17'))), maybe(one('--sport 80', '--dport 99', '--state ESTABLISHED', '--state NOSUCH')), maybe(line(one('-o'), one('extended', 'id', 'extended,id', 'nosuch'))), maybe(line(one('-d', '-r', '-q'), one('10.0.0.1', '10.0.0.0/8', '10.0.0.0/33', 'x'))), maybe(line(one('-u'), one('ASSURED', 'SEEN_REPLY', 'NOSUCH'))));
const routes: Words = line(one('route', 'netstat -r', 'arp'), one('-n', '-ne', '-nee', '-n -v', '-C -n'), one('', '')).filter((l) => !/^arp -n(?:e| -v|$)|arp -C/.test(l));

/** What goes wrong with a line, if anything. */
const BREAK: fc.Arbitrary<(text: string) => string> = fc.oneof(
  { weight: 5, arbitrary: fc.constant((text: string) => text) },
  { weight: 1, arbitrary: fc.constantFrom((text: string) => `${text} garbage`, (text: string) => text.split(' ').slice(0, -1).join(' '), (text: string) => `${text} ${text.split(' ').at(-1) ?? ''}`) },
);
const LINES = fc.tuple(fc.oneof({ weight: 5, arbitrary: ip }, { weight: 3, arbitrary: tables }, { weight: 2, arbitrary: bridges }, { weight: 1, arbitrary: sysctls }, { weight: 1, arbitrary: flows }, { weight: 1, arbitrary: routes }), BREAK).map(([text, spoil]) => spoil(text));

export function randomLines(seed: number, count: number): readonly ParityCommand[] {
  const lines = new Set(fc.sample(LINES, { seed, numRuns: count }).filter((text) => !/\|/.test(text) && text.includes(' ')));
  return [...lines].map((run) => ({ on: 'vm2', run, masks: ALL }));
}
