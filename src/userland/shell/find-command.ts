import type { Command, Host } from '../host.ts';

const BIN = /^\/(?:usr\/(?:local\/)?)?s?bin\/([^/]+)$/;

/** A command by name or by its path in a bin folder. */
export function findCommand(host: Host, name: string): Command | undefined {
  if (!name.includes('/')) return host.command(name);
  const base = BIN.exec(name)?.[1];
  return base === undefined ? undefined : host.command(base);
}
