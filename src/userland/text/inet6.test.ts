import { describe, expect, it } from 'vitest';
import { must } from '../../base/assert.ts';
import { parseMac } from '../../engine/wire/addresses.ts';
import { linkLocal } from './inet6.ts';

describe('link-local addresses', () => {
  it.each([
    ['4a:ec:0e:72:6e:45', 'fe80::48ec:eff:fe72:6e45'], ['e2:ce:32:e2:00:15', 'fe80::e0ce:32ff:fee2:15'], ['86:8c:45:b2:29:63', 'fe80::848c:45ff:feb2:2963'],
    ['66:16:cf:19:e8:2c', 'fe80::6416:cfff:fe19:e82c'], ['02:00:00:00:00:00', 'fe80::ff:fe00:0'],
  ])('%s', (mac, address) => {
    expect(linkLocal(must(parseMac(mac), 'MAC'))).toBe(address);
  });
});
