/** Read first: ip-link(8), iproute2 ip/iplink.c. Kinds: veth, bridge, vlan, vxlan, dummy. */
import { ANY, formatMac, type Mac } from '../../../engine/wire/addresses.ts';
import type { BridgeConfig, LinkChange, NewLink, VxlanConfig } from '../../../engine/uapi/rtnetlink.ts';
import { Exit } from '../kit.ts';
import { LINK_HELP } from './help.ts';
import { linkMatches } from './address.ts';
import { jsonText } from './json.ts';
import { briefJson, linkJson } from './link-json.ts';
import { briefHead, linkFlags, linkText, lowerOf } from './link-text.ts';
import { acked, addressWord, garbage, ifname, invarg, isOwnGroup, isPrefixOf, macWord, missingDevice, notModelled, noVrf, requireRoot, unknownCommand, type Words } from './words.ts';

export function link(words: Words): number {
  const command = words.peek();
  if (command === undefined) return show(words);
  if (isPrefixOf(command, 'add')) return add(words);
  if (isPrefixOf(command, 'set') || isPrefixOf(command, 'change')) return set(words);
  if (isPrefixOf(command, 'delete')) return remove(words);
  if (isPrefixOf(command, 'show') || isPrefixOf(command, 'lst') || isPrefixOf(command, 'list')) {
    words.take();
    return show(words);
  }
  if (isPrefixOf(command, 'help')) throw new Exit(255, LINK_HELP);
  if (['replace', 'xstats', 'property', 'afstats'].includes(command)) throw notModelled(`ip link ${command}`);
  throw unknownCommand(command, 'link');
}

function show(words: Words): number {
  const filter: { dev: string | undefined; up: boolean; kind: string | undefined; master: string | undefined; none: boolean; noMaster: boolean } = { dev: undefined, up: false, kind: undefined, master: undefined, none: false, noMaster: false };
  while (!words.done) {
    const word = words.value();
    if (word === 'up') filter.up = true;
    else if (word === 'type') filter.kind = words.value();
    else if (word === 'master') filter.master = words.master();
    else if (word === 'group') filter.none = !isOwnGroup(words.value());
    else if (word === 'nomaster') filter.noMaster = true;
    else if (word === 'vrf') throw noVrf(words.value());
    else {
      if (filter.dev !== undefined) throw garbage('dev', word);
      filter.dev = word === 'dev' ? words.value() : word;
    }
  }
  const { netlink } = words.context.kernel;
  if (filter.dev !== undefined && netlink.link(filter.dev) === undefined) throw new Exit(1, `Device "${filter.dev}" does not exist.\n`);
  const { options } = words;
  const links = netlink.links();
  const shown = filter.none ? [] : links.filter((l) => linkMatches(l, filter) && (!filter.noMaster || l.master === undefined));
  // What ip itself leaves out, after the kernel's own filters, is an empty object.
  const ownKind = filter.kind !== undefined && KINDS[filter.kind] === undefined && !KNOWN.includes(filter.kind);
  const dumped = filter.dev !== undefined ? links.filter((l) => linkMatches(l, { dev: filter.dev, up: false, kind: undefined, master: undefined })) : ownKind || filter.up || filter.none ? links.filter((l) => linkMatches(l, { ...filter, up: false, kind: ownKind ? undefined : filter.kind }) && (!filter.noMaster || l.master === undefined)) : shown;
  if (options.json) words.print(jsonText(dumped.map((l) => (!shown.includes(l) ? {} : options.brief ? briefJson(l, lowerOf(l, links)) : linkJson(l, options, l.master === undefined ? undefined : netlink.link(l.master), { inAddress: false, layer: true, here: lowerOf(l, links) }))), options));
  else for (const l of shown) words.print(options.brief ? `${briefHead(l)}${formatMac(l.mac)} <${linkFlags(l, lowerOf(l, links))}> \n` : linkText(l, options, l.master === undefined ? undefined : netlink.link(l.master), false, lowerOf(l, links)));
  return 0;
}

