/** Steps of a trace as the observations ask for them. */
import type { PacketStep, Step } from '../../engine/trace/steps.ts';
import { formatIpv4 } from '../../engine/wire/addresses.ts';
import { tcpFlagNames } from '../../engine/wire/tcp.ts';

export const isPacket = <K extends PacketStep['kind']>(kind: K) => (step: Step): step is Extract<PacketStep, { kind: K }> => step.kind === kind;

const tcpFlags = (step: PacketStep): string => (step.net.kind === 'ipv4' && step.net.payload.kind === 'tcp' ? tcpFlagNames(step.net.payload.flags) : '');
export const isSyn = (step: PacketStep): boolean => tcpFlags(step) === 'SYN';
export const isSynAck = (step: PacketStep): boolean => tcpFlags(step).split(', ').sort().join() === 'ACK,SYN';

/** `10.244.1.5 > 10.96.0.44` */
export const ends = (step: PacketStep): string => (step.net.kind === 'ipv4' ? `${formatIpv4(step.net.src)} > ${formatIpv4(step.net.dst)}` : '');
