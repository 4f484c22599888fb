import { describe, expect, it, test } from 'vitest';
import { parseRule } from './rule.ts';

const DASHBOARD = 'PathPrefix(`/dashboard`) || PathPrefix(`/api`)';

describe('rules of routers', () => {
  test.each<[string, string, boolean]>([
    [DASHBOARD, 'GET a /dashboard', true], [DASHBOARD, 'GET a /dashboard/', true], [DASHBOARD, 'GET a /dashboards', true], [DASHBOARD, 'GET a /api/version', true], [DASHBOARD, 'GET a /', false],
    ['Path(`/a`)', 'GET x /a', true], ['Path(`/a`)', 'GET x /a/', false], ['Path(`/a`, `/b`)', 'GET x /b', true],
    ['Host(`Example.org`)', 'GET example.org /', true], ['Host("example.org")', 'GET www.example.org /', false],
    ['Method(`post`)', 'POST x /', true], ['Method(`POST`)', 'GET x /', false],
    ['Host(`a`) && PathPrefix(`/x`) || Path(`/y`)', 'GET b /y', true], ['Host(`a`) && (PathPrefix(`/x`) || Path(`/y`))', 'GET b /y', false],
    ['!Host(`a`)', 'GET b /', true], ['!(Host(`a`) || Host(`b`))', 'GET b /', false],
  ])('%s, asked %s: %s', (rule, asked, expected) => {
    const [method = '', host = '', path = ''] = asked.split(' ');
    const matcher = parseRule(rule);
    expect(matcher.ok && matcher.value({ method, host, path })).toBe(expected);
  });

  it.each([
    ['', 'error while parsing rule '], ['Path(`/a`', 'error while parsing rule Path(`/a`: expected ")"'], ['Path()', 'error while parsing rule Path(): expected a value'],
    ['Paths(`/a`)', 'error while parsing rule Paths(`/a`): unsupported function: Paths'], ['Headers(`a`, `b`)', 'error while parsing rule Headers(`a`, `b`): Headers is not modelled in this lab'],
    ['Path(`/a`) Path(`/b`)', 'error while parsing rule Path(`/a`) Path(`/b`): unexpected "Path"'], ['Path(`/a`) ;', 'error while parsing rule Path(`/a`) ;'],
  ])('%j is refused', (rule, error) => {
    expect(parseRule(rule)).toEqual({ ok: false, error });
  });
});
