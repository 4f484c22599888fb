/**
 * A tar archive of small text files, as POSIX's ustar has it.
 * Read first: pax(1), "ustar Interchange Format". Not modelled: links, owners, names over 100 bytes.
 */
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { assert } from './assert.ts';

export interface TarEntry {
  readonly path: string;
  readonly text: string;
  readonly executable: boolean;
}

const BLOCK = 512;

function header(path: Uint8Array, size: number, mode: number, mtime: number): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const ascii = (at: number, text: string): void => void block.set(utf8ToBytes(text), at);
  const octal = (at: number, width: number, n: number): void => ascii(at, n.toString(8).padStart(width - 1, '0'));
  block.set(path, 0);
  octal(100, 8, mode);
  octal(108, 8, 0);
  octal(116, 8, 0);
  octal(124, 12, size);
  octal(136, 12, mtime);
  ascii(148, ' '.repeat(8));
  ascii(156, '0');
  ascii(257, 'ustar\0' + '00');
  ascii(148, `${block.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0')}\0 `);
  return block;
}

/** `mtime`: seconds since 1970; the same input gives the same bytes. */
export function tar(entries: readonly TarEntry[], mtime = 0): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const { path, text, executable } of entries) {
    const name = utf8ToBytes(path);
    assert(name.length <= 100, `path too long for tar: ${path}`);
    const bytes = utf8ToBytes(text);
    const padded = new Uint8Array(Math.ceil(bytes.length / BLOCK) * BLOCK);
    padded.set(bytes);
    parts.push(header(name, bytes.length, executable ? 0o755 : 0o644, mtime), padded);
  }
  parts.push(new Uint8Array(2 * BLOCK));
  const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
