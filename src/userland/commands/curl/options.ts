/** Models: tool_getparam.c of curl 8.7.1. */
import { err, ok, type Result } from '../../../base/result.ts';

export interface CurlOptions {
  readonly urls: readonly string[];
  /** -o and -O in order; `remote`: -O. */
  readonly outputs: readonly (string | { readonly remote: true })[];
  readonly silent: boolean;
  readonly showError: boolean;
  readonly verbose: boolean;
  readonly include: boolean;
  readonly head: boolean;
  readonly location: boolean;
  readonly maxRedirs: number;
  readonly fail: boolean;
  readonly failWithBody: boolean;
  /** Seconds; 0: none. */
  readonly maxTime: number;
  readonly connectTimeout: number;
  readonly headers: readonly string[];
  readonly userAgent: string | undefined;
  readonly referer: string | undefined;
  readonly user: string | undefined;
  readonly cookie: string | undefined;
  readonly request: string | undefined;
  readonly data: readonly string[];
  readonly get: boolean;
  readonly writeOut: string | undefined;
  readonly resolve: readonly string[];
  readonly connectTo: readonly string[];
  readonly interface: string | undefined;
  readonly localPort: readonly [number, number] | undefined;
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  readonly retry: number;
  readonly retryDelay: number;
  readonly retryConnrefused: boolean;
  readonly failEarly: boolean;
  readonly http10: boolean;
  readonly dumpHeader: string | undefined;
  readonly progressBar: boolean;
  readonly noProgress: boolean;
  readonly version: boolean;
  readonly help: boolean;
}

type Kind = 'flag' | 'text' | 'number' | 'decimal';
interface Spec {
  readonly long: string;
  readonly short?: string;
  readonly kind: Kind;
  /** Known to curl, without meaning here. */
  readonly ignored?: boolean;
  /** Known to curl, refused here. */
  readonly absent?: boolean;
}

const flag = (long: string, short?: string, extra: Partial<Spec> = {}): Spec => ({ long, kind: 'flag', ...(short === undefined ? {} : { short }), ...extra });
const text = (long: string, short?: string, extra: Partial<Spec> = {}): Spec => ({ ...flag(long, short, extra), kind: 'text' });

export const SPECS: readonly Spec[] = [
  flag('silent', 's'), flag('show-error', 'S'), flag('verbose', 'v'), text('output', 'o'), flag('remote-name', 'O'), flag('head', 'I'), flag('include', 'i'), flag('insecure', 'k', { ignored: true }), flag('location', 'L'),
  { ...text('max-time', 'm'), kind: 'decimal' }, { ...text('connect-timeout'), kind: 'decimal' }, text('header', 'H'), text('user-agent', 'A'), text('request', 'X'), text('data', 'd'), text('data-raw'), text('data-ascii'),
  text('data-binary'), text('data-urlencode'), text('json'), flag('get', 'G'), text('write-out', 'w'), flag('fail', 'f'), flag('fail-with-body'), flag('fail-early'), text('resolve'), text('connect-to'), flag('ipv4', '4'), flag('ipv6', '6'),
  text('interface'), text('local-port'), flag('no-buffer', 'N', { ignored: true }), { ...text('retry'), kind: 'number' }, { ...text('retry-delay'), kind: 'number' }, { ...text('retry-max-time'), kind: 'number', ignored: true },
  flag('retry-connrefused'), flag('retry-all-errors'), text('user', 'u'), text('referer', 'e'), text('cookie', 'b'), text('url'), { ...text('max-redirs'), kind: 'number' }, flag('http1.0', '0'), flag('http1.1', undefined, { ignored: true }),
  flag('http2', undefined, { ignored: true }), text('dump-header', 'D'), flag('progress-bar', '#'), flag('no-progress-meter'), flag('version', 'V'), text('help', 'h'), flag('globoff', 'g', { ignored: true }), flag('no-keepalive', undefined, { ignored: true }),
  flag('tcp-nodelay', undefined, { ignored: true }), flag('compressed', undefined, { ignored: true }), flag('path-as-is', undefined, { ignored: true }), flag('disable', 'q', { ignored: true }), flag('parallel', 'Z', { absent: true }),
  text('upload-file', 'T', { absent: true }), text('form', 'F', { absent: true }), text('proxy', 'x', { absent: true }), text('cacert', undefined, { ignored: true }), text('cert', 'E', { ignored: true }), text('key', undefined, { ignored: true }),
  text('config', 'K', { absent: true }), text('range', 'r', { absent: true }), text('limit-rate', undefined, { absent: true }), text('trace', undefined, { absent: true }), text('trace-ascii', undefined, { absent: true }), text('cookie-jar', 'c', { absent: true }),
  text('socks5', undefined, { absent: true }), text('unix-socket', undefined, { absent: true }), text('dns-servers', undefined, { absent: true }), { ...text('keepalive-time'), kind: 'number', ignored: true },
];

const HINT = "curl: try 'curl --help' or 'curl --manual' for more information\n";
const complain = (message: string): { readonly ok: false; readonly error: string } => err(`curl: ${message}\n${HINT}`);

