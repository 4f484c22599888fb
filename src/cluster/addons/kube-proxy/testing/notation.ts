/**
 * Short words of the case tables.
 * Rules: one per line, `! ` in front for the filter table, then chain, matches, target:
 *   "text" comment · T U S `-m tcp -p tcp` (udp, sctp) · %0.5 statistic · FROM-LOCAL, TO-LOCAL addrtype · MASQ, DROP, REJECT, MARK-DROP targets ·
 *   SVC SVL EXT FW XLB and SEP(ip:port) chains of ns/svc over tcp, SVC[name/proto] those of another port.
 * Endpoints: `10.42.0.8` (10.42.N.x is on vm<N+1>), with words `notready`, `ending` (serving, terminating), `silent` (terminating, serving not told), `gone`, `on=vm1`, `zone=a`, `for=vm1`.
 */
import { createHash } from 'node:crypto';

export type Json = Readonly<Record<string, unknown>>;

const hash = (text: string): string => {
  const bits = [...createHash('sha256').update(text).digest()].map((b) => b.toString(2).padStart(8, '0')).join('');
  return Array.from({ length: 16 }, (_, i) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.charAt(Number.parseInt(bits.slice(i * 5, i * 5 + 5), 2))).join('');
};

const DEFAULT = 'ns/svc/tcp';
const chain = (kind: string, port = DEFAULT): string => {
  const cut = port.lastIndexOf('/');
  return `KUBE-${kind}-${hash(port.slice(0, cut) + port.slice(cut + 1))}`;
};
const sep = (target: string, port = DEFAULT): string => {
  const cut = port.lastIndexOf('/');
  return `KUBE-SEP-${hash(port.slice(0, cut) + port.slice(cut + 1) + target)}`;
};

/** Names of chains, for comments that hold one and for tests. */
export const names = (text: string): string => text
  .replace(/\bSEP\(([^)]+)\)(?:\[([^\]]+)\])?/g, (_all: string, target: string, port: string | undefined) => sep(target, port))
  .replace(/(?<![A-Z0-9-])(SVC|SVL|EXT|FW|XLB)(?:\[([^\]]+)\])?(?![A-Z0-9-])/g, (_all: string, kind: string, port: string | undefined) => chain(kind, port));

const WORDS: readonly (readonly [RegExp, string])[] = [
  [/(^| )T( |$)/, '$1-m tcp -p tcp$2'], [/(^| )U( |$)/, '$1-m udp -p udp$2'], [/(^| )S( |$)/, '$1-m sctp -p sctp$2'], [/%([\d.]+)/, '-m statistic --mode random --probability $1'],
  [/FROM-LOCAL/, '-m addrtype --src-type LOCAL'], [/TO-LOCAL/, '-m addrtype --dst-type LOCAL'], [/ MASQ$/, ' -j KUBE-MARK-MASQ'], [/ MARK-DROP$/, ' -j KUBE-MARK-DROP'],
  [/ (DROP|REJECT)$/, ' -j $1'], [/ DNAT (\S+)$/, ' -j DNAT --to-destination $1'],
];

/** One line of the notation as kube-proxy writes it. */
export function rule(line: string): { readonly table: 'filter' | 'nat'; readonly text: string } {
  const filter = line.startsWith('! ');
  let text = (filter ? line.slice(2) : line).trim();
  const comments: string[] = [];
  text = text.replace(/"([^"]*)"/g, (all: string) => `\u0000${comments.push(names(all)) - 1}\u0000`);
  text = names(text);
  for (const [word, means] of WORDS) text = text.replace(word, means);
  // a last word that is a chain is where it jumps
  text = text.replace(/^(\S+)(.*) (KUBE-(?:SVC|SVL|EXT|FW|XLB|SEP)-\S+|KUBE-NODEPORTS)$/, (_all: string, from: string, middle: string, to: string) => `${from}${middle}${middle.endsWith(' -j') ? '' : ' -j'} ${to}`);
  text = text.replace(/\u0000(\d+)\u0000/g, (_all: string, i: string) => {
    const given = comments[Number(i)] ?? '';
    return `-m comment --comment ${/^"\w+\/[\w:-]+"$/.test(given) ? given.slice(1, -1) : given}`;
  });
  return { table: filter ? 'filter' : 'nat', text: `-A ${text}` };
}

export const lines = (text: string): readonly string[] => text.split('\n').map((l) => l.trim()).filter((l) => l !== '');

export interface ServiceOptions {
  readonly name?: string;
  readonly meta?: Json;
  readonly lb?: readonly (string | Json)[];
  readonly [field: string]: unknown;
}

/** ns/svc, 10.43.0.41, port 80 to 8080. */
export function svc({ name = 'svc', meta = {}, lb, ...spec }: ServiceOptions = {}): Json {
  return {
    apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'ns', ...meta },
    spec: { clusterIP: '10.43.0.41', ports: [{ port: 80, protocol: 'TCP', targetPort: 8080 }], ...spec },
    status: { loadBalancer: lb === undefined ? {} : { ingress: lb.map((i) => (typeof i === 'string' ? { ip: i } : i)) } },
  };
}

export const lb = (more: ServiceOptions = {}): Json => svc({ type: 'LoadBalancer', ports: [{ port: 80, protocol: 'TCP', nodePort: 30080 }], lb: ['203.0.113.9'], ...more });
export const np = (more: ServiceOptions = {}): Json => svc({ type: 'NodePort', ports: [{ port: 80, protocol: 'TCP', nodePort: 30080 }], ...more });

function endpoint(text: string): Json {
  const [ip = '', ...words] = text.split(' ');
  const value = (key: string): string | undefined => words.find((w) => w.startsWith(`${key}=`))?.slice(key.length + 1);
  const node = value('on') ?? `vm${Number(ip.split('.')[2]) + 1}`;
  const ending = words.includes('ending');
  const off = words.includes('notready') || words.includes('gone');
  const zone = value('zone');
  const forNode = value('for');
  return {
    addresses: [ip], nodeName: node, ...(words.includes('bare') ? {} : words.includes('silent') ? { conditions: { ready: false, terminating: true } } : { conditions: { ready: !ending && !off, serving: !off, terminating: ending || words.includes('gone') } }),
    ...(zone === undefined && forNode === undefined ? {} : { hints: { ...(zone === undefined ? {} : { forZones: [{ name: zone }] }), ...(forNode === undefined ? {} : { forNodes: [{ name: forNode }] }) } }),
  };
}

export interface SliceOptions {
  readonly of?: string;
  readonly name?: string;
  readonly ports?: readonly Json[];
  readonly addressType?: string;
  readonly labels?: Json;
}

let serial = 0;
export const eps = (endpoints: readonly string[], { of = 'svc', name, ports, addressType = 'IPv4', labels = {} }: SliceOptions = {}): Json => ({
  apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: name ?? `${of}-${++serial}`, namespace: 'ns', labels: { 'kubernetes.io/service-name': of, ...labels } }, addressType,
  endpoints: endpoints.map(endpoint), ports: ports ?? [{ name: '', port: 8080, protocol: 'TCP' }],
});
