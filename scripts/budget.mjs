// Builds the page and holds its first load to the budget: 300 KB of gzipped JavaScript.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BUDGET = 300 * 1024;
execFileSync('npx', ['vite', 'build', '--logLevel', 'warn'], { stdio: 'inherit' });
const manifest = JSON.parse(readFileSync('dist/.vite/manifest.json', 'utf8'));

/** Loaded when used: by a terminal, a story, a search, an editor, an export. All else counts as initial, the canvas too. */
const WHEN_USED = /xterm-view|markdown|finder|download-lab|editor\/code/;

/** The entry's file and all it imports, at once or soon after: what a browser loads before anything is asked for. */
const files = new Set();
const visit = (key) => {
  const chunk = manifest[key];
  if (chunk === undefined || files.has(chunk.file)) return;
  files.add(chunk.file);
  for (const imported of [...(chunk.imports ?? []), ...(chunk.dynamicImports ?? []).filter((name) => !WHEN_USED.test(name))]) visit(imported);
};
visit('index.html');
if (files.size === 0) throw new Error('no entry in the manifest');
let total = 0;
for (const file of files) total += gzipSync(readFileSync(`dist/${file}`)).length;
console.log(`initial JavaScript: ${(total / 1024).toFixed(1)} KB gzip in ${files.size} files (budget ${BUDGET / 1024} KB)`);
process.exitCode = total <= BUDGET ? 0 : 1;
