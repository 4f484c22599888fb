/** Models: what curl's URL parser makes of an argument (http and what it guesses). Not modelled: globbing, IDN, IPv6 literals. */
import { err, ok, type Result } from '../../../base/result.ts';

export interface CurlUrl {
  readonly scheme: string;
  readonly user: string | undefined;
  readonly host: string;
  readonly port: number;
  /** Path and query, as sent. */
  readonly target: string;
  /** `host` or `host:port` as the Host header says it. */
  readonly authority: string;
  /** The whole URL as %{url_effective} shows it. */
  readonly text: string;
}

export interface UrlError {
  readonly code: number;
  readonly message: string;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 };
const BAD: UrlError = { code: 3, message: 'URL using bad/illegal format or missing URL' };

export function parseUrl(argument: string): Result<CurlUrl, UrlError> {
  if (/[\s]/.test(argument.trim()) || argument.trim() === '') return err(BAD);
  const match = /^(?:([A-Za-z][A-Za-z0-9+.-]*):\/\/\/?)?(?:([^/@?#]*)@)?([^/?#]*)([^#]*)(?:#.*)?$/.exec(argument.trim());
  if (match === null) return err(BAD);
  const [, given, user, hostPort = '', rest = ''] = match;
  const scheme = (given ?? 'http').toLowerCase();
  const defaultPort = DEFAULT_PORTS[scheme];
  if (defaultPort === undefined) return err({ code: 1, message: `Protocol "${scheme}" not supported` });
  const parts = /^([^:]*)(?::(\d*))?$/.exec(hostPort);
  if (parts === null || parts[1] === undefined || parts[1] === '') return err(hostPort === '' || parts === null ? { code: 3, message: hostPort === '' ? 'URL rejected: No host part in the URL' : 'URL rejected: Port number was not a decimal number between 0 and 65535' } : { code: 3, message: 'URL rejected: No host part in the URL' });
  const host = parts[1].toLowerCase() === parts[1] ? parts[1] : parts[1].toLowerCase();
  const port = parts[2] === undefined || parts[2] === '' ? defaultPort : Number(parts[2]);
  if (port > 65535) return err({ code: 3, message: 'URL rejected: Port number was not a decimal number between 0 and 65535' });
  if (/[^A-Za-z0-9._-]/.test(host)) return err({ code: 3, message: 'URL rejected: Bad hostname' });
  const target = rest === '' ? '/' : rest.startsWith('?') ? `/${rest}` : rest;
  const authority = port === defaultPort ? host : `${host}:${port}`;
  return ok({ scheme, user, host, port, target, authority, text: `${scheme}://${user === undefined ? '' : `${user}@`}${authority}${target}` });
}

/** Where a Location header leads. */
export function follow(base: CurlUrl, location: string): Result<CurlUrl, UrlError> {
  if (/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(location)) return parseUrl(location);
  const root = `${base.scheme}://${base.authority}`;
  if (location.startsWith('//')) return parseUrl(`${base.scheme}:${location}`);
  if (location.startsWith('/')) return parseUrl(root + location);
  const path = base.target.replace(/\?.*/, '');
  return parseUrl(root + path.slice(0, path.lastIndexOf('/') + 1) + location);
}
