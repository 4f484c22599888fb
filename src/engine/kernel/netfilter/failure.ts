/**
 * Why a request was refused, and how the real tools say it (iptables 1.8.9 nf_tables; every form was seen on the real tool, see
 * restore.test.ts and commands.test.ts).
 */
import type { IptablesError } from '../../uapi/netfilter.ts';

export type Failure =
  /** Wrong use, found while reading the words. `bare`: printed without the tool's name. */
  | { readonly kind: 'usage'; readonly text: string; readonly bare?: boolean }
  /** The tool's own look at the rule set said no (nft_strerror). */
  | { readonly kind: 'lookup'; readonly text: string }
  /** The kernel refused the transaction. */
  | { readonly kind: 'kernel'; readonly op: string; readonly errno: string; readonly object: string; readonly line?: number | undefined }
  /** Not a line that restore understands. */
  | { readonly kind: 'line' }
  | { readonly kind: 'plain'; readonly text: string };

export const VERSION = 'v1.8.7 (nf_tables)';

export const usage = (text: string, bare = false): Failure => ({ kind: 'usage', text, bare });
export const lookup = (text: string): Failure => ({ kind: 'lookup', text });
export const kernelSays = (op: string, errno: string, object: string, line?: number): Failure => ({ kind: 'kernel', op, errno, object, line });

export const NO_CHAIN = lookup('No chain/target/match by that name.');
export const BAD_RULE = lookup('Bad rule (does a matching rule exist in that chain?).');

export function commandError(f: Failure, tool = 'iptables'): IptablesError {
  switch (f.kind) {
    case 'usage':
      return { message: `${f.bare === true ? '' : `${tool} ${VERSION}: `}${f.text}\nTry \`${tool} -h' or '${tool} --help' for more information.`, exitCode: 2 };
    case 'lookup': return { message: `${tool}: ${f.text}`, exitCode: 1 };
    case 'kernel': return { message: `${tool} ${VERSION}:  ${f.op} failed (${f.errno}): ${f.object}`, exitCode: 4 };
    case 'line': return { message: `${tool}: failed`, exitCode: 1 };
    case 'plain': return { message: f.text, exitCode: 1 };
  }
}

export function restoreError(f: Failure, line: number): IptablesError {
  const tool = 'iptables-restore';
  switch (f.kind) {
    case 'usage':
      return {
        message: `${f.bare === true ? '' : `${tool} ${VERSION}: `}${f.text}\nError occurred at line: ${line}\nTry \`${tool} -h' or '${tool} --help' for more information.`,
        exitCode: 2, line,
      };
    case 'lookup': return { message: `${tool}: line ${line} failed: ${f.text}`, exitCode: 1, line };
    case 'kernel':
      return { message: `${tool} ${VERSION}: \nline ${f.line ?? line}: ${f.op} failed (${f.errno}): ${f.object}`, exitCode: 4, line: f.line ?? line };
    case 'line': return { message: `${tool}: line ${line} failed`, exitCode: 1, line };
    case 'plain': return { message: f.text, exitCode: 1, line };
  }
}