const KINDS: Readonly<Record<string, NewLink['kind']>> = { veth: 'veth', bridge: 'bridge', vlan: 'vlan', vxlan: 'vxlan', dummy: 'dummy' };
const KNOWN = ['vti', 'xfrm', 'geneve', 'gre', 'gretap', 'ipip', 'sit', 'macvlan', 'ipvlan', 'macvtap', 'bond', 'team', 'vrf', 'wireguard', 'ifb', 'tun', 'nlmon', 'vcan', 'erspan', 'hsr', 'macsec'];

function add(words: Words): number {
  words.take();
  let name: string | undefined;
  let lower: string | undefined;
  let mac: Mac | undefined;
  let mtu: number | undefined;
  let ifindex: number | undefined;
  let kind: string | undefined;
  let up = false;
  let master: string | undefined;
  while (!words.done) {
    const word = words.value();
    if (word === 'link') lower = words.value();
    else if (word === 'name') name = ifname(words.value(), 'name');
    else if (word === 'address') mac = macWord(words.value());
    else if (word === 'mtu') mtu = words.number(words.value(), 'mtu');
    else if (word === 'index') {
      const value = words.value();
      ifindex = words.number(value, 'index');
      if (ifindex === 0) throw invarg(value, 'Invalid "index" value');
    }
    else if (word === 'up') up = true;
    else if (word === 'down') up = false;
    else if (word === 'master') master = words.value();
    else if (word === 'txqueuelen' || word === 'qlen' || word === 'numtxqueues' || word === 'numrxqueues') words.value();
    else if (word === 'type') {
      kind = words.value();
      break;
    } else {
      if (name !== undefined) throw garbage('dev', word);
      name = ifname(word === 'dev' ? words.value() : word, 'dev');
    }
  }
  if (kind === undefined) throw new Exit(1, 'Not enough information: "type" argument is required\n');
  const known = KINDS[kind];
  if (known === undefined) {
    if (KNOWN.includes(kind)) throw new Exit(2, `Error: device type "${kind}" is not modelled in this lab.\n`);
    throw new Exit(2, 'Error: Unknown device type.\n');
  }
  if (lower !== undefined) words.device(lower);
  const spec: { -readonly [K in keyof NewLink]: NewLink[K] } = { name: name ?? '', kind: known, mac, mtu, ifindex, link: lower };
  switch (known) {
    case 'veth': vethOptions(words, spec); break;
    case 'bridge': spec.bridge = bridgeOptions(words); break;
    case 'vlan': vlanOptions(words, spec); break;
    case 'vxlan':
      if (words.done) throw new Exit(2, 'Error: Required attributes not provided to perform the operation.\n');
      spec.vxlan = vxlanOptions(words);
      break;
    case 'dummy': if (!words.done) throw garbage('type', words.value()); break;
  }
  const { netlink } = words.context.kernel;
  if (spec.name === '') {
    if (known === 'vlan') throw new Exit(2, 'RTNETLINK answers: Invalid argument\n');
    let n = 0;
    while (netlink.link(`${known}${n}`) !== undefined) n++;
    spec.name = `${known}${n}`;
  }
  requireRoot(words.context);
  if (spec.name.length > 15) throw new Exit(2, 'Error: Attribute failed policy validation.\n');
  acked(netlink.newLink(spec));
  if (master !== undefined) acked(netlink.setLink(spec.name, { master }));
  if (up) acked(netlink.setLink(spec.name, { up: true }));
  return 0;
}

function vethOptions(words: Words, spec: { peer?: NewLink['peer']; name: string }): void {
  if (words.done) {
    spec.peer = { name: `${spec.name}p` };
    return;
  }
  const word = words.value();
  if (word !== 'peer') throw garbage('type', word);
  let name: string | undefined;
  let netns: string | undefined;
  let mac: Mac | undefined;
  let mtu: number | undefined;
  while (!words.done) {
    const option = words.value();
    if (option === 'name') name = words.value();
    else if (option === 'netns') netns = words.value();
    else if (option === 'address') mac = macWord(words.value());
    else if (option === 'mtu') mtu = words.number(words.value(), 'mtu');
    else if (name === undefined) name = option;
    else throw garbage('dev', option);
  }
  if (netns !== undefined && !words.context.kernel.netnsList().includes(netns)) throw new Exit(255, `Error: argument "${netns}" is wrong: Invalid "netns" value\n\n`);
  spec.peer = { name: name ?? 'veth1', netns, mac, mtu };
}

