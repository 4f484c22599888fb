import { FileText, Play } from 'lucide-react';
import { useLab } from '../state/lab-context.ts';
import { store, useApp } from '../state/store.ts';
import { shortPath } from './short-path.ts';
import './editor.css';

/** The scenario's own files, by machine. Opening and applying are commands that one could have typed. */
export function FilesPanel() {
  const lab = useLab();
  const files = useApp((s) => s.files);
  // Files are changed now, wherever the playhead stands.
  const enter = (on: string, line: string): void => { store.getState().toEnd(); void lab.enter(on, line); };
  const machines = [...new Set(files.map((f) => f.on))];
  return (
    <div className="files" role="group" aria-label="Files" tabIndex={0}>
      <p className="muted">Manifests of this scenario. Change one and apply it: the cluster goes on from where it is.</p>
      {machines.map((on) => (
        <section key={on} aria-label={`Files on ${on}`}>
          <h3 className="section-title">{on}</h3>
          <ul className="file-list">
            {files.filter((f) => f.on === on).map(({ path }) => {
              const name = path.split('/').at(-1) ?? path;
              return (
                <li key={path}>
                  <button type="button" className="file-open" title={`nano ${shortPath(path)}`} onClick={() => { enter(on, `nano ${shortPath(path)}`); }}><FileText size={14} aria-hidden="true" /><span className="ellipsis">{name}</span></button>
                  {/\.ya?ml$/.test(path) && <button type="button" className="icon-button" aria-label={`Apply ${name}`} title={`kubectl apply -f ${shortPath(path)}`} onClick={() => { enter(on, `kubectl apply -f ${shortPath(path)}`); }}><Play size={14} /></button>}
                </li>
              );
            })}
          </ul>
        </section>
      ))}
    </div>
  );
}
