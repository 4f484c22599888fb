/** nginx.conf as servers and locations. Models: merging of ngx_http_core_module, ngx_http_headers, sub, log (1.27): a level inherits what it does not set; lists are inherited whole or not at all. */
import { seconds, type Nanos } from '../../../engine/sim/time.ts';
import { ANY, parseIpv4, type Ipv4 } from '../../../engine/wire/addresses.ts';
import type { FileSystem } from '../../host.ts';
import { ConfigError, readConfig, type Directive } from './syntax.ts';
import { isKnown, referenced } from './variables.ts';

/** What a location does, all levels merged. */
export interface Settings {
  readonly root: string;
  readonly alias: string | undefined;
  readonly index: readonly string[];
  readonly defaultType: string;
  /** Extension to MIME type. */
  readonly types: ReadonlyMap<string, string>;
  readonly headers: readonly { readonly name: string; readonly value: string; readonly always: boolean }[];
  readonly subs: readonly { readonly from: string; readonly to: string }[];
  readonly subOnce: boolean;
  readonly subTypes: readonly string[];
  readonly subKeepsDate: boolean;
  readonly errorPages: readonly { readonly codes: readonly number[]; readonly answer: string | undefined; readonly target: string }[];
  readonly logs: readonly { readonly path: string; readonly format: string }[];
  readonly keepalive: Nanos;
  readonly tokens: boolean;
  readonly charset: string | undefined;
}

export type Rewrite = { readonly kind: 'set'; readonly name: string; readonly value: string } | { readonly kind: 'return'; readonly status: number; readonly text: string | undefined };

export interface Location {
  readonly match: '' | '=' | '^~' | '~' | '~*' | '@';
  readonly path: string;
  readonly pattern: RegExp | undefined;
  readonly rewrites: readonly Rewrite[];
  readonly tryFiles: readonly string[] | undefined;
  readonly internal: boolean;
  readonly settings: Settings;
}

export interface Listen {
  readonly address: Ipv4;
  readonly port: number;
  readonly isDefault: boolean;
}

export interface Server {
  readonly names: readonly string[];
  readonly listens: readonly Listen[];
  /** Ports of `listen [::]:port`. */
  readonly ports6: readonly number[];
  readonly rewrites: readonly Rewrite[];
  readonly tryFiles: readonly string[] | undefined;
  readonly locations: readonly Location[];
  readonly settings: Settings;
}

export interface NginxConfig {
  readonly servers: readonly Server[];
}

const COMBINED = '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"';
const SCALARS: Readonly<Record<string, string>> = { html: 'text/html', gif: 'image/gif', jpg: 'image/jpeg' };

const BASE: Settings = {
  root: '/etc/nginx/html', alias: undefined, index: ['index.html'], defaultType: 'text/plain', types: new Map(Object.entries(SCALARS)), headers: [], subs: [], subOnce: true, subTypes: ['text/html'], subKeepsDate: false,
  errorPages: [], logs: [{ path: '/var/log/nginx/access.log', format: COMBINED }], keepalive: seconds(75), tokens: true, charset: undefined,
};

const all = (block: readonly Directive[], name: string): readonly Directive[] => block.filter((d) => d.name === name);
const fullPath = (path: string): string => (path.startsWith('/') || path.startsWith('$') ? path : `/etc/nginx/${path}`);

function timeOf(d: Directive): Nanos {
  const match = /^(\d+)(ms|s|m|h|d)?$/.exec(d.args[0] ?? '');
  if (match === null) throw new ConfigError(`"${d.name}" directive invalid value${d.where}`);
  return seconds(Number(match[1]) * ({ ms: 0.001, s: 1, m: 60, h: 3600, d: 86400 }[match[2] ?? 's'] ?? 1));
}

class Compiler {
  readonly #formats = new Map([['combined', COMBINED]]);
  readonly #variables = new Set<string>();
  readonly #asked = new Set<string>();

