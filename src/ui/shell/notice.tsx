import { useEffect } from 'react';
import { X } from 'lucide-react';
import { store, useApp } from '../state/store.ts';
import './notice.css';

const READ_MS = 20_000;

/** What the page has to say for a moment: a lab that came back, a link that did not fit. Goes away by itself. */
export function Notice() {
  const notice = useApp((s) => s.notice);
  useEffect(() => {
    if (notice === undefined) return;
    const timer = setTimeout(() => { store.setState({ notice: undefined }); }, READ_MS);
    return () => { clearTimeout(timer); };
  }, [notice]);
  return (
    <div className="notices">
      {notice !== undefined && (
        <div className="notice" role="status"><span>{notice}</span>
          <button type="button" className="icon-button" aria-label="Dismiss" onClick={() => { store.setState({ notice: undefined }); }}><X size={14} /></button></div>
      )}
    </div>
  );
}
