import type { Distribution } from './distribution.ts';
import { k3s } from './k3s.ts';
import { kind } from './kind.ts';

export const DISTRIBUTIONS = { k3s, kind } as const satisfies Readonly<Record<string, Distribution>>;
export type DistributionName = keyof typeof DISTRIBUTIONS;
