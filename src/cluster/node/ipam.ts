/**
 * host-local: pod addresses of one node, round robin, kept in files.
 * Models: containernetworking/plugins 1.4.0 plugins/ipam/host-local (allocator.go, disk backend). The files are the state: remove one and the address is free.
 */
import { err, ok, type Result } from '../../base/result.ts';
import { contains, formatIpv4, ipv4, parseIpv4, type Ipv4, type Prefix } from '../../engine/wire/addresses.ts';
import type { FileSystem } from '../../userland/host.ts';
import { putFile } from './files.ts';

/** dataDir of a configuration that names none, and k3s' network. */
const DEFAULT_DIR = '/var/lib/cni/networks/cbr0';

/** The next free address after `last`, skipping network, gateway (.1) and broadcast; undefined: none in a full turn. */
export function nextAddress(subnet: Prefix, last: Ipv4 | undefined, used: ReadonlySet<Ipv4>): Ipv4 | undefined {
  const size = 2 ** (32 - subnet.length);
  const first = 2;
  const end = size - 2; // .254 of a /24
  const start = last === undefined ? first : last - subnet.address + 1;
  for (let i = 0; i <= end - first; i++) {
    const offset = ((start - first + i) % (end - first + 1) + (end - first + 1)) % (end - first + 1) + first;
    const address = ipv4(subnet.address + offset);
    if (!used.has(address)) return address;
  }
  return undefined;
}

export class HostLocal {
  readonly #fs: FileSystem;
  readonly #subnet: Prefix;
  readonly #dir: string;

  /** `dir`: dataDir and name of the network. */
  constructor(fs: FileSystem, subnet: Prefix, dir = DEFAULT_DIR) {
    this.#fs = fs;
    this.#subnet = subnet;
    this.#dir = dir;
  }

  reserve(containerId: string, ifname: string, asked?: Ipv4): Result<Ipv4, string> {
    const used = this.#used();
    const last = this.#fs.read(`${this.#dir}/last_reserved_ip.0`);
    const lastIp = last.ok ? parseIpv4(last.value.trim()) : undefined;
    const address = asked !== undefined && contains(this.#subnet, asked) && !used.has(asked) ? asked : nextAddress(this.#subnet, lastIp, used);
    if (address === undefined) return err(`no IP addresses available in range set: ${formatIpv4(ipv4(this.#subnet.address + 1))}-${formatIpv4(ipv4(this.#subnet.address + 2 ** (32 - this.#subnet.length) - 2))}`);
    putFile(this.#fs, `${this.#dir}/${formatIpv4(address)}`, `${containerId}\r\n${ifname}`);
    putFile(this.#fs, `${this.#dir}/last_reserved_ip.0`, formatIpv4(address));
    return ok(address);
  }

  release(containerId: string): void {
    const names = this.#fs.list(this.#dir);
    if (!names.ok) return;
    for (const name of names.value) {
      const content = this.#fs.read(`${this.#dir}/${name}`);
      if (content.ok && content.value.startsWith(`${containerId}\r\n`)) this.#fs.remove(`${this.#dir}/${name}`);
    }
  }

  #used(): ReadonlySet<Ipv4> {
    const names = this.#fs.list(this.#dir);
    return new Set(names.ok ? names.value.flatMap((n) => parseIpv4(n) ?? []) : []);
  }
}
