/** Models: tool_writeout.c: variables of -w. Not modelled: header_json, certs. */
import { toSeconds, type Nanos } from '../../../engine/sim/time.ts';

/** What is known of a transfer when it ended. Times are since its start. */
export interface TransferInfo {
  readonly url: string;
  readonly urlEffective: string;
  readonly urlNumber: number;
  readonly httpCode: number;
  readonly httpVersion: string;
  readonly contentType: string | undefined;
  readonly errorMessage: string | undefined;
  readonly exitCode: number;
  readonly fileName: string | undefined;
  readonly localIp: string;
  readonly localPort: number;
  readonly remoteIp: string;
  readonly remotePort: number;
  readonly method: string;
  readonly numConnects: number;
  readonly numHeaders: number;
  readonly numRedirects: number;
  readonly redirectUrl: string | undefined;
  readonly referer: string | undefined;
  readonly scheme: string;
  readonly sizeDownload: number;
  readonly sizeHeader: number;
  readonly sizeRequest: number;
  readonly sizeUpload: number;
  readonly times: { readonly nameLookup: Nanos; readonly connect: Nanos; readonly preTransfer: Nanos; readonly startTransfer: Nanos; readonly redirect: Nanos; readonly total: Nanos };
}

const time = (t: Nanos): string => toSeconds(t).toFixed(6);
const code = (n: number): string => String(n).padStart(3, '0');

const VARIABLES: Readonly<Record<string, (i: TransferInfo) => string>> = {
  content_type: (i) => i.contentType ?? '', errormsg: (i) => i.errorMessage ?? '', exitcode: (i) => String(i.exitCode), filename_effective: (i) => i.fileName ?? '', http_code: (i) => code(i.httpCode), response_code: (i) => code(i.httpCode),
  http_connect: () => '000', http_version: (i) => i.httpVersion, local_ip: (i) => i.localIp, local_port: (i) => String(i.localPort), remote_ip: (i) => i.remoteIp, remote_port: (i) => String(i.remotePort), method: (i) => i.method,
  num_connects: (i) => String(i.numConnects), num_headers: (i) => String(i.numHeaders), num_redirects: (i) => String(i.numRedirects), redirect_url: (i) => i.redirectUrl ?? '', referer: (i) => i.referer ?? '', scheme: (i) => i.scheme,
  size_download: (i) => String(i.sizeDownload), size_header: (i) => String(i.sizeHeader), size_request: (i) => String(i.sizeRequest), size_upload: (i) => String(i.sizeUpload),
  speed_download: (i) => String(speed(i.sizeDownload, i)), speed_upload: (i) => String(speed(i.sizeUpload, i)), ssl_verify_result: () => '0',
  time_appconnect: () => '0.000000', time_connect: (i) => time(i.times.connect), time_namelookup: (i) => time(i.times.nameLookup), time_pretransfer: (i) => time(i.times.preTransfer), time_redirect: (i) => time(i.times.redirect),
  time_starttransfer: (i) => time(i.times.startTransfer), time_total: (i) => time(i.times.total), url: (i) => i.url, url_effective: (i) => i.urlEffective, urlnum: (i) => String(i.urlNumber), json: json,
};

const speed = (bytes: number, i: TransferInfo): number => (i.times.total > 0 ? Math.floor(bytes / toSeconds(i.times.total)) : 0);

/** Numbers as numbers, empty texts as null, in the order of the table: as %{json}. */
function json(i: TransferInfo): string {
  const numbers = new Set(['exitcode', 'http_code', 'http_connect', 'local_port', 'num_connects', 'num_headers', 'num_redirects', 'remote_port', 'response_code', 'size_download', 'size_header', 'size_request', 'size_upload', 'speed_download', 'speed_upload', 'ssl_verify_result', 'urlnum']);
  const fields = Object.keys(VARIABLES).filter((n) => n !== 'json').sort().map((n) => {
    const value = VARIABLES[n]?.(i) ?? '';
    return `"${n}":${numbers.has(n) ? Number(value) : n.startsWith('time_') ? value : value === '' ? 'null' : JSON.stringify(value)}`;
  });
  return `{${fields.join(',')},"curl_version":"libcurl/8.7.1"}`;
}

export interface Written {
  readonly stdout: string;
  readonly stderr: string;
}

export function writeOut(format: string, info: TransferInfo): Written {
  const out = { stdout: '', stderr: '' };
  let where: 'stdout' | 'stderr' = 'stdout';
  for (let i = 0; i < format.length; i++) {
    const c = format.charAt(i);
    if (c === '%' && format.charAt(i + 1) === '%') {
      out[where] += '%';
      i++;
    } else if (c === '%' && format.charAt(i + 1) === '{') {
      const end = format.indexOf('}', i);
      if (end < 0) {
        out[where] += '%{';
        i++;
        continue;
      }
      const name = format.slice(i + 2, end);
      const variable = VARIABLES[name];
      if (name === 'stderr' || name === 'stdout') where = name;
      else if (name === 'onerror') {
        if (info.exitCode === 0) break;
      } else if (variable === undefined) out.stderr += `curl: unknown --write-out variable: '${name}'\n`;
      else out[where] += variable(info);
      i = end;
    } else if (c === '\\') {
      const next = format.charAt(++i);
      out[where] += next === 'n' ? '\n' : next === 'r' ? '\r' : next === 't' ? '\t' : `\\${next}`;
    } else out[where] += c;
  }
  return out;
}
