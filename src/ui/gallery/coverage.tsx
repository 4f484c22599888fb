import { useEffect, useState } from 'react';
import { toLabError } from '../../worker/client.ts';
import type { CoverageItem, LabError } from '../../worker/protocol.ts';
import { useLab } from '../state/lab-context.ts';
import { Referee } from './referee.tsx';
import './gallery.css';

/** What is modelled, from where, and what is not: as the engine's own records say. */
export function Coverage() {
  const lab = useLab();
  const [items, setItems] = useState<readonly CoverageItem[]>();
  const [error, setError] = useState<LabError>();
  useEffect(() => {
    document.title = 'Vethlab: what is modelled';
    lab.client.api.coverage().then(setItems, (e: unknown) => { setError(toLabError(e)); });
  }, [lab]);
  const subsystems = [...new Set(items?.map((i) => i.subsystem))];
  return (
    <div className="page">
      <main className="page-body">
        <p className="brand page-brand"><a className="brand" href="#/"><span aria-hidden="true" className="brand-mark" />Vethlab</a></p>
        <h1 className="page-title">What is modelled, and what is not</h1>
        <p className="page-lead">Made from the records that the code itself runs on. What is missing fails loudly in the lab.</p>
        {error !== undefined && <p role="alert">{error.title}. {error.detail}</p>}
        {items === undefined && error === undefined && <p className="muted" role="status">Asking the lab…</p>}
        <Referee />
        <p className="page-note">What became of a hundred published manifests, object by object, is listed in <code>docs/manifests.md</code> of the source.</p>
        {subsystems.map((subsystem) => (
          <section key={subsystem}>
            <h2 className="section-title">{subsystem}</h2>
            <div className="table-scroll" tabIndex={0} role="region" aria-label={subsystem}>
              <table className="coverage">
                <thead><tr><th>Name</th><th>Models</th><th>Not modelled</th></tr></thead>
                <tbody>{items?.filter((i) => i.subsystem === subsystem).map((i) => <tr key={i.name}><td><code>{i.name}</code></td><td>{i.models}</td><td>{i.notModelled}</td></tr>)}</tbody>
              </table>
            </div>
          </section>
        ))}
      </main>
    </div>
  );
}
