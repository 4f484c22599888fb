import type { AppStore } from './store.ts';

/** On a small screen the drawing gets the room first; panels open from the header. */
export function fitToScreen(store: AppStore): void { if (window.innerWidth < 1180) store.setState({ lesson: false }); }
