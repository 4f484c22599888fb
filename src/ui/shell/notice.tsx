import { Play, X } from 'lucide-react';
import { useLab } from '../state/lab-context.ts';
import { store, useApp } from '../state/store.ts';
import './notice.css';

/** What the page has to say for a moment: packets to watch, a link that did not fit, standing in the past. */
export function Notice() {
  const notice = useApp((s) => s.notice);
  const offer = useApp((s) => (s.live && !s.playing ? s.offer : undefined));
  const lab = useLab();
  return (
    <div className="notices">
      {notice !== undefined && (
        <div className="notice" role="status"><span>{notice}</span>
          <button type="button" className="icon-button" aria-label="Dismiss" onClick={() => { store.setState({ notice: undefined }); }}><X size={14} /></button></div>
      )}
      {offer !== undefined && (
        <div className="notice" data-kind="offer" role="status">
          <span className="num"><code>{offer.command.length > 42 ? `${offer.command.slice(0, 41)}…` : offer.command || 'The command'}</code> made {offer.hops} hops.</span>
          <button type="button" className="button" data-kind="primary" onClick={() => { lab.player.toggle(); }}><Play size={13} /> Play them</button>
          <button type="button" className="icon-button" aria-label="Dismiss" onClick={() => { store.setState({ offer: undefined }); }}><X size={14} /></button>
        </div>
      )}
    </div>
  );
}
