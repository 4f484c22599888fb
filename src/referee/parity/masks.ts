/**
 * What may differ between a command's output in a real namespace and in the lab, and why. Each rule is as narrow as its reason:
 * `ephemeral` values of this run, things the `namespace` necessarily has or lacks, or texts of another `version` of the tool
 * (the lab speaks Ubuntu 22.04's: iptables 1.8.7, iproute2 5.15, conntrack 1.4.6, nft 1.0.2; here are Debian 12's 1.8.9, 6.1, 1.4.7, 1.0.6).
 */
export type Side = 'real' | 'lab';

export interface Mask {
  readonly kind: 'ephemeral' | 'namespace' | 'version';
  readonly why: string;
  readonly apply: (text: string, side: Side) => string;
}

const onReal = (change: (text: string) => string) => (text: string, side: Side): string => (side === 'real' ? change(text) : text);
const onLab = (change: (text: string) => string) => (text: string, side: Side): string => (side === 'lab' ? change(text) : text);
const lines = (text: string, change: (all: string[]) => string[]): string => {
  const ended = text.endsWith('\n');
  const out = change((ended ? text.slice(0, -1) : text).split('\n'));
  return out.length === 0 || (out.length === 1 && out[0] === '') ? '' : `${out.join('\n')}${ended ? '\n' : ''}`;
};
const without = (pattern: RegExp) => (text: string): string => lines(text, (all) => all.filter((l) => !pattern.test(l)));

const TEXT_OF_PROTOCOL: Readonly<Record<string, string>> = { 0: 'all', 1: 'icmp', 6: 'tcp', 17: 'udp', 132: 'sctp' };

export const MASKS = {
  none: { kind: 'ephemeral', why: 'nothing may differ', apply: (text) => text },
} satisfies Record<string, Mask>;
void onReal; void onLab; void without; void TEXT_OF_PROTOCOL;

export type MaskName = keyof typeof MASKS;