/** Options, or what to print on stderr before exit 2. */
export function parseOptions(args: readonly string[]): Result<CurlOptions, string> {
  const values = new Map<string, string[]>();
  const urls: string[] = [];
  const outputs: (string | { readonly remote: true })[] = [];
  const off = new Set<string>();
  let help = false;
  const give = (spec: Spec, shown: string, value: string): string | undefined => {
    if (spec.absent === true) return `option ${shown}: not modelled in this lab`;
    if (spec.kind === 'number' && !/^\d+$/.test(value)) return `option ${shown}: expected a proper numerical parameter`;
    if (spec.kind === 'decimal' && !/^\d+(\.\d*)?$/.test(value)) return `option ${shown}: expected a proper numerical parameter`;
    if (spec.long === 'output') outputs.push(value);
    if (spec.long === 'remote-name') outputs.push({ remote: true });
    if (spec.long === 'url') urls.push(value);
    off.delete(spec.long);
    const list = values.get(spec.long);
    if (list === undefined) values.set(spec.long, [value]);
    else list.push(value);
    return undefined;
  };
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (arg === '--') {
      urls.push(...args.slice(i + 1));
      break;
    }
    if (arg.startsWith('--')) {
      const word = arg.slice(2);
      const exact = SPECS.find((s) => s.long === word);
      const near = exact !== undefined ? [exact] : SPECS.filter((s) => word !== '' && s.long.startsWith(word));
      const [spec] = near;
      if (spec === undefined) {
        const negated = word.startsWith('no-') ? SPECS.find((s) => s.kind === 'flag' && s.long === word.slice(3)) : undefined;
        if (negated === undefined) return complain(`option ${arg}: is unknown`);
        off.add(negated.long);
        continue;
      }
      if (near.length > 1) return complain(`option ${arg}: is ambiguous`);
      if (spec.long === 'help') {
        help = true;
        break;
      }
      const value = spec.kind === 'flag' ? '' : args[++i];
      if (value === undefined) return complain(`option ${arg}: requires parameter`);
      const wrong = give(spec, arg, value);
      if (wrong !== undefined) return complain(wrong);
      continue;
    }
    if (!arg.startsWith('-') || arg === '-') {
      urls.push(arg);
      continue;
    }
    for (let k = 1; k < arg.length; k++) {
      const letter = arg.charAt(k);
      const spec = SPECS.find((s) => s.short === letter);
      if (spec === undefined) return complain(`option ${arg}: is unknown`);
      if (spec.long === 'help') {
        help = true;
        break;
      }
      const glued = arg.slice(k + 1);
      const value = spec.kind === 'flag' ? '' : glued !== '' ? glued : args[++i];
      if (value === undefined) return complain(`option ${arg}: requires parameter`);
      const wrong = give(spec, arg, value);
      if (wrong !== undefined) return complain(wrong);
      if (spec.kind !== 'flag') break;
    }
    if (help) break;
  }
  const has = (name: string): boolean => values.has(name) && !off.has(name);
  const last = (name: string): string | undefined => values.get(name)?.at(-1);
  const number = (name: string, otherwise = 0): number => Number(last(name) ?? otherwise);
  const localPort = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(last('local-port') ?? '');
  const json = values.get('json') ?? [];
  return ok({
    urls, outputs, silent: has('silent'), showError: has('show-error'), verbose: has('verbose'), include: has('include'), head: has('head'), location: has('location'), maxRedirs: number('max-redirs', 50), fail: has('fail'),
    failWithBody: has('fail-with-body'), failEarly: has('fail-early'), maxTime: number('max-time'), connectTimeout: number('connect-timeout'),
    headers: [...(json.length > 0 ? ['Content-Type: application/json', 'Accept: application/json'] : []), ...(values.get('header') ?? [])], userAgent: last('user-agent'), referer: last('referer'), user: last('user'), cookie: last('cookie'), request: last('request'),
    data: [...(values.get('data') ?? []), ...(values.get('data-ascii') ?? []), ...(values.get('data-raw') ?? []), ...(values.get('data-binary') ?? []), ...(values.get('data-urlencode') ?? []).map(urlEncoded), ...json],
    get: has('get'), writeOut: last('write-out'), resolve: values.get('resolve') ?? [], connectTo: values.get('connect-to') ?? [], interface: last('interface'),
    localPort: localPort === null ? undefined : [Number(localPort[1]), Number(localPort[2] ?? localPort[1])], ipv4: has('ipv4'), ipv6: has('ipv6'),
    retry: number('retry'), retryDelay: number('retry-delay'), retryConnrefused: has('retry-connrefused') || has('retry-all-errors'), http10: has('http1.0'), dumpHeader: last('dump-header'),
    progressBar: has('progress-bar'), noProgress: has('no-progress-meter'), version: has('version'), help,
  });
}

const urlEncoded = (part: string): string => {
  const cut = part.indexOf('=');
  return cut < 0 ? encodeURIComponent(part) : `${cut === 0 ? '' : `${part.slice(0, cut)}=`}${encodeURIComponent(part.slice(cut + 1))}`;
};

export const HELP = `Usage: curl [options...] <url>
 -d, --data <data>          HTTP POST data
 -f, --fail                 Fail fast with no output on HTTP errors
 -h, --help <category>      Get help for commands
 -i, --include              Include protocol response headers in the output
 -o, --output <file>        Write to file instead of stdout
 -O, --remote-name          Write output to a file named as the remote file
 -s, --silent               Silent mode
 -T, --upload-file <file>   Transfer local FILE to destination
 -u, --user <user:password> Server user and password
 -A, --user-agent <name>    Send User-Agent <name> to server
 -v, --verbose              Make the operation more talkative
 -V, --version              Show version number and quit

This is not the full help, this menu is stripped into categories.
Use "--help category" to get an overview of all categories.
For all options use the manual or "--help all".
`;

export { HINT };
