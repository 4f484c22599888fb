/** What others use of the shell. */
export { runShellLine, startShellLine, type ShellIo } from './shell-line.ts';
export { loginEnvironment } from './state.ts';
export { ShellSession } from './session.ts';
export { completeLine, type Completion } from './complete.ts';
export { registerProcess, processesOf } from './process-table.ts';
