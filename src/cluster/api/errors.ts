/** Refusals of the API server, with the words kubectl prints. Models: apimachinery/pkg/api/errors, kubectl/pkg/cmd/util/helpers.go. */
import { kindInfo, resourceName, type Kind } from './kinds.ts';

export type Reason = 'NotFound' | 'AlreadyExists' | 'Invalid' | 'BadRequest' | 'Forbidden' | 'Conflict' | 'MethodNotAllowed' | 'InternalError';

export interface ApiError {
  readonly reason: Reason;
  readonly message: string;
  /** Field paths at fault, for the editor. */
  readonly paths: readonly string[];
  /** Invalid only. */
  readonly invalid?: { readonly kind: Kind; readonly name: string; readonly causes: readonly Cause[] };
}

export const notFound = (kind: Kind, name: string): ApiError => ({ reason: 'NotFound', message: `${resourceName(kindInfo(kind))} "${name}" not found`, paths: ['metadata.name'] });
export const alreadyExists = (kind: Kind, name: string): ApiError => ({ reason: 'AlreadyExists', message: `${resourceName(kindInfo(kind))} "${name}" already exists`, paths: ['metadata.name'] });
export const badRequest = (message: string, paths: readonly string[] = []): ApiError => ({ reason: 'BadRequest', message, paths });
export const forbidden = (kind: Kind, name: string, why: string): ApiError => ({ reason: 'Forbidden', message: `${resourceName(kindInfo(kind))} "${name}" is forbidden: ${why}`, paths: [] });

export const conflict = (kind: Kind, name: string): ApiError => ({ reason: 'Conflict', message: `Operation cannot be fulfilled on ${resourceName(kindInfo(kind))} "${name}": the object has been modified; please apply your changes to the latest version and try again`, paths: ['metadata.resourceVersion'] });

export interface Cause {
  readonly path: string;
  readonly text: string;
}

export function invalid(kind: Kind, name: string, causes: readonly Cause[]): ApiError {
  const group = kindInfo(kind).apiVersion.includes('/') ? `.${kindInfo(kind).apiVersion.split('/')[0] ?? ''}` : '';
  const lines = causes.map((c) => `${c.path}: ${c.text}`);
  const text = lines.length === 1 ? lines.join('') : `[${lines.join(', ')}]`;
  return { reason: 'Invalid', message: `${kind}${group} "${name}" is invalid: ${text}`, paths: causes.map((c) => c.path), invalid: { kind, name, causes } };
}

/** `Error from server (NotFound): pods "x" not found`; an Invalid one reads `The Service "x" is invalid: …`. `doing`: `error when creating "f.yaml"`. */
export function kubectlText(error: ApiError, doing?: string): string {
  if (error.invalid !== undefined) {
    const { kind, name, causes } = error.invalid;
    const lines = causes.map((c) => `${c.path}: ${c.text}`);
    return `The ${kind} "${name}" is invalid: ${lines.length === 1 ? lines.join('') : `\n${lines.map((l) => `* ${l}`).join('\n')}`}`;
  }
  return `Error from server (${error.reason}): ${doing === undefined ? '' : `${doing}: `}${error.message}`;
}
