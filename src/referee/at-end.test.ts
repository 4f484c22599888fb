import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const START = `import { atEnd } from ${JSON.stringify(join(import.meta.dirname, 'at-end.ts'))};
atEnd(() => console.log('cleaned'));
atEnd(() => console.log('called off'))();
`;

it.concurrent.each<[string, string, NodeJS.Signals | undefined, number]>([
  ['its own end', '', undefined, 0],
  ['an exception', 'throw new Error("x");', undefined, 1],
  ['an interrupt', 'setInterval(() => {}, 1000);', 'SIGINT', 130],
  ['an order to end', 'setInterval(() => {}, 1000);', 'SIGTERM', 143],
])('cleans up at %s', async (_name, more, signal, code) => {
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', `${START}console.log('up');${more}`], { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    text += String(chunk);
    if (signal !== undefined && text.includes('up\n')) child.kill(signal);
  });
  const [ended] = await once(child, 'close');
  expect([ended, text]).toEqual([code, 'up\ncleaned\n']);
});
