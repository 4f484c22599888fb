/** Models: txtproto_print of print.c / parsenfsfh (tcpdump 4.99) for HTTP. */
import { latin1 } from '../bytes.ts';

const METHODS = new Set([
  'GET', 'PUT', 'COPY', 'HEAD', 'LOCK', 'MOVE', 'POLL', 'POST', 'BCOPY', 'BMOVE', 'MKCOL', 'TRACE', 'LABEL', 'MERGE', 'DELETE', 'SEARCH', 'UNLOCK', 'REPORT', 'UPDATE', 'NOTIFY', 'BDELETE', 'CONNECT',
  'OPTIONS', 'CHECKIN', 'PROPFIND', 'CHECKOUT', 'CCM_POST', 'SUBSCRIBE', 'PROPPATCH', 'BPROPFIND', 'BPROPPATCH', 'UNCHECKOUT', 'MKACTIVITY', 'MKWORKSPACE', 'UNSUBSCRIBE', 'RPC_CONNECT', 'VERSION-CONTROL', 'BASELINE-CONTROL',
]);

/** One line from `at`; `next` undefined: no line end before something unprintable or the end. */
function line(text: string, at: number): { readonly line: string; readonly next: number | undefined } {
  let i = at;
  for (; i < text.length; i++) {
    const c = text.charAt(i);
    if (c === '\n') return { line: text.slice(at, i), next: i + 1 };
    if (c === '\r') {
      if (i + 1 >= text.length) return { line: text.slice(at, i), next: i + 1 };
      if (text.charAt(i + 1) === '\n') return { line: text.slice(at, i), next: i + 2 };
      break;
    }
    if ((c < ' ' || c > '~') && c !== '\t') break;
  }
  return { line: text.slice(at, i), next: undefined };
}

/** What follows `length N` of a segment from or to an HTTP port. */
export function httpTcpdump(payload: Uint8Array, verbose: number): string {
  const text = latin1(payload);
  const [first = '', second = ''] = text.slice(0, 64).split(/[ \r\n\t]+/);
  if (!METHODS.has(first.toUpperCase()) && !/^\d{3}$/.test(second)) return ': HTTP';
  if (verbose === 0) return `: HTTP: ${line(text, 0).line}`;
  let out = `: HTTP, length: ${payload.length}`;
  for (let at: number | undefined = 0; at !== undefined && at < text.length;) {
    const found = line(text, at);
    out += `\n\t${found.line}`;
    at = found.next;
  }
  return out;
}

/** print-ssh.c: the version line, nothing of what is encrypted. */
export function sshTcpdump(payload: Uint8Array): string {
  const found = line(latin1(payload), 0);
  return found.next === undefined ? '' : `: SSH: ${found.line}`;
}
