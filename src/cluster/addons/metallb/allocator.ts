/**
 * Which address a service gets.
 * Read first: metallb.io/usage (IP address sharing, requesting specific IPs).
 * Models: metallb internal/allocator/allocator.go, k8salloc.go (v0.14.5). A request names an address or a pool; without one the pools that were made for the
 * service come first (by priority), then every pool with autoAssign, and inside a pool the lowest address that is free or may be shared. .0 and .255 count.
 * Go walks a map of pools in random order; here a draw of this controller's random stream orders them.
 * Not modelled: dual stack, pool counters in status (v0.15).
 */
import type { Prng } from '../../../base/prng.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import { formatIpv4, ipv4, type Ipv4 } from '../../../engine/wire/addresses.ts';
import type { Service } from '../../api/kinds.ts';
import { matches } from '../../api/meta.ts';
import { buggy, poolHas, type Pool } from './pools.ts';

interface Allocation {
  readonly pool: string;
  readonly ip: Ipv4;
  readonly ports: readonly string[];
  readonly sharing: string;
  readonly backend: string;
}

/** What a service needs of an address. */
export interface Claim {
  readonly key: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `TCP/80` */
  readonly ports: readonly string[];
  /** Services without the annotation never share. */
  readonly sharing: string;
  /** Services with externalTrafficPolicy Local share only with the same selector. */
  readonly backend: string;
}

export const claimOf = (s: Service, sharing: string): Claim => ({
  key: `${s.metadata.namespace}/${s.metadata.name}`, namespace: s.metadata.namespace, labels: s.metadata.labels ?? {}, sharing,
  ports: s.spec.ports.map((p) => `${p.protocol}/${p.port}`),
  backend: s.spec.externalTrafficPolicy === 'Local' ? Object.entries(s.spec.selector ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => `${k}=${v}`).join(',') : '',
});

const quoted = (ip: Ipv4): string => `["${formatIpv4(ip)}"]`;

export class Allocator {
  #pools: readonly Pool[] = [];
  readonly #allocated = new Map<string, Allocation>();
  readonly #random: Prng;

  constructor(random: Prng) {
    this.#random = random;
  }

  get pools(): readonly Pool[] {
    return this.#pools;
  }

  /** Addresses that no pool holds any more are given up. */
  setPools(pools: readonly Pool[]): void {
    this.#pools = pools;
    for (const [key, a] of [...this.#allocated]) {
      const pool = this.poolFor(a.ip);
      if (pool === undefined) this.#allocated.delete(key);
      else this.#allocated.set(key, { ...a, pool: pool.name });
    }
  }

  poolFor(ip: Ipv4): Pool | undefined {
    return this.#pools.find((p) => poolHas(p, ip));
  }

  poolOf(key: string): string | undefined {
    return this.#allocated.get(key)?.pool;
  }

  ipOf(key: string): Ipv4 | undefined {
    return this.#allocated.get(key)?.ip;
  }

  release(key: string): void {
    this.#allocated.delete(key);
  }

  /** Takes that very address. */
  assign(claim: Claim, ip: Ipv4): Result<Ipv4, string> {
    const pool = this.poolFor(ip);
    if (pool === undefined) return err(`${quoted(ip)} is not allowed in config`);
    if (!fits(pool, claim)) return err(`pool ${pool.name} not compatible for ip assignment`);
    const clash = this.#sharing(claim, ip);
    if (clash !== undefined) return err(clash);
    this.#allocated.set(claim.key, { pool: pool.name, ip, ports: claim.ports, sharing: claim.sharing, backend: claim.backend });
    return ok(ip);
  }

  fromPool(claim: Claim, name: string): Result<Ipv4, string> {
    const pool = this.#pools.find((p) => p.name === name);
    if (pool === undefined) return err(`unknown pool ${JSON.stringify(name)}`);
    const ip = this.#free(pool, claim);
    return ip === undefined ? err(`no available IPs in pool ${JSON.stringify(name)} for ipv4 IPFamily`) : this.assign(claim, ip);
  }

  fromAny(claim: Claim): Result<Ipv4, string> {
    const auto = this.#pools.filter((p) => p.autoAssign);
    const rank = (p: Pool): number => p.allocation?.priority || Number.MAX_SAFE_INTEGER;
    const made = auto.filter((p) => pinned(p) && fits(p, claim)).sort((a, b) => rank(a) - rank(b));
    for (const pool of [...made, ...this.#shuffled(auto.filter((p) => p.allocation === undefined))]) {
      const ip = this.#free(pool, claim);
      if (ip !== undefined) return this.assign(claim, ip);
    }
    return err('no available IPs');
  }

  #shuffled(pools: readonly Pool[]): readonly Pool[] {
    const left = [...pools];
    const out: Pool[] = [];
    while (left.length > 0) out.push(...left.splice(left.length === 1 ? 0 : this.#random.below(left.length), 1));
    return out;
  }

  #free(pool: Pool, claim: Claim): Ipv4 | undefined {
    for (const { address, length } of pool.cidrs) {
      const end = address + 2 ** (32 - length);
      for (let n: number = address; n < end; n++) {
        const ip = ipv4(n);
        if (!(pool.avoidBuggyIps && buggy(ip)) && this.#sharing(claim, ip) === undefined) return ip;
      }
    }
    return undefined;
  }

  /** Why the address's present users do not let this service in. */
  #sharing(claim: Claim, ip: Ipv4): string | undefined {
    const others = [...this.#allocated].filter(([key, a]) => a.ip === ip && key !== claim.key);
    if (others.length === 0) return undefined;
    const same = others.every(([, a]) => a.sharing !== '' && claim.sharing === a.sharing && claim.backend === a.backend);
    if (!same) return `can't change sharing key for ${JSON.stringify(claim.key)}, address also in use by ${others.map(([key]) => key).join(',')}`;
    const port = claim.ports.find((p) => others.some(([, a]) => a.ports.includes(p)));
    return port === undefined ? undefined : `port ${port} is already in use on "${formatIpv4(ip)}"`;
  }
}

/** poolsByNamespace, poolsByServiceSelector: a pool of a serviceAllocation that selects nothing is for requests only. */
const pinned = ({ allocation }: Pool): boolean => allocation !== undefined && (allocation.namespaces.size > 0 || allocation.services.length > 0);

/** isPoolCompatibleWithService */
function fits(pool: Pool, claim: Claim): boolean {
  if (pool.allocation === undefined) return true;
  const { namespaces, services } = pool.allocation;
  if (namespaces.size > 0 && !namespaces.has(claim.namespace)) return false;
  return services.length === 0 || services.some((s) => matches(s, claim.labels));
}
