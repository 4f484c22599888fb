import { defineConfig } from '@playwright/test';
import { chromiumOptions } from './e2e/chromium.ts';

// E2E_URL: a server that is already there; else a build is made and served. E2E_TRACE=1: failures leave a trace (slower).
const url = process.env['E2E_URL'];
const port = 4177;

export default defineConfig({
  testDir: 'e2e',
  // What is timed runs alone, after the journeys.
  projects: [
    { name: 'journeys', testMatch: '*.e2e.ts', testIgnore: 'performance.e2e.ts' },
    { name: 'performance', testMatch: 'performance.e2e.ts', dependencies: ['journeys'], fullyParallel: false, workers: 1 },
  ],
  outputDir: 'test-results',
  timeout: 90_000,
  expect: { timeout: 15_000 },
  fullyParallel: true,
  workers: 2,
  forbidOnly: true,
  reporter: [['list']],
  use: { baseURL: url ?? `http://localhost:${port}/`, viewport: { width: 1440, height: 900 }, launchOptions: chromiumOptions, trace: process.env['E2E_TRACE'] === undefined ? 'off' : 'retain-on-failure', screenshot: 'only-on-failure' },
  ...(url === undefined ? { webServer: { command: `npx vite build && npx vite preview --port ${port} --strictPort`, port, timeout: 180_000, reuseExistingServer: false } } : {}),
});
