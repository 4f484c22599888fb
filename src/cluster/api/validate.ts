/**
 * What the API server refuses, in its words.
 * Models: pkg/apis/core/validation/validation.go, apimachinery/pkg/util/validation (v1.29), the checks a network manifest meets.
 * See validate-service.ts, placement.ts, immutable.ts. Not modelled: security contexts, volume sources' own rules.
 */
import { fromBase64 } from '../../base/base64.ts';
import { parseIpv4 } from '../../engine/wire/addresses.ts';
import { bad, duplicate, required, unsupported } from './causes.ts';
import type { Cause } from './errors.ts';
import { KINDS, type AnyObject, type Job, type Kind, type KindMap, type Pod, type Secret } from './kinds.ts';
import { parseCron } from './cron.ts';
import { ingressCauses } from './ingress.ts';
import { noBgp } from './metallb.ts';
import { ingressRouteCauses } from './traefik.ts';
import { matches, type LabelSelector } from './meta.ts';
import type { Container, PodSpec } from './pod.ts';
import { placementCauses } from './placement.ts';
import { parseQuantity } from './quantity.ts';
import { IP_TEXT, isPort, LABEL_1035, LABEL_1035_TEXT, label1123, labels, portName, PORT_TEXT, PROTOCOLS, SUBDOMAIN, SUBDOMAIN_TEXT } from './validate-names.ts';
import { serviceCauses } from './validate-service.ts';

/** Names that are only a segment of a path: `system:node`. */
const PATH_SEGMENT: readonly Kind[] = ['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'];

function* metadata(kind: Kind, m: AnyObject['metadata']): Generator<Cause> {
  const at = 'metadata.name';
  if (m.name === '') {
    if ((m.generateName ?? '') === '') yield required(at, 'name or generateName is required');
  } else if (kind === 'Service') {
    if (m.name.length > 63) yield bad(at, m.name, 'must be no more than 63 characters');
    else if (!LABEL_1035.test(m.name)) yield bad(at, m.name, LABEL_1035_TEXT);
  } else if (PATH_SEGMENT.includes(kind)) {
    if (m.name === '.' || m.name === '..') yield bad(at, m.name, `may not be '${m.name}'`);
    for (const c of ['/', '%']) if (m.name.includes(c)) yield bad(at, m.name, `may not contain '${c}'`);
  } else if (kind === 'Namespace') {
    yield* label1123(at, m.name);
  } else if (m.name.length > 253) yield bad(at, m.name, 'must be no more than 253 characters');
  else if (!SUBDOMAIN.test(m.name)) yield bad(at, m.name, SUBDOMAIN_TEXT);
  yield* labels('metadata.labels', m.labels);
}

const ENV_NAME = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/;
const ENV_NAME_TEXT = "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')";
const ENV_FIELDS: readonly string[] = ['metadata.name', 'metadata.namespace', 'metadata.uid', 'spec.nodeName', 'spec.serviceAccountName', 'status.hostIP', 'status.hostIPs', 'status.podIP', 'status.podIPs'];

