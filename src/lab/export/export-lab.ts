import type { Lab } from '../lab.ts';
import { exportNetns, teardown, type ExportNamespace } from './netns-script.ts';

/** A tiny HTTP server for a pod that listens: what Debian has everywhere. */
function servers(lab: Lab, machine: string, netns: string): readonly string[] {
  const host = lab.machines.get(machine);
  const kernel = netns === '' ? host?.kernel : ((k) => (k?.ok === true ? k.value : undefined))(host?.kernel.inNetns(netns));
  const ports = new Set((kernel?.sockets.list() ?? []).filter((s) => s.protocol === 'tcp' && s.state === 'LISTEN').map((s) => s.local.port));
  return [...ports].sort((a, b) => a - b).map((port) => `python3 serve.py ${port} >/dev/null 2>&1 &`);
}

const SERVE = `# A page on a port, as a stand-in for the lab's server. usage: serve.py PORT
import http.server, socket, sys
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        body = (socket.gethostname() + "\\n").encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass
http.server.ThreadingHTTPServer(("0.0.0.0", int(sys.argv[1])), Handler).serve_forever()
`;

/** Files of the export by name: up.sh, down.sh, one rules file a namespace, serve.py. */
export function exportLab(lab: Lab): ReadonlyMap<string, string> {
  const nameOf = (machine: string, netns: string): string => (netns === '' ? machine : (lab.cluster?.podOf(machine, netns)?.metadata.name ?? `${machine}-${netns}`));
  const namespaces = [...lab.machines.values()].flatMap((host): ExportNamespace[] => ['', ...host.kernel.netnsList()].flatMap((netns) => {
    const kernel = netns === '' ? { ok: true as const, value: host.kernel } : host.kernel.inNetns(netns);
    return kernel.ok ? [{ name: nameOf(host.name, netns), kernel: kernel.value, servers: servers(lab, host.name, netns) }] : [];
  }));
  const world = {
    title: lab.scenario.info.title, namespaces, nameOf,
    segmentOf: (): string => lab.scenario.topology.segment.name,
  };
  const { script, rules } = exportNetns(world);
  return new Map([['up.sh', script], ['down.sh', teardown(world)], ['serve.py', SERVE], ...rules]);
}
