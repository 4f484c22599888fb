/** Read first: net/ipv4/tcp_output.c tcp_syn_options, tcp_options_write; tcp_input.c tcp_parse_options. Models: the options Linux sends (v6.1), in its order. */
import { SYN, type TcpOption, type TcpSegment } from '../../../wire/packet.ts';
import { MAX_WSCALE, TCP_MSS_DEFAULT } from './constants.ts';

const NOP: TcpOption = { kind: 'nop' };
const SACK_OK: TcpOption = { kind: 'sackOK' };
export const NO_OPTIONS: readonly TcpOption[] = [];

export interface SynOffer {
  readonly mss: number;
  readonly timestamps: { readonly value: number; readonly echo: number } | undefined;
  readonly sack: boolean;
  /** undefined: no scaling. */
  readonly wscale: number | undefined;
}

/** `mss, sackOK, TS, nop, wscale`: without timestamps SACK is padded by two NOPs in front. */
export function synOptions(offer: SynOffer): readonly TcpOption[] {
  const options: TcpOption[] = [{ kind: 'mss', value: offer.mss }];
  if (offer.timestamps !== undefined) {
    if (offer.sack) options.push(SACK_OK);
    else options.push(NOP, NOP);
    options.push({ kind: 'timestamps', value: offer.timestamps.value, echo: offer.timestamps.echo });
  } else if (offer.sack) {
    options.push(NOP, NOP, SACK_OK);
  }
  if (offer.wscale !== undefined) options.push(NOP, { kind: 'wscale', shift: offer.wscale });
  return options;
}

export const timestampOptions = (value: number, echo: number): readonly TcpOption[] => [NOP, NOP, { kind: 'timestamps', value, echo }];

export const sackOptions = (blocks: readonly (readonly [number, number])[]): readonly TcpOption[] => [NOP, NOP, { kind: 'sack', blocks }];

export interface ParsedOptions {
  /** Peer's MSS; 536 when it names none. */
  mss: number;
  timestamps: boolean;
  value: number;
  echo: number;
  sack: boolean;
  wscale: number | undefined;
  blocks: readonly (readonly [number, number])[];
}

const NO_BLOCKS: ParsedOptions['blocks'] = [];

export function parseOptions(segment: TcpSegment): ParsedOptions {
  const parsed: ParsedOptions = { mss: TCP_MSS_DEFAULT, timestamps: false, value: 0, echo: 0, sack: false, wscale: undefined, blocks: NO_BLOCKS };
  const syn = (segment.flags & SYN) !== 0;
  for (const option of segment.options) {
    switch (option.kind) {
      case 'mss':
        if (syn && option.value > 0) parsed.mss = option.value;
        break;
      case 'timestamps':
        parsed.timestamps = true;
        parsed.value = option.value;
        parsed.echo = option.echo;
        break;
      case 'sackOK':
        if (syn) parsed.sack = true;
        break;
      case 'wscale':
        if (syn) parsed.wscale = Math.min(option.shift, MAX_WSCALE);
        break;
      case 'sack':
        parsed.blocks = option.blocks;
        break;
      case 'nop':
      case 'unknown':
        break;
    }
  }
  return parsed;
}