function vlanOptions(words: Words, spec: { link?: string | undefined; vlanId?: number | undefined }): void {
  while (!words.done) {
    const word = words.value();
    if (word === 'id') {
      const text = words.value();
      const id = Number(text);
      if (!Number.isInteger(id) || id < 0 || id > 4095) throw new Exit(255, `Error: argument "${text}" is wrong: id is invalid\n\n`);
      spec.vlanId = id;
    } else if (word === 'protocol') {
      const protocol = words.value();
      if (!/^802\.1q$/i.test(protocol)) throw notModelled(`protocol ${protocol}`);
    } else throw garbage('type', word);
  }
  if (spec.link === undefined) throw new Exit(2, 'Error: 8021q: link not specified.\n');
  if (spec.vlanId === undefined) throw new Exit(2, 'Error: 8021q: VLAN properties not specified.\n');
}

/** on_off() */
function flag(key: string, word: string): boolean {
  if (word === 'on' || word === 'off') return word === 'on';
  throw new Exit(1, `Error: argument of "${key}" must be "on" or "off", not "${word}"\n`);
}

/** parse_on_off() */
function slaveFlag(key: string, word: string): boolean {
  if (word === 'on' || word === 'off') return word === 'on';
  throw new Exit(1, `Error: argument of "${key}" must be one of "off", "on", not "${word}"\n`);
}

const onOff = (word: string): boolean => {
  if (word === '1' || word === 'on') return true;
  if (word === '0' || word === 'off') return false;
  throw new Exit(255, `Error: argument "${word}" is wrong: not a boolean\n\n`);
};

function bridgeOptions(words: Words): Partial<BridgeConfig> {
  const out: { -readonly [K in keyof BridgeConfig]?: BridgeConfig[K] } = {};
  while (!words.done) {
    const word = words.value();
    if (word === 'ageing_time') {
      const value = words.value();
      if (!/^\d+$/.test(value)) throw invarg(value, 'invalid ageing_time');
      out.ageingTime = Number(value) / 100;
    }
    else if (word === 'stp_state') out.stp = onOff(words.value());
    else if (word === 'vlan_filtering') {
      out.vlanFiltering = onOff(words.value());
      if (out.vlanFiltering) throw notModelled('vlan_filtering 1');
    } else if (word === 'priority') out.priority = words.number(words.value(), 'priority');
    else if (word === 'nf_call_iptables') out.nfCallIptables = onOff(words.value());
    else if (/^(forward_delay|hello_time|max_age|mcast_snooping|group_fwd_mask|mcast_querier)$/.test(word)) words.value();
    else throw new Exit(255, `bridge: unknown option "${word}"?\n`);
  }
  return out;
}

function ranged(word: string, max: number, complaint: string): number {
  if (!/^(0x[0-9a-f]+|\d+)$/i.test(word) || Number(word) > max) throw invarg(word, complaint);
  return Number(word);
}

