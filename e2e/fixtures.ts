/** Every journey runs with the same watch: no error, no violation of the security policy, no request elsewhere. */
import { test as base } from '@playwright/test';
import { expect } from '@playwright/test';
import { LabPage } from './lab-page.ts';

// A service worker would answer in place of the server that a journey slows down or watches: e2e/offline.e2e.ts lets it in.
export const test = base.extend<{ readonly lab: LabPage; readonly watch: { readonly problems: string[] } }>({
  serviceWorkers: 'block',
  watch: async ({ page, baseURL }, use) => {
    const problems: string[] = [];
    page.on('pageerror', (e) => problems.push(`error: ${e.message}`));
    page.on('console', (m) => { if (m.type() === 'error') problems.push(`console: ${m.text()}`); });
    page.on('request', (r) => { if (!r.url().startsWith(baseURL ?? '') && !r.url().startsWith('data:') && !r.url().startsWith('blob:')) problems.push(`request to ${r.url()}`); });
    await page.addInitScript(() => { document.addEventListener('securitypolicyviolation', (e) => { console.error(`policy: ${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}`); }); });
    await use({ problems });
    expect(problems).toEqual([]);
  },
  lab: async ({ page, watch }, use) => { void watch; await use(new LabPage(page)); },
});
export { expect };