/** ValidateEnv, ValidateEnvFrom */
function* envCauses(c: Container, path: string): Generator<Cause> {
  for (const [i, e] of (c.env ?? []).entries()) {
    const at = `${path}.env[${i}]`;
    if (e.name === '') yield required(`${at}.name`);
    else if (!ENV_NAME.test(e.name)) yield bad(`${at}.name`, e.name, ENV_NAME_TEXT);
    if (e.valueFrom === undefined) continue;
    const sources = Object.values(e.valueFrom).filter((v) => v !== undefined);
    if ((e.value ?? '') !== '') yield bad(`${at}.valueFrom`, '', 'may not be specified when `value` is not empty');
    else if (sources.length === 0) yield bad(`${at}.valueFrom`, '', 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`');
    if (sources.length > 1) yield bad(`${at}.valueFrom`, '', 'may not have more than one field specified at a time');
    const { fieldRef, configMapKeyRef, secretKeyRef } = e.valueFrom;
    if (fieldRef?.fieldPath === '') yield required(`${at}.valueFrom.fieldRef.fieldPath`);
    else if (fieldRef !== undefined && !ENV_FIELDS.includes(fieldRef.fieldPath) && !/^metadata\.(?:labels|annotations)\['.+'\]$/.test(fieldRef.fieldPath)) {
      yield bad(`${at}.valueFrom.fieldRef.fieldPath`, fieldRef.fieldPath, `error converting fieldPath: field label not supported: ${fieldRef.fieldPath}`);
    }
    for (const [name, ref] of Object.entries({ configMapKeyRef, secretKeyRef })) {
      if (ref?.name === '') yield required(`${at}.valueFrom.${name}.name`);
      if (ref?.key === '') yield required(`${at}.valueFrom.${name}.key`);
    }
  }
  for (const [i, e] of (c.envFrom ?? []).entries()) {
    const at = `${path}.envFrom[${i}]`;
    if (e.configMapRef === undefined && e.secretRef === undefined) yield bad(at, '', 'must specify one of: `configMapRef` or `secretRef`');
    if (e.configMapRef?.name === '') yield required(`${at}.configMapRef.name`);
    if (e.secretRef?.name === '') yield required(`${at}.secretRef.name`);
  }
}

/** ValidateVolumeMounts */
function* mountCauses(c: Container, path: string, spec: PodSpec): Generator<Cause> {
  const mounted = new Set<string>();
  for (const [i, m] of (c.volumeMounts ?? []).entries()) {
    const at = `${path}.volumeMounts[${i}]`;
    if (m.name === '') yield required(`${at}.name`);
    if (!(spec.volumes ?? []).some((v) => v.name === m.name)) yield { path: `${at}.name`, text: `Not found: "${m.name}"` };
    if (m.mountPath === '') yield required(`${at}.mountPath`);
    if (mounted.has(m.mountPath)) yield bad(`${at}.mountPath`, m.mountPath, 'must be unique');
    mounted.add(m.mountPath);
    if ((m.subPath ?? '').startsWith('/')) yield bad(`${at}.subPath`, m.subPath, 'must be a relative path');
    if ((m.subPath ?? '').split('/').includes('..')) yield bad(`${at}.subPath`, m.subPath, "must not contain '..'");
  }
}

/** ValidateVolumes: names; what a volume needs. */
function* volumeCauses(spec: PodSpec, path: string): Generator<Cause> {
  const names = new Set<string>();
  for (const [i, v] of (spec.volumes ?? []).entries()) {
    const at = `${path}.volumes[${i}]`;
    const kinds = Object.entries(v).filter(([key, value]) => key !== 'name' && value !== undefined).map(([key]) => key);
    for (const second of kinds.slice(1)) yield { path: `${at}.${second}`, text: 'Forbidden: may not specify more than 1 volume type' };
    if (v.name === '') yield required(`${at}.name`);
    else {
      yield* label1123(`${at}.name`, v.name);
      if (names.has(v.name)) yield duplicate(`${at}.name`, v.name);
      names.add(v.name);
    }
    if (v.configMap?.name === '') yield required(`${at}.configMap.name`);
    if (v.secret !== undefined && (v.secret.secretName ?? '') === '') yield required(`${at}.secret.secretName`);
    if (v.hostPath?.path === '') yield required(`${at}.hostPath.path`);
    if (v.hostPath?.path.split('/').includes('..') === true) yield bad(`${at}.hostPath.path`, v.hostPath.path, "must not contain '..'");
    for (const source of ['configMap', 'secret', 'downwardAPI', 'projected'] as const) {
      const mode = v[source]?.defaultMode ?? 0;
      if (mode < 0 || mode > 0o777) yield bad(`${at}.${source}.defaultMode`, mode, 'must be a number between 0 and 0777 (octal), both inclusive');
    }
  }
}

/** checkHostPortConflicts, validateHostNetwork */
function* hostPortCauses(spec: PodSpec, path: string): Generator<Cause> {
  const taken = new Set<string>();
  for (const [i, c] of spec.containers.entries()) {
    for (const [j, p] of (c.ports ?? []).entries()) {
      const at = `${path}.containers[${i}].ports[${j}]`;
      const host = p.hostPort ?? 0;
      if (spec.hostNetwork === true && host !== 0 && host !== p.containerPort) yield bad(`${at}.containerPort`, p.containerPort, 'must match `hostPort` when `hostNetwork` is true');
      if (host === 0) continue;
      const key = `${p.protocol}/${p.hostIP ?? ''}/${host}`;
      if (taken.has(key)) yield duplicate(`${at}.hostPort`, key);
      taken.add(key);
    }
  }
}

function* containerCauses(c: Container, path: string, spec: PodSpec): Generator<Cause> {
  if (c.name === '') yield required(`${path}.name`);
  else yield* label1123(`${path}.name`, c.name);
  if (c.image === '') yield required(`${path}.image`);
  else if (c.image !== c.image.trim()) yield bad(`${path}.image`, c.image, 'must not have leading or trailing whitespace');
  const names = new Set<string>();
  for (const [i, p] of (c.ports ?? []).entries()) {
    const at = `${path}.ports[${i}]`;
    if (p.name !== undefined) {
      yield* portName(`${at}.name`, p.name);
      if (names.has(p.name)) yield duplicate(`${at}.name`, p.name);
      names.add(p.name);
    }
    if (p.containerPort === 0) yield required(`${at}.containerPort`);
    else if (!isPort(p.containerPort)) yield bad(`${at}.containerPort`, p.containerPort, PORT_TEXT);
    if (p.hostPort !== undefined && p.hostPort !== 0 && !isPort(p.hostPort)) yield bad(`${at}.hostPort`, p.hostPort, PORT_TEXT);
    if (!PROTOCOLS.includes(p.protocol)) yield unsupported(`${at}.protocol`, p.protocol, PROTOCOLS);
  }
  yield* envCauses(c, path);
  yield* mountCauses(c, path, spec);
  if (c.imagePullPolicy !== undefined && !['Always', 'IfNotPresent', 'Never'].includes(c.imagePullPolicy)) yield unsupported(`${path}.imagePullPolicy`, c.imagePullPolicy, ['Always', 'IfNotPresent', 'Never']);
  const handlers = { livenessProbe: c.livenessProbe, startupProbe: c.startupProbe, readinessProbe: c.readinessProbe, 'lifecycle.postStart': c.lifecycle?.postStart, 'lifecycle.preStop': c.lifecycle?.preStop };
  for (const [name, h] of Object.entries(handlers)) if (h !== undefined && h.httpGet === undefined && h.tcpSocket === undefined && h.exec === undefined) yield required(`${path}.${name}`, 'must specify a handler type');
  for (const [name, h] of Object.entries(handlers)) if (h?.httpGet?.scheme === 'HTTPS') yield { path: `${path}.${name}.httpGet.scheme`, text: 'Forbidden: a probe by HTTPS is not modelled in this lab' };
  for (const name of ['livenessProbe', 'startupProbe'] as const) if ((c[name]?.successThreshold ?? 1) !== 1) yield bad(`${path}.${name}.successThreshold`, c[name]?.successThreshold, 'must be 1');
  for (const kind of ['limits', 'requests'] as const) {
    for (const [resource, amount] of Object.entries(c.resources?.[kind] ?? {})) {
      const value = parseQuantity(amount);
      const limit = parseQuantity(c.resources?.limits?.[resource] ?? '');
      if (value === undefined) continue;
      if (!/^(?:cpu|memory|ephemeral-storage|hugepages-.+)$/.test(resource) && !resource.includes('/')) yield bad(`${path}.resources.${kind}[${resource}]`, resource, 'must be a standard resource type or fully qualified');
      if (value < 0) yield bad(`${path}.resources.${kind}[${resource}]`, amount, 'must be greater than or equal to 0');
      else if (kind === 'requests' && limit !== undefined && value > limit) yield bad(`${path}.resources.requests`, amount, `must be less than or equal to ${resource} limit of ${c.resources?.limits?.[resource] ?? ''}`);
    }
  }
}

/** pkg/kubelet/sysctl/safe_sysctls.go (v1.29), those of a network namespace. */
const SAFE_SYSCTLS: readonly string[] = ['net.ipv4.ip_local_port_range', 'net.ipv4.tcp_syncookies', 'net.ipv4.ping_group_range', 'net.ipv4.ip_unprivileged_port_start', 'net.ipv4.ip_local_reserved_ports', 'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout', 'net.ipv4.tcp_keepalive_intvl', 'net.ipv4.tcp_keepalive_probes'];

export function* podSpecCauses(spec: PodSpec, path: string): Generator<Cause> {
  if (spec.containers.length === 0) yield required(`${path}.containers`);
  const names = new Set<string>();
  for (const [list, containers] of Object.entries({ containers: spec.containers, initContainers: spec.initContainers ?? [], ephemeralContainers: spec.ephemeralContainers ?? [] })) {
    for (const [i, c] of containers.entries()) {
      yield* containerCauses(c, `${path}.${list}[${i}]`, spec);
      if (c.name !== '' && names.has(c.name)) yield duplicate(`${path}.${list}[${i}].name`, c.name);
      names.add(c.name);
      if (c.restartPolicy !== undefined) yield { path: `${path}.${list}[${i}].restartPolicy`, text: 'Forbidden: a restart policy of one container (sidecars) is not modelled in this lab' };
    }
  }
  yield* volumeCauses(spec, path);
  yield* hostPortCauses(spec, path);
  yield* placementCauses(spec, path);
  if (spec.serviceAccountName !== undefined && spec.serviceAccountName !== '' && !SUBDOMAIN.test(spec.serviceAccountName)) yield bad(`${path}.serviceAccountName`, spec.serviceAccountName, SUBDOMAIN_TEXT);
  if (spec.nodeName !== undefined && spec.nodeName !== '' && !SUBDOMAIN.test(spec.nodeName)) yield bad(`${path}.nodeName`, spec.nodeName, SUBDOMAIN_TEXT);
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) yield bad(`${path}.terminationGracePeriodSeconds`, spec.terminationGracePeriodSeconds, 'must be greater than or equal to 0');
  for (const [i, a] of (spec.hostAliases ?? []).entries()) if (parseIpv4(a.ip) === undefined && !a.ip.includes(':')) yield bad(`${path}.hostAliases[${i}].ip`, a.ip, IP_TEXT);
  if (spec.activeDeadlineSeconds !== undefined) yield { path: `${path}.activeDeadlineSeconds`, text: 'Forbidden: a deadline of a pod is not modelled in this lab' };
  for (const [i, { name }] of (spec.securityContext?.sysctls ?? []).entries()) {
    const at = `${path}.securityContext.sysctls[${i}].name`;
    if (name === '') yield required(at);
    else if (spec.hostNetwork === true && name.startsWith('net.')) yield bad(at, name, "may not be specified when 'hostNetwork' is true");
    else if (!SAFE_SYSCTLS.includes(name)) yield { path: at, text: `Forbidden: the unsafe sysctl "${name}" is not modelled in this lab` };
  }
  const restart = spec.restartPolicy ?? 'Always';
  if (!['Always', 'OnFailure', 'Never'].includes(restart)) yield unsupported(`${path}.restartPolicy`, restart, ['Always', 'OnFailure', 'Never']);
  const dns = spec.dnsPolicy ?? 'ClusterFirst';
  if (!['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'].includes(dns)) yield unsupported(`${path}.dnsPolicy`, dns, ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None']);
  if (dns === 'None' && (spec.dnsConfig?.nameservers ?? []).length === 0) yield required(`${path}.dnsConfig.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None');
  for (const [i, ns] of (spec.dnsConfig?.nameservers ?? []).entries()) if (parseIpv4(ns) === undefined) yield bad(`${path}.dnsConfig.nameservers[${i}]`, ns, IP_TEXT);
}

function* workload(spec: { readonly selector: LabelSelector; readonly template: { readonly metadata: AnyObject['metadata']; readonly spec: PodSpec }; readonly replicas?: number | undefined }): Generator<Cause> {
  const { selector, template } = spec;
  if ((spec.replicas ?? 0) < 0) yield bad('spec.replicas', spec.replicas, 'must be greater than or equal to 0');
  const empty = Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0;
  if (empty) yield required('spec.selector');
  // No selector selects nothing, the template's labels neither.
  if (empty || !matches(selector, template.metadata.labels ?? {})) {
    const shown = Object.entries(template.metadata.labels ?? {}).sort().map(([k, v]) => `"${k}":"${v}"`).join(', ');
    yield { path: 'spec.template.metadata.labels', text: `Invalid value: map[string]string${template.metadata.labels === undefined ? '(nil)' : `{${shown}}`}: \`selector\` does not match template \`labels\`` };
  }
  yield* labels('spec.template.labels', template.metadata.labels);
  yield* podSpecCauses(template.spec, 'spec.template.spec');
  if ((template.spec.restartPolicy ?? 'Always') !== 'Always' && template.spec.containers.length > 0) yield unsupported('spec.template.spec.restartPolicy', template.spec.restartPolicy ?? '', ['Always']);
}

function* daemonSet(d: KindMap['DaemonSet']): Generator<Cause> {
  yield* workload(d.spec);
  const surge = d.spec.updateStrategy?.rollingUpdate?.maxSurge ?? 0;
  if (surge !== 0 && surge !== '0%') yield { path: 'spec.updateStrategy.rollingUpdate.maxSurge', text: 'Forbidden: a surge of daemon pods is not modelled in this lab' };
}

function* job(j: Job): Generator<Cause> {
  for (const field of ['parallelism', 'completions', 'backoffLimit'] as const) if ((j.spec[field] ?? 0) < 0) yield bad(`spec.${field}`, j.spec[field], 'must be greater than or equal to 0');
  if (j.spec.completionMode === 'Indexed') yield { path: 'spec.completionMode', text: 'Forbidden: indexed completion is not modelled in this lab' };
  if (j.spec.suspend === true) yield { path: 'spec.suspend', text: 'Forbidden: a suspended Job is not modelled in this lab' };
  yield* podSpecCauses(j.spec.template.spec, 'spec.template.spec');
  if (!['OnFailure', 'Never'].includes(j.spec.template.spec.restartPolicy ?? 'Always')) yield required('spec.template.spec.restartPolicy', 'valid values: "OnFailure", "Never"');
}

const MAX_CRONJOB_NAME = 52; // eleven are for the time of a Job

function* cronJob({ metadata: { name }, spec }: KindMap['CronJob']): Generator<Cause> {
  if (name.length > MAX_CRONJOB_NAME) yield bad('metadata.name', name, `must be no more than ${MAX_CRONJOB_NAME} characters`);
  if (spec.schedule === '') yield required('spec.schedule');
  else {
    const schedule = parseCron(spec.schedule);
    if (!schedule.ok) yield bad('spec.schedule', spec.schedule, schedule.error);
  }
  if (!['', 'UTC', 'Etc/UTC'].includes(spec.timeZone ?? '')) yield { path: 'spec.timeZone', text: `Forbidden: the time zone "${spec.timeZone ?? ''}" is not modelled in this lab` };
  if ((spec.startingDeadlineSeconds ?? 0) < 0) yield bad('spec.startingDeadlineSeconds', spec.startingDeadlineSeconds, 'must be greater than or equal to 0');
  if (!['Allow', 'Forbid', 'Replace'].includes(spec.concurrencyPolicy ?? 'Allow')) yield unsupported('spec.concurrencyPolicy', spec.concurrencyPolicy ?? '', ['Allow', 'Forbid', 'Replace']);
  const { template } = spec.jobTemplate.spec;
  yield* podSpecCauses(template.spec, 'spec.jobTemplate.spec.template.spec');
  if (!['OnFailure', 'Never'].includes(template.spec.restartPolicy ?? 'Always')) yield required('spec.jobTemplate.spec.template.spec.restartPolicy', 'valid values: "OnFailure", "Never"');
  for (const field of ['successfulJobsHistoryLimit', 'failedJobsHistoryLimit'] as const) if ((spec[field] ?? 0) < 0) yield bad(`spec.${field}`, spec[field], 'must be greater than or equal to 0');
}

export const CONFIG_KEY = /^[-._a-zA-Z0-9]+$/;
export const CONFIG_KEY_TEXT = "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

function* dataKeys(...maps: readonly (Readonly<Record<string, string>> | undefined)[]): Generator<Cause> {
  for (const data of maps) for (const key of Object.keys(data ?? {})) if (!CONFIG_KEY.test(key)) yield bad(`data[${key}]`, key, CONFIG_KEY_TEXT);
}

function* secret(s: Secret): Generator<Cause> {
  yield* dataKeys(s.data);
  for (const [key, value] of Object.entries(s.data ?? {})) if (fromBase64(value) === undefined) yield bad(`data[${key}]`, '', 'illegal base64 data');
}

function* roleRef(ref: KindMap['RoleBinding']['roleRef']): Generator<Cause> {
  if (ref.apiGroup !== 'rbac.authorization.k8s.io') yield unsupported('roleRef.apiGroup', ref.apiGroup, ['rbac.authorization.k8s.io']);
  if (!['Role', 'ClusterRole'].includes(ref.kind)) yield unsupported('roleRef.kind', ref.kind, ['Role', 'ClusterRole']);
  if (ref.name === '') yield required('roleRef.name');
}

function* definition(c: KindMap['CustomResourceDefinition']): Generator<Cause> {
  const { group, names } = c.spec;
  const wanted = `${names.plural}.${group}`;
  if (c.metadata.name !== wanted) yield bad('metadata.name', c.metadata.name, 'must be spec.names.plural+"."+spec.group');
  else if (!KINDS.some((k) => k.crd === wanted && k.kind === names.kind)) yield { path: 'spec.names.kind', text: `kind "${names.kind}" of group "${group}" is not modelled in this lab` };
  if (!['Namespaced', 'Cluster'].includes(c.spec.scope)) yield unsupported('spec.scope', c.spec.scope, ['Cluster', 'Namespaced']);
}

const CHECKS: { readonly [K in Kind]?: (object: KindMap[K]) => Generator<Cause> } = {
  Pod: (p: Pod) => podSpecCauses(p.spec, 'spec'), Service: serviceCauses, Deployment: (d) => workload(d.spec), ReplicaSet: (r) => workload(r.spec),
  DaemonSet: daemonSet, StatefulSet: (s) => workload(s.spec), Job: job, CronJob: cronJob, Ingress: ingressCauses,
  CustomResourceDefinition: (c) => definition(c), BGPPeer: noBgp, BGPAdvertisement: noBgp, BFDProfile: noBgp, Community: noBgp, IngressRoute: ingressRouteCauses,
  ConfigMap: (c) => dataKeys(c.data, c.binaryData), Secret: (s) => secret(s), RoleBinding: (b) => roleRef(b.roleRef), ClusterRoleBinding: (b) => roleRef(b.roleRef),
};

/** Every fault of a defaulted object. */
export function validate<K extends Kind>(kind: K, object: KindMap[K]): readonly Cause[] {
  return [...metadata(kind, object.metadata), ...(CHECKS[kind]?.(object) ?? [])];
}
