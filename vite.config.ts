import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { defineConfig, type Plugin } from 'vite';
import react from '@vitejs/plugin-react';

// No script but ours, no request but to where we were served from. 'unsafe-inline' for style only: xterm's DOM renderer
// and the dialogs insert style elements (e2e/fixtures.ts fails a journey on every violation event).
const policy = [
  "default-src 'self'", "script-src 'self'", "worker-src 'self'", "style-src 'self' 'unsafe-inline'", "img-src 'self' data:",
  "font-src 'self'", "connect-src 'self'", "object-src 'none'", "base-uri 'none'", "form-action 'none'",
].join('; ');

/** Only in a build: the dev server's hot reload needs an inline script. */
const contentSecurityPolicy = (): Plugin => ({
  name: 'vethlab-csp',
  apply: 'build',
  transformIndexHtml: () => [{ tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: policy }, injectTo: 'head-prepend' }],
});

/** Names of all that was built, for the service worker (public/sw.js) to keep. */
const listFiles = (): Plugin => {
  let folder = '';
  return {
    name: 'vethlab-files',
    apply: 'build',
    configResolved: (config) => { folder = resolve(config.root, config.build.outDir); },
    closeBundle: () => { if (existsSync(folder)) writeFileSync(join(folder, 'files.json'), JSON.stringify(readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /^(assets\/|favicon)/.test(name)))); },
  };
};

export default defineConfig({
  base: './',
  plugins: [react(), contentSecurityPolicy(), listFiles()],
  worker: { format: 'es' },
  build: { target: 'es2023', manifest: true, assetsInlineLimit: 0, chunkSizeWarningLimit: 900, sourcemap: false },
  server: { port: 5173, strictPort: false },
  preview: { port: 4173, strictPort: false },
});
