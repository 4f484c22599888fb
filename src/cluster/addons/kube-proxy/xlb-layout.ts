/**
 * Rules of one service port up to 1.23: KUBE-XLB for externalTrafficPolicy Local, KUBE-FW for every load balancer, KUBE-MARK-DROP (kubelet's chain).
 * Models: proxier.go syncProxyRules, the loop over serviceMap (1.17 to 1.23). Addresses are written as /32, as that code does.
 */
import { contains, parseIpv4 } from '../../../engine/wire/addresses.ts';
import { xlbChain } from './names.ts';
import { balance, comment, endpointRules, nameComment, perEndpoint, protocolWords, sepChain, type PortState, type Writer } from './writer.ts';

export function xlbLayout(w: Writer, s: PortState, _own: boolean): readonly string[] {
  const { info, eps } = s;
  const { chains } = info;
  if (!eps.any) {
    refuse(w, s);
    healthCheck(w, s);
    return [];
  }
  const xlb = xlbChain(info.name, info.protocol);
  const mine = [chains.svc, ...(info.externalLocal ? [xlb] : []), ...(info.lbIps.length > 0 ? [chains.fw] : []), ...eps.cluster.map((e) => sepChain(info, e))];
  w.natChains.push(...mine);
  clusterIp(w, s);
  externalIps(w, s, info.externalLocal ? xlb : chains.svc);
  for (const ip of info.lbIps) loadBalancer(w, s, ip, info.externalLocal ? xlb : chains.svc);
  nodePort(w, s, xlb);
  healthCheck(w, s);
  balance(w, s, chains.svc, eps.cluster, () => perEndpoint(s, nameComment(info.name)));
  for (const e of eps.cluster) endpointRules(w, s, e);
  if (info.externalLocal) localPolicy(w, s, xlb);
  return mine;
}

const to = ({ info }: PortState, text: string, ip: string): string => `${comment(text)} ${protocolWords(info)} -d ${ip}/32 --dport ${info.port}`;

function refuse(w: Writer, s: PortState): void {
  const { info, config } = s;
  const why = `${info.name} has no endpoints`;
  w.filter.push(`-A KUBE-SERVICES ${to(s, why, info.clusterIp)} -j REJECT`);
  for (const ip of info.externalIps) w.filter.push(`-A KUBE-EXTERNAL-SERVICES ${to(s, why, ip)} -j REJECT`);
  for (const ip of info.lbIps) w.filter.push(`-A ${config.behaviour.refuseLoadBalancer} ${to(s, why, ip)} -j REJECT`);
  if (info.nodePort !== 0) w.filter.push(`-A KUBE-EXTERNAL-SERVICES ${comment(why)} -m addrtype --dst-type LOCAL ${protocolWords(info)} --dport ${info.nodePort} -j REJECT`);
}

function healthCheck(w: Writer, { info, config }: PortState): void {
  if (info.healthCheckNodePort !== 0 && config.behaviour.healthCheckRule) {
    w.filter.push(`-A KUBE-NODEPORTS ${comment(`${info.name} health check node port`)} -m tcp -p tcp --dport ${info.healthCheckNodePort} -j ACCEPT`);
  }
}

function clusterIp(w: Writer, s: PortState): void {
  const { info, config } = s;
  const match = to(s, `${info.name} cluster IP`, info.clusterIp);
  const chain = config.behaviour.marksIn === 'shared chains' ? 'KUBE-SERVICES' : info.chains.svc;
  if (config.masqueradeAll) w.nat.push(`-A ${chain} ${match} -j KUBE-MARK-MASQ`);
  else if (config.detector !== undefined) w.nat.push(`-A ${chain} ${match} ${config.detector.notLocal} -j KUBE-MARK-MASQ`);
  w.nat.push(`-A KUBE-SERVICES ${match} -j ${info.chains.svc}`);
}

