/** Read first: bash(1), SHELL GRAMMAR. The tree that parser.ts makes and executor.ts walks. */

export type WordPart =
  /** Literal characters. `quoted`: no splitting, no globbing. */
  | { readonly kind: 'text'; readonly text: string; readonly quoted: boolean }
  | { readonly kind: 'param'; readonly param: Param; readonly quoted: boolean }
  /** `<(…)` and `>(…)`. */
  | { readonly kind: 'process'; readonly direction: '<' | '>'; readonly source: string; readonly quoted: boolean }
  /** `$(…)` or backticks; parsed when expanded. */
  | { readonly kind: 'command'; readonly source: string; readonly quoted: boolean }
  | { readonly kind: 'arith'; readonly source: Word; readonly quoted: boolean };

export interface Param {
  readonly name: string;
  /** As typed, for error texts: `${x!y}`. */
  readonly raw: string;
  /** `[…]` of an array: one cell, or all of them. */
  readonly subscript?: Word | '@' | '*' | undefined;
  /** `${!name}`: the variable that it names; `${!name[@]}`: the subscripts. */
  readonly indirect?: 'value' | 'keys' | undefined;
  readonly op?: string | undefined;
  readonly argument?: Word | undefined;
  /** The part after the second `/` or `:`. */
  readonly second?: Word | undefined;
}

export interface Word {
  readonly parts: readonly WordPart[];
  /** As typed. */
  readonly raw: string;
}

export interface Redirect {
  readonly fd: number | undefined;
  readonly op: '<' | '>' | '>>' | '>|' | '<>' | '>&' | '<&' | '&>' | '&>>' | '<<' | '<<-' | '<<<';
  readonly target: Word;
  /** Here document's body; literal when its delimiter was quoted. */
  readonly body?: Word | undefined;
}

export interface ArrayElement {
  readonly key: Word | undefined;
  readonly value: Word;
}

export interface Assignment {
  readonly name: string;
  readonly subscript?: Word | undefined;
  /** `name=( … )` */
  readonly elements?: readonly ArrayElement[] | undefined;
  readonly append: boolean;
  readonly value: Word;
}

export type Node =
  | { readonly kind: 'simple'; readonly line: number; readonly assignments: readonly Assignment[]; readonly words: readonly Word[]; readonly redirects: readonly Redirect[]; readonly arrays?: readonly Assignment[] | undefined }
  | { readonly kind: 'pipeline'; readonly commands: readonly Node[]; readonly negate: boolean; readonly timed: 'bash' | 'posix' | undefined }
  | { readonly kind: 'and-or'; readonly first: Node; readonly rest: readonly { readonly op: '&&' | '||'; readonly node: Node }[] }
  | { readonly kind: 'list'; readonly items: readonly { readonly node: Node; readonly background: boolean; readonly source: string }[] }
  | { readonly kind: 'group' | 'subshell'; readonly body: Node; readonly redirects: readonly Redirect[] }
  | { readonly kind: 'if'; readonly clauses: readonly { readonly condition: Node; readonly body: Node }[]; readonly otherwise: Node | undefined; readonly redirects: readonly Redirect[] }
  | { readonly kind: 'while'; readonly until: boolean; readonly condition: Node; readonly body: Node; readonly redirects: readonly Redirect[] }
  | { readonly kind: 'for'; readonly name: string; readonly words: readonly Word[] | undefined; readonly body: Node; readonly redirects: readonly Redirect[] }
  | { readonly kind: 'for-arith'; readonly init: Word; readonly test: Word; readonly step: Word; readonly body: Node; readonly redirects: readonly Redirect[] }
  | { readonly kind: 'case'; readonly word: Word; readonly items: readonly { readonly patterns: readonly Word[]; readonly body: Node | undefined; readonly end: string }[]; readonly redirects: readonly Redirect[] }
  | { readonly kind: 'function'; readonly name: string; readonly body: Node }
  | { readonly kind: 'condition'; readonly line: number; readonly expression: Condition; readonly redirects: readonly Redirect[] }
  | { readonly kind: 'arithmetic'; readonly line: number; readonly source: Word; readonly redirects: readonly Redirect[] };

/** `[[ … ]]` */
export type Condition =
  | { readonly kind: 'unary'; readonly op: string; readonly operand: Word }
  | { readonly kind: 'binary'; readonly op: string; readonly left: Word; readonly right: Word }
  | { readonly kind: 'not'; readonly operand: Condition }
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition };

/** What is wrong with the text. `near`: the unexpected token; undefined: the text ended too early. */
export class ShellSyntaxError extends Error {
  override readonly name = 'ShellSyntaxError';
  readonly line: number;
  readonly near: string | undefined;
  /** A quote or bracket that never closed: more lines could complete it. */
  readonly unclosed: string | undefined;
  constructor(line: number, near: string | undefined, unclosed?: string, message?: string) {
    super(message ?? (unclosed !== undefined ? `unexpected EOF while looking for matching \`${unclosed}'` : near === undefined ? 'syntax error: unexpected end of file' : `syntax error near unexpected token \`${near}'`));
    this.line = line;
    this.near = near;
    this.unclosed = unclosed;
  }
  /** The text may be the beginning of something right. */
  get incomplete(): boolean {
    return this.near === undefined;
  }
}

/** A word that is one plain text: its text. */
export const literalOf = (word: Word): string | undefined => {
  const [part, ...rest] = word.parts;
  return part !== undefined && rest.length === 0 && part.kind === 'text' && !part.quoted ? part.text : undefined;
};
