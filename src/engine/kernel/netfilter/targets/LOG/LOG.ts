/** Read first: iptables-extensions(8) LOG. Models: xt_LOG.c, nf_log_syslog.c (v6.1): the line goes to the trace as the kernel's words. */
import { err, ok } from '../../../../../base/result.ts';
import { defineTarget } from '../../extension.ts';
import { found, quote } from '../../options.ts';
import { logLine } from './log-line.ts';

interface LogOptions {
  readonly level: number;
  readonly prefix: string;
  readonly flags: number;
}
const LEVELS = ['emerg', 'alert', 'crit', 'error', 'warn', 'notice', 'info', 'debug'];
const NAMES: Readonly<Record<string, number>> = { emerg: 0, panic: 0, alert: 1, crit: 2, err: 3, error: 3, warn: 4, warning: 4, notice: 5, info: 6, debug: 7 };
const FLAGS: readonly (readonly [string, number, string])[] = [
  ['log-tcp-sequence', 1, 'tcp-sequence'], ['log-tcp-options', 2, 'tcp-options'], ['log-ip-options', 4, 'ip-options'], ['log-uid', 8, 'uid'], ['log-macdecode', 32, 'macdecode'],
];
const ALL = 47;

export const LOG = defineTarget<LogOptions>({
  name: 'LOG', models: 'net/netfilter/xt_LOG.c, nf_log_syslog.c (v6.1), libxt_LOG.c 1.8.9', notModelled: 'TCP and IP options in the line; printk rate limits',
  options: [
    { name: 'log-level', argument: 'level', help: 'Level of logging (numeric or see syslog.conf)' },
    { name: 'log-prefix', argument: 'prefix', help: 'Prefix log messages with this prefix.' },
    { name: 'log-tcp-sequence', help: 'Log TCP sequence numbers.' }, { name: 'log-tcp-options', help: 'Log TCP options.' },
    { name: 'log-ip-options', help: 'Log IP options.' }, { name: 'log-uid', help: 'Log UID owning the local socket.' },
    { name: 'log-macdecode', help: 'Decode MAC addresses and protocol.' },
  ],
  parse(given) {
    const text = found(given, 'log-level')?.value ?? '4';
    const level = /^\d$/.test(text) ? Number(text) : NAMES[text.toLowerCase()];
    if (level === undefined || level > 7) return err(`log level "${text}" unknown\n`);
    let flags = 0;
    for (const [name, bit] of FLAGS) if (found(given, name) !== undefined) flags |= bit;
    return ok({ level, prefix: (found(given, 'log-prefix')?.value ?? '').slice(0, 29), flags });
  },
  save(o) {
    const out: string[] = [];
    if (o.prefix !== '') out.push(`--log-prefix ${quote(o.prefix)}`);
    if (o.level !== 4) out.push(`--log-level ${o.level}`);
    for (const [name, bit] of FLAGS) if (o.flags & bit) out.push(`--${name}`);
    return out.join(' ');
  },
  list(o, numeric) {
    const prefix = o.prefix === '' ? '' : ` prefix "${o.prefix}"`;
    if (numeric) return `LOG flags ${o.flags} level ${o.level}${prefix}`;
    const flags = FLAGS.filter(([, bit]) => o.flags & bit).map(([, , name]) => ` ${name}`).join('');
    return `LOG level ${LEVELS[o.level] ?? o.level}${flags}${prefix}`;
  },
  nft(o) {
    const out = ['log'];
    if (o.prefix !== '') out.push(`prefix "${o.prefix}"`);
    if (o.level !== 4) out.push(`level ${o.level === 3 ? 'err' : LEVELS[o.level] ?? o.level}`);
    if (o.flags === ALL) out.push('flags all');
    else {
      const tcp = [o.flags & 1 ? 'sequence' : '', o.flags & 2 ? 'options' : ''].filter((w) => w !== '');
      if (tcp.length > 0) out.push(`flags tcp ${tcp.join(',')}`);
      if (o.flags & 4) out.push('flags ip options');
      if (o.flags & 8) out.push('flags skuid');
      if (o.flags & 32) out.push('flags ether');
    }
    return out.join(' ');
  },
  compile: (o) => (c) => {
    const { recorder } = c.ns.machine.world;
    if (recorder.on) recorder.write({ kind: 'control', ns: c.ns.id, actor: 'kernel', text: logLine(o.prefix, o.flags, c), object: undefined });
    return 'continue';
  },
});
