/** The kubelet's own chains. Models: pkg/kubelet/kubelet_network_linux.go: at start, and when somebody flushed iptables. */
import type { Netfilter } from '../../engine/uapi/netfilter.ts';
import { ensureChain, ensureRule } from '../addons/kube-proxy/jumps.ts';
import { minorOf } from '../version.ts';

/** Later kubelets leave dropping to kube-proxy. */
const LAST_WITH_DROP_MARK = 26;
const DROP_MARKED = ['-m', 'comment', '--comment', 'kubernetes firewall for dropping marked packets', '-m', 'mark', '--mark', '0x00008000/0x00008000', '-j', 'DROP'];
const LOCALNET_GUARD = '-m comment --comment @ -d 127.0.0.0/8 ! -s 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP'.split(' ').map((w) => (w === '@' ? 'block incoming localnet connections' : w));

/** The chains that must be there before kube-proxy's first look. */
export function prepareIptables(netfilter: Netfilter): void {
  ensureChain(netfilter, 'mangle', 'KUBE-IPTABLES-HINT');
  ensureChain(netfilter, 'filter', 'KUBE-FIREWALL');
}

export function syncIptables(netfilter: Netfilter, kubeletVersion: string): void {
  prepareIptables(netfilter);
  for (const from of ['OUTPUT', 'INPUT']) ensureRule(netfilter, 'prepend', 'filter', from, ['-j', 'KUBE-FIREWALL']);
  if (minorOf(kubeletVersion) <= LAST_WITH_DROP_MARK) {
    ensureChain(netfilter, 'nat', 'KUBE-MARK-DROP');
    ensureRule(netfilter, 'append', 'nat', 'KUBE-MARK-DROP', ['-j', 'MARK', '--or-mark', '0x00008000']);
    ensureRule(netfilter, 'append', 'filter', 'KUBE-FIREWALL', DROP_MARKED);
  }
  ensureRule(netfilter, 'append', 'filter', 'KUBE-FIREWALL', LOCALNET_GUARD);
}
