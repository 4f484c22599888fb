import { Fragment, memo, useMemo, useState } from 'react';
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

/** One row, as texts: what is the same at the next hop is not drawn again. Bytes of one field are one element. */
const DumpRow = memo(function DumpRow({ from, text, owners, changed, lit }: { readonly from: number; readonly text: string; readonly owners: string; readonly changed: string; readonly lit: string }) {
  const pairs = text.match(/../g) ?? [];
  const owner = owners.split(' ');
  const runs: number[] = [];
  const plain: number[] = [];
  pairs.forEach((_, i) => {
    if (i === 0 || owner[i] !== owner[i - 1] || changed[i] !== changed[i - 1] || lit[i] !== lit[i - 1]) runs.push(i);
    if (i === 0 || lit[i] !== lit[i - 1]) plain.push(i);
  });
  const upTo = (starts: readonly number[], n: number): number => starts[n + 1] ?? pairs.length;
  return (
    <div className="dump-row">
      <span className="dump-offset">{from.toString(16).padStart(4, '0')}</span>
      <span className="dump-hex">{runs.map((i, n) => <Fragment key={i}>{i > 0 && ' '}<i data-at={from + i} data-lit={lit[i] === 'x'} data-changed={changed[i] === 'x'} style={{ color: `var(--byte-${owner[i]?.split('.')[0] ?? 'data'})` }}>{pairs.slice(i, upTo(runs, n)).join(' ')}</i></Fragment>)}</span>
      <span className="dump-ascii">{plain.map((i, n) => <i key={i} data-lit={lit[i] === 'x'}>{pairs.slice(i, upTo(plain, n)).map((b) => ascii(Number.parseInt(b, 16))).join('')}</i>)}</span>
    </div>
  );
});

const FieldRow = memo(function FieldRow({ at, name, value, was, lit }: { readonly at: string; readonly name: string; readonly value: string; readonly was: string | undefined; readonly lit: boolean }) {
  return <button type="button" className="byte-field" data-field={at} data-lit={lit}><span className="muted">{name}</span><span className="mono"><Value field={{ value, was }} /></span></button>;
});

/** Bytes and fields, each lighting the other. */
function Dump({ bytes, layers, detail }: { readonly bytes: Uint8Array; readonly layers: readonly LayerView[]; readonly detail: StepDetail }) {
  const [chosen, setLit] = useState<FieldView>();
  const [all, setAll] = useState(false);
  const lit = chosen !== undefined && layers.some((l) => l.fields.includes(chosen)) ? chosen : undefined;
  const owners = useMemo(() => ownersOf(bytes.length, layers), [bytes, layers]);
  const fieldOf = (target: EventTarget): FieldView | undefined => {
    const [layer, n] = (target instanceof Element ? target.closest('[data-field]')?.getAttribute('data-field') ?? '' : '').split('.').map(Number);
    return layer === undefined || n === undefined ? undefined : layers[layer]?.fields[n];
  };
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
                key={row} from={from} text={line.map(hex).join('')} owners={line.map((_, i) => `${owners[from + i]?.layer ?? 'data'}.${owners[from + i]?.field?.offset ?? ''}`).join(' ')}
                changed={line.map((_, i) => (owners[from + i]?.field?.was === undefined ? '-' : 'x')).join('')} lit={line.map((_, i) => (isLit(from + i) ? 'x' : '-')).join('')} />
            );
          })}
        </div>
        {!all && rows > FIRST_ROWS && <p className="more-lines"><button type="button" className="link" onClick={() => { setAll(true); }}>All {bytes.length} bytes</button></p>}
      </section>
      {layers.map((l, i) => (
        <section key={`${l.layer}${i}`} className="inspector-section byte-fields" onMouseOver={(e) => { setLit(fieldOf(e.target)); }} onMouseLeave={() => { setLit(undefined); }} onFocus={(e) => { setLit(fieldOf(e.target)); }} onBlur={() => { setLit(undefined); }}>
          <h3 className="section-title"><i className="layer-dot" style={{ background: `var(--layer-${l.layer})` }} />{l.name} <span className="num">{l.offset}–{l.offset + l.length - 1}</span></h3>
          {l.fields.map((f, n) => <FieldRow key={`${f.name}${n}`} at={`${i}.${n}`} name={f.name} value={f.value} was={f.was} lit={lit === f} />)}
        </section>
      ))}
    </>
  );
}
