import type { StepDetail } from '../../worker/protocol.ts';
import type { Flight } from './flight.ts';

/** Words for the outer capsule of an encapsulated packet. */
const OUTER: Readonly<Record<string, string>> = { vxlan: 'VXLAN', udp: 'UDP', eth: '802.1Q', ipv4: 'IP' };

/** A packet: filled with an arrow forward for a request, outlined with an arrow back for a reply. */
export function Capsule({ flight, detail }: { readonly flight: Flight; readonly detail: StepDetail | undefined }) {
  const { event, focus } = flight;
  const change = focus && detail?.step === event.step ? rewritten(detail) : undefined;
  const color = { '--layer': `var(--layer-${event.layer})`, '--inner': `var(--layer-${event.inner ?? event.layer})` };
  // `VXLAN SYN :80`: the outer word stands on the outer capsule.
  const label = event.label === '' ? event.layer.toUpperCase() : event.inner === undefined ? event.label : event.label.replace(/^VXLAN /, '');
  return (
    <div className="capsule-stand" data-focus={focus} style={Object.fromEntries(Object.entries(color))}>
      <div className="capsule" data-reply={event.reply} data-wrapped={event.inner !== undefined} data-kind={event.kind}>
        <Arrow back={event.reply} show={event.reply} />
        {event.inner === undefined ? <span>{label}</span> : <><span>{OUTER[event.layer] ?? event.layer.toUpperCase()}</span><span className="capsule-inner">{label}</span></>}
        <Arrow back={event.reply} show={!event.reply} />
      </div>
      {change !== undefined && <div className="rewrite mono" key={event.step}><del>{change.was}</del><span aria-hidden="true">→</span><ins>{change.now}</ins></div>}
    </div>
  );
}

const Arrow = ({ back, show }: { readonly back: boolean; readonly show: boolean }) => (show ? <svg width="7" height="8" viewBox="0 0 7 8" aria-hidden="true" className="capsule-arrow"><path d={back ? 'M7 0L0 4L7 8z' : 'M0 0L7 4L0 8z'} /></svg> : null);

/** An address or port that this step rewrote. */
export function rewritten(detail: StepDetail): { readonly was: string; readonly now: string } | undefined {
  for (const layer of detail.layers) {
    if (!['ipv4', 'tcp', 'udp', 'icmp'].includes(layer.layer)) continue;
    for (const f of layer.fields) if (f.was !== undefined && (/^\d+\.\d+\.\d+\.\d+$/.test(f.value) || /port/i.test(f.name))) return { was: f.was, now: f.value };
  }
  return undefined;
}
