import { useEffect, useState } from 'react';
import { toLabError } from '../../worker/client.ts';
import type { LabError, ScenarioInfo } from '../../worker/protocol.ts';
import { useLab } from '../state/lab-context.ts';
import './gallery.css';

export function Home() {
  const lab = useLab();
  const [list, setList] = useState<readonly ScenarioInfo[]>();
  const [error, setError] = useState<LabError>();
  useEffect(() => {
    document.title = 'Vethlab';
    lab.client.api.scenarios().then(setList, (e: unknown) => { setError(toLabError(e)); });
  }, [lab]);
  return (
    <div className="page">
      <main className="page-body">
        <p className="brand page-brand"><span aria-hidden="true" className="brand-mark" />Vethlab</p>
        <h1 className="page-title">What happens to this packet, and why?</h1>
        <p className="page-lead">A Kubernetes cluster in this tab. Its Linux datapath is simulated down to every table that decides, and it runs backward as well as forward. Nothing is uploaded.</p>
        <h2 className="section-title">Scenarios</h2>
        {error !== undefined && <p role="alert">{error.title}. {error.detail}</p>}
        <ul className="cards" aria-busy={list === undefined && error === undefined}>
          {list === undefined && error === undefined && <li className="card card-empty" aria-label="Loading" />}
          {list?.map((s) => (
            <li key={s.id}>
              <a className="card" href={`#/${s.id}`}>
                <span className="muted card-stack">{s.stack}</span>
                <strong>{s.title}</strong>
                <span>{s.summary}</span>
              </a>
            </li>
          ))}
          {list?.length === 0 && <li className="muted">No scenario is installed.</li>}
        </ul>
        <p className="page-foot"><a href="#/coverage">What is modelled, and what is not</a></p>
      </main>
    </div>
  );
}
