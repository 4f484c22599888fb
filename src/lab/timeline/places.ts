/** Ids of places on the canvas (see worker/protocol PlaceId). One grammar, made and read here only. */
import type { PlaceId } from '../../worker/protocol.ts';

export interface NamespaceName {
  readonly machine: string;
  /** '' is the machine's own. */
  readonly netns: string;
  /** What people call it: the machine's or the pod's name. */
  readonly label: string;
}

export const namespacePlace = (ns: Pick<NamespaceName, 'machine' | 'netns'>): PlaceId => `${ns.machine}/${ns.netns}`;
export const devicePlace = (ns: Pick<NamespaceName, 'machine' | 'netns'>, dev: string): PlaceId => `${namespacePlace(ns)}#${dev}`;
export const hookPlace = (ns: NamespaceName, hook: string): PlaceId => `${namespacePlace(ns)}@${hook}`;
export const routePlace = (ns: NamespaceName): PlaceId => `${namespacePlace(ns)}@route`;
export const socketPlace = (ns: NamespaceName): PlaceId => `${namespacePlace(ns)}@socket`;
export const segmentPlace = (segment: string): PlaceId => `segment:${segment}`;