  #text(text: string): string {
    for (const name of referenced(text)) this.#asked.add(name);
    return text;
  }

  #types(block: readonly Directive[]): ReadonlyMap<string, string> {
    return new Map(block.flatMap((d) => d.args.map((extension) => [extension, d.name] as const)));
  }

  #format(d: Directive): string {
    const [, name = 'combined'] = d.args;
    const format = this.#formats.get(name);
    if (format === undefined) throw new ConfigError(`unknown log format "${name}"${d.where}`);
    return format;
  }

  #errorPage(d: Directive): Settings['errorPages'][number] {
    const target = this.#text(d.args.at(-1) ?? '');
    const words = d.args.slice(0, -1);
    const answer = words.find((w) => w.startsWith('='))?.slice(1);
    const codes = words.filter((w) => !w.startsWith('='));
    for (const code of codes) {
      if (!/^\d+$/.test(code)) throw new ConfigError(`invalid value "${code}"${d.where}`);
      if (Number(code) < 300 || Number(code) > 599) throw new ConfigError(`value "${code}" must be between 300 and 599${d.where}`);
    }
    return { codes: codes.map(Number), answer, target };
  }

  #settings(block: readonly Directive[], above: Settings): Settings {
    const one = (name: string): Directive | undefined => {
      const [first, second] = all(block, name);
      if (second !== undefined) throw new ConfigError(`"${name}" directive is duplicate${second.where}`);
      return first;
    };
    const word = (name: string): string | undefined => one(name)?.args[0];
    const list = <T>(name: string, inherited: readonly T[], make: (d: Directive) => T): readonly T[] => {
      const own = all(block, name);
      return own.length === 0 ? inherited : own.map(make);
    };
    const root = word('root');
    const alias = word('alias');
    if (root !== undefined && alias !== undefined) throw new ConfigError(`"root" directive is duplicate, "alias" directive was specified earlier${one('root')?.where ?? ''}`);
    const types = one('types')?.block;
    const logs = all(block, 'access_log');
    const keepalive = one('keepalive_timeout');
    return {
      root: root === undefined ? above.root : fullPath(this.#text(root)), alias: alias === undefined ? undefined : fullPath(this.#text(alias)),
      index: one('index')?.args ?? above.index, defaultType: word('default_type') ?? above.defaultType, types: types === undefined ? above.types : this.#types(types),
      headers: list('add_header', above.headers, (d) => ({ name: d.args[0] ?? '', value: this.#text(d.args[1] ?? ''), always: d.args[2] === 'always' })),
      subs: list('sub_filter', above.subs, (d) => ({ from: this.#text(d.args[0] ?? ''), to: this.#text(d.args[1] ?? '') })),
      subOnce: (word('sub_filter_once') ?? (above.subOnce ? 'on' : 'off')) === 'on', subTypes: one('sub_filter_types')?.args.concat('text/html') ?? above.subTypes,
      subKeepsDate: (word('sub_filter_last_modified') ?? (above.subKeepsDate ? 'on' : 'off')) === 'on',
      errorPages: list('error_page', above.errorPages, (d) => this.#errorPage(d)),
      logs: logs.length === 0 ? above.logs : logs.filter((d) => d.args[0] !== 'off').map((d) => ({ path: fullPath(d.args[0] ?? ''), format: this.#format(d) })),
      keepalive: keepalive === undefined ? above.keepalive : timeOf(keepalive), tokens: (word('server_tokens') ?? (above.tokens ? 'on' : 'off')) !== 'off',
      charset: ((c) => (c === 'off' ? undefined : c))(word('charset') ?? above.charset ?? 'off'),
    };
  }

  #rewrites(block: readonly Directive[]): readonly Rewrite[] {
    return block.flatMap((d): Rewrite[] => {
      const [first = '', second] = d.args;
      if (d.name === 'set') {
        if (!first.startsWith('$')) throw new ConfigError(`invalid variable name "${first}"${d.where}`);
        this.#variables.add(first.slice(1));
        return [{ kind: 'set', name: first.slice(1), value: this.#text(second ?? '') }];
      }
      if (d.name !== 'return') return [];
      if (/^\d+$/.test(first)) {
        if (Number(first) > 999) throw new ConfigError(`invalid return code "${first}"${d.where}`);
        return [{ kind: 'return', status: Number(first), text: second === undefined ? undefined : this.#text(second) }];
      }
      if (second !== undefined || !/^(?:https?:\/\/|\$scheme)/.test(first)) throw new ConfigError(`invalid return code "${first}"${d.where}`);
      return [{ kind: 'return', status: 302, text: this.#text(first) }];
    });
  }

  #location(d: Directive, above: Settings): Location {
    const block = d.block ?? [];
    const [first = '', second] = d.args;
    const words = second === undefined ? (/^(=|\^~|~\*|~)(.+)$/.exec(first)?.slice(1) ?? (first.startsWith('@') ? ['@', first.slice(1)] : ['', first])) : [first, second];
    const [match = '', path = ''] = words;
    if (!['', '=', '^~', '~', '~*', '@'].includes(match)) throw new ConfigError(`invalid location modifier "${match}"${d.where}`);
    const nested = all(block, 'location')[0];
    if (nested !== undefined) throw new ConfigError(`"location" in a location is not modelled in this lab${nested.where}`);
    const kind = match === '=' || match === '^~' || match === '~' || match === '~*' || match === '@' ? match : '';
    return {
      match: kind, path, pattern: kind === '~' || kind === '~*' ? pattern(path, kind === '~*' ? 'i' : '', d) : undefined, rewrites: this.#rewrites(block), tryFiles: this.#tryFiles(block), internal: all(block, 'internal').length > 0,
      settings: this.#settings(block, above),
    };
  }

  #tryFiles(block: readonly Directive[]): readonly string[] | undefined {
    const [d] = all(block, 'try_files');
    return d?.args.map((a) => this.#text(a));
  }

  #server(d: Directive, above: Settings): Server {
    const block = d.block ?? [];
    const settings = this.#settings(block, above);
    const rewrites = this.#rewrites(block);
    const locations: Location[] = [];
    for (const l of all(block, 'location')) {
      const location = this.#location(l, settings);
      if (locations.some((o) => o.match === location.match && o.path === location.path && o.pattern === undefined)) throw new ConfigError(`duplicate location "${location.path}"${l.where}`);
      locations.push(location);
    }
    const listens = all(block, 'listen').flatMap((l) => listenOf(l));
    return {
      names: all(block, 'server_name').flatMap((n) => n.args), settings, rewrites, tryFiles: this.#tryFiles(block), locations,
      listens: all(block, 'listen').length === 0 ? [{ address: ANY, port: 80, isDefault: false }] : listens,
      ports6: all(block, 'listen').flatMap((l) => /^\[::\](?::(\d+))?$/.exec(l.args[0] ?? '')?.slice(1).map((port) => Number(port ?? 80)) ?? []),
    };
  }

  config(main: readonly Directive[]): NginxConfig {
    const https = all(main, 'http');
    if (https[1] !== undefined) throw new ConfigError(`"http" directive is duplicate${https[1].where}`);
    if (all(main, 'events').length === 0) throw new ConfigError('no "events" section in configuration');
    const block = https[0]?.block ?? [];
    for (const d of all(block, 'log_format')) this.#formats.set(d.args[0] ?? '', this.#text(d.args.slice(d.args[1]?.startsWith('escape=') === true ? 2 : 1).join('')));
    const settings = this.#settings(block, BASE);
    const servers = all(block, 'server').map((d) => this.#server(d, settings));
    for (const name of this.#asked) if (!isKnown(name) && !this.#variables.has(name)) throw new ConfigError(`unknown "${name}" variable`);
    return { servers };
  }
}

/** The IPv4 socket of a `listen`; none for an IPv6 one: this lab has no IPv6. */
function listenOf(d: Directive): readonly Listen[] {
  const [target = '', ...options] = d.args;
  const refused = options.find((o) => ['ssl', 'http2', 'quic', 'proxy_protocol'].includes(o));
  if (refused !== undefined) throw new ConfigError(`"${refused}" of "listen" is not modelled in this lab${d.where}`);
  const unknown = options.find((o) => !/^(?:default_server|default|reuseport|deferred|bind|fastopen=\d+|backlog=\d+|rcvbuf=\w+|sndbuf=\w+|ipv6only=(?:on|off)|so_keepalive=.+)$/.test(o));
  if (unknown !== undefined) throw new ConfigError(`invalid parameter "${unknown}"${d.where}`);
  if (target.startsWith('unix:')) throw new ConfigError(`unix sockets are not modelled in this lab${d.where}`);
  if (target.startsWith('[')) return [];
  const match = /^(?:(\*|localhost|\d+\.\d+\.\d+\.\d+)(?::(\d+))?|(\d+))$/.exec(target);
  const host = match?.[1] ?? '*';
  const address = host === '*' ? ANY : parseIpv4(host === 'localhost' ? '127.0.0.1' : host);
  const port = Number(match?.[2] ?? match?.[3] ?? 80);
  if (match === null || address === undefined) throw new ConfigError(`host not found in "${target}" of the "listen" directive${d.where}`);
  if (port < 1 || port > 65535) throw new ConfigError(`invalid port in "${target}" of the "listen" directive${d.where}`);
  return [{ address, port, isDefault: options.some((o) => o === 'default_server' || o === 'default') }];
}

function pattern(text: string, flags: string, d: Directive): RegExp {
  try {
    return new RegExp(text, flags);
  } catch {
    throw new ConfigError(`pcre2_compile() failed: error in "${text}"${d.where}`);
  }
}

/** Reads the configuration as `nginx` does at its start. Throws {@link ConfigError}. */
export const loadConfig = (fs: FileSystem, path = '/etc/nginx/nginx.conf'): NginxConfig => new Compiler().config(readConfig(fs, path, 'main'));
