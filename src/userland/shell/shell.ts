/** What others use of the shell. */
export { runShellLine, startShellLine, loginEnvironment, type ShellIo } from './shell-line.ts';
export { ShellSession } from './session.ts';
export { completeLine, type Completion } from './complete.ts';
export { registerProcess, processesOf } from './process-table.ts';
