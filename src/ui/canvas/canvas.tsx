import { Maximize, Minus, Plus } from 'lucide-react';
import { ReactFlow, ReactFlowProvider, useReactFlow, useStore, ViewportPortal, type Node, type NodeProps } from '@xyflow/react';
import { memo, useCallback, useEffect, useMemo, useRef, type ComponentType } from 'react';
import '@xyflow/react/dist/base.css';
import { must } from '../../base/assert.ts';
import { eventAt } from '../state/playback.ts';
import { store, useApp } from '../state/store.ts';
import { canvasHandle } from './handle.ts';
import type { LayoutNode, NodeKind } from './geometry.ts';
import { layout, type CanvasLayout } from './layout.ts';
import { machineOf } from './places.ts';
import { DeviceNode, HookNode, HypervisorNode, MoreNode, NamespaceNode, PipelineNode, RouteNode, SegmentNode, SocketsNode, VethNode } from './nodes/leaf-nodes.tsx';
import { MachineNode } from './nodes/machine-node.tsx';
import { Packets } from './packets.tsx';
import { StepCard } from './step-card.tsx';
import { Trail } from './trail.tsx';
import { Wires } from './wires.tsx';
import './canvas.css';
import './nodes/nodes.css';

type FlowNode = Node<{ readonly node: LayoutNode } | { readonly canvas: CanvasLayout }>;

const COMPONENTS: Readonly<Record<NodeKind, ComponentType<{ readonly node: LayoutNode }>>> = {
  machine: MachineNode, namespace: NamespaceNode, bridge: DeviceNode, overlay: DeviceNode, nic: DeviceNode, veth: VethNode, pipeline: PipelineNode, hook: HookNode,
  route: RouteNode, sockets: SocketsNode, segment: SegmentNode, hypervisor: HypervisorNode, more: MoreNode,
};
const LayoutNodeView = memo(function LayoutNodeView({ data }: NodeProps<FlowNode>) {
  if (!('node' in data)) return null;
  const View = COMPONENTS[data.node.kind];
  return <View node={data.node} />;
});
const WiresNode = memo(function WiresNode({ data }: NodeProps<FlowNode>) { return 'canvas' in data ? <Wires canvas={data.canvas} /> : null; });
const TrailNode = memo(function TrailNode({ data }: NodeProps<FlowNode>) { return 'canvas' in data ? <Trail canvas={data.canvas} /> : null; });
const NODE_TYPES = { object: LayoutNodeView, wires: WiresNode, trail: TrailNode };
const STILL = { draggable: false, selectable: false, connectable: false, deletable: false, focusable: false } as const;

function flowNodes(canvas: CanvasLayout): FlowNode[] {
  const out: FlowNode[] = canvas.nodes.map((node) => ({ id: node.id, type: 'object', position: { x: node.box.x, y: node.box.y }, width: node.box.w, height: node.box.h, zIndex: node.kind === 'machine' ? 0 : node.kind === 'pipeline' || node.kind === 'segment' ? 1 : 3, data: { node }, style: { pointerEvents: 'all' }, ...STILL }));
  for (const type of ['wires', 'trail']) out.push({ id: `|${type}`, type, position: { x: 0, y: 0 }, width: canvas.width, height: canvas.height, zIndex: 2, data: { canvas }, style: { pointerEvents: 'none' }, ...STILL });
  return out;
}

/** Namespaces that are not there at this step: the drawing changes only when this text does. */
const absentAt = (step: number): string => (store.getState().topology?.machines ?? []).flatMap((m) => m.namespaces.filter((n) => n.since > step || (n.until !== undefined && n.until <= step)).map((n) => n.id)).join(' ');

/** The whole drawing below the sentence of the step, in the middle. */
const ROOM = { top: 50, side: 18, bottom: 4 };
/** Where the whole drawing would be too small to read, the machine that matters is shown instead. */
const LEAST_ZOOM = 0.62;
function fitted(canvas: CanvasLayout, width: number, height: number, machine: string): { readonly x: number; readonly y: number; readonly zoom: number } {
  const all = whole(canvas, width, height);
  const box = all.zoom < LEAST_ZOOM ? (canvas.nodes.find((n) => n.id === machine) ?? canvas.nodes.find((n) => n.kind === 'machine' && n.open))?.box : undefined;
  if (box === undefined) return all;
  const zoom = Math.max(LEAST_ZOOM, Math.min(1.25, (width - ROOM.side) / (box.w + 24), (height - ROOM.top) / (box.h + 24)));
  return { x: width / 2 - (box.x + box.w / 2) * zoom, y: ROOM.top + (height - ROOM.top) / 2 - (box.y + box.h / 2) * zoom, zoom };
}
function whole(canvas: CanvasLayout, width: number, height: number): { readonly x: number; readonly y: number; readonly zoom: number } {
  const zoom = Math.max(0.25, Math.min(1.6, (width - 2 * ROOM.side) / canvas.width, (height - ROOM.top - ROOM.bottom) / canvas.height));
  return { x: (width - canvas.width * zoom) / 2, y: ROOM.top + Math.max(0, height - ROOM.top - ROOM.bottom - canvas.height * zoom) / 2, zoom };
}

