/** Tables of run, create, expose, debug. */
import { beforeAll, describe, expect, it } from 'vitest';
import { must } from '../../../base/assert.ts';
import { Process } from '../../../engine/sim/process.ts';
import { Capture, textInput } from '../../../userland/shell/io.ts';
import { ShellSession } from '../../../userland/shell/shell.ts';
import type { ClusterWorld } from '../../testing/cluster-world.ts';
import { kubectlWorld, type Row } from '../testing.ts';

describe('new objects', () => {
  let w: ClusterWorld;
  beforeAll(() => {
    w = kubectlWorld();
  });

  it.each<Row>([
    ['kubectl run t --image=busybox --dry-run=client -o yaml -- sleep 5', 'apiVersion: v1\nkind: Pod\nmetadata:\n  creationTimestamp: null\n  labels:\n    run: t\n  name: t\nspec:\n  containers:\n  - args:\n    - sleep\n    - "5"\n    image: busybox\n    name: t\n    resources: {}\n  dnsPolicy: ClusterFirst\n  restartPolicy: Always\nstatus: {}\n', '', 0],
    ['kubectl run t --image=busybox --rm', '', "error: --rm should only be used for attached containers\nSee 'kubectl run -h' for help and examples\n", 1],
    ['kubectl run t --image=busybox -t', '', "error: -i/--stdin is required for containers with -t/--tty=true\nSee 'kubectl run -h' for help and examples\n", 1],
    ['kubectl run t', '', 'error: required flag(s) "image" not set\n', 1],
    ['kubectl run t --image=busybox -n nope', '', 'Error from server (NotFound): namespaces "nope" not found\n', 1],
    ['kubectl run once --rm -i --restart=Never --image=busybox -- echo hello', 'hello\npod "once" deleted\n', '', 0],
    ['echo said | kubectl run once --rm -i --restart=Never --image=busybox -- cat', 'said\npod "once" deleted\n', '', 0],
    ['kubectl run once --rm -i --restart=Never --image=busybox -- sh -c "exit 3"', 'pod "once" deleted\n', 'pod default/once terminated (Error)\n', 3],
    ['kubectl create deployment x --image=nginx:1.27 --dry-run=client', 'deployment.apps/x created (dry run)\n', '', 0],
    ['kubectl create deployment x', '', 'error: required flag(s) "image" not set\n', 1],
    ['kubectl create ns', '', "error: exactly one NAME is required, got 0\nSee 'kubectl create namespace -h' for help and examples\n", 1],
    ['kubectl create secret generic s --from-literal=a=b -o jsonpath={.type}:{.data.a}', 'Opaque:Yg==', '', 0],
    ['kubectl create svc nodeport n --tcp=80:8080 --node-port=30999 --dry-run=client -o jsonpath={.spec.ports[0].name}', '80-8080', '', 0],
    ['kubectl create svc clusterip n', '', 'error: at least one tcp port specifier must be provided\n', 1],
    ['kubectl create svc nodeport n --tcp=80 --node-port=80', '', 'error: failed to create NodePort service: Service "n" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767\n', 1],
    ['kubectl create foo', '', "Error: must specify one of -f and -k\n\nerror: unknown command \"foo\"\nSee 'kubectl create -h' for help and examples\n", 1],
    ['kubectl create quota q', '', 'error: kubectl create quota is not modelled in this lab; use create -f\n', 1],
    ['kubectl expose deploy web --name=w2 --port=8080 --target-port=80 --dry-run=client -o jsonpath={.spec.ports[0]}', '{"port":8080,"protocol":"TCP","targetPort":80}', '', 0],
    ['kubectl expose cm kube-root-ca.crt --port=80', '', 'error: cannot expose a ConfigMap\n', 1],
    ['kubectl expose pod client', '', "error: couldn't find port via --port flag or introspection\n", 1],
    ['kubectl debug client', '', 'error: you must specify --image when not using --copy-to.\n', 1],
    ['kubectl debug node/vm1 --image=busybox', '', 'error: debugging a node is not modelled in this lab; open its own terminal\n', 1],
    ['kubectl debug client -i --image=busybox -c dbg -- echo inside', 'inside\n', '', 0],
  ])('%s', (line, stdout, stderr, code) => expect(w.run('vm1', line)).toEqual({ stdout, stderr, code }));

  it('run -it --rm makes the shell in the pod the terminal’s; leaving it takes the pod along', () => {
    const session = new ShellSession(must(w.machines.get('vm1'), 'vm1'));
    const type = (line: string): string => {
      const screen = new Capture();
      const process = new Process(w.world.scheduler, line, session.run(line, { stdin: textInput(''), stdout: screen, stderr: screen }));
      while (process.exitCode === undefined) w.wait(0.5);
      return screen.text;
    };
    expect(type('kubectl run shell --rm -it --image=busybox -- sh')).toBe("If you don't see a command prompt, try pressing enter.\n");
    expect([session.prompt(), type('hostname')]).toEqual(['shell:/# ', 'shell\n']);
    expect(type('exit')).toBe("Session ended, resume using 'kubectl attach shell -c shell -i -t' command when the pod is running\npod \"shell\" deleted\n");
    expect(session.host.name).toBe('vm1');
    expect(w.run('vm1', 'kubectl get pod shell').code).toBe(1);
  });

  it('debug adds an ephemeral container that shares the pod’s network', () => {
    const own = w.run('vm1', 'kubectl get pod client -o jsonpath={.status.podIP}').stdout;
    expect(w.run('vm1', 'kubectl debug client -i --image=nicolaka/netshoot -- hostname').stdout).toMatch(/^Defaulting debug container name to debugger-[a-z0-9]{5}\.\nclient\n$/);
    expect(own).toMatch(/^10\.42\.1\./);
    expect(w.run('vm1', 'kubectl get pod client -o jsonpath={.spec.ephemeralContainers[*].name}').stdout).toMatch(/^dbg debugger-[a-z0-9]{5}$/);
  });
});
