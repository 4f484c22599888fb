import { describe, expect, it, test } from 'vitest';
import { formatIpv4 } from '../../../engine/wire/addresses.ts';
import { MemoryFileSystem } from '../../fs/memory-file-system.ts';
import { loadConfig } from './config.ts';
import { entryPoint } from './entry-point.ts';
import { DEFAULT_CONF, NGINX_FILES } from './page.ts';

const load = (conf: string, files: Record<string, string> = {}) => loadConfig(new MemoryFileSystem({ ...NGINX_FILES, '/etc/nginx/nginx.conf': conf, ...files }));
const AT = ' in /etc/nginx/nginx.conf:';

describe('nginx.conf', () => {
  it('the packaged one listens on 80', () => {
    expect(load(NGINX_FILES['/etc/nginx/nginx.conf'] ?? '').servers.map((s) => [s.names, s.listens.map((l) => `${formatIpv4(l.address)}:${l.port}`)])).toEqual([[['localhost'], ['0.0.0.0:80']]]);
  });

  // Texts: nginx 1.27 ngx_conf_file.c, ngx_http_core_module.c, ngx_http_variables.c.
  test.each<[string, string]>([
    ['events {}\nhttp {\n  servr {} }', `unknown directive "servr"${AT}3`],
    ['events {}\nlisten 80;', `"listen" directive is not allowed here${AT}2`],
    ['events {} http { server { listen 80 } }', `unexpected "}"${AT}1`],
    ['events {} http { server { listen; } }', `invalid number of arguments in "listen" directive${AT}1`],
    ['events;', `directive "events" has no opening "{"${AT}1`],
    ['user nginx {', `directive "user" is not terminated by ";"${AT}1`],
    ['events {} http {', `unexpected end of file, expecting "}"${AT}1`],
    ['events {} http { server { return 200 "x', `unexpected end of file, expecting ";" or "}"${AT}1`],
    ['events {} }', `unexpected "}"${AT}1`],
    ['http {}', 'no "events" section in configuration'],
    ['events {} http { server { return 200 $nope; } }', 'unknown "nope" variable'],
    ['events {} http { server { location / {} location / {} } }', `duplicate location "/"${AT}1`],
    ['events {} http { sendfile yes; }', `invalid value "yes" in "sendfile" directive, it must be "on" or "off"${AT}1`],
    ['events {} http { include nope.conf; }', `open() "/etc/nginx/nope.conf" failed (2: No such file or directory)${AT}1`],
    ['events {} http { server { listen 99999; } }', `invalid port in "99999" of the "listen" directive${AT}1`],
    ['events {} http { server { root /a; root /b; } }', `"root" directive is duplicate${AT}1`],
    ['events {} http { access_log /dev/stdout main; }', `unknown log format "main"${AT}1`],
    ['events {} http { server { location / { proxy_pass http://app; } } }', `"proxy_pass" is not modelled in this lab${AT}1`],
  ])('%s', (conf, message) => {
    expect(() => load(conf)).toThrow(message);
  });

  it('quotes, escapes, comments and braces of variables', () => {
    const [server] = load('events {} # a comment; {\nhttp { server { return 200 "a \\"b\\" \\n ${hostname};"; } }').servers;
    expect(server?.rewrites).toEqual([{ kind: 'return', status: 200, text: 'a "b" \n ${hostname};' }]);
  });

  it('an include with a wildcard takes what there is, in order', () => {
    const conf = 'events {} http { include conf.d/*.conf; }';
    const one = (port: number): string => `server { listen ${port}; }`;
    expect(load(conf, { '/etc/nginx/conf.d/default.conf': one(1), '/etc/nginx/conf.d/b.conf': one(3), '/etc/nginx/conf.d/a.conf': one(2), '/etc/nginx/conf.d/c.txt': 'x' }).servers.flatMap((s) => s.listens.map((l) => l.port))).toEqual([2, 3, 1]);
  });
});

describe('the image’s entry point', () => {
  const said = (files: Record<string, string>, env = new Map<string, string>()) => {
    const fs = new MemoryFileSystem(files);
    return { fs, text: entryPoint(fs, env) };
  };
  it('adds the IPv6 listener to its own default.conf only, once', () => {
    const { fs, text } = said({ '/etc/nginx/conf.d/default.conf': DEFAULT_CONF });
    expect(text).toContain('info: Enabled listen on IPv6 in /etc/nginx/conf.d/default.conf');
    expect(entryPoint(fs, new Map())).toContain('info: IPv6 listen already enabled');
    expect(said({ '/etc/nginx/conf.d/default.conf': 'server {}' }).text).toContain('info: /etc/nginx/conf.d/default.conf differs from the packaged version');
    expect(said({}).text).toContain('info: etc/nginx/conf.d/default.conf is not a file or does not exist');
  });
  it('fills templates with defined variables', () => {
    const { fs } = said({ '/etc/nginx/conf.d/default.conf': DEFAULT_CONF, '/etc/nginx/templates/page.conf.template': 'return 200 "$POD_IP ${POD} $host";' }, new Map([['POD_IP', '10.42.0.9'], ['POD', 'a']]));
    expect(fs.read('/etc/nginx/conf.d/page.conf')).toEqual({ ok: true, value: 'return 200 "10.42.0.9 a $host";' });
  });
});
