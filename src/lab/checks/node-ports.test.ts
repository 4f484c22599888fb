import { describe, expect, it, test } from 'vitest';
import { openFromDisk } from '../../cli/scenarios.ts';

const lab = openFromDisk('k3s-clusterip', { trace: false });

describe('ports of a k3s node for itself', () => {
  const ports = (on: string): string[] => lab.exec(on, 'sudo ss -tlnp').stdout.split('\n').slice(1).flatMap((line) => {
    const [, , , local = '', , owner = ''] = line.split(/\s+/);
    return /k3s/.test(owner) ? [`${local} ${/"([^"]+)"/.exec(owner)?.[1] ?? ''}`] : [];
  }).sort();

  it('the server is one program with every port', () => {
    expect(ports('vm1')).toEqual(['0.0.0.0:10250', '0.0.0.0:6443', ...[10010, 10248, 10249, 10256, 10257, 10258, 10259, 6444].map((p) => `127.0.0.1:${p}`)].map((at) => `${at} k3s-server`));
  });
  it('an agent has its own load balancer instead of an API server', () => {
    expect(ports('vm2')).toEqual(['0.0.0.0:10250', ...[10010, 10248, 10249, 10256, 6444].map((p) => `127.0.0.1:${p}`)].map((at) => `${at} k3s-agent`));
  });
  test.each([
    ['127.0.0.1:10248/healthz', 'ok'], ['127.0.0.1:10248/', '404 page not found\n'], ['127.0.0.1:10249/proxyMode', 'iptables'], ['127.0.0.1:10249/healthz', 'ok'],
  ])('%s', (url, body) => {
    expect(lab.exec('vm2', `curl -s ${url}`)).toMatchObject({ stdout: body, stderr: '', code: 0 });
  });
  it('nobody else reaches them', () => {
    expect(lab.exec('vm1', 'curl -s vm2:10248/healthz').code).toBe(7);
  });
});
