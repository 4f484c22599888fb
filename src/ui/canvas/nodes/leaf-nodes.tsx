import { useApp } from '../../state/store.ts';
import { eventAt } from '../../state/playback.ts';
import { hookTables, walkedAt } from '../hook-view.ts';
import { hookOf, nsOf } from '../places.ts';
import type { LayoutNode } from '../geometry.ts';
import { CanvasObject, hueOf } from './object.tsx';

type Props = { readonly node: LayoutNode };

const Fine = ({ node }: Props) => <>{node.fine.map((f) => <span key={f} className="fine mono">{f}</span>)}</>;

export const NamespaceNode = ({ node }: Props) => (
  <CanvasObject node={node} className="namespace" style={Object.fromEntries([['--hue', hueOf(node.hue)]])}><b>{node.title}</b> <span>{node.detail}</span><Fine node={node} /></CanvasObject>
);

export const DeviceNode = ({ node }: Props) => <CanvasObject node={node} className={`device device-${node.kind}`}><b>{node.title}</b> {node.detail !== '' && <span className="ellipsis">{node.detail}</span>}<Fine node={node} /></CanvasObject>;

export const VethNode = ({ node }: Props) => <CanvasObject node={node} className="veth">{node.title}</CanvasObject>;

export const HypervisorNode = ({ node }: Props) => <CanvasObject node={node} className="hypervisor"><b className="ellipsis">{node.title}</b> <span>{node.detail}</span></CanvasObject>;

export const SegmentNode = ({ node }: Props) => (
  <CanvasObject node={node} className="segment"><i /><span style={{ left: Number(node.fine[0] ?? 4) }}><b>{node.title}</b> · {node.detail}</span></CanvasObject>
);

export const MoreNode = ({ node }: Props) => <div className="more">{node.title}</div>;

export function RouteNode({ node }: Props) {
  const active = useApp((s) => eventAt(s.track.visible, s.step)?.place === node.id);
  return <div className="route-node" data-active={active}><svg viewBox="0 0 56 52" aria-hidden="true"><path d="M28 1L55 26L28 51L1 26Z" /></svg><span>route</span></div>;
}

export const SocketsNode = ({ node }: Props) => <div className="sockets" title={node.label}>sockets</div>;

export function PipelineNode({ node }: Props) {
  const caption = useApp((s) => {
    const e = eventAt(s.track.visible, s.step);
    if (e === undefined || !e.place.startsWith(`${node.machine}/@`)) return '';
    const w = walkedAt(e.place, e, s.detail);
    return w?.chain === undefined ? '' : `${w.table} · ${w.chain}`;
  });
  return <div className="pipeline" role="group" aria-label={node.label}><span className="pipeline-name">netfilter</span><span className="mono pipeline-caption ellipsis">{caption}</span></div>;
}

export function HookNode({ node }: Props) {
  const hook = hookOf(node.id);
  const chains = useApp((s) => { const ns = s.topology === undefined ? undefined : nsOf(s.topology, node.id); return ns === undefined ? undefined : s.chains[ns]; });
  const walkedTable = useApp((s) => walkedAt(node.id, eventAt(s.track.visible, s.step), s.detail)?.table);
  const chain = useApp((s) => walkedAt(node.id, eventAt(s.track.visible, s.step), s.detail)?.chain);
  const tables = hook === undefined ? [] : hookTables(hook, chains);
  const flat = hook === 'INPUT' || hook === 'OUTPUT';
  return (
    <CanvasObject node={node} className={`hook ${flat ? 'hook-flat' : ''}`}>
      <b>{node.title}</b>
      <span className="hook-tables">
        {tables.map((t) => (
          <span key={t} className="hook-table" data-walked={t === walkedTable}>{t}{t === walkedTable && chain !== undefined && !flat && <small className="mono">{chain}</small>}</span>
        ))}
      </span>
    </CanvasObject>
  );
}
