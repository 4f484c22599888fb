/** What /docker-entrypoint.sh of the nginx image does before nginx starts. Models: docker-nginx 1.27.0: 10-listen-on-ipv6-by-default.sh, 20-envsubst-on-templates.sh. */
import type { FileSystem } from '../../host.ts';
import { DEFAULT_CONF } from './page.ts';

const ON_PORT_80 = 'listen       80;';
const DEFAULT_PATH = '/etc/nginx/conf.d/default.conf';

function ipv6(fs: FileSystem): string {
  const script = '10-listen-on-ipv6-by-default.sh: info: ';
  const text = fs.read(DEFAULT_PATH);
  const name = DEFAULT_PATH.slice(1);
  if (!text.ok) return `${script}${name} is not a file or does not exist\n`;
  if (!fs.write(DEFAULT_PATH, text.value).ok) return `${script}can not modify /${name} (read-only file system?)\n`;
  if (text.value.includes('listen  [::]:80;')) return `${script}IPv6 listen already enabled\n`;
  const looking = `${script}Getting the checksum of /${name}\n`;
  if (text.value !== DEFAULT_CONF) return `${looking}${script}/${name} differs from the packaged version\n`;
  fs.write(DEFAULT_PATH, text.value.replace(ON_PORT_80, `${ON_PORT_80}\n    listen  [::]:80;`));
  return `${looking}${script}Enabled listen on IPv6 in /${name}\n`;
}

/** Variables that are defined are filled in, others stay as they are. */
function templates(fs: FileSystem, env: ReadonlyMap<string, string>): string {
  const names = fs.list('/etc/nginx/templates');
  let said = '';
  for (const name of names.ok ? names.value.filter((n) => n.endsWith('.template')) : []) {
    const text = fs.read(`/etc/nginx/templates/${name}`);
    if (!text.ok) continue;
    const to = `/etc/nginx/conf.d/${name.slice(0, -'.template'.length)}`;
    said += `20-envsubst-on-templates.sh: Running envsubst on /etc/nginx/templates/${name} to ${to}\n`;
    fs.write(to, text.value.replaceAll(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced: string | undefined, plain: string | undefined) => env.get(braced ?? plain ?? '') ?? whole));
  }
  return said;
}

export function entryPoint(fs: FileSystem, env: ReadonlyMap<string, string>): string {
  return `/docker-entrypoint.sh: /docker-entrypoint.d/ is not empty, will attempt to perform configuration
/docker-entrypoint.sh: Looking for shell scripts in /docker-entrypoint.d/
/docker-entrypoint.sh: Launching /docker-entrypoint.d/10-listen-on-ipv6-by-default.sh
${ipv6(fs)}/docker-entrypoint.sh: Sourcing /docker-entrypoint.d/15-local-resolvers.envsh
/docker-entrypoint.sh: Launching /docker-entrypoint.d/20-envsubst-on-templates.sh
${templates(fs, env)}/docker-entrypoint.sh: Launching /docker-entrypoint.d/30-tune-worker-processes.sh
/docker-entrypoint.sh: Configuration complete; ready for start up
`;
}
