import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import type { FieldView, LayerView } from '../../worker/protocol.ts';

/** The layer tree: one line per layer, its fields when opened; what this step changed is struck and replaced. */
export function Layers({ layers }: { readonly layers: readonly LayerView[] }) {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const toggle = (key: string): void => { setOpen((now) => { const next = new Set(now); if (!next.delete(key)) next.add(key); return next; }); };
  return (
    <ul className="layers">
      {layers.map((layer, i) => {
        const key = `${i}${layer.layer}`;
        const shown = open.has(key);
        return (
          <li key={key} className="layer" style={{ marginLeft: Math.min(i, 0) }}>
            <button type="button" className="layer-head" aria-expanded={shown} onClick={() => { toggle(key); }}>
              <em style={{ background: `var(--layer-${layer.layer})` }}>{layer.name}</em>
              <span className="layer-summary mono"><Summary layer={layer} /></span>
              <ChevronRight size={13} className="layer-arrow" aria-hidden="true" />
            </button>
            {shown && <dl className="fields">{layer.fields.map((f) => <div key={`${f.name}${f.offset}`} data-changed={f.was !== undefined}><dt>{f.name}</dt><dd className="mono"><Value field={f} /></dd></div>)}</dl>}
          </li>
        );
      })}
    </ul>
  );
}

export const Value = ({ field }: { readonly field: Pick<FieldView, 'value' | 'was'> }) => (field.was === undefined ? <>{field.value}</> : <><del><span className="visually-hidden">was </span>{field.was}</del> <ins><span className="visually-hidden">now </span>{field.value}</ins></>);

/** The layer's one line, with the old value struck before each value that changed. */
function Summary({ layer }: { readonly layer: LayerView }) {
  const changed = layer.fields.filter((f) => f.was !== undefined && f.was !== f.value && f.value !== '');
  const parts: (string | FieldView)[] = [layer.summary];
  for (const field of changed) {
    const at = parts.findIndex((p) => typeof p === 'string' && wordAt(p, field) >= 0);
    const text = parts[at];
    if (typeof text !== 'string') continue;
    const from = wordAt(text, field);
    parts.splice(at, 1, text.slice(0, from), field, text.slice(from + field.value.length));
  }
  const missing = changed.filter((f) => !parts.includes(f) && isAddress(f.value));
  return <>{parts.map((p, i) => (typeof p === 'string' ? p : <Value key={i} field={p} />))}{missing.map((f) => <span key={f.name}> · <Value field={f} /></span>)}</>;
}

const isAddress = (text: string): boolean => /^\d+\.\d+\.\d+\.\d+$/.test(text);

/** Where the field's value stands as a word of its own: `64` of `ttl 64`, not of `64860`; a number follows its field's name. */
function wordAt(text: string, field: FieldView): number {
  const value = field.value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  if (/^\d+$/.test(field.value)) {
    const named = new RegExp(`\\b${field.name.replace(/[^\w ]/g, '.')} (?=${value}\\b)`, 'i').exec(text);
    return named === null ? -1 : named.index + named[0].length;
  }
  const found = new RegExp(`(?<![\\w.:])${value}(?![\\w.])`);
  // A destination is the later of two equal words.
  if (/^(dst|destination)/i.test(field.name)) { const arrow = text.indexOf('→'); if (arrow >= 0) { const late = text.slice(arrow).search(found); if (late >= 0) return arrow + late; } }
  return text.search(found);
}
