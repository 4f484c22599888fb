/** 29 of `v1.29.5+k3s1`; 0 for what is no version. */
export const minorOf = (version: string): number => Number(/^v?\d+\.(\d+)/.exec(version)?.[1] ?? 0);
