/** Models: nc.c of OpenBSD netcat, Debian patchlevel 1.219. */
import { err, ok, type Result } from '../../../base/result.ts';
import { getopt, UsageError } from '../../text/getopt.ts';

export interface NcOptions {
  readonly listen: boolean;
  readonly keep: boolean;
  readonly udp: boolean;
  readonly verbose: boolean;
  readonly zero: boolean;
  readonly numeric: boolean;
  readonly shutdown: boolean;
  readonly noStdin: boolean;
  /** Seconds; undefined: none. */
  readonly timeout: number | undefined;
  /** -q: seconds after end of input; undefined: until the peer closes. */
  readonly quit: number | undefined;
  readonly source: string | undefined;
  readonly sourcePort: number;
  readonly host: string | undefined;
  readonly ports: readonly number[];
}

const USAGE = `usage: nc [-46CDdFhklNnrStUuvZz] [-I length] [-i interval] [-M ttl]
\t  [-m minttl] [-O length] [-P proxy_username] [-p source_port]
\t  [-q seconds] [-s sourceaddr] [-T keyword] [-V rtable] [-W recvlimit]
\t  [-w timeout] [-X proxy_protocol] [-x proxy_address[:port]]
\t  [destination] [port]
`;

const port = (text: string): number | undefined => (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 65535 ? Number(text) : undefined);

export function parseNc(args: readonly string[]): Result<NcOptions, string> {
  let o;
  try {
    o = getopt(args, { short: '46CDdFhI:i:klM:m:NnO:P:p:q:rSs:T:tUuV:vW:w:X:x:Zzb' });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return err(`nc: ${error.message}\n${USAGE}`);
  }
  for (const letter of ['6', 'C', 'F', 'I', 'i', 'P', 'U', 'X', 'x', 'Z', 't', 'S', 'M', 'm', 'O', 'T', 'V', 'W', 'r']) if (o.has(letter)) return err(`nc: -${letter}: not modelled in this lab\n`);
  if (o.has('h')) return err(USAGE);
  const listen = o.has('l');
  const sourcePortText = o.value('p');
  const [first, second, ...others] = o.rest;
  if (others.length > 0) return err(USAGE);
  // With -l one word is the port.
  const [host, portText] = listen && second === undefined ? (sourcePortText !== undefined ? [first, sourcePortText] : [undefined, first]) : [first, second];
  if (host === undefined && !listen) return err(first === undefined ? USAGE : 'nc: missing port number\n');
  if (portText === undefined) return err(listen ? USAGE : 'nc: missing port number\n');
  const timeout = o.value('w');
  if (timeout !== undefined && !/^\d+$/.test(timeout)) return err(`nc: timeout invalid: ${timeout}\n`);
  const ports: number[] = [];
  for (const part of portText.split(',')) {
    const [low = '', high = low] = part.split('-');
    const [from, to] = [port(low), port(high)];
    if (from === undefined || to === undefined) return err(`nc: port number ${/^\d+$/.test(part) ? 'too large' : 'invalid'}: ${part}\n`);
    for (let p = Math.min(from, to); p <= Math.max(from, to); p++) ports.push(p);
  }
  const sourcePort = sourcePortText === undefined || (listen && sourcePortText === portText) ? 0 : port(sourcePortText);
  if (sourcePort === undefined) return err(`nc: port number invalid: ${sourcePortText ?? ''}\n`);
  return ok({
    listen, keep: o.has('k'), udp: o.has('u'), verbose: o.has('v'), zero: o.has('z'), numeric: o.has('n'), shutdown: o.has('N'), noStdin: o.has('d'),
    timeout: timeout === undefined ? undefined : Number(timeout), quit: o.value('q') === undefined ? undefined : Number(o.value('q')), source: o.value('s'), sourcePort, host, ports,
  });
}
