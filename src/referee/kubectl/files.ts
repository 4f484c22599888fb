/** Manifests that the lines name, and objects of the kinds that are described. */

export const FILES: Readonly<Record<string, string>> = {
  'cm.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: v}\n',
  'many.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: v}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n',
  'broken.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a\n',
  'typo.yaml': 'apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {selektor: {app: web}, ports: [{port: 80}]}\n',
  'wrong.yaml': 'apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {selector: {app: web}, ports: [{port: eighty}]}\n',
  'invalid.yaml': 'apiVersion: v1\nkind: Service\nmetadata: {name: S_}\nspec: {selector: {app: web}, ports: [{port: 80000}]}\n',
  'unknown.yaml': 'apiVersion: example.org/v1\nkind: Thing\nmetadata: {name: t}\n',
  'nokind.yaml': 'apiVersion: v1\nmetadata: {name: t}\n',
  'empty.yaml': '',
  'dup.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  k: v\n  k: w\n',
  'quantity.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: q}\nspec: {containers: [{name: c, image: busybox, resources: {limits: {cpu: 0.5, memory: 1024Mi}}, env: [{name: N, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]}]}\n',
  'account.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: q}\nspec: {serviceAccountName: x, containers: [{name: c, image: busybox}]}\n',
  'deploy.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: busybox}]}}}\n',
  'list.yaml': 'apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: l1}}\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: L_}}\n',
  'odd.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: odd}\ndata:\n  html: "<a href=\\"x\\">&</a>"\n  tab: "a\\tb"\n  yes: "yes"\n  num: "0123"\n  colon: "a: b"\n  quote: "it\'s"\n  lead: " x"\n  trail: "x "\n  star: "*"\n  nl: "\\n"\n  two: "a\\n\\n"\n  long: "word word word word word word word word word word word word word word word word word word word word word"\n  date: "2026-01-01"\n  a10: x\n  a2: "y"\n',
  'cron.yaml': 'apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: c}\nspec: {schedule: "*/1 * * * *", jobTemplate: {spec: {template: {spec: {restartPolicy: OnFailure, containers: [{name: c, image: busybox}]}}}}}\n',
  'otherns.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: nosuch}\n',
};

export const EXTRA = `apiVersion: v1
kind: Secret
metadata: {name: sec, annotations: {note: hello}}
type: Opaque
data: {a: YWJj, bb: YWJjZA==}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: multi}
data: {one: v1, two: "l1\\nl2\\n"}
binaryData: {bin: YWJjZA==}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: empty}
---
apiVersion: v1
kind: Pod
metadata: {name: rich, labels: {a: b, c: d}, annotations: {x/y: z, long: "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789", nl: "a\\nb\\n"}}
spec:
  nodeName: vm1
  nodeSelector: {kubernetes.io/os: linux}
  tolerations: [{operator: Exists}, {key: k, operator: Equal, value: v, effect: NoSchedule}, {key: k2, operator: Exists}, {key: k3, operator: Exists, effect: NoExecute, tolerationSeconds: 30}]
  initContainers: [{name: init, image: busybox, command: [sh, -c, "exit 0"]}]
  volumes: [{name: cfg, configMap: {name: multi, optional: true}}, {name: s, secret: {secretName: sec}}, {name: e, emptyDir: {}}, {name: h, hostPath: {path: /tmp, type: Directory}}]
  containers:
  - name: main
    image: "nginx:1.27"
    ports: [{containerPort: 80, name: http}, {containerPort: 443}]
    env: [{name: A, value: "1"}, {name: EMPTY}, {name: IP, valueFrom: {fieldRef: {apiVersion: v1, fieldPath: status.podIP}}}, {name: C, valueFrom: {configMapKeyRef: {name: multi, key: one}}}, {name: S, valueFrom: {secretKeyRef: {name: sec, key: a, optional: true}}}]
    envFrom: [{configMapRef: {name: multi}}, {prefix: P_, secretRef: {name: sec}}]
    resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {cpu: "1", memory: 128Mi}}
    livenessProbe: {httpGet: {path: /, port: 80}, initialDelaySeconds: 3}
    readinessProbe: {tcpSocket: {port: 80}}
    startupProbe: {exec: {command: [cat, /etc/hostname]}}
    volumeMounts: [{name: cfg, mountPath: /cfg, readOnly: true}, {name: s, mountPath: /s}, {name: e, mountPath: /e, subPath: x}, {name: h, mountPath: /h}]
---
apiVersion: v1
kind: Pod
metadata: {name: bad}
spec: {nodeName: vm1, containers: [{name: c, image: "nosuch/image:1"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: crash}
spec: {nodeName: vm1, containers: [{name: c, image: busybox, command: [sh, -c, "exit 3"]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: pend}
spec: {nodeSelector: {x: "y"}, containers: [{name: c, image: busybox, command: [sleep, infinity]}]}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: ds}
spec:
  selector: {matchLabels: {app: ds}}
  template: {metadata: {labels: {app: ds}, annotations: {t: u}}, spec: {nodeSelector: {kubernetes.io/os: linux}, containers: [{name: c, image: busybox, command: [sleep, infinity]}]}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: sts}
spec:
  serviceName: hl
  replicas: 2
  selector: {matchLabels: {app: sts}}
  template: {metadata: {labels: {app: sts}}, spec: {containers: [{name: c, image: "nginx:1.27"}]}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: job}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: busybox, command: [sh, -c, "sleep 2"]}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: hl}
spec: {clusterIP: None, selector: {app: sts}, ports: [{name: a, port: 80}, {name: b, port: 81, targetPort: http}]}
---
apiVersion: v1
kind: Service
metadata: {name: lb, labels: {l: "1"}}
spec: {type: LoadBalancer, selector: {app: web}, loadBalancerIP: 10.65.94.240, externalTrafficPolicy: Local, sessionAffinity: ClientIP, loadBalancerSourceRanges: [10.0.0.0/8], externalIPs: [9.9.9.9], ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: en}
spec: {type: ExternalName, externalName: a.b.c}
---
apiVersion: v1
kind: Service
metadata: {name: nosel}
spec: {ports: [{port: 80}]}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: robot}
imagePullSecrets: [{name: sec}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: r}
rules: [{apiGroups: ["", apps], resources: [pods, deployments], verbs: [get, list]}, {apiGroups: [""], resources: [secrets], resourceNames: [x], verbs: ["*"]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: cr}
rules: [{apiGroups: [""], resources: [nodes], verbs: [get]}, {nonResourceURLs: [/healthz], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: rb}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}
subjects: [{kind: ServiceAccount, name: robot, namespace: default}, {kind: User, name: jo}]
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: pc}
value: 1000
description: desc
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: ic}
spec: {controller: x.y/z}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: sc}
provisioner: p/q
---
apiVersion: coordination.k8s.io/v1
kind: Lease
metadata: {name: le}
spec: {holderIdentity: me}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: pdb}
spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: cj}
spec: {schedule: "0 5 * * 1", concurrencyPolicy: Forbid, startingDeadlineSeconds: 30, jobTemplate: {spec: {completions: 1, template: {spec: {restartPolicy: Never, containers: [{name: c, image: busybox, command: [date]}]}}}}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: ing, annotations: {a: b}}
spec:
  ingressClassName: ic
  tls: [{hosts: [a.b], secretName: sec}]
  rules: [{host: a.b, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}, {path: /x, pathType: Exact, backend: {service: {name: nosuch, port: {name: http}}}}]}}, {http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: hl, port: {name: a}}}}]}}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: plain}
spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}
`;
