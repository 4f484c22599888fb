import { useApp } from '../state/store.ts';
import './opening.css';

/** The stage before the lab answers: its outline, and what the lab is doing. */
export function Opening() {
  const progress = useApp((s) => s.progress);
  const share = progress === undefined || progress.total === 0 ? 0.04 : progress.done / progress.total;
  return (
    <div className="opening" aria-busy="true">
      <svg className="opening-outline" viewBox="0 0 782 560" aria-hidden="true">
        <rect x="22" y="250" width="150" height="180" rx="14" /><rect x="196" y="20" width="400" height="430" rx="16" /><rect x="622" y="150" width="140" height="130" rx="14" /><rect x="622" y="310" width="140" height="120" rx="14" />
        <path d="M20 500H762M20 536H762" />
      </svg>
      <div className="opening-card" role="status">
        <div className="opening-bar"><i style={{ transform: `scaleX(${share})` }} /></div>
        <p>{progress?.text ?? 'Starting the lab'}</p>
      </div>
    </div>
  );
}
