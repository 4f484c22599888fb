import type { FdbEntry, Link } from '../../uapi/rtnetlink.ts';

/** A row of the journaled table `links`, by ifindex. Counters are left out: they are rewound from rx and tx steps. */
export type LinkRow = { -readonly [K in keyof Omit<Link, 'stats'>]: Link[K] };

/** A row of the journaled table `fdb`. The age is left out: it moves with every frame. */
export type FdbRow = { -readonly [K in keyof Omit<FdbEntry, 'age'>]: FdbEntry[K] };
