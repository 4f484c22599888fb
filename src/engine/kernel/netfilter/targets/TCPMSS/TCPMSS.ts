import { err, ok } from '../../../../../base/result.ts';
import { SYN, tcpOptionsLength, type TcpOption } from '../../../../wire/packet.ts';
import { ipv4HeaderLength } from '../../../../wire/packet.ts';
import { defineTarget, ipOf, type PacketContext } from '../../extension.ts';
import { found, parseUint } from '../../options.ts';

const TCP_HEADER = 20;
const DEFAULT_MSS = 536; // TCP_MSS_DEFAULT

interface TcpmssOptions {
  /** undefined: --clamp-mss-to-pmtu */
  readonly mss: number | undefined;
}

/** The smaller of the way there and, for forwarded packets, the way back. */
function pathMtu(c: PacketContext, src: number): number | undefined {
  const forward = c.skb.dst?.mtu ?? c.oif?.mtu;
  if (forward === undefined) return undefined;
  const p = ipOf(c);
  const back = p === undefined || p.src !== src ? undefined : c.ns.ip.route({ dst: p.src });
  return back?.ok === true ? Math.min(forward, back.dst.mtu) : forward;
}

/** Models: xt_TCPMSS.c: lowers the MSS option of a SYN, never raises it. */
export const TCPMSS = defineTarget<TcpmssOptions>({
  name: 'TCPMSS', models: 'net/netfilter/xt_TCPMSS.c (v6.1), libxt_TCPMSS.c 1.8.9', notModelled: '',
  hooksFor: (o) => (o.mss === undefined ? ['FORWARD', 'OUTPUT', 'POSTROUTING'] : undefined),
  options: [
    { name: 'set-mss', argument: 'value', help: 'explicitly set MSS option to specified value' },
    { name: 'clamp-mss-to-pmtu', help: 'automatically clamp MSS value to (path_MTU - 40)' },
  ],
  parse(given) {
    const clamp = found(given, 'clamp-mss-to-pmtu') !== undefined;
    const set = found(given, 'set-mss');
    if (clamp && set !== undefined) return err('TCPMSS: option "--set-mss" cannot be used together with "--clamp-mss-to-pmtu".\n');
    if (clamp) return ok({ mss: undefined });
    if (set === undefined) return err('TCPMSS target: At least one parameter is required');
    const mss = parseUint(set.value, 65495);
    return mss === undefined ? err('TCPMSS: bad value for option "--set-mss", or out of range (0-65495).\n') : ok({ mss });
  },
  save: (o) => (o.mss === undefined ? '--clamp-mss-to-pmtu' : `--set-mss ${o.mss}`),
  list: (o) => (o.mss === undefined ? 'TCPMSS clamp to PMTU' : `TCPMSS set ${o.mss}`),
  nft: (o) => `tcp option maxseg size set ${o.mss ?? 'rt mtu'}`,
  check: (_, rule) => rule.protocol === 6 && rule.synOnly,
  compile: (o) => (c) => {
    const p = ipOf(c);
    if (p === undefined || p.payload.kind !== 'tcp' || !(p.payload.flags & SYN) || p.payload.payload.length > 0) return 'continue';
    const t = p.payload;
    const overhead = ipv4HeaderLength(p) + TCP_HEADER;
    let mss = o.mss;
    if (mss === undefined) {
      const mtu = pathMtu(c, p.src);
      if (mtu === undefined || mtu <= overhead) return 'drop';
      mss = mtu - overhead;
    }
    const old = t.options.find((option) => option.kind === 'mss');
    let options: readonly TcpOption[];
    if (old?.kind === 'mss') {
      if (old.value <= mss) return 'continue';
      const value = mss;
      options = t.options.map((option) => (option.kind === 'mss' ? { kind: 'mss', value } : option));
    } else {
      if (tcpOptionsLength(t.options) >= 40) return 'continue';
      options = [{ kind: 'mss', value: Math.min(mss, DEFAULT_MSS) }, ...t.options];
    }
    c.skb.net = { ...p, payload: { ...t, options } };
    return 'continue';
  },
});
