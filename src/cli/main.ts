/** `npm run -s lab -- <command>`: the lab without a page. */
import { runCli } from './run.ts';

// `| head` has seen enough: end as other tools do when their reader goes.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(141);
});

process.exitCode = await runCli(process.argv.slice(2));
