/** traefik in the world of Raspberry Pis that k3s 1.29 packaged it for, reached by its node ports 31446 (web) and 31051 (websecure). */
import { describe, expect, it, test } from 'vitest';
import { openFromDisk } from '../../../cli/scenarios.ts';
import { routersOf } from './routers.ts';
import { entryPointsOf } from './traefik.ts';

const route = (name: string, match: string, entryPoints?: readonly string[], priority?: number) => ({
  apiVersion: 'traefik.io/v1alpha1', kind: 'IngressRoute', metadata: { name, namespace: 'n', uid: '', resourceVersion: '', creationTimestamp: '' },
  spec: { ...(entryPoints === undefined ? {} : { entryPoints }), routes: [{ match, kind: 'Rule', ...(priority === undefined ? {} : { priority }), services: [{ name: 'api@internal', kind: 'TraefikService' }] }] },
});

describe('configuration', () => {
  it('entry points come from the arguments', () => {
    expect(entryPointsOf(['--entrypoints.web.address=:8000/tcp', '--entrypoints.websecure.address=:8443/tcp', '--entrypoints.websecure.http.tls=true', '--entryPoints.dns.address=:53/udp', '--ping=true'])).toEqual([
      { name: 'web', port: 8000, tls: false }, { name: 'websecure', port: 8443, tls: true }]);
  });

  it('the longest rule first, a priority before that; a route without entry points is on the default ones; a wrong rule is left out and told', () => {
    const { routers, problems } = routersOf([route('short', 'Path(`/`)', ['web']), route('long', 'PathPrefix(`/long`)'), route('first', 'Path(`/x`)', ['web'], 100), route('bad', 'Path(')], ['web', 'websecure']);
    expect(routers.map((r) => [r.name, r.entryPoints])).toEqual([
      ['n-first-0@kubernetescrd', ['web']], ['n-long-0@kubernetescrd', ['web', 'websecure']], ['n-short-0@kubernetescrd', ['web']]]);
    expect(problems).toEqual(['n-bad-0@kubernetescrd: error while parsing rule Path(: expected a value']);
  });
});

describe('on the wire', () => {
  const lab = openFromDisk('warsaw-metallb-traefik', { trace: false });
  const said = (line: string): string => lab.exec('xubulab', line).stdout;
  const dashboard = (entryPoint: string): void => void said(`kubectl patch ingressroute -n kube-system traefik-dashboard --type=merge -p '{"spec":{"entryPoints":["${entryPoint}"]}}'`);
  const ask = (rest: string): string => said(`curl -s -w '%{http_code}' ${rest}`);

  test.each<[string, string, string]>([
    ['traefik', 'http://kpi092:31446/dashboard/', '404 page not found\n404'], ['web', 'http://kpi092:31446/dashboard', '404 page not found\n404'], ['web', '-X POST http://kpi092:31446/dashboard/', '405'],
    ['web', 'http://kpi092:31446/api/version', 'The API behind the dashboard is not modelled in this lab.\n501'], ['web', 'http://kpi092:31051/', 'Client sent an HTTP request to an HTTPS server.\n400'],
  ])('route on %s, asked %s', (entryPoint, rest, answer) => {
    dashboard(entryPoint);
    expect(ask(rest)).toBe(answer);
  });

  it('the page of the dashboard lists the routers', () => {
    dashboard('web');
    expect(ask('http://kpi092:31446/dashboard/')).toContain('<tr><td>web</td><td>PathPrefix(`/dashboard`) || PathPrefix(`/api`)</td><td>api@internal</td></tr>');
  });

  it('a route to a Service is refused when it is applied', () => {
    const manifest = 'apiVersion: traefik.io/v1alpha1\nkind: IngressRoute\nmetadata: {name: r}\nspec: {routes: [{match: Path(`/`), kind: Rule, services: [{name: nginx, port: 80}]}]}\n';
    const done = lab.exec('xubulab', `cat > r.yaml <<'END'\n${manifest}END\nkubectl apply -f r.yaml`);
    expect(done.code).toBe(1);
    expect(done.stderr).toContain('a route to a Service is not modelled in this lab');
  });
});
