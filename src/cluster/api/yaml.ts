/** Read first: go-yaml v2 decode.go, whose sentences these are. */
import type { Document } from 'yaml';
import { err, ok, type Result } from '../../base/result.ts';

/** A document's plain value. An alias without its anchor, and too many of them, come to light only here. */
export function plainValue(doc: Document.Parsed): Result<unknown, string> {
  try {
    return ok(doc.toJS());
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    const anchor = /^Unresolved alias .*: (.*)$/s.exec(error.message)?.[1];
    return err(anchor === undefined ? 'document contains excessive aliasing' : `unknown anchor '${anchor}' referenced`);
  }
}
