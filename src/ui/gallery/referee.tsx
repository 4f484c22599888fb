import { useEffect, useState } from 'react';
import type { RefereeFigures } from '../../worker/protocol.ts';
import { useLab } from '../state/lab-context.ts';

const rows = (f: RefereeFigures): readonly (readonly [number, string])[] => [
  [f.worlds, 'worlds built twice, in the lab and from network namespaces'],
  [f.flows, 'flows sent through both'],
  [f.hooks, 'base chains traversed'],
  [f.rules, 'rules and policies met there, one after the other'],
  [f.crossings, 'packets that entered or left a device, header by header'],
  [f.conntrackEvents, 'conntrack events'],
  [f.traceLines, 'lines of nft monitor trace, compared word for word'],
  [f.commands, 'command lines, compared byte for byte but for what is ephemeral'],
  [f.divergences, f.divergences === 1 ? 'divergence' : 'divergences'],
];

/** How the lab fared against real Linux. Says nothing when the lab cannot tell. */
export function Referee() {
  const lab = useLab();
  const [figures, setFigures] = useState<RefereeFigures>();
  useEffect(() => { lab.client.api.referee().then(setFigures, () => undefined); }, [lab]);
  if (figures === undefined || figures.worlds === 0) return undefined;
  const { made, caught } = figures.mutations;
  return (
    <section aria-labelledby="referee">
      <h2 className="section-title" id="referee">Compared with real Linux</h2>
      <p className="page-note">The same networks, built from namespaces of kernel <code>{figures.kernel}</code>, the same packets, on {figures.date}. What was not equal is counted as a divergence.</p>
      <div className="table-scroll" tabIndex={0} role="region" aria-label="Figures of the referee">
        <table className="coverage figures">
          <tbody>{rows(figures).map(([n, text]) => <tr key={text}><td className="num">{n.toLocaleString('en')}</td><td>{text}</td></tr>)}</tbody>
        </table>
      </div>
      {made > 0 && <p className="page-note">The referee itself is tested too: the engine was broken on purpose in {made} ways, and {caught === made ? 'each was noticed' : `${caught} were noticed`}.</p>}
      <p className="page-note">Not refereed, because this kernel cannot: {figures.notRefereed.join(', ')}.</p>
    </section>
  );
}
