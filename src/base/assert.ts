/** A broken invariant of ours: never a user's mistake, never a packet's fate. Stops the lab with a report. */
export class BugError extends Error {
  override readonly name = 'BugError';
}

export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new BugError(message);
}

export function assertNever(value: never): never {
  throw new BugError(`unexpected ${JSON.stringify(value)}`);
}

/** The value, or a bug report that names what was missing. */
export function must<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new BugError(`missing ${what}`);
  return value;
}
