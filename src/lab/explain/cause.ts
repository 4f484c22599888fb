/** Which field of which object made kube-proxy write a rule: read from the comment that kube-proxy puts into it. */
export function ruleCause(rule: string): string | undefined {
  const comment = /--comment "([^"]*)"/.exec(rule)?.[1];
  if (comment === undefined) return undefined;
  const endpoint = /^(\S+\/\S+) -> (\S+)$/.exec(comment);
  if (endpoint !== null) return `Service ${endpoint[1] ?? ''}: a ready pod of its selector has the address ${endpoint[2] ?? ''} (EndpointSlice)`;
  const portal = /^(\S+\/[^\s:]+)(?::(\S+))? (cluster IP|external IP|loadbalancer IP)$/.exec(comment);
  const field = { 'cluster IP': 'spec.clusterIP', 'external IP': 'spec.externalIPs', 'loadbalancer IP': 'status.loadBalancer' };
  if (portal !== null) {
    const kind = portal[3];
    if (kind === 'cluster IP' || kind === 'external IP' || kind === 'loadbalancer IP') return `Service ${portal[1] ?? ''}, ${field[kind]}${portal[2] === undefined ? '' : `, port ${portal[2]}`}`;
  }
  return /^[\w.-]+\/[\w.-]+$/.test(comment) ? `Service ${comment}, one of its endpoints` : undefined;
}
