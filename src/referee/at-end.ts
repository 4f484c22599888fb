/** What must happen however this process ends: at its own end, by an exception, by a signal. Synchronous. */
const actions = new Set<() => void>();
const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
let armed = false;

/** Answers how to call it off. */
export function atEnd(action: () => void): () => void {
  actions.add(action);
  if (!armed) {
    armed = true;
    process.on('exit', () => actions.forEach((a) => a()));
    for (const [signal, number] of Object.entries(SIGNALS)) process.on(signal, () => process.exit(128 + number));
  }
  return () => void actions.delete(action);
}
