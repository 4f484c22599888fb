/** Models: the command line of tcpdump 4.99.3. */
import { err, ok, type Result } from '../../../base/result.ts';
import { getopt, UsageError } from '../../text/getopt.ts';

export interface TcpdumpOptions {
  readonly device: string | undefined;
  readonly count: number | undefined;
  readonly noNames: boolean;
  readonly verbose: number;
  readonly link: boolean;
  readonly quiet: boolean;
  readonly absoluteSeq: boolean;
  readonly noChecksum: boolean;
  /** Number of -t: 1 none, 2 seconds, 3 since the line before, 4 with the date, 5 since the first. */
  readonly time: number;
  /** Number of -x, of -X. */
  readonly hex: number;
  readonly hexAscii: number;
  readonly ascii: boolean;
  readonly snaplen: number;
  readonly list: boolean;
  readonly write: string | undefined;
  readonly read: string | undefined;
  readonly direction: 'in' | 'out' | 'inout';
  readonly number: boolean;
  readonly print: boolean;
  readonly countOnly: boolean;
  readonly dump: boolean;
  readonly filter: string;
}

const VERSION = 'tcpdump version 4.99.3\nlibpcap version 1.10.3 (with TPACKET_V3)\nOpenSSL 3.0.13 30 Jan 2024\n';

const USAGE = `${VERSION}Usage: tcpdump [-AbdDefhHIJKlLnNOpqStuUvxX#] [ -B size ] [ -c count ] [--count]
\t\t[ -C file_size ] [ -E algo:secret ] [ -F file ] [ -G seconds ]
\t\t[ -i interface ] [ --immediate-mode ] [ -j tstamptype ]
\t\t[ -M secret ] [ --number ] [ --print ] [ -Q in|out|inout ]
\t\t[ -r file ] [ -s snaplen ] [ -T type ] [ --version ]
\t\t[ -V file ] [ -w file ] [ -W filecount ] [ -y datalinktype ]
\t\t[ --time-stamp-precision precision ] [ --micro ] [ --nano ]
\t\t[ -z postrotate-command ] [ -Z user ] [ expression ]
`;

/** What ends the program at once: text on stderr or stdout. */
export interface Ending {
  readonly text: string;
  readonly stdout: boolean;
  readonly code: number;
}

const NOT_HERE = ['b', 'C', 'd', 'E', 'F', 'G', 'H', 'I', 'J', 'j', 'L', 'M', 'T', 'V', 'W', 'y', 'z', 'O'];

export function parseTcpdump(args: readonly string[]): Result<TcpdumpOptions, Ending> {
  let o;
  try {
    o = getopt(args, {
      short: 'AbB:c:C:dDeE:fF:G:hHi:IJj:KlLM:nNOpqQ:r:s:StT:uUvV:w:W:xXy:z:Z:#', stopAtOperand: false,
      long: {
        count: 'count', number: '#', print: 'print', version: 'version', help: 'h', interface: 'i:', 'list-interfaces': 'D', direction: 'Q:', 'snapshot-length': 's:', 'packet-buffered': 'U',
        'no-promiscuous-mode': 'p', 'absolute-tcp-sequence-numbers': 'S', 'dont-verify-checksums': 'K', 'immediate-mode': 'immediate', micro: 'micro', nano: 'nano', 'relinquish-privileges': 'Z:', 'buffer-size': 'B:',
      } });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return err({ text: `tcpdump: ${error.message}\n${USAGE}`, stdout: false, code: 1 });
  }
  if (o.has('h')) return err({ text: USAGE, stdout: true, code: 0 });
  if (o.has('version')) return err({ text: VERSION, stdout: true, code: 0 });
  const stop = (text: string): { readonly ok: false; readonly error: Ending } => err({ text: `tcpdump: ${text}\n`, stdout: false, code: 1 });
  const count = o.value('c');
  if (count !== undefined && (!/^\d+$/.test(count) || Number(count) <= 0)) return stop(`invalid packet count ${count}`);
  const snap = o.value('s');
  if (snap !== undefined && (!/^\d+$/.test(snap) || Number(snap) > 262144)) return stop(`invalid snaplen ${snap} (must be >= 0 and <= 262144)`);
  const direction = o.value('Q') ?? 'inout';
  if (direction !== 'in' && direction !== 'out' && direction !== 'inout') return stop(`unknown capture direction \`${direction}'`);
  for (const letter of NOT_HERE) if (o.has(letter)) return stop(`-${letter}: not modelled in this lab`);
  const times = (letter: string): number => o.given.get(letter)?.length ?? 0;
  return ok({
    device: o.value('i'), count: count === undefined ? undefined : Number(count), noNames: times('n') > 0, verbose: times('v'), link: times('e') > 0, quiet: times('q') > 0, absoluteSeq: times('S') > 0, noChecksum: times('K') > 0,
    time: times('t'), hex: times('x'), hexAscii: times('X'), ascii: times('A') > 0, snaplen: snap === undefined || Number(snap) === 0 ? 262144 : Number(snap), list: times('D') > 0, write: o.value('w'), read: o.value('r'), direction, number: times('#') > 0,
    print: times('print') > 0, countOnly: times('count') > 0, dump: false, filter: o.rest.join(' '),
  });
}
