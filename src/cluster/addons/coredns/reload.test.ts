/** A Corefile that changes while CoreDNS runs. */
import { expect, it } from 'vitest';
import { openFromDisk } from '../../../cli/scenarios.ts';

it('runs what was written within two minutes, logs queries when told, and goes on with the last one that was right', () => {
  const lab = openFromDisk('k3s-clusterip', { trace: false });
  const said = (on: string, line: string): string => lab.exec(on, line).stdout;
  const logs = (): readonly string[] => said('vm1', 'kubectl -n kube-system logs deploy/coredns').split('\n').filter((l) => !l.includes('import glob'));
  const edit = (more: string): void => {
    const text = `.:53 {\n    errors\n${more}    kubernetes cluster.local\n    hosts {\n      192.0.2.7 printer.example\n      fallthrough\n    }\n    cache 30\n    reload\n}\n`;
    said('vm1', `kubectl -n kube-system patch cm coredns -p '${JSON.stringify({ data: { Corefile: text } })}'; sleep 110`);
  };
  expect(logs().slice(-4)).toEqual([
    '[INFO] plugin/reload: Running configuration SHA512 = b941b080e5322f6519009bb49349462c7ddb6317425b0f6a83e5451175b720703949e3f3b454a24e77f3ffe57fd5e9c6130e528a5a1dd00d9000e4afd6c1108d',
    'CoreDNS-1.10.1', 'linux/amd64, go1.20, 055b2c3', '']);
  edit('    log\n');
  expect(logs().slice(-4, -1)).toEqual(['[INFO] Reloading', expect.stringMatching(/^\[INFO\] plugin\/reload: Running configuration SHA512 = [0-9a-f]{128}$/), '[INFO] Reloading complete']);
  expect(said('test-pod', 'dig +short printer.example')).toBe('192.0.2.7\n');
  expect(logs().at(-2)).toMatch(/^\[INFO\] 10\.42\.1\.4:\d+ - \d+ "A IN printer\.example\. udp 56 false 1232" NOERROR qr,aa,rd 87 0s$/);
  edit('    frobnicate\n');
  const wrong = "/etc/coredns/Corefile:3 - Error during parsing: Unknown directive 'frobnicate'";
  expect(logs().slice(-4, -1)).toEqual(['[INFO] Reloading', `[ERROR] Restart failed: ${wrong}`, `[ERROR] plugin/reload: Corefile changed but reload failed: ${wrong}`]);
  expect(said('test-pod', 'dig +short printer.example')).toBe('192.0.2.7\n');
});
