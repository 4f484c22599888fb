import type { Rtnetlink } from '../../uapi/rtnetlink.ts';
import type { Netns } from '../netns.ts';
import { delAddress, newAddress } from './address.ts';
import { delFdb, fdb, newFdb } from './fdb.ts';
import { delNeighbour, neighbours, newNeighbour } from './neigh.ts';
import { delLink, link, links, newLink, setLink } from './link.ts';

/** rtnetlink of one namespace. */
export function rtnetlink(ns: Netns): Rtnetlink {
  const { fib } = ns;
  return {
    links: () => links(ns),
    link: (name) => link(ns, name),
    newLink: (spec) => newLink(ns, spec),
    setLink: (name, change) => setLink(ns, name, change),
    delLink: (name) => delLink(ns, name),
    addresses: () => fib.addressList(),
    newAddress: (spec) => newAddress(ns, spec),
    delAddress: (dev, address, length) => delAddress(ns, dev, address, length),
    routes: (table) => fib.routeList(table),
    newRoute: (spec, mode) => fib.newRoute(spec, mode),
    delRoute: (spec) => fib.delRoute(spec),
    getRoute: (query) => fib.getRoute(query),
    rules: () => fib.ruleList(),
    newRule: (rule) => fib.newRule(rule),
    delRule: (rule) => fib.delRule(rule),
    neighbours: () => neighbours(ns),
    newNeighbour: (spec, mode) => newNeighbour(ns, spec, mode),
    delNeighbour: (dev, ip) => delNeighbour(ns, dev, ip),
    fdb: () => fdb(ns),
    newFdb: (spec, mode) => newFdb(ns, spec, mode),
    delFdb: (spec) => delFdb(ns, spec),
  };
}
