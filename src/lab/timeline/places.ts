/** Ids of places on the canvas (see worker/protocol PlaceId). One grammar, made and read here only. */
import type { PlaceId } from '../../worker/protocol.ts';

export interface NamespaceName {
  readonly machine: string;
  /** '' is the machine's own. */
  readonly netns: string;
}

export const namespacePlace = (ns: NamespaceName): PlaceId => `${ns.machine}/${ns.netns}`;
export const devicePlace = (ns: NamespaceName, dev: string): PlaceId => `${namespacePlace(ns)}#${dev}`;
export const hookPlace = (ns: NamespaceName, hook: string): PlaceId => `${namespacePlace(ns)}@${hook}`;
export const routePlace = (ns: NamespaceName): PlaceId => `${namespacePlace(ns)}@route`;
export const socketPlace = (ns: NamespaceName): PlaceId => `${namespacePlace(ns)}@socket`;
export const segmentPlace = (segment: string): PlaceId => `segment:${segment}`;
