/** Keeps the page for when there is no network (public/sw.js). `build`: what changes with every build, so that its files are kept anew. */
export function keepOffline(build: string): void {
  if (!('serviceWorker' in navigator)) return;
  // After the first paint: what is shown comes first.
  window.addEventListener('load', () => { void navigator.serviceWorker.register(`./sw.js?${build}`).catch(() => undefined); });
}
