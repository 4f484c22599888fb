/** Containers and volumes inside a pod or a template. Models: kubectl/pkg/describe/describe.go describeContainers, describeVolumes, DescribeProbe, printTolerationsMultiline: by key, else as given (v1.29). */
import type { Pod } from '../../api/kinds.ts';
import type { Container, ContainerStatus, PodSpec, Probe } from '../../api/pod.ts';
import { rfc1123z } from './common.ts';
import type { DescribeWriter } from './writer.ts';

function probeText(p: Probe): string {
  const attrs = `delay=${p.initialDelaySeconds ?? 0}s timeout=${p.timeoutSeconds ?? 1}s period=${p.periodSeconds ?? 10}s #success=${p.successThreshold ?? 1} #failure=${p.failureThreshold ?? 3}`;
  if (p.exec !== undefined) return `exec [${(p.exec.command ?? []).join(' ')}] ${attrs}`;
  if (p.httpGet !== undefined) {
    const path = p.httpGet.path ?? '/';
    return `http-get ${(p.httpGet.scheme ?? 'HTTP').toLowerCase()}://${p.httpGet.host ?? ''}:${String(p.httpGet.port)}${path.startsWith('/') ? path : `/${path}`} ${attrs}`;
  }
  return p.tcpSocket === undefined ? `unknown ${attrs}` : `tcp-socket ${p.tcpSocket.host ?? ''}:${String(p.tcpSocket.port)} ${attrs}`;
}

function stateLines(w: DescribeWriter, at: number, title: string, state: ContainerStatus['state']): void {
  const { running, waiting, terminated } = state;
  const head = (name: string): void => w.line(at, `${title}:`, name);
  if (running !== undefined) {
    head('Running');
    w.line(at + 1, 'Started:', rfc1123z(running.startedAt));
  } else if (terminated !== undefined) {
    head('Terminated');
    if (terminated.reason !== '') w.line(at + 1, 'Reason:', terminated.reason);
    if (terminated.message !== undefined) w.line(at + 1, 'Message:', terminated.message);
    w.line(at + 1, 'Exit Code:', String(terminated.exitCode));
    if ((terminated.signal ?? 0) > 0) w.line(at + 1, 'Signal:', String(terminated.signal));
    w.line(at + 1, 'Started:', rfc1123z(terminated.startedAt));
    w.line(at + 1, 'Finished:', rfc1123z(terminated.finishedAt));
  } else {
    head('Waiting');
    if (waiting !== undefined && waiting.reason !== '') w.line(at + 1, 'Reason:', waiting.reason);
  }
}

function envLines(w: DescribeWriter, at: number, c: Container): void {
  const from = c.envFrom ?? [];
  if (from.length > 0) {
    w.line(at, 'Environment Variables from:');
    for (const e of from) {
      const [name, kind, optional] = e.configMapRef === undefined ? [e.secretRef?.name ?? '', 'Secret', e.secretRef?.optional] : [e.configMapRef.name, 'ConfigMap', e.configMapRef.optional];
      w.line(at + 1, name, `${kind}${(e.prefix ?? '') === '' ? '' : ` with prefix '${e.prefix ?? ''}'`}`, `Optional: ${String(optional === true)}`);
    }
  }
  const env = c.env ?? [];
  if (env.length === 0) return w.line(at, 'Environment:', '<none>');
  w.line(at, 'Environment:');
  for (const e of env) {
    const { fieldRef, configMapKeyRef, secretKeyRef } = e.valueFrom ?? {};
    if (fieldRef !== undefined) w.line(at + 1, `${e.name}:`, ` (${fieldRef.apiVersion ?? 'v1'}:${fieldRef.fieldPath})`);
    else if (configMapKeyRef !== undefined) w.line(at + 1, `${e.name}:`, `<set to the key '${configMapKeyRef.key}' of config map '${configMapKeyRef.name}'>`, `Optional: ${String(configMapKeyRef.optional === true)}`);
    else if (secretKeyRef !== undefined) w.line(at + 1, `${e.name}:`, `<set to the key '${secretKeyRef.key}' in secret '${secretKeyRef.name}'>`, `Optional: ${String(secretKeyRef.optional === true)}`);
    else {
      const [first = '', ...more] = (e.value ?? '').split('\n');
      w.line(at + 1, `${e.name}:`, first);
      for (const line of more) w.line(at + 1, '', line);
    }
  }
}

function resourceLines(w: DescribeWriter, at: number, c: Container): void {
  for (const [title, map] of [['Limits', c.resources?.limits], ['Requests', c.resources?.requests]] as const) {
    if (map === undefined || Object.keys(map).length === 0) continue;
    w.line(at, `${title}:`);
    for (const [name, value] of Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1))) w.line(at + 1, `${name}:`, value);
  }
}

