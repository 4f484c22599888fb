/** Where the page stands, as the URL fragment says it: `#/k3s-clusterip?t=128`. Untrusted: limits, validated, unknown keys ignored. */

import type { Action } from '../../worker/protocol.ts';
import { decodeActions } from './link.ts';

export type Route =
  | { readonly page: 'home' }
  | { readonly page: 'coverage' }
  | { readonly page: 'lab'; readonly scenario: string; readonly t: number | undefined; readonly seed: number | undefined;
    /** What was done, as the link carries it: packed, and read. */
    readonly z: string | undefined; readonly actions: readonly Action[] | undefined }
  | { readonly page: 'broken'; readonly why: string; readonly scenario: string | undefined };

export const LONGEST_LINK = 16_384;
const SCENARIO = /^[a-z0-9][a-z0-9-]{0,63}$/;

export function parseHash(hash: string): Route {
  const text = hash.startsWith('#') ? hash.slice(1) : hash;
  const [path = '', query = ''] = splitOnce(text, '?');
  const name = path.replace(/^\/+|\/+$/g, '');
  if (hash.length > LONGEST_LINK) return { page: 'broken', why: `The link is ${hash.length} characters long; at most ${LONGEST_LINK} are read.`, scenario: SCENARIO.test(name) ? name : undefined };
  if (name === '') return { page: 'home' };
  if (name === 'coverage') return { page: 'coverage' };
  if (!SCENARIO.test(name)) return { page: 'broken', why: `"${name.slice(0, 64)}" is not the name of a scenario.`, scenario: undefined };
  const values = new URLSearchParams(query);
  const t = integer(values.get('t'), -1);
  const seed = integer(values.get('seed'), 0);
  if (t === 'bad') return { page: 'broken', why: 'The step in the link (t) is not a number.', scenario: name };
  if (seed === 'bad') return { page: 'broken', why: 'The seed in the link is not a number.', scenario: name };
  const z = values.get('z') ?? undefined;
  const actions = z === undefined ? undefined : decodeActions(z);
  if (actions?.ok === false) return { page: 'broken', why: `What was done in the lab (z) cannot be read: ${actions.reason}.`, scenario: name };
  return { page: 'lab', scenario: name, t, seed, z, actions: actions?.actions };
}

export function formatHash(route: Route): string {
  switch (route.page) {
    case 'home': return '#/';
    case 'coverage': return '#/coverage';
    case 'broken': return route.scenario === undefined ? '#/' : `#/${route.scenario}`;
    case 'lab': {
      const parts = [route.t === undefined ? '' : `t=${route.t}`, route.seed === undefined ? '' : `seed=${route.seed}`, route.z === undefined ? '' : `z=${route.z}`].filter((p) => p !== '');
      return `#/${route.scenario}${parts.length > 0 ? `?${parts.join('&')}` : ''}`;
    }
  }
}

function integer(text: string | null, least: number): number | undefined | 'bad' {
  if (text === null) return undefined;
  if (!/^-?\d{1,12}$/.test(text)) return 'bad';
  const value = Number(text);
  return value >= least ? value : 'bad';
}

function splitOnce(text: string, by: string): readonly [string, string] {
  const at = text.indexOf(by);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
