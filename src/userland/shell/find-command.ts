import type { Command, Host } from '../host.ts';

const BIN = /^\/(?:usr\/(?:local\/)?)?s?bin\/([^/]+)$/;

/** A command by name, by its path in a bin folder, or by the path that is its name (a program that lies elsewhere). */
export function findCommand(host: Host, name: string): Command | undefined {
  if (!name.includes('/')) return host.command(name);
  const base = BIN.exec(name)?.[1];
  return base === undefined ? host.command(name) : host.command(base);
}
