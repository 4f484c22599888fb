import { describe, expect, it } from 'vitest';
import { NO_PINS, PinBook } from './pins.ts';

describe('several pins of one name', () => {
  const pins = { ...NO_PINS, pods: ['10.42.2.19', '10.42.2.21', '10.42.2.23'].map((ip) => ({ namespace: 'default', name: 'nginx', ip })) };

  it('the first sandbox has the pin of the pod, later sandboxes and later pods the next, the last one stays', () => {
    const book = new PinBook(pins);
    expect(book.current('default', 'nginx')?.ip).toBe('10.42.2.19');
    expect(book.created('default', 'nginx')?.ip).toBe('10.42.2.19');
    expect(book.sandbox('default', 'nginx')?.ip).toBe('10.42.2.19');
    expect(book.sandbox('default', 'nginx')?.ip).toBe('10.42.2.21');
    expect(book.created('default', 'nginx')?.ip).toBe('10.42.2.23');
    expect(book.sandbox('default', 'nginx')?.ip).toBe('10.42.2.23');
    expect(book.sandbox('default', 'nginx')?.ip).toBe('10.42.2.23');
  });

  it('a pod without pins has none', () => {
    expect(new PinBook(pins).created('kube-system', 'nginx')).toBeUndefined();
  });

  it('two books of the same pins do not disturb each other', () => {
    new PinBook(pins).created('default', 'nginx');
    const book = new PinBook(pins);
    book.created('default', 'nginx');
    expect(book.sandbox('default', 'nginx')?.ip).toBe('10.42.2.19');
  });

  it('a Service has the pin of its making, later ones the next', () => {
    const book = new PinBook({ ...NO_PINS, services: { 'default/web': [{ clusterIP: '10.96.51.94' }, { clusterIP: '10.96.91.147' }], 'default/one': { clusterIP: '10.96.0.5' } } });
    const ips = [true, false, true, false, true].map((made) => book.service('default', 'web', made)?.clusterIP);
    expect(ips).toEqual(['10.96.51.94', '10.96.51.94', '10.96.91.147', '10.96.91.147', '10.96.91.147']);
    expect(book.service('default', 'one', true)?.clusterIP).toBe('10.96.0.5');
  });
});
