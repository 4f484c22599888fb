/** What iptables 1.8.9 (nf_tables) on Linux 6.18 said to the same words in the same order (recorded 2026-11, names as typed there). */
import { describe, expect, test } from 'vitest';
import type { TableName } from '../../trace/steps.ts';
import type { IptablesCommand, IptablesError } from '../../uapi/netfilter.ts';
import { Machine } from '../machine.ts';
import { World } from '../world.ts';
import { splitWords } from './restore.ts';

const TRY = "\nTry `iptables -h' or 'iptables --help' for more information.";
const V = 'iptables v1.8.7 (nf_tables): ';

function door(): ReturnType<Machine['init']['netfilter']['door']> {
  return new Machine(new World({ seed: 1, epochMillis: 0 }), 'm').init.netfilter.door();
}

/** The words after `iptables`, as the command would hand them over. */
function command(line: string): IptablesCommand {
  let words = splitWords(`${line}\n`);
  let table: TableName = 'filter';
  if (words[0] === '-t') {
    table = words[1] === 'nat' || words[1] === 'mangle' || words[1] === 'raw' ? words[1] : 'filter';
    words = words.slice(2);
  }
  const [flag = '', chain = '', ...rest] = words;
  const number = /^\d+$/.test(rest[0] ?? '') ? Number(rest[0]) : undefined;
  const spec = number === undefined ? rest : rest.slice(1);
  switch (flag) {
    case '-A': return { op: 'append', table, chain, spec };
    case '-C': return { op: 'check', table, chain, spec };
    case '-D': return number === undefined ? { op: 'delete', table, chain, spec } : { op: 'delete-number', table, chain, position: number };
    case '-I': return { op: 'insert', table, chain, position: number ?? 1, spec };
    case '-R': return { op: 'replace', table, chain, position: number ?? 0, spec };
    case '-N': return { op: 'new-chain', table, chain };
    case '-X': return { op: 'delete-chain', table, chain: chain === '' ? undefined : chain };
    case '-E': return { op: 'rename-chain', table, chain, to: rest[0] ?? '' };
    case '-F': return { op: 'flush', table, chain: chain === '' ? undefined : chain };
    case '-Z': return { op: 'zero', table, chain: chain === '' ? undefined : chain, position: number };
    default: return { op: 'policy', table, chain, policy: rest[0] ?? '' };
  }
}

const lookup = (text: string): Partial<IptablesError> => ({ message: `iptables: ${text}`, exitCode: 1 });
const usage = (text: string): Partial<IptablesError> => ({ message: `${V}${text}${TRY}`, exitCode: 2 });
const kernel = (text: string): Partial<IptablesError> => ({ message: `${V} ${text}`, exitCode: 4 });
const NO_CHAIN = lookup('No chain/target/match by that name.');
const BAD_RULE = lookup('Bad rule (does a matching rule exist in that chain?).');
const invalid = (chain: string): Partial<IptablesError> => kernel(`RULE_APPEND failed (Invalid argument): rule in chain ${chain}`);

