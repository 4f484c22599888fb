import { ChevronDown, Minus } from 'lucide-react';
import { store } from '../../state/store.ts';
import type { LayoutNode } from '../geometry.ts';
import { CanvasObject, hueOf } from './object.tsx';

export function MachineNode({ node }: { readonly node: LayoutNode }) {
  return (
    <div className="machine" data-open={node.open} data-external={node.hue < 0} data-off={node.off} style={{ width: node.box.w, height: node.box.h, borderColor: hueOf(node.hue) }}>
      <CanvasObject node={node} className="machine-head" expanded={node.open} onOpen={() => { store.getState().toggleMachine(node.id); }} style={{ color: hueOf(node.hue) }}>
        <b>{node.title}</b><span className="machine-detail">{node.detail}</span>
        <span className="machine-toggle">{node.open ? <><Minus size={12} /> collapse</> : <ChevronDown size={13} />}</span>
      </CanvasObject>
    </div>
  );
}
