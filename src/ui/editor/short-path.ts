/** A path as one would type it: `~/nginx-svc.yaml`. */
export const shortPath = (path: string): string => path.replace(/^\/(?:home\/[^/]+|root)\//, '~/');
