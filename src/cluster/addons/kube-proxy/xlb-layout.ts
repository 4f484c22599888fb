/**
 * Rules of one service port up to 1.23: KUBE-XLB for externalTrafficPolicy Local, KUBE-FW for every load balancer, KUBE-MARK-DROP (kubelet's chain).
 * Models: proxier.go syncProxyRules, the loop over serviceMap (1.17 to 1.23).
 */
import { contains, parseIpv4 } from '../../../engine/wire/addresses.ts';
import { xlbChain } from './names.ts';
import { balance, chances, comment, endpointRules, nameComment, perEndpoint, protocolWords, sepChain, stick, type PortState, type Writer } from './writer.ts';

export function xlbLayout(w: Writer, s: PortState, _own: boolean): readonly string[] {
  const { info, eps, config } = s;
  const { behaviour } = config;
  const { svc, fw } = info.chains;
  const xlb = xlbChain(info.name, info.protocol);
  const out = new Set<string>();
  const declare = (chain: string): void => {
    w.natChains.push(chain);
    out.add(chain);
  };
  const endpoints = (): void => eps.cluster.forEach((e) => declare(sepChain(info, e)));
  if (behaviour.endpointsFirst) {
    endpoints();
    for (const e of eps.cluster) endpointRules(w, s, e);
  }
  if (eps.any) declare(svc);
  // without endpoints too: declared, and empty
  if (info.externalLocal) declare(xlb);
  clusterIp(w, s);
  externalIps(w, s, xlb);
  for (const ip of info.lbIps) {
    // once for each address, as upstream does
    if (eps.any) declare(fw);
    loadBalancer(w, s, ip, info.externalLocal ? xlb : svc);
  }
  const homeless = info.nodePort !== 0 && config.nodePortAddresses?.length === 0 && behaviour.noNodeAddress !== 'writes it all the same';
  if (homeless && behaviour.noNodeAddress === 'goes no further') return [...out];
  if (!homeless) nodePort(w, s, xlb);
  if (info.healthCheckNodePort !== 0 && behaviour.healthCheckRule) {
    w.filter.push(`-A KUBE-NODEPORTS ${comment(`${info.name} health check node port`)} -m tcp -p tcp --dport ${info.healthCheckNodePort} -j ACCEPT`);
  }
  if (!eps.any) return [...out];
  const words = (): string => perEndpoint(s, nameComment(info.name));
  if (behaviour.endpointsFirst) balance(w, s, svc, eps.cluster, words);
  else {
    endpoints();
    stick(w, s, svc, eps.cluster, words);
    chances(w, s, svc, eps.cluster, words, (e) => endpointRules(w, s, e));
  }
  if (info.externalLocal) localPolicy(w, s, xlb);
  return [...out];
}

const to = ({ info, config }: PortState, text: string, ip: string): string => `${comment(text)} ${protocolWords(info)} -d ${ip}${config.behaviour.mask} --dport ${info.port}`;
const refusal = ({ info }: PortState): string => `${info.name} has no endpoints`;

function clusterIp(w: Writer, s: PortState): void {
  const { info, eps, config } = s;
  if (!eps.any) {
    w.filter.push(`-A KUBE-SERVICES ${to(s, refusal(s), info.clusterIp)} -j REJECT`);
    return;
  }
  const match = to(s, `${info.name} cluster IP`, info.clusterIp);
  const chain = config.behaviour.marksIn === 'shared chains' ? 'KUBE-SERVICES' : info.chains.svc;
  if (config.masqueradeAll) w.nat.push(`-A ${chain} ${match} -j KUBE-MARK-MASQ`);
  else if (config.detector !== undefined) w.nat.push(`-A ${chain} ${match} ${config.detector.notLocal} -j KUBE-MARK-MASQ`);
  w.nat.push(`-A KUBE-SERVICES ${match} -j ${info.chains.svc}`);
}

function externalIps(w: Writer, s: PortState, xlb: string): void {
  const { info, eps, config } = s;
  const { behaviour } = config;
  const unlessLocal = config.detector === undefined ? '' : ` ${config.detector.notLocal}`;
  const local = info.externalLocal && behaviour.externalIpLocal;
  const target = local ? xlb : info.chains.svc;
  for (const ip of info.externalIps) {
    if (!eps.any) {
      w.filter.push(`-A KUBE-EXTERNAL-SERVICES ${to(s, refusal(s), ip)} -j REJECT`);
      continue;
    }
    const match = to(s, `${info.name} external IP`, ip);
    switch (behaviour.externalIp) {
      case 'three rules':
        if (!local) w.nat.push(`-A KUBE-SERVICES ${match} -j KUBE-MARK-MASQ`);
        w.nat.push(
          `-A KUBE-SERVICES ${match} -m physdev ! --physdev-is-in -m addrtype ! --src-type LOCAL -j ${target}`,
          `-A KUBE-SERVICES ${match} -m addrtype --dst-type LOCAL -j ${target}`,
        );
        break;
      case 'two rules':
      case 'one rule':
        if (!local) w.nat.push(`-A ${behaviour.externalIp === 'two rules' ? 'KUBE-SERVICES' : info.chains.svc} ${match}${unlessLocal} -j KUBE-MARK-MASQ`);
        w.nat.push(`-A KUBE-SERVICES ${match} -j ${target}`);
        break;
    }
  }
}

function loadBalancer(w: Writer, s: PortState, ip: string, target: string): void {
  const { info, eps, config } = s;
  if (!eps.any) {
    w.filter.push(`-A ${config.behaviour.refuseLoadBalancer} ${to(s, refusal(s), ip)} -j REJECT`);
    return;
  }
  const words = `-A ${info.chains.fw} ${comment(`${info.name} loadbalancer IP`)}`;
  w.nat.push(`-A KUBE-SERVICES ${to(s, `${info.name} loadbalancer IP`, ip)} -j ${info.chains.fw}`);
  if (!info.externalLocal) w.nat.push(`${words} -j KUBE-MARK-MASQ`);
  if (info.sourceRanges.length === 0) w.nat.push(`${words} -j ${target}`);
  for (const range of info.sourceRanges) w.nat.push(`${words} -s ${range.text} -j ${target}`);
  const node = parseIpv4(config.nodeIp);
  if (node !== undefined && info.sourceRanges.some((r) => contains(r.network, node))) w.nat.push(`${words} -s ${ip}${config.behaviour.mask} -j ${target}`);
  w.nat.push(`${words} -j KUBE-MARK-DROP`);
}

function nodePort(w: Writer, s: PortState, xlb: string): void {
  const { info, eps, config } = s;
  if (info.nodePort === 0) return;
  if (!eps.any) {
    w.filter.push(`-A KUBE-EXTERNAL-SERVICES ${comment(refusal(s))} -m addrtype --dst-type LOCAL ${protocolWords(info)} --dport ${info.nodePort} -j REJECT`);
    return;
  }
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
  if (eps.local.length === 0) {
    w.nat.push(`-A ${xlb} ${comment(`${info.name} has no local endpoints`)} -j KUBE-MARK-DROP`);
    return;
  }
  const name = ` ${nameComment(info.name)}`;
  if (config.behaviour.localBalancing === 'name') return balance(w, s, xlb, eps.local, () => perEndpoint(s, name.trim()));
  stick(w, s, xlb, eps.local, () => name);
  chances(w, s, xlb, eps.local, (_e, i) => ` ${comment(`Balancing rule ${i} for ${info.name}`)}`);
}