function Drawing() {
  const topology = must(useApp((s) => s.topology), 'topology');
  const openMachines = useApp((s) => s.openMachines);
  const absent = useApp((s) => absentAt(s.step));
  const canvas = useMemo(() => layout(topology, openMachines, absent === '' ? undefined : store.getState().step), [topology, openMachines, absent]);
  const nodes = useMemo(() => flowNodes(canvas), [canvas]);
  const flow = useReactFlow();
  const width = useStore((s) => s.width);
  const height = useStore((s) => s.height);
  const zoom = useStore((s) => (s.transform[2] > 1.5 ? 'near' : s.transform[2] < 0.42 ? 'far' : 'mid'));
  // Only a small screen follows the packet from machine to machine.
  const watched = useApp((s) => (width > 0 && whole(canvas, width, height).zoom < LEAST_ZOOM ? machineOf(eventAt(s.track.visible, s.step)?.place ?? '') : ''));
  const moved = useRef(false);
  const focused = useRef<string | undefined>(undefined);

  const fit = useCallback((duration = 260): void => {
    moved.current = false;
    focused.current = undefined;
    const { reducedMotion } = store.getState();
    void flow.setViewport(fitted(canvas, width, height, watched), { duration: reducedMotion ? 0 : duration });
  }, [flow, canvas, width, height, watched]);
  const focus = useCallback((): void => {
    const { selected, reducedMotion } = store.getState();
    const box = canvas.nodes.find((n) => n.id === selected)?.box;
    if (box === undefined || focused.current === selected) { fit(); return; }
    focused.current = selected;
    moved.current = true;
    const room = Math.max(40, 220 - box.w / 2);
    void flow.fitBounds({ x: box.x - room, y: box.y - room / 2, width: box.w + 2 * room, height: box.h + room }, { padding: 0.05, duration: reducedMotion ? 0 : 260 });
  }, [flow, canvas, fit]);

  useEffect(() => { canvasHandle.current = { fit, focus }; return () => { canvasHandle.current = undefined; }; }, [fit, focus]);
  useEffect(() => { if (!moved.current && width > 0 && height > 0) fit(0); }, [fit, width, height]);

  return (
    <div className="canvas" data-zoom={zoom} onClick={() => { store.getState().select(undefined); }}>
      <ReactFlow
        nodes={nodes} nodeTypes={NODE_TYPES} minZoom={0.25} maxZoom={3} nodesDraggable={false} nodesConnectable={false} nodesFocusable={false} elementsSelectable={false}
        panOnDrag panOnScroll zoomOnPinch zoomOnDoubleClick={false} disableKeyboardA11y deleteKeyCode={null} selectionKeyCode={null} multiSelectionKeyCode={null} panActivationKeyCode={null} zoomActivationKeyCode={null}
        onMoveStart={(event) => { if (event !== null) moved.current = true; }} proOptions={{ hideAttribution: true }} aria-label="Drawing of the network"
      >
        <ViewportPortal><Packets canvas={canvas} /></ViewportPortal>
      </ReactFlow>
      <StepCard />
      <div className="canvas-tools" role="group" aria-label="Zoom">
        <button type="button" className="icon-button" aria-label="Zoom in" onClick={(e) => { e.stopPropagation(); moved.current = true; void flow.zoomIn({ duration: 160 }); }}><Plus size={15} /></button>
        <button type="button" className="icon-button" aria-label="Zoom out" onClick={(e) => { e.stopPropagation(); moved.current = true; void flow.zoomOut({ duration: 160 }); }}><Minus size={15} /></button>
        <button type="button" className="icon-button" aria-label="Fit everything" title="Fit everything (0)" onClick={(e) => { e.stopPropagation(); fit(); }}><Maximize size={14} /></button>
      </div>
    </div>
  );
}

export function Canvas() { return <ReactFlowProvider><Drawing /></ReactFlowProvider>; }
