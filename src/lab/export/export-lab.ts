import type { Lab } from '../lab.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import { exportNetns, teardown, type ExportNamespace, type ExportWorld } from './netns-script.ts';
import { ANNOUNCE, announcedAddresses } from './announced.ts';
import { readme } from './readme.ts';

/** Shell commands that stand in for what listens in a namespace: HTTP where the lab's server speaks it, an echo elsewhere. */
function servers(kernel: Kernel, name: string): readonly string[] {
  const listening = new Set(kernel.sockets.list().flatMap((s) => {
    if (s.remote !== undefined && s.remote.port !== 0) return [];
    if (s.protocol === 'tcp' && s.state === 'LISTEN') return [`${HTTP.test(s.process ?? '') ? 'http' : 'tcp'} ${s.local.port}`];
    return s.protocol === 'udp' && s.process !== undefined && s.local.port < EPHEMERAL ? [`udp ${s.local.port}`] : [];
  }));
  return listening.size === 0 ? [] : [`python3 serve.py ${name} ${[...listening].sort().join(' ')} >/dev/null 2>&1 &`];
}

const HTTP = /^(nginx|httpd|caddy|apache|node)/;
const EPHEMERAL = 32768;

const SERVE = `# Servers for one namespace. usage: serve.py NAME (http|tcp|udp) PORT ...
# http answers with one write and leaves the closing to the client, as nginx does; tcp and udp send back what came.
import selectors, socket, sys

name, words = sys.argv[1], sys.argv[2:]
selector = selectors.DefaultSelector()


def page(data):
    body = (name + "\\n").encode()
    return b"HTTP/1.1 200 OK\\r\\nContent-Type: text/plain\\r\\nContent-Length: %d\\r\\n\\r\\n%s" % (len(body), body)


for kind, port in zip(words[::2], words[1::2]):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("0.0.0.0", int(port)))
    if kind != "udp":
        s.listen(128)
    selector.register(s, selectors.EVENT_READ, (kind, False))

while True:
    for key, _ in selector.select():
        s, (kind, connected) = key.fileobj, key.data
        try:
            if kind == "udp":
                data, peer = s.recvfrom(65536)
                s.sendto(data, peer)
            elif not connected:
                c, _ = s.accept()
                c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                selector.register(c, selectors.EVENT_READ, (kind, True))
            else:
                data = s.recv(65536)
                if data:
                    s.sendall(page(data) if kind == "http" else data)
                else:
                    selector.unregister(s)
                    s.close()
        except OSError:
            if connected:
                selector.unregister(s)
                s.close()
`;

/** Files of a world's export: README.md, up.sh, down.sh, serve.py, announce.py where it is needed, one rules file a namespace. */
export function exportFiles(world: ExportWorld): ReadonlyMap<string, string> {
  const { script, rules } = exportNetns(world);
  return new Map([['README.md', readme(world)], ['up.sh', script], ['down.sh', teardown(world)], ['serve.py', SERVE], ...(world.namespaces.some((ns) => (ns.announces ?? []).length > 0) ? [['announce.py', ANNOUNCE] as const] : []), ...rules]);
}

/** A lab as the export sees it: every namespace that has a name, with what listens in it. */
export function exportWorld(lab: Lab, options: { readonly servers: boolean } = { servers: true }): ExportWorld {
  const nameOf = (machine: string, netns: string): string => (netns === '' ? machine : (lab.cluster?.podOf(machine, netns)?.metadata.name ?? `${machine}-${netns}`));
  const namespaces = [...lab.machines.values()].flatMap((host): ExportNamespace[] => ['', ...host.kernel.netnsList()].flatMap((netns) => {
    const kernel = netns === '' ? { ok: true as const, value: host.kernel } : host.kernel.inNetns(netns);
    const name = nameOf(host.name, netns);
    return kernel.ok ? [{ name, kernel: kernel.value, servers: options.servers ? servers(kernel.value, name) : [] }] : [];
  }));
  const announced = announcedAddresses(lab.steps, namespaces.map((ns) => ns.kernel));
  return { title: lab.scenario.info.title, namespaces: namespaces.map((ns) => ({ ...ns, announces: announced.get(ns.kernel.nsId) ?? [] })), nameOf, segmentOf: lab.topology.segmentOf };
}

export const exportLab = (lab: Lab): ReadonlyMap<string, string> => exportFiles(exportWorld(lab));
