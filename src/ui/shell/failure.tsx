import { useEffect, useState } from 'react';
import type { ScenarioInfo } from '../../worker/protocol.ts';
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
  const [scenarios, setScenarios] = useState<readonly ScenarioInfo[]>();
  useEffect(() => {
    if (known) return;
    let here = true;
    lab.client.api.scenarios().then((list) => { if (here) setScenarios(list); }).catch(() => undefined);
    return () => { here = false; };
  }, [known, lab]);
  const exists = known || scenarios?.some((s) => s.id === scenario) === true;
  const report = [`Vethlab: ${error?.title ?? ''}`, error?.detail ?? '', `scenario ${scenario ?? '?'}, seed ${seed ?? '?'}`, ...actions.map((a) => JSON.stringify(a)), navigator.userAgent].join('\n');
  return (
    <div className="failure" role="alert">
      <h2>{error?.title ?? 'The lab stopped'}</h2>
      <p className="muted">{known ? 'This is a mistake of the lab, not yours. Your work is kept.' : 'The scenario could not be opened.'}</p>
      {error?.detail !== undefined && error.detail !== '' && <pre className="failure-detail" tabIndex={0}>{error.detail}</pre>}
      <div className="failure-ways">
        {known && <button type="button" className="button" data-kind="primary" onClick={() => { void lab.restart(); }}>Restart and replay</button>}
        {known && actions.length > 0 && <button type="button" className="button" onClick={() => { void lab.restart(true); }}>Replay without the last command</button>}
        {!exists && scenarios?.slice(0, 4).map((s) => <a key={s.id} className="button" data-kind="primary" href={`#/${s.id}`}>Open “{s.title}”</a>)}
        {exists && scenario !== undefined && <button type="button" className="button" onClick={() => { void lab.startOver(); }}>The untouched scenario</button>}
        <a className="button" href="#/">All scenarios</a>
        <button type="button" className="button" data-kind="plain" onClick={() => { void navigator.clipboard.writeText(report).then(() => { setCopied(true); }).catch(() => undefined); }}>{copied ? 'Copied' : 'Copy report'}</button>
      </div>
    </div>
  );
}
