/** Sessions recorded on the real kernel (testing/sessions), replayed line by line. */
import { describe, expect, it } from 'vitest';
import addressesAndRoutes from './testing/sessions/addresses-and-routes.txt?raw';
import deviceStates from './testing/sessions/device-states.txt?raw';
import randomTables from './testing/sessions/random-tables.txt?raw';
import rulesAndInputs from './testing/sessions/rules-and-inputs.txt?raw';
import { Lab } from './testing/lab.ts';

/** What v6.1 says where the recording kernel (6.18) has newer words. */
const OLDER: Readonly<Record<string, readonly string[]>> = {
  'Error: ipv4: Address not found.': ['RTNETLINK answers: Cannot assign requested address'],
  'Error: ipv4: Address already assigned.': ['RTNETLINK answers: File exists'],
  // rp_filter answered EXDEV until v6.14.
  'RTNETLINK answers: Invalid argument': ['RTNETLINK answers: Invalid argument', 'RTNETLINK answers: Invalid cross-device link'],
};

interface Entry {
  readonly command: string;
  readonly output: string[];
}

function sections(text: string): { title: string; entries: Entry[] }[] {
  const found: { title: string; entries: Entry[] }[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('## ')) found.push({ title: line.slice(3), entries: [] });
    else if (line.startsWith('$ ')) found.at(-1)?.entries.push({ command: line.slice(2), output: [] });
    else if (line !== '') found.at(-1)?.entries.at(-1)?.output.push(line);
  }
  return found;
}

describe.each([
  ['addresses and routes', addressesAndRoutes], ['rules and inputs', rulesAndInputs], ['device states', deviceStates], ['random tables', randomTables],
])('%s', (_, text) => {
  const lab = new Lab({ trace: false });
  const here = lab.ns('k3l');
  const peer = lab.ns('k3lp');
  for (const i of [0, 1]) {
    lab.veth(here, `d${i}`, peer, `p${i}`);
    lab.setup(peer, `link set p${i} up`);
  }
  const play = (command: string): string[] => {
    if (command.startsWith('peer ')) return lab.ip(peer, command.slice(5));
    if (!command.startsWith('sysctl ')) return lab.ip(here, command);
    const [key = '', value = ''] = command.slice(7).split('=');
    lab.sysctl(here, key, value);
    return [];
  };
  it.each(sections(text))('$title', ({ entries }) => {
    expect(entries.length).toBeGreaterThan(0);
    for (const { command, output } of entries) {
      const ours = play(command);
      const [first = ''] = output;
      if (OLDER[first]?.includes(ours[0] ?? '') === true) continue;
      expect(ours, command).toEqual(output);
    }
  });
});
