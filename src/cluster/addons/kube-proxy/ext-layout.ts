/** Rules of one service port since 1.24: KUBE-EXT, KUBE-SVL, verdicts in filter (1.24: by KUBE-MARK-DROP). Models: proxier.go syncProxyRules, the loop over svcPortMap (1.24 to 1.36). */
import { contains, parseIpv4 } from '../../../engine/wire/addresses.ts';
import { onLocalhost } from './config.ts';
import { balance, comment, endpointRules, nameComment, perEndpoint, protocolWords, sepChain, type PortState, type Writer } from './writer.ts';

interface Use {
  readonly hasInternal: boolean;
  readonly hasExternal: boolean;
  readonly svc: boolean;
  readonly svl: boolean;
  readonly ext: boolean;
  readonly fw: boolean;
}

export function extLayout(w: Writer, s: PortState, own: boolean): readonly string[] {
  const { info, eps } = s;
  const { chains } = info;
  const marked = marks(s);
  const use: Use = {
    hasInternal: eps.any && (marked || !info.internalLocal || eps.local.length > 0),
    hasExternal: eps.any && info.accessible && (marked || !info.externalLocal || eps.local.length > 0),
    svc: eps.cluster.length > 0, svl: eps.local.length > 0 || (marked && eps.any && usesLocal(s)), ext: eps.any && info.accessible,
    fw: eps.any && info.lbIps.length > 0 && info.sourceRanges.length > 0,
  };
  capture(w, s, use);
  const [lead, policy] = [[...(use.ext ? [chains.ext] : []), ...(use.fw ? [chains.fw] : [])], [...(use.svc ? [chains.svc] : []), ...(use.svl ? [chains.svl] : [])]];
  const seps = eps.reachable.map((e) => sepChain(info, e));
  const mine = s.config.behaviour.endpointsFirst ? [...seps, ...policy, ...lead] : [...lead, ...policy, ...seps];
  if (own) {
    w.natChains.push(...mine);
    ownChains(w, s, use);
  }
  return mine;
}

/** 1.24: packets for nobody here still go through KUBE-SVL, which marks them. */
const marks = (s: PortState): boolean => s.config.behaviour.drops === 'by mark';
const usesLocal = ({ info }: PortState): boolean => info.internalLocal || (info.externalLocal && info.accessible);

/** REJECT when there is nobody at all, DROP when there is nobody here. */
const refusal = (s: PortState, local: boolean): { readonly target: string; readonly why: string } =>
  (s.eps.any && local ? { target: 'DROP', why: `${s.info.name} has no local endpoints` } : { target: 'REJECT', why: `${s.info.name} has no endpoints` });

/** Rules in the shared chains that lead to (or refuse) this service port. */
function capture(w: Writer, s: PortState, use: Use): void {
  const { info, eps, config } = s;
  const { chains, name } = info;
  const p = protocolWords(info);
  const to = (text: string, ip: string): string => `${comment(text)} ${p} -d ${ip} --dport ${info.port}`;
  if (use.hasInternal) w.nat.push(`-A KUBE-SERVICES ${to(`${name} cluster IP`, info.clusterIp)} -j ${info.internalLocal ? chains.svl : chains.svc}`);
  else {
    const no = refusal(s, info.internalLocal);
    w.filter.push(`-A KUBE-SERVICES ${to(no.why, info.clusterIp)} -j ${no.target}`);
  }
  const no = refusal(s, info.externalLocal);
  for (const ip of info.externalIps) {
    if (eps.any) w.nat.push(`-A KUBE-SERVICES ${to(`${name} external IP`, ip)} -j ${chains.ext}`);
    if (!use.hasExternal) w.filter.push(`-A KUBE-EXTERNAL-SERVICES ${to(no.why, ip)} -j ${no.target}`);
  }
  for (const ip of info.lbIps) {
    if (eps.any) w.nat.push(`-A KUBE-SERVICES ${to(`${name} loadbalancer IP`, ip)} -j ${use.fw ? chains.fw : chains.ext}`);
    if (use.fw && !marks(s)) w.filter.push(`-A KUBE-PROXY-FIREWALL ${to(`${name} traffic not accepted by ${chains.fw}`, ip)} -j DROP`);
  }
  if (!use.hasExternal) for (const ip of info.lbIps) w.filter.push(`-A KUBE-EXTERNAL-SERVICES ${to(no.why, ip)} -j ${no.target}`);
  if (info.nodePort !== 0 && (config.behaviour.noNodeAddress === 'writes it all the same' || config.nodePortAddresses?.length !== 0)) {
    const counted = config.behaviour.nfacct && config.nfacct && onLocalhost(config);
    if (eps.any && counted) w.nat.push(`-A KUBE-NODEPORTS ${nameComment(name)} ${p} -d 127.0.0.0/8 --dport ${info.nodePort} -m nfacct --nfacct-name localhost_nps_accepted_pkts -j ${chains.ext}`);
    if (eps.any) w.nat.push(`-A KUBE-NODEPORTS ${nameComment(name)} ${p} --dport ${info.nodePort} -j ${chains.ext}`);
    if (!use.hasExternal) w.filter.push(`-A KUBE-EXTERNAL-SERVICES ${comment(no.why)} -m addrtype --dst-type LOCAL ${p} --dport ${info.nodePort} -j ${no.target}`);
  }
  if (info.healthCheckNodePort !== 0) w.filter.push(`-A KUBE-NODEPORTS ${comment(`${name} health check node port`)} -m tcp -p tcp --dport ${info.healthCheckNodePort} -j ACCEPT`);
}

