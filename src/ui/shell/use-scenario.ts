/** Opens the scenario that the fragment names, and keeps the fragment in step with the playhead without filling the history. */
import { useEffect } from 'react';
import type { Action } from '../../worker/protocol.ts';
import { useLab } from '../state/lab-context.ts';
import { store } from '../state/store.ts';
import { formatHash } from '../state/url.ts';

const QUIET_MS = 200;

export function useScenario(scenario: string, t: number | undefined, seed: number | undefined, actions: readonly Action[] | undefined, z: string | undefined, visit: number): void {
  const lab = useLab();
  useEffect(() => {
    if (store.getState().scenarioId !== scenario || store.getState().phase === 'idle' || z !== undefined) void lab.open(scenario, t, seed, actions);
    // The step of a link that is already open is followed below.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [lab, scenario, seed, z, visit]);

  useEffect(() => {
    const { phase, step } = store.getState();
    if (phase === 'ready' && t !== undefined && t !== step) store.getState().seek(t);
  }, [t, visit]);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let written = location.hash;
    const stop = store.subscribe((now, before) => {
      if (now.phase !== 'ready' || (now.step === before.step && now.live === before.live)) return;
      clearTimeout(timer);
      timer = setTimeout(() => {
        const { step, live } = store.getState();
        const hash = formatHash({ page: 'lab', scenario, t: live ? undefined : step, seed, z: undefined, actions: undefined });
        // Who has gone elsewhere meanwhile is not called back.
        if (location.hash === hash || location.hash !== written) return;
        history.replaceState(null, '', hash);
        written = hash;
      }, QUIET_MS);
    });
    return () => { clearTimeout(timer); stop(); };
  }, [scenario, seed, visit]);
}
