/** What was done in a lab, packed into a link and read out of one. Untrusted: limits before work, and only what is an action. */
import { deflateSync, Inflate, strFromU8, strToU8 } from 'fflate';
import type { Action } from '../../worker/protocol.ts';

const MOST_TEXT = 400_000;
const MOST_ACTIONS = 2000;
const VERSION = 1;

type Decoded = { readonly ok: true; readonly actions: readonly Action[] } | { readonly ok: false; readonly reason: string };
const no = (reason: string): Decoded => ({ ok: false, reason });

export function encodeActions(actions: readonly Action[]): string {
  const packed = deflateSync(strToU8(JSON.stringify({ v: VERSION, actions })), { level: 9 });
  return btoa(Array.from(packed, (b) => String.fromCharCode(b)).join('')).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

export function decodeActions(z: string): Decoded {
  if (!/^[\w-]+$/.test(z)) return no('it holds characters that no link is made of');
  let value: unknown;
  try {
    const text = inflated(Uint8Array.from(atob(z.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0)));
    if (text === undefined) return no('it unpacks to too much');
    value = JSON.parse(text);
  } catch { return no('it was cut off or changed on its way'); }
  if (typeof value !== 'object' || value === null || !('v' in value) || !('actions' in value)) return no('it holds something else');
  if (value.v !== VERSION) return no('it was made by a newer version of this page');
  if (!Array.isArray(value.actions) || value.actions.length > MOST_ACTIONS) return no('it holds no list of actions');
  const list: readonly unknown[] = value.actions;
  return list.every(isAction) ? { ok: true, actions: list } : no('it holds something that is no action');
}

/** undefined: more than is read. Stops unpacking as soon as it is known. */
function inflated(bytes: Uint8Array): string | undefined {
  const parts: Uint8Array[] = [];
  let size = 0;
  const inflate = new Inflate((chunk) => { size += chunk.length; if (size <= MOST_TEXT) parts.push(chunk); });
  // In small pieces: each can grow about a thousandfold.
  for (let at = 0; at < bytes.length && size <= MOST_TEXT; at += 512) inflate.push(bytes.subarray(at, at + 512), at + 512 >= bytes.length);
  return size > MOST_TEXT ? undefined : strFromU8(Uint8Array.from(parts.flatMap((p) => [...p])));
}

const isTime = (value: unknown): boolean => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

function isAction(value: unknown): value is Action {
  if (typeof value !== 'object' || value === null || !('kind' in value) || !('at' in value) || !isTime(value.at)) return false;
  const texts = (...keys: readonly string[]): boolean => keys.every((k) => typeof Reflect.get(value, k) === 'string');
  switch (value.kind) {
    case 'exec': return texts('terminal', 'on', 'run');
    case 'interrupt': return texts('terminal');
    case 'edited': return texts('terminal') && ['string', 'undefined'].includes(typeof Reflect.get(value, 'text'));
    case 'apply': return texts('manifest', 'file');
    case 'wait': return isTime(Reflect.get(value, 'span'));
    default: return false;
  }
}
