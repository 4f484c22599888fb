import { describe, expect, it } from 'vitest';
import { belongsToFocus, bindingFor, KEYS, type Focused } from './table.ts';

const press = (key: string, more = {}): Parameters<typeof bindingFor>[0] => ({ key, ctrlKey: false, metaKey: false, altKey: false, ...more });
const body: Focused = { tag: 'BODY', type: '', editable: false, role: '', inTerminal: false, inDialog: false };

describe('key table', () => {
  it('has no key twice', () => {
    const all = KEYS.flatMap((k) => k.keys);
    expect(new Set(all).size).toBe(all.length);
  });
  it.each(['Space', '→', '←', '.', ',', 'Home', 'End', 'F', '0', '/', 'Q', 'T', 'Esc', '?'])('shows %s in the dialog', (key) => { expect(KEYS.some((k) => k.show.includes(key))).toBe(true); });
  it('takes capital letters, leaves the browser its own', () => {
    expect(bindingFor(press('F'))?.show).toEqual(['F']);
    expect(bindingFor(press('f', { ctrlKey: true }))).toBeUndefined();
    expect(bindingFor(press('x'))).toBeUndefined();
  });
});

describe('keys stay out of', () => {
  it.each<[string, string, Partial<Focused>, boolean]>([
    ['nothing focused', ' ', {}, false], ['a text field', 'f', { tag: 'INPUT', type: 'text' }, true], ['the terminal', ' ', { tag: 'TEXTAREA', inTerminal: true }, true],
    ['a dialog', 'ArrowLeft', { inDialog: true }, true], ['a button and Space', ' ', { tag: 'BUTTON' }, true], ['a button and an arrow', 'ArrowLeft', { tag: 'BUTTON' }, false],
    ['the scrubber and its arrows', 'ArrowLeft', { tag: 'INPUT', type: 'range' }, true], ['the scrubber and Space', ' ', { tag: 'INPUT', type: 'range' }, false],
    ['a canvas object', ' ', { tag: 'DIV', role: 'button' }, false], ['the tabs', 'ArrowRight', { tag: 'BUTTON', role: 'tab' }, true],
  ])('%s', (_, key, focused, owned) => { expect(belongsToFocus(key, { ...body, ...focused })).toBe(owned); });
});
