/** The lab as a person uses it: the one page object of the journeys. Waits for what it needs, never for time. */
import { expect, type Locator, type Page } from '@playwright/test';

export class LabPage {
  readonly page: Page;
  readonly base: string;
  constructor(page: Page, base = './') { this.page = page; this.base = base; }

  async open(hash = '#/k3s-clusterip'): Promise<void> {
    await this.page.goto(`${this.base}${hash}`);
    await this.ready();
  }
  async ready(): Promise<void> {
    await expect(this.page.locator('.canvas')).toBeVisible({ timeout: 60_000 });
    await expect(this.page.locator('.packets')).toBeAttached();
    // The first terminal is asked for once the lab has answered: who opens one earlier has two.
    await expect(this.page.locator('.terminal-tab[data-active=true]')).toBeAttached();
  }
  get header(): Locator { return this.page.getByRole('banner'); }
  get inspector(): Locator { return this.page.getByRole('complementary', { name: 'Inspector' }); }
  get canvas(): Locator { return this.page.locator('.canvas'); }
  get count(): Locator { return this.page.getByTestId('count'); }
  get sentence(): Locator { return this.page.getByTestId('live'); }
  place(id: string): Locator { return this.page.locator(`[data-place="${id}"]`); }
  /** The inspector speaks of the step that the drawing shows. */
  async explained(): Promise<void> {
    await expect.poll(() => this.page.evaluate(() => document.querySelector('.step-card')?.getAttribute('data-step') === document.querySelector('.step-heading')?.getAttribute('data-step'))).toBe(true);
  }
  async inspect(tab: 'Packet' | 'Why' | 'Tables' | 'Bytes'): Promise<void> { await this.inspector.getByRole('tab', { name: tab }).click(); }

  screen(on: string): Locator { return this.page.locator(`[data-terminal-screen][data-on="${on}"]:not([hidden])`); }
  async terminal(on: string): Promise<void> {
    // By machine, not by name: a running command is part of a tab's name.
    const tab = this.page.locator(`.terminal-tab[data-on="${on}"]`).getByRole('button').first();
    if (await tab.count() === 0) {
      await this.page.getByRole('button', { name: 'Open a terminal' }).click();
      await this.page.getByRole('menuitem', { name: on, exact: true }).click();
    }
    await tab.click();
    await expect(this.screen(on).locator('.xterm-rows')).toContainText(/[#$]/);
  }
  async type(on: string, text: string): Promise<void> {
    await this.terminal(on);
    await this.screen(on).locator('textarea').focus();
    await this.page.keyboard.type(text);
  }
  async run(on: string, command: string): Promise<void> {
    await this.terminal(on);
    const tab = this.page.locator('.terminal-tab[data-active=true]');
    // What still runs there ends first, so that it is not taken for this one.
    await expect(tab).toHaveAttribute('data-busy', 'false', { timeout: 30_000 });
    await this.type(on, command);
    const before = Number(await tab.getAttribute('data-finished'));
    await this.page.keyboard.press('Enter');
    await expect(tab).toHaveAttribute('data-finished', String(before + 1), { timeout: 30_000 });
    await this.page.keyboard.press('Escape');
  }
  /** Gives the terminal most of the screen, by the border's keys. */
  async tallTerminal(): Promise<void> {
    const grip = this.page.getByRole('separator', { name: 'Height of timeline and terminal' });
    await grip.focus();
    for (let i = 0; i < 12; i++) await grip.press('ArrowUp');
  }
  async expectInTerminal(text: string | RegExp): Promise<void> { await expect(this.page.locator('[data-terminal-screen]:not([hidden]) .xterm-rows')).toContainText(text); }

  /** From the start of what was run, hop by hop until the sentence says so. */
  async stepTo(sentence: RegExp, most = 300): Promise<void> {
    await expect(this.count).not.toHaveText('no events');
    await this.page.locator('body').press('Home');
    await this.stepOn(sentence, most);
  }
  /** The same from where the playhead stands. */
  async stepOn(sentence: RegExp, most = 300): Promise<void> {
    const look = (): Promise<readonly [string, string]> => this.page.evaluate(() => [document.querySelector('.step-title')?.textContent ?? '', document.querySelector('[data-testid=count]')?.textContent ?? ''] as const);
    let [title, count] = await look();
    for (let i = 0; i < most; i++) {
      if (sentence.test(title)) return;
      await this.page.keyboard.press('ArrowRight');
      const before = count;
      [title, count] = await look();
      if (count === before) throw new Error(`the end came before ${String(sentence)}`);
    }
    throw new Error(`no ${String(sentence)} within ${most} hops`);
  }
  /** The log of actions as the browser keeps it. */
  async storedActions(scenario = 'k3s-clusterip'): Promise<unknown> { return Reflect.get(await this.stored(scenario), 'actions'); }
  /** What the browser keeps of a text that is being edited. */
  async storedDraft(terminal: string, scenario = 'k3s-clusterip'): Promise<string> {
    const drafts: unknown = Reflect.get(await this.stored(scenario), 'drafts');
    return typeof drafts === 'object' && drafts !== null ? String(Reflect.get(drafts, terminal)) : '';
  }
  private stored(scenario: string): Promise<object> {
    return this.page.evaluate((key) => new Promise<object>((resolve, reject) => {
      const opening = indexedDB.open('keyval-store');
      opening.onerror = () => { reject(new Error('no storage')); };
      opening.onsuccess = () => {
        const asked = opening.result.transaction('keyval').objectStore('keyval').get(key);
        asked.onsuccess = () => { const work: unknown = asked.result; resolve(typeof work === 'object' && work !== null ? work : {}); };
        asked.onerror = () => { reject(new Error('not readable')); };
      };
    }), `vethlab/work/${scenario}`);
  }
  table(name: RegExp): Locator { return this.inspector.locator('.table-fold').filter({ has: this.page.getByRole('button', { name }) }).first(); }
  async unfold(name: RegExp): Promise<void> {
    const fold = this.table(name).getByRole('button').first();
    // Rows that come meanwhile may fold or unfold it.
    await expect(async () => {
      if (await fold.getAttribute('aria-expanded') === 'false') await fold.click();
      await expect(fold).toHaveAttribute('aria-expanded', 'true', { timeout: 1000 });
    }).toPass();
  }
  async showTables(place: string): Promise<void> {
    await this.place(place).first().click();
    await this.inspect('Tables');
  }
}
