import { err, ok, type Result } from '../../../../../base/result.ts';

export const FLAGS = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16, URG: 32 } as const;
const NAMED: readonly (readonly [string, number])[] = [...Object.entries(FLAGS), ['ALL', 0x3f], ['NONE', 0]];

/** tcp_flag_names: `SYN,ACK` */
export function parseFlags(text: string): Result<number, string> {
  let n = 0;
  for (const word of text.split(',')) {
    const known = NAMED.find(([name]) => name === word.toUpperCase());
    if (known === undefined) return err(`Unknown TCP flag \`${word}'`);
    n |= known[1];
  }
  return ok(n);
}

export function flagText(n: number): string {
  const names = Object.entries(FLAGS).filter(([, bit]) => n & bit).map(([name]) => name);
  return names.length === 0 ? 'NONE' : names.join(',');
}
