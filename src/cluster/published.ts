/** Manifests that projects publish, by their URL, reachable in every scenario. To add some: one line here. */
import { metallbUrls } from './addons/metallb/manifest.ts';

export const PUBLISHED: ReadonlyMap<string, string> = new Map([...metallbUrls()]);
