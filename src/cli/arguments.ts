/** Options of the headless lab, read with Node's own parser. */
import { parseArgs, type ParseArgsConfig } from 'node:util';

export class UsageError extends Error {}

/** What was given cannot be used: the command line is right, a file is not. */
export class RefusedError extends Error {}

export function readArgs<O extends NonNullable<ParseArgsConfig['options']>>(args: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true, tokens: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

export function seedOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,10}$/.test(text) || Number(text) > 0xffffffff) throw new UsageError(`--seed takes a whole number below 2^32, not "${text}"`);
  return Number(text);
}

/** The one scenario that a command is about: a second word is a mistake (a -c without quotes), not something to pass over. */
export function scenarioOf(positionals: readonly string[]): string | undefined {
  if (positionals.length > 1) throw new UsageError(`one scenario, please: what is "${positionals.slice(1).join(' ')}"? (a command line after -c is one word: quote it)`);
  return positionals[0];
}
