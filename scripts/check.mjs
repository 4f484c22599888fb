import { CHECK, runAll } from './phases.mjs';

process.exitCode = await runAll(CHECK);
