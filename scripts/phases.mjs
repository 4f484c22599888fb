// The phases of check and test: each a command, how it counts, and why it may be skipped.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';

mkdirSync('.cache', { recursive: true });

/** Runs a command; output is kept and shown when it fails (or always, with `loud`). */
export function run(command, args, { env = {}, loud = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const take = (chunk) => {
      output += chunk;
      if (loud) process.stdout.write(chunk);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', (error) => resolve({ code: 127, output: String(error) }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

const one = (code) => (code === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 });

/** `N passed, N failed, N skipped`, the last such line of an output. */
function tally(output) {
  const lines = [...output.matchAll(/(\d+) passed, (\d+) failed(?:, (\d+) skipped)?/g)];
  const last = lines.at(-1);
  return last === undefined ? undefined : { passed: Number(last[1]), failed: Number(last[2]), skipped: Number(last[3] ?? 0) };
}

async function simple(command, args, options) {
  const { code, output } = await run(command, args, options);
  return { ...(tally(output) ?? one(code)), ok: code === 0, output };
}

/** Whole worlds played to their end: not a matter of seconds, so not of every day. */
const WORLDS = ['src/cli/golden.test.ts', 'src/cli/stories.test.ts', 'src/cluster/any-order.test.ts', 'src/cluster/addons/any-order.test.ts', 'src/lab/checks/same-again.test.ts'];

async function vitest(name, which) {
  const file = `.cache/${name}.json`;
  const { code, output } = await run('npx', ['vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`, ...which]);
  const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  const counts = report === undefined ? one(code) : { passed: report.numPassedTests, failed: report.numFailedTests, skipped: report.numPendingTests + report.numTodoTests };
  return { ...counts, ok: code === 0, output };
}

async function playwright() {
  if (!existsSync(process.env.CHROMIUM ?? '/usr/bin/chromium')) {
    return { passed: 0, failed: 0, skipped: 1, ok: true, output: '', skip: 'no Chromium here: npm run setup installs it when root on Debian' };
  }
  const { code, output } = await run('npx', ['playwright', 'test', '--reporter=json'], { env: { PLAYWRIGHT_JSON_OUTPUT_NAME: '.cache/playwright.json' } });
  const report = existsSync('.cache/playwright.json') ? JSON.parse(readFileSync('.cache/playwright.json', 'utf8')) : undefined;
  if (report === undefined) return { ...one(code), ok: code === 0, output };
  const { expected, unexpected, flaky, skipped } = report.stats;
  const said = [];
  const walk = (suite) => {
    for (const spec of suite.specs ?? []) if (!spec.ok) said.push(`${spec.file}: ${spec.title}\n${spec.tests.flatMap((t) => t.results.flatMap((r) => r.errors.map((e) => `${e.message}\n${e.snippet ?? ''}`))).join('\n')}`);
    for (const inner of suite.suites ?? []) walk(inner);
  };
  for (const suite of report.suites) walk(suite);
  for (const error of report.errors ?? []) said.push(error.message);
  return { passed: expected, failed: unexpected + flaky, skipped, ok: code === 0 && flaky === 0, output: said.join('\n') };
}

// The same random worlds in every run: a test must not fail by chance. `npm run referee` draws a new seed each time.
const REFEREE_SEED = 1;

const referee = async () => {
  const result = await simple('npx', ['tsx', 'src/referee/main.ts', '--seed', String(REFEREE_SEED)]);
  const said = /^skipped: (.*)$/m.exec(result.output);
  return said === null ? result : { ...result, skip: said[1] };
};

export const CHECK = [
  { name: 'types of the core (no DOM, no Node)', lane: 'static', run: () => simple('npx', ['tsc', '-p', 'tsconfig.core.json']) },
  { name: 'types', lane: 'static', run: () => simple('npx', ['tsc', '-p', 'tsconfig.json']) },
  { name: 'lint', lane: 'static', run: () => simple('npx', ['eslint', 'src', 'e2e', 'scripts', '--max-warnings', '0', '--cache', '--cache-location', '.cache/eslint']) },
  { name: 'unit and property tests, layers', lane: 'unit', run: () => vitest('vitest', WORLDS.flatMap((file) => ['--exclude', file])) },
];

export const TEST = [
  { name: 'Debian packages', run: () => simple('bash', ['scripts/setup-debian.sh'], { loud: true }) },
  ...CHECK,
  { name: 'worlds: golden runs, stories, changes in any order', run: () => vitest('worlds', WORLDS) },
  { name: 'replay of the transcripts', run: () => simple('npx', ['tsx', 'src/cli/main.ts', 'replay']) },
  { name: 'determinism', run: () => simple('npx', ['tsx', 'src/cli/main.ts', 'fingerprint', '--twice']) },
  { name: 'referee: the real kernel', run: referee },
  { name: 'build and its budget', run: () => simple('node', ['scripts/budget.mjs']) },
  { name: 'browser', run: playwright },
];

async function runOne(phase, total) {
  const started = Date.now();
  const result = await phase.run();
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  const failed = result.ok ? result.failed : Math.max(result.failed, 1);
  total.passed += result.passed;
  total.failed += failed;
  total.skipped += result.skipped;
  if (result.skip !== undefined) console.log(`!! SKIPPED ${phase.name}: ${result.skip}`);
  console.log(`${failed > 0 ? 'FAIL' : 'ok  '} ${phase.name}: ${result.passed} passed, ${failed} failed, ${result.skipped} skipped (${seconds} s)`);
  if (failed > 0) console.log(result.output.slice(-20_000));
}

/** Runs phases in order, neighbours of different lanes side by side; prints a line each and the closing tally; returns the exit code. */
export async function runAll(phases) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (let i = 0; i < phases.length; ) {
    const lanes = new Map();
    const first = i;
    for (; i < phases.length && phases[i].lane !== undefined; i++) lanes.set(phases[i].lane, [...(lanes.get(phases[i].lane) ?? []), phases[i]]);
    if (i === first) await runOne(phases[i++], total);
    else await Promise.all([...lanes.values()].map(async (lane) => {
      for (const phase of lane) await runOne(phase, total);
    }));
  }
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  return total.failed > 0 ? 1 : 0;
}
