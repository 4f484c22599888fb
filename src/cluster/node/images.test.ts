/** Images of published examples: what their programs answer over the network. */
import { describe, expect, it } from 'vitest';
import { nginxVersion } from '../../userland/daemons/httpd/page.ts';
import { clusterWorld, type ClusterWorld } from '../testing/cluster-world.ts';

/** A pod of one image, and one to ask it from. */
function pods(container: string): ClusterWorld {
  const w = clusterWorld();
  const { errors } = w.cluster.apply(`apiVersion: v1\nkind: Pod\nmetadata: {name: app}\nspec: {containers: [{name: c, ${container}}]}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: me}\nspec: {containers: [{name: c, image: nginx}]}\n`, 'p.yaml');
  if (errors.length > 0) throw new Error(errors.map((e) => e.text).join('\n'));
  w.wait(8);
  return w;
}
const ip = (w: ClusterWorld, name: string): string => w.cluster.store.get('Pod', 'default', name)?.status.podIP ?? '';
const ask = (w: ClusterWorld, port: number, path: string): string => w.run('me', `curl -si -m 3 http://${ip(w, 'app')}:${port}${path}`).stdout.replaceAll('\r', '');
const body = (w: ClusterWorld, port: number, path: string): string => ask(w, port, path).split('\n\n').slice(1).join('\n\n');
const log = (w: ClusterWorld): string => w.run('vm1', 'kubectl logs app').stdout;

describe('servers', () => {
  it('whoami tells of itself and repeats the request', () => {
    const w = pods('image: traefik/whoami, args: [--name, blue]');
    expect(body(w, 80, '/x?env=false')).toMatch(new RegExp(`^Name: blue\nHostname: app\nIP: 127.0.0.1\nIP: ${ip(w, 'app')}\nRemoteAddr: ${ip(w, 'me')}:\\d+\nGET /x\\?env=false HTTP/1.1\nHost: ${ip(w, 'app')}\nUser-Agent: curl/\\S+\nAccept: \\*/\\*\n\n`));
    expect(JSON.parse(body(w, 80, '/api'))).toMatchObject({ hostname: 'app', name: 'blue', method: 'GET', url: '/api' });
    expect(ask(w, 80, '/health')).toMatch(/^HTTP\/1.1 200 OK\nDate: [^\n]*\nContent-Length: 0\n\n$/);
    w.run('me', `curl -s -X POST -d 503 http://${ip(w, 'app')}/health`);
    expect(ask(w, 80, '/health')).toMatch(/^HTTP\/1.1 503 /);
  });

  it('http-echo says its text, and nothing without one', () => {
    const w = pods('image: "hashicorp/http-echo:1.0", args: ["-text=hi there", "-listen=:8090"]');
    expect(ask(w, 8090, '/')).toMatch(/^HTTP\/1.1 200 OK\nX-App-Name: http-echo\nX-App-Version: [\d.]+\nDate: .* GMT\nContent-Length: 9\nContent-Type: text\/plain; charset=utf-8\n\nhi there\n$/);
    expect(log(pods('image: hashicorp/http-echo'))).toBe('Missing -text option OR ENV var TEXT is empty!\n');
  });

  it.each<[string, string, number, string, string]>([
    ['hello-app', 'image: "gcr.io/google-samples/hello-app:2.0"', 8080, '/', 'Hello, world!\nVersion: 2.0.0\nHostname: app\n'],
    ['hello-app on another port', 'image: "us-docker.pkg.dev/google-samples/containers/gke/hello-app:1.0", env: [{name: PORT, value: "9000"}]', 9000, '/', 'Hello, world!\nVersion: 1.0.0\nHostname: app\n'],
    ['hello-go-gke', 'image: "gcr.io/google-samples/hello-go-gke:1.0"', 80, '/', '{"message":"Hello"}\n'],
    ['serve-hostname', 'image: "registry.k8s.io/e2e-test-images/agnhost:2.39", command: [/agnhost, serve-hostname, --http=true, --port=8080]', 8080, '/', 'app'],
    ['netexec', 'image: "registry.k8s.io/e2e-test-images/agnhost:2.39", args: [netexec, --http-port, "8090"]', 8090, '/hostname', 'app'],
    ['netexec echoes', 'image: "k8s.gcr.io/e2e-test-images/agnhost:2.39", args: [netexec]', 8080, '/echo?msg=a%20b', 'a b'],
    ['netexec does not dial', 'image: "registry.k8s.io/e2e-test-images/agnhost:2.39", args: [netexec]', 8080, '/dial?host=x', 'agnhost netexec /dial is not modelled in this lab\n'],
    ['liveness at first', 'image: "registry.k8s.io/e2e-test-images/agnhost:2.40", args: [liveness]', 8080, '/healthz', 'ok'],
  ])('%s', (_name, container, port, path, said) => {
    expect(body(pods(container), port, path)).toBe(said);
  });

  it('netexec ends when told to, its container is started again', () => {
    const w = pods('image: "registry.k8s.io/e2e-test-images/agnhost:2.39", args: [netexec]');
    ask(w, 8080, '/exit?code=3');
    w.wait(3);
    const [status] = w.cluster.store.get('Pod', 'default', 'app')?.status.containerStatuses ?? [];
    expect([status?.restartCount, status?.lastState?.terminated?.exitCode, status?.ready]).toEqual([1, 3, true]);
  });

  it('what agnhost cannot do here it says', () => {
    expect(log(pods('image: "registry.k8s.io/e2e-test-images/agnhost:2.39", args: [guestbook]'))).toBe('agnhost guestbook is not modelled in this lab\n');
  });

  it('httpd serves files, its own page and its errors', () => {
    const w = pods('image: "httpd:2.4.57-alpine"');
    expect(ask(w, 80, '/')).toMatch(/^HTTP\/1.1 200 OK\nDate: [^\n]* GMT\nServer: Apache\/2.4.57 \(Unix\)\nLast-Modified: Mon, 11 Jun 2007 18:53:14 GMT\nETag: "2d-432a5e4a73a80"\nAccept-Ranges: bytes\nContent-Length: 45\nContent-Type: text\/html\n\n<html><body><h1>It works!<\/h1><\/body><\/html>\n$/);
    w.run('app', 'mkdir /usr/local/apache2/htdocs/empty; echo hi > /usr/local/apache2/htdocs/a.txt');
    expect([body(w, 80, '/a.txt?x=1'), ...['/none', '/empty/', '/../etc/os-release'].map((path) => ask(w, 80, path).split('\n')[0])]).toEqual(['hi\n', 'HTTP/1.1 404 Not Found', 'HTTP/1.1 403 Forbidden', 'HTTP/1.1 404 Not Found']);
    expect(log(w)).toContain(`${ip(w, 'me')} - - [29/May/2024:13:0`);
  });

  it('nginx of a tag names that release', () => {
    const w = pods('image: "nginx:1.14.2"');
    expect(ask(w, 80, '/')).toContain('\nServer: nginx/1.14.2\n');
    expect(w.run('app', 'printenv NGINX_VERSION').stdout).toBe('1.14.2\n');
  });
});

it.each([['latest', '1.27.0'], ['alpine', '1.27.0'], ['1', '1.27.0'], ['1.14.2', '1.14.2'], ['1.25-alpine', '1.25.5'], ['1.16.1-perl', '1.16.1'], ['stable-alpine', '1.26.1']])('nginx:%s is %s', (tag, version) => {
  expect(nginxVersion(tag)).toBe(version);
});
