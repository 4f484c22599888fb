import { memo, useMemo, useState } from 'react';
import type { FieldView, LayerView, StepDetail } from '../../worker/protocol.ts';
import { ascii, hex, ownersOf, ROW } from './bytes.ts';
import { Heading } from './heading.tsx';
import { Value } from './layers.tsx';
import { WithDetail } from './with-detail.tsx';

export function BytesTab() {
  return <WithDetail>{(detail) => (detail.bytes.length === 0 ? <p className="inspector-empty">No packet in this step.</p> : <Dump bytes={detail.bytes} layers={detail.layers} detail={detail} />)}</WithDetail>;
}

/** Rows drawn at once: enough for every header; payload is drawn when asked for. */
const FIRST_ROWS = 24;

/** One row, as texts: what is the same at the next hop is not drawn again. */
const DumpRow = memo(function DumpRow({ from, text, layers, changed, lit }: { readonly from: number; readonly text: string; readonly layers: string; readonly changed: string; readonly lit: string }) {
  const pairs = text.match(/../g) ?? [];
  const layer = layers.split(' ');
  return (
    <div className="dump-row">
      <span className="dump-offset">{from.toString(16).padStart(4, '0')}</span>
      <span className="dump-hex">{pairs.map((b, i) => <i key={i} data-at={from + i} data-lit={lit[i] === 'x'} data-changed={changed[i] === 'x'} style={{ color: `var(--byte-${layer[i] ?? 'data'})` }}>{b}</i>)}</span>
      <span className="dump-ascii">{pairs.map((b, i) => <i key={i} data-lit={lit[i] === 'x'}>{ascii(Number.parseInt(b, 16))}</i>)}</span>
    </div>
  );
});

/** Bytes and fields, each lighting the other. */
function Dump({ bytes, layers, detail }: { readonly bytes: Uint8Array; readonly layers: readonly LayerView[]; readonly detail: StepDetail }) {
  const [chosen, setLit] = useState<FieldView>();
  const [all, setAll] = useState(false);
  const lit = chosen !== undefined && layers.some((l) => l.fields.includes(chosen)) ? chosen : undefined;
  const owners = useMemo(() => ownersOf(bytes.length, layers), [bytes, layers]);
  const rows = Math.ceil(bytes.length / ROW);
  const isLit = (i: number): boolean => lit !== undefined && i >= lit.offset && i < lit.offset + Math.max(1, lit.length);
  return (
    <>
      <section className="inspector-section">
        <Heading detail={detail} />
        <div className="dump mono" role="group" tabIndex={0} aria-label={`${bytes.length} bytes`} onMouseOver={(e) => { const at = e.target instanceof HTMLElement ? e.target.dataset['at'] : undefined; setLit(at === undefined ? undefined : owners[Number(at)]?.field); }} onMouseLeave={() => { setLit(undefined); }}>
          {Array.from({ length: all ? rows : Math.min(rows, FIRST_ROWS) }, (_, row) => {
            const from = row * ROW;
            const line = [...bytes.subarray(from, from + ROW)];
            return (
              <DumpRow
                key={row} from={from} text={line.map(hex).join('')} layers={line.map((_, i) => owners[from + i]?.layer ?? 'data').join(' ')}
                changed={line.map((_, i) => (owners[from + i]?.field?.was === undefined ? '-' : 'x')).join('')} lit={line.map((_, i) => (isLit(from + i) ? 'x' : '-')).join('')} />
            );
          })}
        </div>
        {!all && rows > FIRST_ROWS && <p className="more-lines"><button type="button" className="link" onClick={() => { setAll(true); }}>All {bytes.length} bytes</button></p>}
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
