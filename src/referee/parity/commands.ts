/** The command lines that are compared, in order: what an earlier line changed, a later one may show. */
import { errors } from './commands/errors.ts';
import type { ParityCommand } from './commands/group.ts';
import { otherHosts } from './commands/hosts.ts';
import { listings, traffic } from './commands/listings.ts';
import { leftovers } from './commands/leftovers.ts';
import { bridges } from './commands/more/bridges.ts';
import { flows } from './commands/more/flows.ts';
import { ipChanges } from './commands/more/ip-changes.ts';
import { ip } from './commands/more/ip.ts';
import { iptables as iptablesMore } from './commands/more/iptables.ts';
import { nft } from './commands/more/nft.ts';
import { routes } from './commands/more/routes.ts';
import { sockets as socketsMore } from './commands/more/sockets.ts';
import { sysctls } from './commands/more/sysctls.ts';
import { rarer } from './commands/rarer.ts';
import { iptables } from './commands/rules.ts';
import { conntrack, sockets, traces } from './commands/traces.ts';

export type { ParityCommand };

/** In a world of their own, after what the grammar made up (grammar.ts). */
export const MORE: readonly ParityCommand[] = [...nft, ...ip, ...ipChanges, ...bridges, ...routes, ...iptablesMore, ...flows, ...socketsMore, ...sysctls];

export const COMMANDS: readonly ParityCommand[] = [...traffic, ...listings, ...iptables, ...sockets, ...traces, ...conntrack, ...errors, ...otherHosts, ...rarer, ...leftovers];
