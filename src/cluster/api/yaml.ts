/**
 * YAML as kubectl reads it. Read first: yaml.org/type (1.1), go-yaml v2 decode.go and resolve.go, whose sentences these are.
 * Models: gopkg.in/yaml.v2 v2.4.0 under sigs.k8s.io/yaml 1.3: `yes`, `on`, `y` are truths, 0644 is octal, a key that stands twice is no error, keys become strings.
 */
import { Composer, parseDocument, Parser, type Document, type DocumentOptions, type LineCounter, type ParseOptions, type SchemaOptions, type Tags } from 'yaml';
import { err, ok, type Result } from '../../base/result.ts';

/** Times stay text, and nothing counts to the base of sixty. */
const withoutTimes = (tags: Tags): Tags => tags.filter((t) => typeof t === 'string' || (!('format' in t && t.format === 'TIME') && t.tag !== 'tag:yaml.org,2002:timestamp'));
const OPTIONS: ParseOptions & DocumentOptions & SchemaOptions = { version: '1.1', uniqueKeys: false, customTags: withoutTimes, merge: true };

/** One after the other, each parsed when it is asked for. */
export const yamlDocuments = (source: string, lineCounter: LineCounter): Iterable<Document.Parsed> => new Composer({ ...OPTIONS, lineCounter }).compose(new Parser(lineCounter.addNewLine).parse(source));
export const yamlDocument = (source: string): Document.Parsed => parseDocument(source, OPTIONS);

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
