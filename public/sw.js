/* The page without a network: every file of the build is kept when it is first opened. Registered by src/ui/shell/offline.ts. */
const KEPT = 'vethlab';

/** Names of the build's files, written by vite.config.ts. */
const files = async () => (await fetch('files.json', { cache: 'no-cache' })).json();

self.addEventListener('install', (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(KEPT);
    await cache.addAll(['./', ...await files()]);
    await self.skipWaiting();
  })());
});

self.addEventListener('activate', (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(KEPT);
    const now = new Set(['./', ...await files().catch(() => [])].map((name) => new URL(name, self.registration.scope).href));
    if (now.size > 1) for (const request of await cache.keys()) if (!now.has(request.url)) await cache.delete(request);
    await self.clients.claim();
  })());
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || !request.url.startsWith(self.registration.scope)) return;
  const kept = () => caches.match(request.mode === 'navigate' ? './' : request, { ignoreSearch: true, ignoreVary: true });
  // Names in assets/ carry a hash of what they hold: what is kept is right. The rest is asked for first.
  event.respondWith(request.url.includes('/assets/') ? kept().then((found) => found ?? fetch(request)) : fetch(request).catch(async (error) => await kept() ?? Promise.reject(error)));
});
