import type { Builtin } from './builtin.ts';
import { flowBuiltins } from './flow.ts';
import { ioBuiltins } from './io.ts';
import { jobBuiltins } from './jobs.ts';
import { variableBuiltins } from './variables.ts';

/** Commands that the shell runs itself. */
export const BUILTINS: ReadonlyMap<string, Builtin> = new Map(Object.entries({ ...flowBuiltins, ...variableBuiltins, ...ioBuiltins, ...jobBuiltins }));
