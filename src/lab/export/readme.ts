/** README of an export, for whoever unpacks it elsewhere. */
import type { ExportWorld } from './netns-script.ts';

export function readme(world: ExportWorld): string {
  const [first] = world.namespaces;
  return `# ${world.title}

This lab as real Linux: the same devices, addresses, routes, sysctls and iptables rules, built from network namespaces of one machine.

Needs root on Linux, and \`iproute2 iptables procps python3\`. Nothing outside the namespaces is changed.

    sudo ./up.sh       builds it
    sudo ./down.sh     removes it

Then each machine and pod is a namespace:

${world.namespaces.map((ns) => `    sudo ip netns exec ${ns.name} bash`).join('\n')}

For example \`sudo ip netns exec ${first?.name ?? 'vm1'} iptables-save\`, or \`nft monitor trace\`, \`conntrack -E\`, \`tcpdump -ni any\` in one while traffic passes.
\`PREFIX=two- ./up.sh\` builds a second copy whose namespaces are called \`two-...\`; \`PREFIX=two- ./down.sh\` removes that one.

- \`*.rules\`: iptables-restore input of each namespace
- \`announce.py\`, where there: answers ARP for addresses that no kernel owns (MetalLB's speaker does it in the lab)
- \`serve.py\`: stands in for what listened in the pods: HTTP answers with the name of the pod, TCP and UDP send back what came

What the lab had learned while it ran (connections, neighbours, forwarding tables of bridges) is not in here: Linux learns its own.
A kernel without 802.1Q gets a veth of the VLAN device's name instead of the VLAN.
`;
}
