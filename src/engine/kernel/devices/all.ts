import type { LinkType } from './link-type.ts';
import { BRIDGE } from './bridge/bridge.ts';
import { DUMMY } from './dummy/dummy.ts';
import { VETH } from './veth/veth.ts';
import { VLAN } from './vlan/vlan.ts';
import { VXLAN } from './vxlan/vxlan.ts';

/** Kinds of links that programs make. Loopbacks come with their namespace, NICs with their machine. */
export const LINK_TYPES: readonly LinkType[] = [BRIDGE, DUMMY, VETH, VLAN, VXLAN];
