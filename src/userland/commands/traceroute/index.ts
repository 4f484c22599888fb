/**
 * Read first: traceroute(8).
 * Models: traceroute 2.1.2 (Debian 12, Ubuntu 22.04 has 2.1.0): the UDP method, -4 -n -m -f -q -w -p -N, a packet length; busybox 1.36's in Alpine images: -n -m -f -q -w -p.
 * Not modelled: -I, -T and other methods, -i, -s, -t, -g, -z, -A, -e, IPv6; a datagram that somebody answers.
 */
import { STRERROR } from '../../../engine/uapi/errno.ts';
import { formatIpv4 } from '../../../engine/wire/addresses.ts';
import type { Command } from '../../host.ts';
import { libraryOf, lookup, lookupErrorText } from '../../resolver/lookup.ts';
import { catching, Exit, NOT_MODELLED, print } from '../kit.ts';
import { openSocket, Trace, type Style } from './trace.ts';

const DEBIAN: Style = { together: 16, star: ' *', adapts: true };
const BUSYBOX: Style = { together: 1, star: '  *', adapts: false };
/** Options with a value, and their names in messages. */
const VALUES: Readonly<Record<string, string>> = { m: 'max_ttl', f: 'first_ttl', q: 'nqueries', w: 'MAX,HERE,NEAR', p: 'port', N: 'squeries' };
const LONG: Readonly<Record<string, string>> = { 'max-hops': 'm', first: 'f', queries: 'q', wait: 'w', port: 'p', 'sim-queries': 'N' };
const ABSENT = ['6', 'd', 'F', 'g', 'I', 'T', 'i', 't', 'l', 'r', 's', 'z', 'e', 'A', 'M', 'O', 'U', 'D', 'V', 'icmp', 'tcp', 'udp', 'dccp', 'version', 'help'];
const MAX_HOPS = 255;
const MAX_QUERIES = 10;
const LENGTH = { debian: 60, busybox: 46 };

interface Given {
  readonly values: ReadonlyMap<string, number>;
  readonly numeric: boolean;
  readonly words: readonly { readonly text: string; readonly at: number }[];
}

function read(args: readonly string[]): Given {
  const values = new Map<string, number>();
  const words: { text: string; at: number }[] = [];
  let numeric = false;
  for (let i = 1; i < args.length; i++) {
    const word = args[i] ?? '';
    if (!/^-./.test(word)) {
      words.push({ text: word, at: i });
      continue;
    }
    const [, long, given] = /^--([^=]+)(?:=(.*))?$/.exec(word) ?? [];
    const letters = long === undefined ? word.slice(1) : LONG[long] ?? '';
    if (letters === '') throw new Exit(2, ABSENT.includes(long ?? '') ? `traceroute: ${word}: ${NOT_MODELLED}\n` : `Bad option \`${word}' (argc ${i})\n`);
    for (let k = 0; k < letters.length; k++) {
      const letter = letters[k] ?? '';
      const name = VALUES[letter];
      if (letter === 'n') numeric = true;
      else if (name !== undefined) {
        const at = i;
        const text = given ?? (k + 1 < letters.length ? letters.slice(k + 1) : args[++i]);
        if (text === undefined) throw new Exit(2, `Option \`-${letter}' (argc ${at}) requires an argument: \`-${letter} ${name}'\n`);
        const value = Number(letter === 'w' ? text.split(',')[0] : text);
        if (text === '' || Number.isNaN(value)) throw new Exit(2, `Cannot handle \`-${letter}' option with arg \`${text}' (argc ${i})\n`);
        values.set(letter, value);
        break;
      } else if (letter !== '4') throw new Exit(2, ABSENT.includes(letter) ? `traceroute: -${letter}: ${NOT_MODELLED}\n` : `Bad option \`-${letter}' (argc ${i})\n`);
    }
  }
  return { values, numeric, words };
}

export const traceroute: Command = {
  name: 'traceroute',
  models: 'UDP, IPv4: -n -m -f -q -w -p -N, length; busybox’s in Alpine images',
  notModelled: '-I, -T and other methods, IPv6',
  *run(context) {
    return yield* catching(context, (function* () {
      const { values, numeric, words } = read(context.args);
      const [name, size] = words;
      const { kernel, host } = context;
      const library = libraryOf(host.fs);
      const busybox = library === 'musl';
      if (name === undefined) throw new Exit(busybox ? 1 : 2, 'Usage:\n  traceroute [ -4n ] [ -f first_ttl ] [ -m max_ttl ] [ -N squeries ] [ -p port ] [ -w MAX,HERE,NEAR ] [ -q nqueries ] host [ packetlen ]\n');
      const length = size === undefined ? LENGTH[busybox ? 'busybox' : 'debian'] : Number(size.text);
      if (Number.isNaN(length)) throw new Exit(2, `Cannot handle "packetlen" cmdline arg \`${size?.text ?? ''}' on position 2 (argc ${size?.at ?? 0})\n`);
      const [first, max, queries] = [values.get('f') ?? 1, values.get('m') ?? 30, values.get('q') ?? 3];
      if (first < 1 || first > max) throw new Exit(2, 'first hop out of range\n');
      if (max > MAX_HOPS) throw new Exit(2, `max hops cannot be more than ${MAX_HOPS}\n`);
      if (queries < 1 || queries > MAX_QUERIES) throw new Exit(2, `no more than ${MAX_QUERIES} probes per hop\n`);
      const found = yield* lookup(kernel, host.fs, name.text, { library });
      const target = found.ok ? found.value.addresses[0] : undefined;
      if (target === undefined) {
        const why = lookupErrorText(found.ok ? 'NODATA' : found.error, library);
        throw new Exit(busybox ? 1 : 2, busybox ? `traceroute: bad address '${name.text}'\n` : `${name.text}: ${why}\nCannot handle "host" cmdline arg \`${name.text}' on position 1 (argc ${name.at})\n`);
      }
      print(context, `traceroute to ${name.text} (${formatIpv4(target)}), ${max} hops max, ${length} byte packets\n`);
      const socket = openSocket(context);
      try {
        const style = busybox ? BUSYBOX : { ...DEBIAN, together: values.get('N') ?? DEBIAN.together };
        const failed = yield* new Trace(context, socket, { target, first, max, queries, port: values.get('p') ?? 33434 + (busybox ? 1 : 0), length, wait: values.get('w') ?? 5, numeric }, style).run();
        if (failed !== undefined) throw new Exit(1, `${busybox ? 'traceroute: sendto' : 'connect'}: ${STRERROR[failed]}\n`);
        return 0;
      } finally {
        socket.close();
      }
    })());
  },
};
