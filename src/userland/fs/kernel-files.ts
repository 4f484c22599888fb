/** Read first: proc(5), sysfs(5), ip-netns(8). /proc/sys as sysctl keys, /sys/class/net as links, /run/netns as names of namespaces. */
import { err, ok, type Result } from '../../base/result.ts';
import { formatMac } from '../../engine/wire/addresses.ts';
import type { Errno } from '../../engine/uapi/errno.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import type { Link } from '../../engine/uapi/rtnetlink.ts';
import type { Mount } from './memory-file-system.ts';

/** A key's path: dots and slashes swap (`net.ipv4.conf.ens3/100.rp_filter`). */
const toPath = (key: string): string => key.replace(/[./]/g, (c) => (c === '.' ? '/' : '.'));

export const sysctlFiles = (kernel: Kernel): Mount => {
  const keyOf = (path: string): string => toPath(path);
  const below = (path: string): string[] => {
    const head = path === '' ? '' : `${path}/`;
    return kernel.sysctl.keys().map(toPath).filter((p) => p.startsWith(head)).map((p) => p.slice(head.length));
  };
  return {
    read(path) {
      const value = kernel.sysctl.get(keyOf(path));
      return value === undefined ? err(below(path).length > 0 ? 'EISDIR' : 'ENOENT') : ok(`${value}\n`);
    },
    write(path, text) {
      const result = kernel.sysctl.set(keyOf(path), text.trim());
      return result.ok ? result : err(result.error.errno);
    },
    list(path) {
      const names = below(path);
      return names.length === 0 ? err(kernel.sysctl.get(keyOf(path)) === undefined ? 'ENOENT' : 'ENOTDIR') : ok([...new Set(names.map((n) => n.split('/')[0] ?? n))].sort());
    },
    kind: (path) => (kernel.sysctl.get(keyOf(path)) !== undefined ? 'file' : below(path).length > 0 ? 'directory' : undefined),
  };
};

const LINK_FILES: Readonly<Record<string, (link: Link) => string>> = {
  address: (l) => formatMac(l.mac),
  mtu: (l) => String(l.mtu),
  ifindex: (l) => String(l.ifindex),
  iflink: (l) => String(l.link?.ifindex ?? l.ifindex),
  operstate: (l) => (l.kind === 'loopback' || l.kind === 'vxlan' ? 'unknown' : l.up ? (l.carrier ? 'up' : 'lowerlayerdown') : 'down'),
  carrier: (l) => (l.carrier ? '1' : '0'),
  tx_queue_len: (l) => String(l.txQueueLen),
};

export const networkClassFiles = (kernel: Kernel): Mount => {
  const find = (path: string): Result<string | undefined, Errno> => {
    const [dev = '', file, more] = path.split('/');
    if (dev === '') return ok(undefined);
    const link = kernel.netlink.link(dev);
    if (link === undefined || more !== undefined) return err('ENOENT');
    if (file === undefined) return ok(undefined);
    const content = LINK_FILES[file];
    return content === undefined ? err('ENOENT') : ok(`${content(link)}\n`);
  };
  return {
    read(path) {
      const found = find(path);
      if (!found.ok) return found;
      return found.value === undefined ? err('EISDIR') : ok(found.value);
    },
    write: () => err('EACCES'),
    list(path) {
      const found = find(path);
      if (!found.ok) return found;
      if (found.value !== undefined) return err('ENOTDIR');
      return ok(path === '' ? kernel.netlink.links().map((l) => l.name).sort() : Object.keys(LINK_FILES).sort());
    },
    kind(path) {
      const found = find(path);
      return !found.ok ? undefined : found.value === undefined ? 'directory' : 'file';
    },
  };
};

/** Empty files, each a mount point of a namespace. Not modelled: that the folder is not there before the first one. */
export const netnsFiles = (kernel: Kernel): Mount => {
  const has = (path: string): boolean => kernel.netnsList().includes(path);
  return {
    read: (path) => (path === '' ? err('EISDIR') : has(path) ? err('EINVAL') : err('ENOENT')),
    write: () => err('EINVAL'),
    list: (path) => (path === '' ? ok([...kernel.netnsList()].sort()) : err(has(path) ? 'ENOTDIR' : 'ENOENT')),
    kind: (path) => (path === '' ? 'directory' : has(path) ? 'file' : undefined),
  };
};
