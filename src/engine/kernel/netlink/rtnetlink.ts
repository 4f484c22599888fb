import type { Ack, Rtnetlink } from '../../uapi/rtnetlink.ts';
import type { Netns } from '../netns.ts';
import { delAddress, newAddress } from './address.ts';
import { delFdb, fdb, newFdb } from './fdb.ts';
import { delNeighbour, neighbours, newNeighbour } from './neigh.ts';
import { delLink, link, links, newLink, setLink } from './link.ts';

/** rtnetlink of one namespace. */
export function rtnetlink(ns: Netns): Rtnetlink {
  const { fib } = ns;
  const told = (ack: Ack): Ack => {
    if (ack.ok) for (const watcher of [...ns.netlinkWatchers]) watcher();
    return ack;
  };
  return {
    watch(listener) {
      ns.netlinkWatchers.add(listener);
      return () => ns.netlinkWatchers.delete(listener);
    },
    links: () => links(ns),
    link: (name) => link(ns, name),
    newLink: (spec) => told(newLink(ns, spec)),
    setLink: (name, change) => told(setLink(ns, name, change)),
    delLink: (name) => told(delLink(ns, name)),
    addresses: () => fib.addressList(),
    newAddress: (spec) => told(newAddress(ns, spec)),
    delAddress: (dev, address, length) => told(delAddress(ns, dev, address, length)),
    routes: (table) => fib.routeList(table),
    newRoute: (spec, mode) => told(fib.newRoute(spec, mode)),
    delRoute: (spec) => told(fib.delRoute(spec)),
    getRoute: (query) => fib.getRoute(query),
    rules: () => fib.ruleList(),
    newRule: (rule) => told(fib.newRule(rule)),
    delRule: (rule) => told(fib.delRule(rule)),
    neighbours: () => neighbours(ns),
    newNeighbour: (spec, mode) => newNeighbour(ns, spec, mode),
    delNeighbour: (dev, ip) => delNeighbour(ns, dev, ip),
    fdb: () => fdb(ns),
    newFdb: (spec, mode) => newFdb(ns, spec, mode),
    delFdb: (spec) => delFdb(ns, spec),
  };
}
