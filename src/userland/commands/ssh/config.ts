/** Read first: ssh_config(5). Models: Host patterns (`*`, `?`, `!`) with User; the first that fits counts. Other keywords are not modelled. */
import type { Context } from '../../host.ts';

const fits = (pattern: string, name: string): boolean => new RegExp(`^${pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')}$`).test(name);

/** Pure: the user that a configuration gives for a name as it was typed. */
export function userIn(text: string, name: string): string | undefined {
  let applies = true;
  for (const line of text.split('\n')) {
    const [keyword = '', ...words] = line.trim().split(/[\s=]+/);
    if (keyword.toLowerCase() === 'host') applies = words.some((w) => fits(w, name)) && !words.some((w) => w.startsWith('!') && fits(w.slice(1), name));
    else if (applies && keyword.toLowerCase() === 'user' && words[0] !== undefined) return words[0];
  }
  return undefined;
}

export function configuredUser(context: Context, name: string): string | undefined {
  for (const path of [`${context.user === 'root' ? '/root' : `/home/${context.user}`}/.ssh/config`, '/etc/ssh/ssh_config']) {
    const text = context.host.fs.read(path);
    const user = text.ok ? userIn(text.value, name) : undefined;
    if (user !== undefined) return user;
  }
  return undefined;
}
