/** Tables of the verbs that change things: each row runs in a world of its own, several lines joined by `;`. */
import { describe, expect, it } from 'vitest';
import { kubectlWorld, masked, type Row } from '../testing.ts';

const CM = "printf 'apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: a}\\ndata: {k: v}\\n' > cm.yaml; ";

describe('changes', () => {
  it.each<Row>([
    ['kubectl label pod client role=x', '', "error: 'role' already has a value (client), and --overwrite is false\n", 1],
    ['kubectl label pod client role=x --overwrite; kubectl label pod client role-; kubectl label pod client role-', 'pod/client labeled\npod/client unlabeled\nlabel "role" not found.\npod/client not labeled\n', '', 0],
    ['kubectl label pod client', '', 'error: at least one label update is required\n', 1],
    ['kubectl label pod client a=b! ', '', "error: invalid label value: \"a=b!\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue', or 'my_value', or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')\n", 1],
    ['kubectl annotate deploy web a=b; kubectl annotate deploy web a=c', 'deployment.apps/web annotated\n', "error: --overwrite is false but found the following declared annotation(s): 'a' already has a value (b)\n", 1],
    ['kubectl taint nodes vm2 a=b:NoSchedule; kubectl taint nodes vm2 a=c:NoSchedule', 'node/vm2 tainted\n', 'error: node vm2 already has a taint(s) with same effect(s) and --overwrite is false\n', 1],
    ['kubectl taint nodes vm2 a=b:NoSchedule; kubectl taint nodes vm2 a=c:NoSchedule --overwrite; kubectl taint nodes vm2 a:NoSchedule-', 'node/vm2 tainted\nnode/vm2 modified\nnode/vm2 untainted\n', '', 0],
    ['kubectl rollout history deploy/web --revision=1 | grep -v hash', 'deployment.apps/web with revision #1\nPod Template:\n Labels:\tapp=web\n Containers:\n nginx:\n Image:\tnginx:1.27\n Port:\t80/TCP\n Host Port:\t0/TCP\n Environment:\t<none>\n Mounts:\t<none>\n Volumes:\t<none>\n\n', '', 0],
    ['kubectl label pod client --list', 'role=client\n', '', 0],
    ['kubectl patch svc web -p \'{"spec":{"type":"ClusterIP"}}\' --dry-run=client', 'service/web patched\n', '', 0],
    ['kubectl drain vm2 --force --dry-run=client | tail -n 1', 'node/vm2 drained (dry run)\n', 'Warning: deleting Pods that declare no controller: default/client\n', 0],
    ['kubectl rollout pause deploy web > /dev/null; kubectl rollout restart deploy web', '', "error: deployments.apps \"web\" can't restart paused deployment (run rollout resume first)\n", 1],
    ['kubectl delete deploy web --cascade=true', 'deployment.apps "web" deleted\n', 'warning: --cascade=true is deprecated (boolean value) and can be replaced with --cascade=background.\n', 0],
    ['kubectl taint nodes vm2 a-', '', 'error: taint "a" not found\n', 1],
    ['kubectl taint nodes vm2 a=b:Never', '', "error: invalid taint effect: Never, unsupported taint effect\nSee 'kubectl taint -h' for help and examples\n", 1],
    ['kubectl cordon vm2; kubectl cordon vm2; kubectl uncordon vm2', 'node/vm2 cordoned\nnode/vm2 already cordoned\nnode/vm2 uncordoned\n', '', 0],
    ['kubectl drain vm2', 'node/vm2 cordoned\n', 'error: unable to drain node "vm2" due to error:cannot delete Pods declare no controller (use --force to override): default/client, continuing command...\nThere are pending nodes to be drained:\n vm2\ncannot delete Pods declare no controller (use --force to override): default/client\n', 1],
    ['kubectl scale deploy web --replicas=x', '', "error: invalid argument \"x\" for \"--replicas\" flag: strconv.ParseInt: parsing \"x\": invalid syntax\nSee 'kubectl scale --help' for usage.\n", 1],
    ['kubectl scale deploy web --replicas=3 --current-replicas=5', '', 'error: Expected replicas to be 5, was 2\n', 1],
    ['kubectl patch svc web -p \'{"spec":{"type":"ClusterIP"}}\'; kubectl get svc web -o jsonpath={.spec.ports[0].nodePort}{.spec.externalTrafficPolicy}', 'service/web patched\n', '', 0],
    ['kubectl patch svc web -p \'{"spec":{"ports":[{"port":80,"name":"http"}]}}\'; kubectl get svc web -o jsonpath={.spec.ports[0].name}{.spec.ports[0].nodePort}', 'service/web patched\nhttp30080', '', 0],
    ['kubectl patch svc web --type=json -p \'[{"op":"remove","path":"/spec/selector/app"}]\'', 'service/web patched\n', '', 0],
    ['kubectl patch svc web --type=merge -p \'{"spec":{"type":"NodePort"}}\'', 'service/web patched (no change)\n', '', 0],
    ['kubectl patch svc web -p \'{"spec":{"clusterIP":"10.43.7.7"}}\'', '', 'The Service "web" is invalid: spec.clusterIPs[0]: Invalid value: []string{"10.43.7.7"}: may not change once set\n', 1],
    ['kubectl patch svc web -p x --type=y', '', 'error: --type must be one of [json merge strategic], not "y"\n', 1],
    ['kubectl set image deploy/web foo=bar', '', 'error: unable to find container named "foo"\n', 1],
    ['kubectl rollout undo deploy/web', '', 'error: no rollout history found for deployment "web"\n', 1],
    ['kubectl rollout status svc/web', '', 'error: no status viewer has been implemented for Service\n', 1],
    ['kubectl set image deploy/web nginx=nginx:1.25; kubectl rollout status deploy/web > /dev/null; kubectl rollout undo deploy/web; kubectl get deploy web -o jsonpath={.spec.template.spec.containers[0].image}', 'deployment.apps/web image updated\ndeployment.apps/web rolled back\nnginx:1.27', '', 0],
    ['kubectl wait --for=condition=Ready pod/client', 'pod/client condition met\n', '', 0],
    ['kubectl wait --for=jsonpath={.status.phase}=Failed pod/client --timeout=1s', '', 'error: timed out waiting for the condition on pods/client\n', 1],
    ['kubectl wait --for=condition=Ready pod/client --timeout=5', '', "error: invalid argument \"5\" for \"--timeout\" flag: time: missing unit in duration \"5\"\nSee 'kubectl wait --help' for usage.\n", 1],
    ['kubectl delete pod', '', 'error: resource(s) were provided, but no name was specified\n', 1],
    ['kubectl delete ns kube-system', '', 'Error from server (Forbidden): namespaces "kube-system" is forbidden: this namespace may not be deleted\n', 1],
    ['kubectl delete pod client --force', 'pod "client" force deleted\n', 'Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.\n', 0],
    ['kubectl delete svc web --dry-run=server; kubectl get svc web -o name', 'service "web" deleted (server dry run)\nservice/web\n', '', 0],
    [`${CM}kubectl apply -f cm.yaml; kubectl apply -f cm.yaml; sed -i s/v}/w}/ cm.yaml 2>/dev/null; kubectl delete -f cm.yaml`, 'configmap/a created\nconfigmap/a unchanged\nconfigmap "a" deleted\n', '', 0],
    [`${CM}kubectl create -f cm.yaml; kubectl create -f cm.yaml`, 'configmap/a created\n', 'Error from server (AlreadyExists): error when creating "cm.yaml": configmaps "a" already exists\n', 1],
    [`${CM}kubectl create cm a --from-literal=x=y; kubectl apply -f cm.yaml; kubectl get cm a -o jsonpath={.data}`, 'configmap/a created\nconfigmap/a configured\n{"k":"v","x":"y"}', 'Warning: resource configmaps/a is missing the kubectl.kubernetes.io/last-applied-configuration annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.\n', 0],
    [`${CM}kubectl apply -f cm.yaml --dry-run=server; kubectl get cm a`, 'configmap/a created (server dry run)\n', 'Error from server (NotFound): configmaps "a" not found\n', 1],
    [`${CM}kubectl replace -f cm.yaml`, '', 'Error from server (NotFound): error when replacing "cm.yaml": configmaps "a" not found\n', 1],
    ['kubectl apply -k .', '', 'error: -k (kustomize) is not modelled in this lab\n', 1],
    ['kubectl apply -f - < /dev/null', '', 'error: no objects passed to apply\n', 1],
    ['EDITOR=true kubectl edit svc web', '', 'Edit cancelled, no changes made.\n', 0],
    ['EDITOR=false kubectl edit svc web', '', 'error: there was a problem with the editor "false"\n', 1],
    ['kubectl get svc web -o yaml | grep -v app: > /new; EDITOR="cp /new" kubectl edit svc web', 'service/web edited\n', '', 0],
  ])('%s', (line, stdout, stderr, code) => {
    const w = kubectlWorld();
    const got = w.run('vm1', line);
    expect({ stdout: masked(got.stdout), stderr: masked(got.stderr), code: got.code }).toEqual({ stdout, stderr, code });
  });

  it('a taint with NoExecute has the time of its addition', () => {
    const w = kubectlWorld();
    expect(w.run('vm1', 'kubectl taint nodes vm2 CriticalAddonsOnly=true:NoExecute; kubectl get node vm2 -o jsonpath={.spec.taints[0].timeAdded}').stdout).toMatch(/^node\/vm2 tainted\n2024-05-29T13:00:\d\dZ$/);
  });
});
