// Every test there is. --only WORD runs the phases whose name holds the word.
import { runAll, TEST } from './phases.mjs';

const only = process.argv.indexOf('--only');
const word = only < 0 ? '' : (process.argv[only + 1] ?? '');
process.exitCode = await runAll(TEST.filter((phase) => phase.name.includes(word)));
