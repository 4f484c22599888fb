/** Hands over the lab as one file. Loaded when it is asked for. */
import { tar } from '../../base/tar.ts';
import type { NetnsExport } from '../../worker/protocol.ts';

export function archive({ name, files }: NetnsExport, mtime = 0): Uint8Array {
  return tar(files.map(({ path, text }) => ({ path: `${name}/${path}`, text, executable: path.endsWith('.sh') })), mtime);
}

export function download(exported: NetnsExport): void {
  const url = URL.createObjectURL(new Blob([Uint8Array.from(archive(exported, Math.floor(Date.now() / 1000)))], { type: 'application/x-tar' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${exported.name}.tar`;
  link.click();
  // The browser has taken the bytes by then.
  setTimeout(() => { URL.revokeObjectURL(url); }, 10_000);
}
