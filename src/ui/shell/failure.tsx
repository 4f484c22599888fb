import { useState } from 'react';
import { useLab } from '../state/lab-context.ts';
import { useApp } from '../state/store.ts';
import './failure.css';

/** The lab stopped: what happened, a report to copy, and ways on. */
export function Failure() {
  const error = useApp((s) => s.failure);
  const scenario = useApp((s) => s.scenarioId);
  const known = useApp((s) => s.scenario !== undefined);
  const actions = useApp((s) => s.actions);
  const seed = useApp((s) => s.seed);
  const lab = useLab();
  const [copied, setCopied] = useState(false);
  const report = [`Vethlab: ${error?.title ?? ''}`, error?.detail ?? '', `scenario ${scenario ?? '?'}, seed ${seed ?? '?'}`, ...actions.map((a) => JSON.stringify(a)), navigator.userAgent].join('\n');
  return (
    <div className="failure" role="alert">
      <h2>{error?.title ?? 'The lab stopped'}</h2>
      <p className="muted">{known ? 'This is a mistake of the lab, not yours. Your work is kept.' : 'The scenario could not be opened.'}</p>
      {error?.detail !== undefined && error.detail !== '' && <pre className="failure-detail" tabIndex={0}>{error.detail}</pre>}
      <div className="failure-ways">
        {known && <button type="button" className="button" data-kind="primary" onClick={() => { void lab.restart(); }}>Restart and replay</button>}
        {known && actions.length > 0 && <button type="button" className="button" onClick={() => { void lab.restart(true); }}>Replay without the last command</button>}
        {scenario !== undefined && <button type="button" className="button" onClick={() => { void lab.startOver(); }}>The untouched scenario</button>}
        <a className="button" href="#/">All scenarios</a>
        <button type="button" className="button" data-kind="plain" onClick={() => { void navigator.clipboard.writeText(report).then(() => { setCopied(true); }).catch(() => undefined); }}>{copied ? 'Copied' : 'Copy report'}</button>
      </div>
    </div>
  );
}
