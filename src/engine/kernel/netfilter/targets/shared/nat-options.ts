/** Read first: iptables-extensions(8) SNAT, DNAT. Models: parse_to and the printers of libxt_NAT.c (1.8.9). */
import { err, ok, type Result } from '../../../../../base/result.ts';
import { parseIpv4 } from '../../../../wire/addresses.ts';
import type { Given, ParseContext } from '../../extension.ts';
import { EMPTY_RANGE, type NatRange } from '../../nat/range.ts';
import { dotted, found } from '../../options.ts';

const PORTS_NEED = 'Need TCP, UDP, SCTP or DCCP with port specification';
const portable = (protocol: number | undefined): boolean => protocol === 6 || protocol === 17 || protocol === 132 || protocol === 33;

/** `80` or `80-90` */
export function parsePorts(text: string, context: ParseContext): Result<Pick<NatRange, 'minPort' | 'maxPort'>, string> {
  if (!portable(context.protocol)) return err(PORTS_NEED);
  const [low = '', high] = text.split('-');
  for (const word of high === undefined ? [low] : [low, high]) if (!/^\d+$/.test(word) || Number(word) > 65535) return err(`Port \`${word}' not valid`);
  const minPort = Number(low);
  const maxPort = high === undefined ? minPort : Number(high);
  return maxPort < minPort ? err('Port range `' + text + "' funky\n") : ok({ minPort, maxPort });
}

/** `[ip[-ip]][:port[-port]]` */
export function parseTo(text: string, given: readonly Given[], context: ParseContext): Result<NatRange, string> {
  const colon = text.indexOf(':');
  const addresses = colon < 0 ? text : text.slice(0, colon);
  let range: NatRange = { ...EMPTY_RANGE, ...flags(given) };
  if (colon >= 0) {
    const ports = parsePorts(text.slice(colon + 1), context);
    if (!ports.ok) return ports;
    range = { ...range, ...ports.value };
  }
  if (addresses !== '') {
    const [low = '', high] = addresses.split('-');
    const min = parseIpv4(low);
    if (min === undefined) return err(`Bad IP address "${low}"`);
    const max = high === undefined ? min : parseIpv4(high);
    if (max === undefined) return err(`Bad IP address "${high}"`);
    range = { ...range, minAddress: min, maxAddress: max };
  } else if (colon < 0) return err('Bad IP address ""');
  return ok(range);
}

export const flags = (given: readonly Given[]): Pick<NatRange, 'random' | 'randomFully' | 'persistent'> => ({
  random: found(given, 'random') !== undefined, randomFully: found(given, 'random-fully') !== undefined, persistent: found(given, 'persistent') !== undefined,
});

export const portsText = (r: NatRange): string =>
  r.minPort === undefined || r.maxPort === undefined ? '' : r.minPort === r.maxPort ? `${r.minPort}` : `${r.minPort}-${r.maxPort}`;

export function toText(r: NatRange): string {
  const address = r.minAddress === undefined || r.maxAddress === undefined ? '' : dotted(r.minAddress) + (r.minAddress === r.maxAddress ? '' : `-${dotted(r.maxAddress)}`);
  const ports = portsText(r);
  return ports === '' ? address : `${address}:${ports}`;
}

export function flagWords(r: NatRange, dashes: string): string[] {
  const out: string[] = [];
  if (r.random) out.push(`${dashes}random`);
  if (r.randomFully) out.push(`${dashes}random-fully`);
  if (r.persistent) out.push(`${dashes}persistent`);
  return out;
}

export function nftFlags(r: NatRange): string[] {
  const words = [r.random ? 'random' : '', r.randomFully ? 'fully-random' : '', r.persistent ? 'persistent' : ''].filter((w) => w !== '');
  return words.length === 0 ? [] : [words.join(',')];
}

export const RANDOM = { name: 'random', help: 'Randomize source port' } as const;
export const RANDOM_FULLY = { name: 'random-fully', help: 'Fully randomize source port' } as const;
export const PERSISTENT = { name: 'persistent', help: 'Gives a client the same source-/destination-address for each connection' } as const;