function ownChains(w: Writer, s: PortState, use: Use): void {
  const { info, eps, config } = s;
  const { chains, name } = info;
  const { detector } = config;
  if (use.hasInternal) {
    const internal = info.internalLocal ? chains.svl : chains.svc;
    const match = `${comment(`${name} cluster IP`)} ${protocolWords(info)} -d ${info.clusterIp} --dport ${info.port}`;
    if (config.masqueradeAll) w.nat.push(`-A ${internal} ${match} -j KUBE-MARK-MASQ`);
    else if (detector !== undefined) w.nat.push(`-A ${internal} ${match} ${detector.notLocal} -j KUBE-MARK-MASQ`);
  }
  if (use.ext) {
    if (!info.externalLocal) w.nat.push(`-A ${chains.ext} ${comment(`masquerade traffic for ${name} external destinations`)} -j KUBE-MARK-MASQ`);
    else {
      if (detector !== undefined) w.nat.push(`-A ${chains.ext} ${comment(`pod traffic for ${name} external destinations`)} ${detector.local} -j ${chains.svc}`);
      w.nat.push(
        `-A ${chains.ext} ${comment(`masquerade LOCAL traffic for ${name} external destinations`)} -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ`,
        `-A ${chains.ext} ${comment(`route LOCAL traffic for ${name} external destinations`)} -m addrtype --src-type LOCAL -j ${chains.svc}`,
      );
    }
    if (use.hasExternal) w.nat.push(`-A ${chains.ext} -j ${info.externalLocal ? chains.svl : chains.svc}`);
  }
  if (use.fw) firewall(w, s);
  const arrow = (e: { readonly target: string }): string => perEndpoint(s, comment(`${name} -> ${e.target}`));
  if (use.svc) balance(w, s, chains.svc, eps.cluster, arrow);
  if (eps.local.length > 0) balance(w, s, chains.svl, eps.local, arrow);
  else if (use.svl) w.nat.push(`-A ${chains.svl} ${comment(`${name} has no local endpoints`)} -j KUBE-MARK-DROP`);
  for (const e of eps.reachable) endpointRules(w, s, e);
}

/** Who may come by the load balancer; a node in range also with the balancer's own address as source. */
function firewall(w: Writer, s: PortState): void {
  const { info, config } = s;
  const node = parseIpv4(config.nodeIp);
  const words = `-A ${info.chains.fw} ${comment(`${info.name} loadbalancer IP`)}`;
  for (const range of info.sourceRanges) w.nat.push(`${words} -s ${range.text} -j ${info.chains.ext}`);
  if (node !== undefined && info.sourceRanges.some((r) => contains(r.network, node))) for (const ip of info.lbIps) w.nat.push(`${words} -s ${ip} -j ${info.chains.ext}`);
  if (marks(s)) w.nat.push(`${words} -j KUBE-MARK-DROP`);
  if (config.behaviour.firewallTail) w.nat.push(`-A ${info.chains.fw} ${comment(`other traffic to ${info.name} will be dropped by KUBE-PROXY-FIREWALL`)}`);
}
