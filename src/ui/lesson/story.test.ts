import { describe, expect, it } from 'vitest';
import { runBlock, runLink, safeLink, storySteps } from './story.ts';

describe('story', () => {
  it('is cut at second-level headings, not inside code', () => {
    const steps = storySteps('# Title\n\nintro\n\n## One\n\na\n```\n## not a heading\n```\n### deeper\n\n## Two ##\nb\n');
    expect(steps.map((s) => s.title)).toEqual(['Title', 'One', 'Two']);
    expect(steps[1]?.text).toContain('## not a heading');
    expect(steps[1]?.text).toContain('### deeper');
  });
  it('text before any heading is a step without a title', () => { expect(storySteps('hello')).toEqual([{ title: '', text: 'hello\n' }]); });
  it('an empty story has no steps', () => { expect(storySteps('\n\n')).toEqual([]); });
});

describe('links', () => {
  it.each([
    ['run:test-pod curl http://nginx-service', { on: 'test-pod', run: 'curl http://nginx-service' }],
    ['run:vm2%20sudo%20conntrack%20-L', { on: 'vm2', run: 'sudo conntrack -L' }],
    ['run:vm1:kubectl get pods', { on: 'vm1', run: 'kubectl get pods' }],
    ['run:vm1', undefined], ['https://x', undefined], ['run:%ZZ', undefined],
  ])('%s', (href, link) => { expect(runLink(href)).toEqual(link); });
  it.each([
    ['run test-pod', { on: 'test-pod', fails: false }], ['run:vm1', { on: 'vm1', fails: false }], ['run vm-ext fails', { on: 'vm-ext', fails: true }], ['yaml', undefined], ['run', undefined], ['run vm1 often', undefined],
  ])('block %s', (language, block) => { expect(runBlock(language)).toEqual(block); });
  it.each([['https://kernel.org', true], ['#/coverage', true], ['javascript:alert(1)', false], ['data:text/html,x', false], ['//evil', false]])('%s safe: %s', (href, safe) => { expect(safeLink(href)).toBe(safe); });
});
