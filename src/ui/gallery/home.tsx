import { useEffect, useState } from 'react';
import { toLabError } from '../../worker/client.ts';
import type { LabError, ScenarioInfo } from '../../worker/protocol.ts';
import { useLab } from '../state/lab-context.ts';
import { courses } from './courses.ts';
import './gallery.css';

export function Home() {
  const lab = useLab();
  const [list, setList] = useState<readonly ScenarioInfo[]>();
  const [error, setError] = useState<LabError>();
  const [query, setQuery] = useState('');
  useEffect(() => {
    document.title = 'Vethlab';
    lab.client.api.scenarios().then(setList, (e: unknown) => { setError(toLabError(e)); });
  }, [lab]);
  const found = list === undefined ? [] : courses(list, query);
  return (
    <div className="page">
      <main className="page-body">
        <p className="brand page-brand"><span aria-hidden="true" className="brand-mark" />Vethlab</p>
        <h1 className="page-title">What happens to this packet, and why?</h1>
        <p className="page-lead">A Kubernetes cluster in this tab. Its Linux datapath is simulated down to every table that decides, and it runs backward as well as forward. Nothing is uploaded.</p>
        <div className="gallery-head">
          <h2 className="section-title">Scenarios</h2>
          <input className="gallery-find" type="search" aria-label="Find a scenario" placeholder="Find: MetalLB, hairpin, SNAT…" value={query} onChange={(e) => { setQuery(e.target.value); }} />
        </div>
        {error !== undefined && <p role="alert">{error.title}. {error.detail}</p>}
        {list === undefined && error === undefined && <ul className="cards" aria-busy="true"><li className="card card-empty" aria-label="Loading" /><li className="card card-empty" aria-hidden="true" /></ul>}
        {found.map((course) => (
          <section key={course.title} aria-label={course.title}>
            <h3 className="course-title">{course.title}</h3>
            <ol className="cards">
              {course.lessons.map((s) => (
                <li key={s.id}>
                  <a className="card" href={`#/${s.id}`}>
                    <span className="muted card-stack">{s.stack}</span>
                    <strong>{s.course !== undefined && <span className="card-at num">{s.course.at}</span>}{s.title}</strong>
                    <span className="card-summary">{s.summary}</span>
                  </a>
                </li>
              ))}
            </ol>
          </section>
        ))}
        {list !== undefined && found.length === 0 && <p className="muted" role="status">{list.length === 0 ? 'No scenario is installed.' : `No scenario speaks of “${query}”.`}</p>}
        <p className="page-foot"><a href="#/coverage">What is modelled, and what is not</a></p>
      </main>
    </div>
  );
}
