/** `src=10.42.1.4 dst=10.43.180.238 sport=38316 dport=80` as two ends. Pure. */
export interface Tuple { readonly from: string; readonly to: string; readonly rest: string }

export function readTuple(text: string): Tuple | undefined {
  const values = new Map(text.split(' ').flatMap((word) => { const at = word.indexOf('='); return at < 0 ? [] : [[word.slice(0, at), word.slice(at + 1)] as const]; }));
  const [src, dst, sport, dport] = ['src', 'dst', 'sport', 'dport'].map((k) => values.get(k));
  if (src === undefined || dst === undefined) return undefined;
  const end = (address: string, port: string | undefined): string => (port === undefined ? address : `${address}:${port}`);
  return { from: end(src, sport), to: end(dst, dport), rest: [...values].filter(([k]) => !['src', 'dst', 'sport', 'dport'].includes(k)).map(([k, v]) => `${k} ${v}`).join(' ') };
}
