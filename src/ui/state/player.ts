/** Plays hop after hop on the browser's frames. Only whole hops reach the store. */
import type { AppStore } from './store.ts';

/** One hop at speed 1, the capsule's way and a moment to read. */
export const HOP_MS = 1100;

export class Player {
  private frame = 0;
  private due = 0;
  private readonly store: AppStore;

  constructor(store: AppStore) {
    this.store = store;
    store.subscribe((now, before) => { if (now.playing !== before.playing) { if (now.playing) this.start(); else cancelAnimationFrame(this.frame); } });
  }

  /** From the end, plays what the last command made, or everything. */
  toggle(): void {
    const state = this.store.getState();
    if (state.playing) { state.setPlaying(false); return; }
    const last = state.track.hops.at(-1);
    if (last === undefined) return;
    if (state.step >= last.step) state.seek(state.offer?.from ?? state.track.hops[0]?.step ?? -1);
    state.setPlaying(true);
  }

  private start(): void {
    this.due = performance.now() + HOP_MS / this.store.getState().speed;
    const tick = (now: number): void => {
      const state = this.store.getState();
      if (!state.playing) return;
      if (now >= this.due) {
        if (!state.hop(1)) { state.setPlaying(false); return; }
        this.due = now + HOP_MS / state.speed;
      }
      this.frame = requestAnimationFrame(tick);
    };
    this.frame = requestAnimationFrame(tick);
  }
}