function externalIps(w: Writer, s: PortState, target: string): void {
  const { info, config } = s;
  const unlessLocal = config.detector === undefined ? '' : ` ${config.detector.notLocal}`;
  for (const ip of info.externalIps) {
    const match = to(s, `${info.name} external IP`, ip);
    const mark = !info.externalLocal;
    switch (config.behaviour.externalIp) {
      case 'three rules':
        if (mark) w.nat.push(`-A KUBE-SERVICES ${match} -j KUBE-MARK-MASQ`);
        w.nat.push(
          `-A KUBE-SERVICES ${match} -m physdev ! --physdev-is-in -m addrtype ! --src-type LOCAL -j ${target}`,
          `-A KUBE-SERVICES ${match} -m addrtype --dst-type LOCAL -j ${target}`,
        );
        break;
      case 'two rules':
      case 'one rule':
        if (mark) w.nat.push(`-A ${config.behaviour.externalIp === 'two rules' ? 'KUBE-SERVICES' : info.chains.svc} ${match}${unlessLocal} -j KUBE-MARK-MASQ`);
        w.nat.push(`-A KUBE-SERVICES ${match} -j ${target}`);
        break;
    }
  }
}

function loadBalancer(w: Writer, s: PortState, ip: string, target: string): void {
  const { info, config } = s;
  const words = `-A ${info.chains.fw} ${comment(`${info.name} loadbalancer IP`)}`;
  w.nat.push(`-A KUBE-SERVICES ${to(s, `${info.name} loadbalancer IP`, ip)} -j ${info.chains.fw}`);
  if (!info.externalLocal) w.nat.push(`${words} -j KUBE-MARK-MASQ`);
  if (info.sourceRanges.length === 0) w.nat.push(`${words} -j ${target}`);
  for (const range of info.sourceRanges) w.nat.push(`${words} -s ${range.given} -j ${target}`);
  const node = parseIpv4(config.nodeIp);
  if (node !== undefined && info.sourceRanges.some((r) => contains(r.network, node))) w.nat.push(`${words} -s ${ip}/32 -j ${target}`);
  w.nat.push(`${words} -j KUBE-MARK-DROP`);
}

function nodePort(w: Writer, s: PortState, xlb: string): void {
  const { info, config } = s;
  if (info.nodePort === 0) return;
  const match = `${nameComment(info.name)} ${protocolWords(info)} --dport ${info.nodePort}`;
  if (info.externalLocal) w.nat.push(`-A KUBE-NODEPORTS ${match} -s 127.0.0.0/8 -j KUBE-MARK-MASQ`, `-A KUBE-NODEPORTS ${match} -j ${xlb}`);
  else w.nat.push(`-A ${config.behaviour.marksIn === 'shared chains' ? 'KUBE-NODEPORTS' : info.chains.svc} ${match} -j KUBE-MARK-MASQ`, `-A KUBE-NODEPORTS ${match} -j ${info.chains.svc}`);
}

function localPolicy(w: Writer, s: PortState, xlb: string): void {
  const { info, eps, config } = s;
  if (config.detector !== undefined) w.nat.push(`-A ${xlb} ${comment('Redirect pods trying to reach external loadbalancer VIP to clusterIP')} ${config.detector.local} -j ${info.chains.svc}`);
  w.nat.push(
    `-A ${xlb} ${comment(`masquerade LOCAL traffic for ${info.name} LB IP`)} -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ`,
    `-A ${xlb} ${comment(`route LOCAL traffic for ${info.name} LB IP to service chain`)} -m addrtype --src-type LOCAL -j ${info.chains.svc}`,
  );
  if (eps.local.length === 0) w.nat.push(`-A ${xlb} ${comment(`${info.name} has no local endpoints`)} -j KUBE-MARK-DROP`);
  else balance(w, s, xlb, eps.local, (_e, i) => ` ${comment(`Balancing rule ${i} for ${info.name}`)}`, () => ` ${nameComment(info.name)}`);
}
