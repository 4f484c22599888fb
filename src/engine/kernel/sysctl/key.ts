/**
 * Read first: sysctl(8), "-w". The first separator decides: `net.ipv4.conf.ens3/100.rp_filter` and
 * `net/ipv4/conf/ens3.100/rp_filter` are the same key. Names are kept dotted, as sysctl prints them.
 */
export function dotted(key: string): string {
  const first = /[./]/.exec(key);
  if (first === null || first[0] === '.') return key;
  return key.replace(/[./]/g, (c) => (c === '/' ? '.' : '/'));
}

export type DeviceKey = { readonly tree: 'conf' | 'neigh'; readonly device: string; readonly name: string };

/** `net.ipv4.conf.eth0.rp_filter`: the parts, the device's own name with its dots. */
export function deviceKey(key: string): DeviceKey | undefined {
  const m = /^net\.ipv4\.(conf|neigh)\.([^.]+)\.([a-z0-9_]+)$/.exec(key);
  if (m === null) return undefined;
  const [, tree, device = '', name = ''] = m;
  return { tree: tree === 'neigh' ? 'neigh' : 'conf', device: device.replaceAll('/', '.'), name };
}

export const formatDeviceKey = (tree: 'conf' | 'neigh', device: string, name: string): string =>
  `net.ipv4.${tree}.${device.replaceAll('.', '/')}.${name}`;