/** Inside a template the name stands one blank further right, the fields do not. */
function oneContainer(w: DescribeWriter, inTemplate: boolean, c: Container, status: ContainerStatus | undefined): void {
  const at = 1;
  w.line(at, `${inTemplate ? ' ' : ''}${c.name}:`);
  const field = (name: string, value: string): void => w.line(at + 1, `${name}:`, value);
  if (status !== undefined) field('Container ID', status.containerID ?? '');
  field('Image', c.image);
  if (status !== undefined) field('Image ID', status.imageID);
  const ports = c.ports ?? [];
  const [port, host] = [ports.map((p) => `${p.containerPort}/${p.protocol}`), ports.map((p) => `${p.hostPort ?? 0}/${p.protocol}`)];
  field(ports.length > 1 ? 'Ports' : 'Port', port.length === 0 ? '<none>' : port.join(', '));
  field(ports.length > 1 ? 'Host Ports' : 'Host Port', host.length === 0 ? '<none>' : host.join(', '));
  for (const [title, words] of [['Command', c.command], ['Args', c.args]] as const) {
    if (words === undefined || words.length === 0) continue;
    w.line(at + 1, `${title}:`);
    for (const word of words) for (const line of word.split('\n')) w.line(at + 2, line);
  }
  if (status !== undefined) {
    stateLines(w, at + 1, 'State', status.state);
    if (status.lastState?.terminated !== undefined) stateLines(w, at + 1, 'Last State', status.lastState);
    field('Ready', status.ready ? 'True' : 'False');
    field('Restart Count', String(status.restartCount));
  }
  resourceLines(w, at + 1, c);
  for (const [title, probe] of [['Liveness', c.livenessProbe], ['Readiness', c.readinessProbe], ['Startup', c.startupProbe]] as const) if (probe !== undefined) field(title, probeText(probe));
  envLines(w, at + 1, c);
  const mounts = c.volumeMounts ?? [];
  if (mounts.length === 0) return field('Mounts', '<none>');
  w.line(at + 1, 'Mounts:');
  for (const m of [...mounts].sort((a, b) => (a.mountPath < b.mountPath ? -1 : 1))) {
    const flags = [m.readOnly === true ? 'ro' : 'rw', ...(m.subPath === undefined ? [] : [`path=${JSON.stringify(m.subPath)}`])];
    w.line(at + 2, `${m.mountPath} from ${m.name} (${flags.join(',')})`);
  }
}

export function containerLines(w: DescribeWriter, spec: PodSpec, pod: Pod | undefined, base: number): void {
  const group = (title: string, list: readonly Container[], statuses: readonly ContainerStatus[] | undefined): void => {
    if (list.length === 0) return;
    w.line(base, `${title}:`);
    for (const c of list) oneContainer(w, base > 0, c, statuses?.find((s) => s.name === c.name));
  };
  group('Init Containers', spec.initContainers ?? [], pod?.status.initContainerStatuses);
  group('Containers', spec.containers, pod?.status.containerStatuses);
  group('Ephemeral Containers', spec.ephemeralContainers ?? [], pod?.status.ephemeralContainerStatuses);
}

export function volumeLines(w: DescribeWriter, spec: PodSpec, base: number): void {
  const volumes = spec.volumes ?? [];
  if (volumes.length === 0) return w.line(base, 'Volumes:', '<none>');
  w.line(base, 'Volumes:');
  for (const v of volumes) {
    w.line(1, `${base > 0 ? ' ' : ''}${v.name}:`);
    const field = (name: string, value: string): void => w.line(2, `${name}:`, value);
    if (v.configMap !== undefined) {
      field('Type', 'ConfigMap (a volume populated by a ConfigMap)');
      field('Name', v.configMap.name);
      field('Optional', String(v.configMap.optional === true));
    } else if (v.secret !== undefined) {
      field('Type', 'Secret (a volume populated by a Secret)');
      field('SecretName', secretName(v.secret));
      field('Optional', 'false');
    } else if (v.emptyDir !== undefined) {
      field('Type', "EmptyDir (a temporary directory that shares a pod's lifetime)");
      field('Medium', '');
      field('SizeLimit', '<unset>');
    } else if (v.hostPath !== undefined) {
      const of = (name: string): string => { const value: unknown = Reflect.get(Object(v.hostPath), name); return typeof value === 'string' ? value : ''; };
      field('Type', 'HostPath (bare host directory volume)');
      field('Path', of('path'));
      field('HostPathType', of('type'));
    } else field('Type', '(without effect in this lab)');
  }
}

function secretName(source: unknown): string {
  const name: unknown = Reflect.get(Object(source), 'secretName');
  return typeof name === 'string' ? name : '';
}

export const tolerationTexts = (spec: PodSpec): readonly string[] =>
  [...(spec.tolerations ?? [])].sort((a, b) => ((a.key ?? '') < (b.key ?? '') ? -1 : (a.key ?? '') > (b.key ?? '') ? 1 : 0)).map((t) => `${t.key ?? ''}${(t.value ?? '') === '' ? '' : `=${t.value ?? ''}`}${(t.effect ?? '') === '' ? '' : `:${t.effect ?? ''}`}${t.operator === 'Exists' ? ((t.key ?? '') === '' && (t.effect ?? '') === '' ? 'op=Exists' : ' op=Exists') : ''}${t.tolerationSeconds === undefined ? '' : ` for ${t.tolerationSeconds}s`}`);
