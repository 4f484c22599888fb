/** Tables of get, api-resources, config: what is shown and what is refused. */
import { beforeAll, describe, expect, it } from 'vitest';
import { Process } from '../../../engine/sim/process.ts';
import { must } from '../../../base/assert.ts';
import { Capture } from '../../../userland/shell/io.ts';
import { startShellLine } from '../../../userland/shell/shell.ts';
import type { ClusterWorld } from '../../testing/cluster-world.ts';
import { kubectlWorld, masked, type Row } from '../testing.ts';

describe('kubectl get', () => {
  let w: ClusterWorld;
  beforeAll(() => {
    w = kubectlWorld();
  });

  it.each<Row>([
    ['kubectl get svc web', 'NAME TYPE CLUSTER-IP EXTERNAL-IP PORT(S) AGE\n', '', 0],
    ['kubectl get events -o wide | head -n 1', 'LAST SEEN TYPE REASON OBJECT SUBOBJECT SOURCE MESSAGE FIRST SEEN COUNT NAME\n', '', 0],
    ['kubectl label node vm2 kubernetes.io/role=x > /dev/null; kubectl get node vm2 -o custom-columns=N:.metadata.name --no-headers; kubectl get node vm2 | grep -c Ready.*x; kubectl label node vm2 kubernetes.io/role- > /dev/null', 'vm2\n1\n', '', 0],
    ['kubectl get deploy,svc web -o name', 'deployment.apps/web\nservice/web\n', '', 0],
    ['kubectl get pods -l app=web -o custom-columns=N:.spec.nodeName --no-headers | sort', 'vm1\nvm2\n', '', 0],
    ['kubectl get pods -l "app in (web,x),!role" -o jsonpath="{.items[*].status.phase}"', 'Running Running', '', 0],
    ['kubectl get pods --field-selector spec.nodeName=vm2,metadata.name!=client -o name', 'pod/web-POD\n', '', 0],
    ['kubectl get pods --field-selector spec.foo=1', '', 'Error from server (BadRequest): Unable to find "/v1, Resource=pods" that match label selector "", field selector "spec.foo=1": field label not supported: spec.foo\n', 1],
    ['kubectl get svc --field-selector spec.type=NodePort', '', 'Error from server (BadRequest): Unable to find "/v1, Resource=services" that match label selector "", field selector "spec.type=NodePort": "spec.type" is not a known field selector: only "metadata.name", "metadata.namespace"\n', 1],
    ['kubectl get pods x -l a=b', '', 'error: name cannot be provided when a selector is specified\n', 1],
    ['kubectl get pods client -A', '', 'error: a resource cannot be retrieved by name across all namespaces\n', 1],
    ['kubectl get pod/client svc', '', "error: there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'\n", 1],
    ['kubectl get secrets', '', 'No resources found in default namespace.\n', 0],
    ['kubectl get secrets --ignore-not-found', '', '', 0],
    ['kubectl get pod nope --ignore-not-found', '', '', 0],
    ['kubectl get netpol', '', 'error: kind "NetworkPolicy" is not modelled in this lab\n', 1],
    ['kubectl get ippools', '', 'error: the server doesn\'t have a resource type "ippools"\n', 1],
    ['kubectl get cm --no-headers', 'kube-root-ca.crt 1 Ns\n', '', 0],
    ['kubectl get sa', 'NAME SECRETS AGE\ndefault 0 Ns\n', '', 0],
    ['kubectl get nodes --sort-by=.metadata.name -o name', 'node/vm1\nnode/vm2\n', '', 0],
    ['kubectl get nodes --sort-by=.spec.nothing', '', 'error: couldn\'t find any field with path "{.spec.nothing}" in the list of objects\n', 1],
    ['kubectl get pods -o custom-columns=A', '', 'error: unexpected custom-columns spec: A, expected <header>:<json-path-expr>\n', 1],
    ['kubectl get pods -o go-template=x', 'x', '', 0],
    ['kubectl get pods -o go-template={{', '', 'error: error parsing template {{, template: output:1: unclosed action\n', 1],
    ['kubectl get pods -L role --no-headers client', 'client 2/2 Running 0 Ns client\n', '', 0],
    ['kubectl get pods --show-kind --no-headers client', 'pod/client 2/2 Running 0 Ns\n', '', 0],
    ['kubectl get ns default -o jsonpath={.metadata.labels}', '{"kubernetes.io/metadata.name":"default"}', '', 0],
    ['kubectl get pods -o jsonpath-as-json={.items[0].kind}', '[\n "Pod"\n]\n', '', 0],
    ['kubectl api-resources --api-group=apps -o name', 'controllerrevisions.apps\ndaemonsets.apps\ndeployments.apps\nreplicasets.apps\nstatefulsets.apps\n', '', 0],
    ['kubectl api-versions | grep apps', 'apps/v1\n', '', 0],
    ['kubectl explain pod.spec.nope', '', 'error: field "nope" does not exist\n', 1],
    ['kubectl config current-context', 'default\n', '', 0],
    ['kubectl config use-context kind', '', 'error: no context exists with the name: "kind"\n', 1],
    ['kubectl auth can-i create pods', 'yes\n', '', 0],
    ['kubectl logs client -c d', 'one\ntwo\n', '', 0],
    ['kubectl logs client --tail=1 -c d', 'two\n', '', 0],
    ['kubectl logs client d --prefix', '[pod/client/d] one\n[pod/client/d] two\n', '', 0],
    ['kubectl logs client --all-containers', 'one\ntwo\n', '', 0],
    ['kubectl logs client -c e', '', 'error: container e is not valid for pod client\n', 1],
    ['kubectl logs client -c d -p', '', 'Error from server (BadRequest): previous terminated container "d" in pod "client" not found\n', 1],
    ['kubectl exec client -- true', '', 'Defaulted container "c" out of: c, d\n', 0],
    ['kubectl exec deploy/web -- hostname', 'web-POD\n', '', 0],
    ['kubectl exec cm/kube-root-ca.crt -- ls', '', 'error: cannot attach to *v1.ConfigMap: selector for *v1.ConfigMap not implemented\n', 1],
  ])('%s', (line, stdout, stderr, code) => {
    const got = w.run('vm1', line);
    const shown = line === 'kubectl get svc web' ? `${got.stdout.split('\n')[0] ?? ''}\n` : got.stdout;
    expect({ stdout: masked(shown), stderr: got.stderr, code: got.code }).toEqual({ stdout, stderr, code });
  });

  it('-w shows the table, then a row for every change in the same widths, until Ctrl+C', () => {
    const stdout = new Capture();
    const watching = new Process(w.world.scheduler, 'watch', startShellLine(must(w.machines.get('vm1'), 'vm1'), 'kubectl get cm -w', { stdout, stderr: new Capture() }));
    w.wait(1);
    w.run('vm1', 'kubectl create cm watched --from-literal=a=b; kubectl delete cm watched');
    watching.kill('SIGINT');
    w.wait(1);
    const lines = stdout.text.trimEnd().split('\n');
    expect(lines.map((l) => l.split(/ +/)[0])).toEqual(['NAME', 'kube-root-ca.crt', 'watched', 'watched']);
    expect(new Set(lines.map((l) => l.search(/DATA|1 /))).size).toBe(1);
    expect(watching.exitCode).toBe(130);
  });

  it('takes the namespace of the context', () => {
    const at = kubectlWorld();
    expect(at.run('vm1', 'kubectl config set-context --current --namespace=kube-system; kubectl get deploy -o name').stdout).toBe('Context "default" modified.\ndeployment.apps/coredns\n');
  });
});
