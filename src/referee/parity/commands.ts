/** The command lines that are compared, in order: what an earlier line changed, a later one may show. */
import { errors } from './commands/errors.ts';
import type { ParityCommand } from './commands/group.ts';
import { otherHosts } from './commands/hosts.ts';
import { listings, traffic } from './commands/listings.ts';
import { leftovers } from './commands/leftovers.ts';
import { rarer } from './commands/rarer.ts';
import { iptables } from './commands/rules.ts';
import { conntrack, sockets, traces } from './commands/traces.ts';

export type { ParityCommand };

export const COMMANDS: readonly ParityCommand[] = [...traffic, ...listings, ...iptables, ...sockets, ...traces, ...conntrack, ...errors, ...otherHosts, ...rarer, ...leftovers];
