/**
 * What a ServiceLB pod does: forward a port of its own address to the Service.
 * Models: klipper-lb's entry script, 0.3.5 and from 0.4 on (source ranges; a pod of the Service may come back to itself): its iptables calls in that order, and what
 * `sh -x` prints of it. Not modelled: IPv6, a kernel without nf_tables.
 */
import type { Program } from '../../../engine/sim/process.ts';
import { plus, seconds } from '../../../engine/sim/time.ts';
import type { Kernel } from '../../../engine/uapi/kernel.ts';
import type { ProcessSpec } from '../../node/images.ts';

/** What busybox' ash quotes in a trace. */
const traced = (words: readonly string[]): string => words.map((w) => (/^[\w./:,+-]+$|^\]$/.test(w) ? w : `'${w}'`)).join(' ');

const DETECTION = [
  ['check_iptables_mode'], ['set', '+e'], ['lsmod'], ['grep', '-qF', 'nf_tables'], ['[', '0', '=', '0', ']'], ['mode=nft'], ['set', '-e'], ['info', 'nft mode detected'], ['set_nft'],
  ...['iptables', 'iptables-save', 'iptables-restore', 'ip6tables'].map((name) => ['ln', '-sf', '/sbin/xtables-nft-multi', `/sbin/${name}`]), ['start_proxy'],
];

export function* klipperLb(spec: ProcessSpec, kernel: Kernel): Program {
  const get = (name: string): string => spec.env.get(name) ?? '';
  const list = (name: string): readonly string[] => get(name).split(/[\s,]+/).filter((t) => t !== '');
  const [from, to, proto] = [get('SRC_PORT'), get('DEST_PORT'), get('DEST_PROTO')];
  const old = spec.tag === 'v0.3.5';
  const trace = (words: readonly string[]): void => void spec.log.write(`+ ${words.length === 1 ? words[0] ?? '' : traced(words)}\n`);
  const iptables = (table: 'filter' | 'nat', op: '-I' | '-A', chain: string, ...rest: readonly string[]): void => {
    trace(['iptables', '-t', table, op, chain, ...rest]);
    // `-p TCP` is `-p tcp`, `--to` is short for `--to-destination`, and --dport loads the match.
    const written = rest.flatMap((w, i) => (rest[i - 1] === '-p' ? [proto.toLowerCase(), ...(rest.includes('--dport') ? ['-m', proto.toLowerCase()] : [])] : w === '--to' ? ['--to-destination'] : [w]));
    const spaced = written[0] === '-s' && written[1] === '0.0.0.0/0' ? written.slice(2) : written;
    kernel.netfilter.command(op === '-I' ? { op: 'insert', table, chain, position: 1, spec: spaced } : { op: 'append', table, chain, spec: spaced });
  };
  kernel.sysctl.set('net.ipv4.ip_forward', '1');
  trace(['trap', 'exit', 'TERM', 'INT']);
  if (!old) {
    trace(['BIN_DIR=/sbin']);
    for (const words of DETECTION) trace(words);
    spec.log.write('[INFO]  nft mode detected\n');
  }
  for (const range of old ? [] : list('SRC_RANGES')) {
    trace(['echo', range]);
    trace(['grep', '-Eq', ':']);
    iptables('filter', '-I', 'FORWARD', '-s', range, '-p', proto, '--dport', to, '-j', 'ACCEPT');
  }
  for (const ip of list('DEST_IPS')) {
    trace(['echo', ip]);
    trace(['grep', '-Eq', ':']);
    trace(['cat', '/proc/sys/net/ipv4/ip_forward']);
    trace(['[', '1', old ? '!=' : '==', '1', ']']);
    const host = `${ip}/32`;
    if (!old) iptables('filter', '-A', 'FORWARD', '-d', host, '-p', proto, '--dport', to, '-j', 'DROP');
    iptables('nat', '-I', 'PREROUTING', ...(old ? ['!', '-s', host] : []), '-p', proto, '--dport', from, '-j', 'DNAT', '--to', `${ip}:${to}`);
    iptables('nat', '-I', 'POSTROUTING', '-d', host, '-p', proto, '-j', 'MASQUERADE');
  }
  trace(['[', '!', '-e', '/pause', ']']);
  trace(['mkfifo', '/pause']);
  for (;;) yield { until: plus(kernel.clock.now, seconds(86_400)) };
}
