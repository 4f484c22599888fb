import { expect, it } from 'vitest';
import { userIn } from './config.ts';

it.each([
  ['Host kpi*\n  User ubuntu\n', 'kpi094', 'ubuntu'], ['Host kpi*\n  User ubuntu\n', 'vm1', undefined], ['User all\nHost a\n User b\n', 'a', 'all'],
  ['Host * !a\n User x\nHost a\n User=y\n', 'a', 'y'], ['# Host a\nHost b c\n\tUser z\n', 'c', 'z'], ['', 'a', undefined],
])('%j %s', (text, name, user) => {
  expect(userIn(text, name)).toBe(user);
});
