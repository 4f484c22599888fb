import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contains, formatIpv4, ipv4, parseIpv4, prefix, type Ipv4 } from '../../engine/wire/addresses.ts';
import { must } from '../../base/assert.ts';
import { MemoryFileSystem } from '../../userland/fs/memory-file-system.ts';
import { HostLocal, nextAddress } from './ipam.ts';

const ip = (text: string): Ipv4 => must(parseIpv4(text), text);
const SUBNET = prefix(ip('10.42.1.0'), 24);

describe('host-local', () => {
  it.each<[string, string | undefined, readonly string[], string | undefined]>([
    ['first pod gets .2', undefined, [], '10.42.1.2'],
    ['continues after the last reserved', '10.42.1.4', ['10.42.1.2'], '10.42.1.5'],
    ['does not come back to a freed one', '10.42.1.4', [], '10.42.1.5'],
    ['skips what is used', '10.42.1.4', ['10.42.1.5', '10.42.1.6'], '10.42.1.7'],
    ['wraps after .254', '10.42.1.254', ['10.42.1.2'], '10.42.1.3'],
  ])('%s', (_name, last, used, expected) => {
    const found = nextAddress(SUBNET, last === undefined ? undefined : ip(last), new Set(used.map(ip)));
    expect(found === undefined ? undefined : formatIpv4(found)).toBe(expected);
  });

  it('gives every address of the subnet once, never network, gateway or broadcast', () => {
    fc.assert(fc.property(fc.integer({ min: 2, max: 254 }), (last) => {
      const used = new Set<Ipv4>();
      let at: Ipv4 | undefined = ipv4(SUBNET.address + last);
      for (;;) {
        const next: Ipv4 | undefined = nextAddress(SUBNET, at, used);
        if (next === undefined) break;
        expect(used.has(next)).toBe(false);
        expect(contains(SUBNET, next) && ![0, 1, 255].includes(next - SUBNET.address)).toBe(true);
        used.add(next);
        at = next;
      }
      expect(used.size).toBe(253);
    }), { numRuns: 10 });
  });

  it('keeps its state in files: address, container and the last reserved one', () => {
    const fs = new MemoryFileSystem();
    const ipam = new HostLocal(fs, SUBNET);
    expect(ipam.reserve('abc', 'eth0')).toEqual({ ok: true, value: ip('10.42.1.2') });
    expect(fs.read('/var/lib/cni/networks/cbr0/10.42.1.2')).toEqual({ ok: true, value: 'abc\r\neth0' });
    ipam.release('abc');
    expect(fs.read('/var/lib/cni/networks/cbr0/10.42.1.2').ok).toBe(false);
    expect(ipam.reserve('def', 'eth0')).toEqual({ ok: true, value: ip('10.42.1.3') });
  });
});
