import { useMemo, useState } from 'react';
import type { FieldView, LayerView } from '../../worker/protocol.ts';
import { ascii, hex, ownersOf, ROW } from './bytes.ts';
import { Value } from './layers.tsx';
import { WithDetail } from './with-detail.tsx';

export function BytesTab() {
  return <WithDetail>{(detail) => (detail.bytes.length === 0 ? <p className="inspector-empty">No packet in this step.</p> : <Dump key={detail.step} bytes={detail.bytes} layers={detail.layers} heading={detail.heading} />)}</WithDetail>;
}

/** Bytes and fields, each lighting the other. */
function Dump({ bytes, layers, heading }: { readonly bytes: Uint8Array; readonly layers: readonly LayerView[]; readonly heading: string }) {
  const [lit, setLit] = useState<FieldView>();
  const owners = useMemo(() => ownersOf(bytes.length, layers), [bytes, layers]);
  const isLit = (i: number): boolean => lit !== undefined && i >= lit.offset && i < lit.offset + Math.max(1, lit.length);
  return (
    <>
      <section className="inspector-section">
        <h2 className="section-title">{heading}</h2>
        <div className="dump mono" role="group" tabIndex={0} aria-label={`${bytes.length} bytes`} onMouseLeave={() => { setLit(undefined); }}>
          {Array.from({ length: Math.ceil(bytes.length / ROW) }, (_, row) => {
            const from = row * ROW;
            const line = [...bytes.subarray(from, from + ROW)];
            return (
              <div key={row} className="dump-row">
                <span className="dump-offset">{from.toString(16).padStart(4, '0')}</span>
                <span className="dump-hex">{line.map((b, i) => <i key={i} data-lit={isLit(from + i)} data-changed={owners[from + i]?.field?.was !== undefined} style={{ color: `var(--byte-${owners[from + i]?.layer ?? 'data'})` }} onMouseEnter={() => { setLit(owners[from + i]?.field); }}>{hex(b)}</i>)}</span>
                <span className="dump-ascii">{line.map((b, i) => <i key={i} data-lit={isLit(from + i)}>{ascii(b)}</i>)}</span>
              </div>
            );
          })}
        </div>
      </section>
      {layers.map((l, i) => (
        <section key={`${l.layer}${i}`} className="inspector-section byte-fields">
          <h3 className="section-title"><i className="layer-dot" style={{ background: `var(--layer-${l.layer})` }} />{l.name} <span className="num">{l.offset}–{l.offset + l.length - 1}</span></h3>
          {l.fields.map((f) => (
            <button key={`${f.name}${f.offset}`} type="button" className="byte-field" data-lit={lit === f} onMouseEnter={() => { setLit(f); }} onMouseLeave={() => { setLit(undefined); }} onFocus={() => { setLit(f); }} onBlur={() => { setLit(undefined); }}>
              <span className="muted">{f.name}</span><span className="mono"><Value field={f} /></span>
            </button>
          ))}
        </section>
      ))}
    </>
  );
}