function vxlanOptions(words: Words): Partial<VxlanConfig> {
  const out: { -readonly [K in keyof VxlanConfig]?: VxlanConfig[K] } = {};
  while (!words.done) {
    const word = words.value();
    switch (word) {
      case 'id': case 'vni': out.vni = ranged(words.value(), 0xffffff, 'invalid id'); break;
      case 'local': out.local = addressWord(words.value(), 'any valid'); break;
      case 'dev': out.dev = words.device(words.value(), 255).name; break;
      case 'dstport': out.dstPort = ranged(words.value(), 0xffff, 'dst port'); break;
      case 'learning': out.learning = true; break;
      case 'nolearning': out.learning = false; break;
      case 'udpcsum': out.udpCsum = true; break;
      case 'noudpcsum': out.udpCsum = false; break;
      case 'ttl': case 'hoplimit': {
        const text = words.value();
        if (text !== 'auto' && text !== 'inherit' && Number(text) > 255) throw invarg(text, 'TTL must be <= 255');
        out.ttl = text === 'auto' || text === 'inherit' ? 0 : ranged(text, 255, 'invalid TTL');
        break;
      }
      case 'ageing': out.ageing = words.number(words.value(), 'ageing timer'); break;
      case 'remote': case 'group': case 'external': case 'proxy': case 'rsc': case 'l2miss': case 'l3miss': case 'gbp': case 'gpe': throw notModelled(`vxlan ${word}`);
      case 'srcport': words.value(); words.value(); break;
      case 'tos': case 'dsfield': case 'df': case 'maxaddress': words.value(); break;
      default: throw new Exit(255, `vxlan: unknown command "${word}"?\n`);
    }
  }
  if (out.vni === undefined) throw new Exit(255, 'vxlan: missing virtual network identifier\n');
  out.local ??= ANY;
  return out;
}

function set(words: Words): number {
  words.take();
  let dev: string | undefined;
  const change: { -readonly [K in keyof LinkChange]: LinkChange[K] } = {};
  let any = false;
  const apply = (part: LinkChange): void => {
    Object.assign(change, part);
    any = true;
  };
  while (!words.done) {
    const word = words.value();
    if (word === 'up') apply({ up: true });
    else if (word === 'down') apply({ up: false });
    else if (word === 'mtu') apply({ mtu: words.number(words.value(), 'mtu') });
    else if (word === 'address' || word === 'addr') apply({ mac: macWord(words.value()) });
    else if (word === 'name') apply({ name: ifname(words.value(), 'name') });
    else if (word === 'master') {
      apply({ master: words.master() });
    } else if (word === 'nomaster') apply({ master: null }); // the uapi's word for "released"
    else if (word === 'promisc') apply({ promisc: flag('promisc', words.value()) });
    else if (word === 'arp') apply({ arp: flag('arp', words.value()) });
    else if (word === 'txqueuelen' || word === 'txqlen' || word === 'qlen') apply({ txQueueLen: words.number(words.value(), 'txqueuelen') });
    else if (word === 'netns') {
      const name = words.value();
      if (!words.context.kernel.netnsList().includes(name) && name !== '1') throw new Exit(255, `Error: argument "${name}" is wrong: Invalid "netns" value\n\n`);
      apply({ netns: name === '1' ? '' : name });
    } else if (word === 'type') {
      const kind = words.value();
      if (kind === 'bridge') apply({ bridge: bridgeOptions(words) });
      else if (kind === 'bridge_slave') {
        while (!words.done) {
          const option = words.value();
          if (option === 'hairpin' || option === 'learning' || option === 'flood') apply({ [option]: slaveFlag(option, words.value()) });
          else throw notModelled(`bridge_slave ${option}`);
        }
      } else throw notModelled(`ip link set type ${kind}`);
    } else if (word === 'multicast' || word === 'allmulticast' || word === 'group' || word === 'alias' || word === 'vf' || word === 'xdp' || word === 'addrgenmode' || word === 'carrier') throw notModelled(word);
    else {
      if (dev !== undefined) throw garbage('dev', word);
      dev = word === 'dev' ? words.value() : word;
    }
  }
  if (dev === undefined) throw missingDevice();
  words.device(dev);
  if (!any) return 0;
  requireRoot(words.context);
  acked(words.context.kernel.netlink.setLink(dev, change));
  return 0;
}

function remove(words: Words): number {
  words.take();
  let dev: string | undefined;
  while (!words.done) {
    const word = words.value();
    if (word === 'type') words.value();
    else if (word === 'dev') dev = words.value();
    else if (dev === undefined) dev = word;
    else throw garbage('dev', word);
  }
  if (dev === undefined) throw missingDevice();
  words.device(dev);
  requireRoot(words.context);
  acked(words.context.kernel.netlink.delLink(dev));
  return 0;
}

