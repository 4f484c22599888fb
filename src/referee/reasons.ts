/**
 * Why the kernel may differ from the lab in one run and not in the next. A reason is as narrow as what causes it; a difference without one counts as a failure.
 */
import type { Divergence } from './compare.ts';

interface Reason {
  readonly name: string;
  readonly fits: (d: Divergence) => boolean;
}

const REASONS: readonly Reason[] = [];

/** The reasons of all of them; undefined as soon as one has none. */
export function reasonOf(divergences: readonly Divergence[]): string | undefined {
  const names = divergences.map((d) => REASONS.find((r) => r.fits(d))?.name);
  return names.length === 0 || names.includes(undefined) ? undefined : [...new Set(names)].join(', ');
}
