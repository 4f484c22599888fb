/** --sport and --dport as the matches tcp, udp and sctp have them: options, parse, texts, test. Models: libxt_tcp.c, libxt_udp.c, libxt_sctp.c 1.8.9. */
import { done, err, ok, type Result } from '../../../../base/result.ts';
import type { Given, OptionSpec } from '../extension.ts';
import { inPortRange, nftRange, parsePortRange, portList, portRangeText, type PortRange } from '../options.ts';

export interface PortOptions {
  readonly sport: PortRange | undefined;
  readonly dport: PortRange | undefined;
}

export const PORT_OPTIONS: readonly OptionSpec[] = [
  { name: 'sport', aliases: ['source-port'], argument: 'port[:port]', invert: true, help: 'match source port(s)' },
  { name: 'dport', aliases: ['destination-port'], argument: 'port[:port]', invert: true, help: 'match destination port(s)' },
];

/** Takes one of the two options as given; of one given twice the last counts, unless `once`. */
export function takePort(into: { -readonly [K in keyof PortOptions]: PortOptions[K] }, { name, value, invert }: Given, protocol: number, once = false): Result<undefined, string> {
  if (name !== 'sport' && name !== 'dport') return done;
  if (once && into[name] !== undefined) return err(`Only one \`--${name === 'sport' ? 'source' : 'destination'}-port' allowed`);
  const range = parsePortRange(value, protocol, invert);
  if (!range.ok) return range;
  into[name] = range.value;
  return done;
}

/** Of a match that has no other options. */
export function parsePorts(given: readonly Given[], protocol: number): Result<PortOptions, string> {
  const ports = { sport: undefined, dport: undefined };
  for (const g of given) {
    const taken = takePort(ports, g, protocol);
    if (!taken.ok) return taken;
  }
  return ok(ports);
}

const whole = (r: PortRange | undefined): PortRange | undefined => (r !== undefined && r.min === 0 && r.max === 65535 && !r.invert ? undefined : r);
/** tcp and udp forget a range that every port is in. */
export const withoutWhole = ({ sport, dport }: PortOptions): PortOptions => ({ sport: whole(sport), dport: whole(dport) });

const each = (o: PortOptions, text: (which: 'sport' | 'dport', range: PortRange) => string): string[] =>
  (['sport', 'dport'] as const).flatMap((which) => (o[which] === undefined ? [] : [text(which, o[which])]));

export const savePorts = (o: PortOptions): string[] => each(o, (which, r) => `${r.invert ? '! ' : ''}--${which} ${portRangeText(r)}`);
export const listPorts = (o: PortOptions, numeric: boolean, protocol: number): string[] =>
  each(o, (which, r) => `${which.charAt(0)}pt${r.min === r.max ? '' : 's'}:${r.invert ? '!' : ''}${portList(r, numeric, protocol)}`);
export const nftPorts = (o: PortOptions, protocol: 'tcp' | 'udp' | 'sctp'): string[] => each(o, (which, r) => `${protocol} ${which} ${nftRange(r)}`);

export const portsMatch = ({ sport, dport }: PortOptions, src: number, dst: number): boolean => (sport === undefined || inPortRange(sport, src)) && (dport === undefined || inPortRange(dport, dst));

export const explainPorts = ({ sport, dport }: PortOptions, src: number, dst: number): string | undefined => {
  if (sport !== undefined && !inPortRange(sport, src)) return `source port is ${src}`;
  return dport !== undefined && !inPortRange(dport, dst) ? `destination port is ${dst}` : undefined;
};

/** The only destination port that can match, if there is one. */
export const onePort = ({ dport }: PortOptions): number | undefined => (dport !== undefined && !dport.invert && dport.min === dport.max ? dport.min : undefined);