/** Lines before `>` prepare; the last one is judged. undefined: accepted. */
const CASES: readonly (readonly [string, Partial<IptablesError> | undefined])[] = [
  ['-N A > -N A', lookup('Chain already exists.')],
  ['-X NOPE', NO_CHAIN], ['-F NOPE', NO_CHAIN], ['-Z NOPE', NO_CHAIN], ['-X INPUT', NO_CHAIN],
  ['-N INPUT', lookup('Chain already exists.')],
  ['-N ACCEPT', usage('chain name may not clash with target name')],
  [`-N ${'a'.repeat(40)}`, usage(`chain name \`${'a'.repeat(40)}' too long (must be under 29 chars)`)],
  ['-N -x', usage("chain name not allowed to start with `-'")],
  ['-N "a b"', usage("Invalid chain name `a b'")],
  ['-P INPUT FOO', lookup("Bad policy name. Run `dmesg' for more information.")],
  ['-P INPUT RETURN', lookup("Bad policy name. Run `dmesg' for more information.")],
  ['-P NOPE DROP', lookup('Bad built-in chain name.')],
  ['-N A > -P A DROP', lookup('Bad built-in chain name.')],
  ['-P INPUT DROP', undefined],
  ['-N A > -A INPUT -j A > -X A', kernel('CHAIN_DEL failed (Device or resource busy): chain A')],
  ['-N A > -A A -j ACCEPT > -X A', kernel('CHAIN_DEL failed (Device or resource busy): chain A')],
  ['-A FORWARD -j ACCEPT > -X FORWARD', kernel('CHAIN_DEL failed (Device or resource busy): chain FORWARD')],
  ['-P INPUT DROP > -X INPUT', { message: 'iptables: Directory not empty.', exitCode: 1 }],
  ['-E NOPE C', NO_CHAIN], ['-N B > -N C > -E C B', lookup('File exists.')],
  ['-D INPUT 5', NO_CHAIN], ['-A INPUT -j ACCEPT > -D INPUT 5', lookup('Index of deletion too big.')],
  ['-D INPUT 0', usage("Invalid rule number `0'")],
  ['-D INPUT -j DROP', BAD_RULE], ['-C INPUT -j DROP', BAD_RULE], ['-D NOPE 1', NO_CHAIN], ['-D NOPE -j ACCEPT', BAD_RULE],
  ['-D INPUT -j NOPE', usage("Chain 'NOPE' does not exist")], ['-C INPUT -j NOPE', usage("Chain 'NOPE' does not exist")],
  ['-I INPUT 5 -j ACCEPT', lookup('Index of insertion too big.')], ['-I INPUT 0 -j ACCEPT', usage("Invalid rule number `0'")],
  ['-A INPUT -j ACCEPT > -I INPUT 2 -j DROP', undefined], ['-A INPUT -j ACCEPT > -R INPUT 5 -j ACCEPT', lookup('Index of replacement too big.')],
  ['-R INPUT 5 -j ACCEPT', NO_CHAIN], ['-R NOPE 1 -j DROP', NO_CHAIN],
  ['-A NOPE -j ACCEPT', NO_CHAIN], ['-I NOPE -j ACCEPT', NO_CHAIN],
  ['-A INPUT -j NOPE', usage("Chain 'NOPE' does not exist")], ['-A INPUT -g ACCEPT', usage("Chain 'ACCEPT' does not exist")],
  ['-P INPUT ACCEPT > -A INPUT -j INPUT', kernel('RULE_APPEND failed (Operation not supported): rule in chain INPUT')],
  ['-N B > -A INPUT -j B > -A B -j B', kernel('RULE_APPEND failed (Too many links): rule in chain B')],
  ['-N B > -N C > -A INPUT -j B > -A B -j C > -A C -j B', kernel('RULE_APPEND failed (Too many links): rule in chain C')],
  ['-A INPUT -p foo', usage('unknown protocol "foo" specified')], ['-A INPUT --dport 80', usage('unknown option "--dport"')],
  ['-A INPUT -p tcp --dport foo', usage("invalid port/service `foo' specified")], ['-A INPUT -p tcp --dport 70000', usage("invalid port/service `70000' specified")],
  ['-A INPUT -p tcp --dport 80:70', usage('invalid portrange (min > max)')],
  ['-A INPUT -m nope', usage("Couldn't load match `nope':No such file or directory\n")], ['-A INPUT -p icmp --dport 3', usage('unknown option "--dport"')],
  ['-A INPUT -s 1.2.3', undefined], ['-A INPUT -s 1.2.3.4/33', usage("invalid mask `33' specified")], ['-A INPUT -s foo.invalid', usage("host/network `foo.invalid' not found")],
  ['-A INPUT ! -s 0/0', invalid('INPUT')], ['-A INPUT -s 0/0', undefined], ['-A INPUT ! -p all', usage('rule would never match protocol')],
  ['-A INPUT -i aaaaaaaaaaaaaaaaaaaa', usage("interface name `aaaaaaaaaaaaaaaaaaaa' must be shorter than IFNAMSIZ (15)")],
  ['-A INPUT -o eth0', usage("Can't use -o with INPUT\n")], ['-A OUTPUT -i eth0', usage("Can't use -i with OUTPUT\n")],
  ['-t nat -A INPUT -j DNAT --to-destination 1.1.1.1', invalid('INPUT')], ['-t nat -A POSTROUTING -j DNAT --to-destination 1.1.1.1', invalid('POSTROUTING')],
  ['-A INPUT -j DNAT --to-destination 1.1.1.1', invalid('INPUT')], ['-t nat -A PREROUTING -j MASQUERADE', invalid('PREROUTING')],
  ['-t nat -A POSTROUTING -j MASQUERADE --to-ports 5', usage('Need TCP, UDP, SCTP or DCCP with port specification')],
  ['-t nat -A PREROUTING -j DNAT', usage('DNAT: option "--to-destination" must be specified\n')],
  ['-t nat -A PREROUTING -j DNAT --to-destination 1.1.1.1:80', usage('Need TCP, UDP, SCTP or DCCP with port specification')],
  ['-t nat -A OUTPUT -p tcp -j DNAT --to 1.1.1.1:99999', usage("Port `99999' not valid")], ['-t nat -A OUTPUT -p tcp -j DNAT --to foo', usage('Bad IP address "foo"')],
  ['-t nat -N K > -t nat -A K -j DNAT --to-destination 1.1.1.1 > -t nat -A POSTROUTING -j K', invalid('POSTROUTING')],
  ['-t nat -N K2 > -t nat -A POSTROUTING -j K2 > -t nat -A K2 -j DNAT --to-destination 1.1.1.1', invalid('K2')],
  ['-t nat -P PREROUTING DROP', usage('\nThe "nat" table is not intended for filtering, the use of DROP is therefore inhibited.\n\n')],
  ['-t nat -A PREROUTING -j DROP', usage('\nThe "nat" table is not intended for filtering, the use of DROP is therefore inhibited.\n\n')],
  ['-A INPUT -j REJECT --reject-with foo', usage('unknown reject type "foo"')], ['-A INPUT -j REJECT --reject-with tcp-reset', invalid('INPUT')],
  ['-t nat -A PREROUTING -j REJECT', invalid('PREROUTING')], ['-t mangle -A INPUT -j REJECT', invalid('INPUT')],
  ['-t raw -A INPUT -j ACCEPT', NO_CHAIN], ['-A INPUT -p tcp -m tcp --bogus', usage('unknown option "--bogus"')],
  ['-A INPUT -m conntrack --ctstate FOO', usage('Bad ctstate "FOO"')], ['-A INPUT -m conntrack', usage('conntrack: At least one option is required')],
  ['-A INPUT -m state', usage('state: option "--state" must be specified\n')], ['-A INPUT -m mark', usage('mark: option "--mark" must be specified\n')],
  ['-A INPUT -m statistic', usage('--probability must be specified when using random mode')], ['-A INPUT -m statistic --mode foo', usage('Bad mode "foo"')],
  ['-A INPUT -m statistic --mode random --probability 2', usage('statistic: bad value for option "--probability", or out of range (0-1).\n')],
  ['-A INPUT -m recent', usage("recent: you must specify one of `--set', `--rcheck' `--update' or `--remove'")],
  ['-A INPUT -m recent --set --update', usage('recent: option "--set" cannot be used together with "--update".\n')],
  ['-A INPUT -m addrtype', usage('addrtype: you must specify --src-type or --dst-type')], ['-A INPUT -m addrtype --dst-type FOO', usage('addrtype: bad type "FOO"')],
  ['-A INPUT -m multiport --dports 80', usage("multiport needs `-p tcp', `-p udp', `-p udplite', `-p sctp' or `-p dccp'")],
  ['-A INPUT -p tcp -m multiport', usage('multiport expection an option')], ['-A INPUT -m limit --limit foo', usage('bad rate "foo"\'')],
  ['-A INPUT -m limit --limit 20000/sec', usage('Rate too fast "20000/sec"')], ['-A INPUT -m comment', usage('comment: option "--comment" must be specified\n')],
  ['-A INPUT -m comment --comment', usage('option "--comment" requires an argument')], ['-A INPUT -j', usage('option "-j" requires an argument')],
  ['-A INPUT foo', { message: `Bad argument \`foo'${TRY}`, exitCode: 2 }], ['-A INPUT !', usage('nothing appropriate following !')],
  ['-A INPUT -s ! 1.2.3.4', { message: `Bad argument \`1.2.3.4'${TRY}`, exitCode: 2 }], ['-A INPUT -p tcp -p udp', usage('multiple -p flags not allowed')],
  ['-A INPUT -s 1.1.1.1 -s 2.2.2.2', usage('multiple -s flags not allowed')], ['-A INPUT -j ACCEPT -j DROP', usage('multiple -j flags not allowed')],
  ['-A INPUT -j ACCEPT --foo', usage('unknown option "--foo"')], ['-A INPUT -j MARK', usage('MARK: One of the --set-xmark, --{and,or,xor,set}-mark options is required')],
  ['-A INPUT -j MARK --set-mark foo', usage('MARK: bad integer value for option "--set-mark", or out of range.\n')],
  ['-A INPUT -j TCPMSS --set-mss 5', invalid('INPUT')], ['-t mangle -A PREROUTING -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu', invalid('PREROUTING')],
  ['-A INPUT -j TTL --ttl-set 3', invalid('INPUT')], ['-A INPUT -j CT --notrack', invalid('INPUT')], ['-A INPUT -j NOTRACK', invalid('INPUT')],
  ['-A INPUT -m owner --uid-owner 0', invalid('INPUT')], ['-A INPUT -m mac --mac-source zz', usage('Invalid MAC address specified.')],
  ['-A INPUT -p tcp --tcp-flags foo bar', usage("Unknown TCP flag `foo'")], ['-A INPUT -p tcp --syn --syn', usage("Only one of `--syn' or `--tcp-flags'  allowed")],
  ['-A INPUT -p icmp --icmp-type foo', usage("Unknown ICMP type `foo'")], ['-A INPUT -p udp -m tcp --dport 8', usage("TCP match requires '-p tcp'")],
  ['-A OUTPUT -p tcp -m icmp --icmp-type 8', invalid('OUTPUT')], ['-A OUTPUT -j LOG --log-level foo', usage('log level "foo" unknown\n')],
  ['-A INPUT -m set --match-set x src', usage("match `set' is not modelled in this lab")], ['-A INPUT -j NFQUEUE', usage("target `NFQUEUE' is not modelled in this lab")],
  ['-A INPUT -s 1.1.1.1,2.2.2.2 -j ACCEPT', undefined], ['-A OUTPUT --jump ACCEPT --protocol udp --source-port 5', undefined],
];

