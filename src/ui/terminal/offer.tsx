import { Play, X } from 'lucide-react';
import { useLab } from '../state/lab-context.ts';
import { store, useApp } from '../state/store.ts';

/** A command made packets: they can be watched. Stands beside the command, over nothing. */
export function Offer() {
  const offer = useApp((s) => (s.live && !s.playing ? s.offer : undefined));
  const lab = useLab();
  if (offer === undefined) return null;
  return (
    <div className="offer" role="status">
      <span className="num ellipsis" title={`${offer.command} made ${offer.hops} hops`}><code className="offer-command">{offer.command.length > 32 ? `${offer.command.slice(0, 31)}…` : offer.command || 'The command'}</code> made {offer.hops} hops</span>
      <button type="button" className="button" data-kind="primary" onClick={() => { lab.player.toggle(); }}><Play size={13} /> Play them</button>
      <button type="button" className="terminal-add" aria-label="Dismiss" onClick={() => { store.setState({ offer: undefined }); }}><X size={14} /></button>
    </div>
  );
}
