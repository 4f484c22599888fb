/** What may differ between the tools of Debian 12 on Linux 6.18 (the recording) and ours: IPv6, versions, dates, counters, newer kernels' fields. */
export function comparable(text: string): string {
  const kept: string[] = [];
  let ipv6 = false;
  for (const line of text.split('\n')) {
    if (/^\s+valid_lft/.test(line) && ipv6) continue;
    ipv6 = /^\s+inet6 /.test(line);
    // nft 1.0.6 warns; 1.0.2 (Ubuntu 22.04) did not.
    if (/^# Warning: table ip \w+ is managed by iptables-nft/.test(line)) continue;
    if (ipv6 || /^(33:33:|01:00:5e:)|^(multicast ff|local ::1|fe80::)|^\d+: \S+ +inet6/.test(line)) continue;
    kept.push(line
      .replace(/ ?[0-9a-f]*::[0-9a-f:]*\/\d+/g, '')
      .replace(/v1\.8\.[79]|v1\.4\.[67]|Version 1\.4\.[67]/g, 'VERSION')
      .replace(/on \w{3} \w{3} +\d+ [\d:]+ \d+/, 'on DATE')
      .replace(/ ?vlan_(protocol 802\.1Q|default_pvid 1|stats_enabled 0|stats_per_port 0)/g, '')
      .replace(/ (tso_max_size \d+ tso_max_segs \d+ gro_max_size \d+)/, '')
      .replace(/gc_timer +[\d.]+|forward_delay_timer +[\d.]+/g, 'TIMER')
      .replace(/counter packets \d+ bytes \d+/g, 'counter')
      .replace(/dropped \d+/g, 'dropped N')
      .replace(/[ \t]+$/, ''));
  }
  return kept.join('\n');
}