describe('NF5 iptables commands answer as the real tool', () => {
  test.each(CASES)('%s', (script, expected) => {
    const netfilter = door();
    const lines = script.split(' > ');
    lines.forEach((line, i) => {
      const result = netfilter.command(command(line));
      if (i < lines.length - 1) expect(result, line).toMatchObject({ ok: true });
      else if (expected === undefined) expect(result).toMatchObject({ ok: true });
      else expect(result).toMatchObject({ ok: false, error: expected });
    });
  });

  test('a refused command changes nothing, not even by making a table', () => {
    const netfilter = door();
    netfilter.command(command('-A INPUT -j TTL --ttl-set 3'));
    expect(netfilter.tables()).toEqual([]);
  });

  test('renaming a chain renames it where it is used, and keeps handle and counters', () => {
    const netfilter = door();
    for (const line of ['-N A', '-A INPUT -j A -c 3 4', '-E A B']) expect(netfilter.command(command(line))).toMatchObject({ ok: true });
    const input = netfilter.dump('filter')?.chains.find((c) => c.name === 'INPUT');
    expect(input?.rules[0]).toMatchObject({ save: '-j B', packets: 3, bytes: 4, jump: 'B' });
    expect(netfilter.dump('filter')?.chains.find((c) => c.name === 'B')?.references).toBe(1);
  });

  test('base chains appear when first needed; all are shown', () => {
    const netfilter = door();
    netfilter.command(command('-t nat -A POSTROUTING -j MASQUERADE'));
    netfilter.command(command('-t nat -N Z'));
    netfilter.command(command('-t nat -N A'));
    const dump = netfilter.dump('nat');
    expect(dump?.created).toEqual(['POSTROUTING', 'Z', 'A']);
    expect(dump?.chains.map((c) => c.name)).toEqual(['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING', 'A', 'Z']);
    expect(netfilter.dump('filter')).toBeUndefined();
  });
});
