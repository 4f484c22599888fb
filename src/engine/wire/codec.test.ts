import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv4, mac } from './addresses.ts';
import { emitArp, parseArp } from './arp.ts';
import { latin1, fromLatin1, utf8, fromUtf8 } from './bytes.ts';
import { decodeDns, encodeDns, formatIpv6, reverseName, type DnsData, type DnsMessage, type DnsRecord } from './dns.ts';
import { dissect, shortLabel } from './dissect.ts';
import { emitFrame, parseFrame, parseFrameStrict, withPartialChecksum } from './frame.ts';
import { emitHttp, parseHttp, type HttpMessage } from './http.ts';
import { emitIpv4, emitIpv4Start, ipv4Checksum, parseEmbedded, parseIpv4Packet, partialSeed, transportChecksum, verifyHeader, verifyTransport } from './ipv4.ts';
import { frameLength, type EthernetFrame, type Ipv4Packet, type TcpOption, type TransportLayer } from './packet.ts';
import { emitPcapng } from './pcapng.ts';
import { parsePcap, pcapHeader, pcapRecord } from './pcap.ts';
import { concatBytes } from './bytes.ts';
import { DNS_FRAME, ip, ipFrame, SAMPLES, SYN_FRAME, tcp } from './testing/frames.ts';
import { parseTcp } from './tcp.ts';

const SEED = 20240606;
const RUN = { seed: SEED, numRuns: 300 };

const address = fc.nat(0xffffffff).map(ipv4);
const macAddress = fc.nat(2 ** 47 - 1).map((n) => mac(n * 2));
const port = fc.nat(65535).filter((n) => n !== 4789 && n !== 8472);
const bytes = fc.uint8Array({ maxLength: 60 });
const word = fc.nat(0xffffffff);

const option: fc.Arbitrary<TcpOption> = fc.oneof(
  fc.record({ kind: fc.constant('mss' as const), value: fc.nat(65535) }), fc.constant({ kind: 'sackOK' as const }), fc.constant({ kind: 'nop' as const }),
  fc.record({ kind: fc.constant('timestamps' as const), value: word, echo: word }), fc.record({ kind: fc.constant('wscale' as const), shift: fc.nat(14) }),
  fc.record({ kind: fc.constant('sack' as const), blocks: fc.array(fc.tuple(word, word), { minLength: 1, maxLength: 1 }) }),
  fc.record({ kind: fc.constant('unknown' as const), code: fc.integer({ min: 30, max: 250 }), bytes: fc.uint8Array({ maxLength: 4 }) }));

const tcpSegment = fc.record({
  kind: fc.constant('tcp' as const), srcPort: port, dstPort: port, seq: word, ack: word, flags: fc.nat(255), window: fc.nat(65535), options: fc.array(option, { maxLength: 2 }), payload: bytes,
});
const udpDatagram = fc.record({ kind: fc.constant('udp' as const), srcPort: port, dstPort: port, payload: bytes });
const icmpMessage = fc.record({ kind: fc.constant('icmp' as const), type: fc.nat(255), code: fc.nat(255), rest: word, body: bytes });

const withProtocol = fc.oneof(
  tcpSegment.map((payload) => ({ protocol: 6, payload: payload as TransportLayer })), udpDatagram.map((payload) => ({ protocol: 17, payload: payload as TransportLayer })),
  icmpMessage.map((payload) => ({ protocol: 1, payload: payload as TransportLayer })), bytes.map((b) => ({ protocol: 200, payload: { kind: 'data' as const, bytes: b } as TransportLayer })));

const packet: fc.Arbitrary<Ipv4Packet> = fc.record({
  head: fc.record({ kind: fc.constant('ipv4' as const), tos: fc.nat(255), id: fc.nat(65535), df: fc.boolean(), ttl: fc.nat(255), src: address, dst: address }),
  inside: withProtocol, options: fc.option(fc.constant(Uint8Array.of(148, 4, 0, 0)), { nil: undefined }),
}).map(({ head, inside, options }) => ({ ...head, mf: false, offset: 0, ...inside, ...(options === undefined ? {} : { options }) }));

const ethernet = (payload: EthernetFrame['payload'], etherType: number, dst: number, src: number, vlan: number | undefined): EthernetFrame =>
  ({ kind: 'ethernet', header: { dst: mac(dst), src: mac(src), etherType, ...(vlan === undefined ? {} : { vlan: { id: vlan, pcp: 3 } }) }, payload });

const plain = fc.tuple(packet, macAddress, macAddress, fc.option(fc.nat(4094), { nil: undefined })).map(([p, d, s, v]) => ethernet(p, 0x0800, d, s, v));
const vxlan = fc.tuple(plain, address, address, fc.nat(0xffffff), fc.boolean()).map(([inner, src, dst, vni, sum]): EthernetFrame => ethernet({
  kind: 'ipv4', tos: 0, id: 0, df: false, mf: false, offset: 0, ttl: 64, protocol: 17, src, dst,
  payload: { kind: 'udp', srcPort: 50000, dstPort: 8472, payload: { kind: 'vxlan', vni, inner }, ...(sum ? {} : { checksum: 0 }) } }, 0x0800, 1, 2, undefined));
const frame = fc.oneof({ weight: 3, arbitrary: plain }, { weight: 1, arbitrary: vxlan });

describe('frames', () => {
  it('parse(emit(x)) = x', () => {
    fc.assert(fc.property(frame, (f) => {
      const b = emitFrame(f);
      expect(b.length).toBe(frameLength(f));
      expect(parseFrame(b)).toEqual(f);
    }), RUN);
  });
  it('checksums verify, and one flipped bit does not', () => {
    fc.assert(fc.property(packet, fc.nat(), (p, at) => {
      const b = emitIpv4(p);
      const back = parseIpv4Packet(b);
      if (!back.ok) throw new Error(back.error);
      expect(verifyHeader(back.value) && verifyTransport(back.value)).toBe(true);
      const header = 20 + (p.options?.length ?? 0);
      if (p.payload.kind === 'data' || b.length === header) return;
      // Not the lengths, which change what is covered.
      const flip = header + (at % (b.length - header));
      if (p.payload.kind === 'udp' && flip - header < 8) return;
      if (p.payload.kind === 'tcp' && flip - header >= 12 && flip - header < 20 + 40) return;
      b[flip] = (b[flip] ?? 0) ^ 0x10;
      const broken = parseIpv4Packet(b);
      expect(broken.ok && verifyTransport(broken.value)).toBe(false);
    }), RUN);
  });
  it('any bytes give a frame or an error, never an exception', () => {
    fc.assert(fc.property(fc.oneof(fc.uint8Array({ maxLength: 120 }), frame.chain((f) => fc.tuple(fc.constant(emitFrame(f)), fc.nat(200), fc.nat(255), fc.nat(200)).map(([b, at, value, cut]) => {
      b[at % b.length] = value;
      return b.subarray(0, cut);
    }))), (b) => {
      const f = parseFrame(b);
      expect(parseFrameStrict(b).ok).toBe(b.length >= 18 || (b.length >= 14 && !(b[12] === 0x81 && b[13] === 0)));
      expect(dissect(f).length).toBeGreaterThan(0);
      expect(shortLabel(f.payload)).not.toBe('');
      parseEmbedded(b);
      decodeDns(b);
      parseHttp(b);
    }), { ...RUN, numRuns: 600 });
  });
  it('dissect covers every byte once, in order', () => {
    for (const s of SAMPLES.filter((x) => !x.name.startsWith('icmp ') && !x.name.startsWith('ip options'))) {
      let at = 0;
      for (const layer of dissect(s.frame, { partialChecksum: s.partial })) {
        expect(layer.offset === at || layer.layer === 'dns', `${s.name}: ${layer.name} at ${layer.offset}, expected ${at}`).toBe(true);
        at = layer.offset + layer.length;
        for (const f of layer.fields) expect(f.offset >= layer.offset && f.offset + f.length <= at, `${s.name} ${layer.name} ${f.name}`).toBe(true);
      }
      expect(at, s.name).toBe(frameLength(s.frame));
    }
  });
});

describe('checksums', () => {
  it('UDP whose checksum comes out as zero is sent as 0xffff', () => {
    const base = ipFrame('0.0.0.0', '0.0.0.0', 17, { kind: 'udp', srcPort: 0, dstPort: 0, payload: new Uint8Array(2) }).payload;
    if (base.kind !== 'ipv4' || base.payload.kind !== 'udp') throw new Error('setup');
    const rest = transportChecksum(base) ?? 0;
    const zero: Ipv4Packet = { ...base, payload: { ...base.payload, payload: Uint8Array.of(rest >>> 8, rest & 255) } };
    expect(transportChecksum(zero)).toBe(0xffff);
    expect(parseIpv4Packet(emitIpv4(zero))).toEqual({ ok: true, value: zero });
  });
  it.each([['10.42.0.1', '10.42.0.18', 20, 0x1495], ['10.42.0.1', '10.42.0.18', 12, 0x148d]] as const)('partial seed %s > %s with %i bytes of options', (src, dst, size, seed) => {
    const options: TcpOption[] = Array.from({ length: size }, () => ({ kind: 'nop' }));
    const p = ipFrame(src, dst, 6, tcp(1, 2, 0, 0, 2, new Uint8Array(0), options)).payload;
    expect(p.kind === 'ipv4' ? partialSeed(p) : 0).toBe(seed);
  });
  it('a literal checksum is kept; the partial form of a frame is what its bytes parse to', () => {
    for (const s of SAMPLES.filter((x) => x.partial)) expect(withPartialChecksum(s.frame, true), s.name).toEqual(parseFrame(emitFrame(s.frame, { partialChecksum: true })));
  });
  it('what carries a finished packet may be unfinished itself', () => {
    const inner: EthernetFrame = { kind: 'ethernet', header: DNS_FRAME.header, payload: DNS_FRAME.payload };
    const outer: EthernetFrame = { ...inner, payload: { kind: 'ipv4', tos: 0, id: 1, df: false, mf: false, offset: 0, ttl: 64, protocol: 17, src: ipv4(0x0a000001), dst: ipv4(0x0a000002), payload: { kind: 'udp', srcPort: 40000, dstPort: 8472, checksum: undefined, payload: { kind: 'vxlan', vni: 1, inner } } } };
    const literal = withPartialChecksum(outer, 'outer');
    expect(literal).toEqual(parseFrame(emitFrame(outer, { partialChecksum: 'outer' })));
    expect(literal.payload.kind === 'ipv4' && literal.payload.payload.kind === 'udp' ? literal.payload.payload.checksum : undefined).toBe(outer.payload.kind === 'ipv4' ? partialSeed(outer.payload) : 0);
  });
  it('the header checksum of the transcript world', () => {
    const p = DNS_FRAME.payload;
    expect(p.kind === 'ipv4' ? ipv4Checksum(p) : 0).toBe(0x0da4);
  });
});

describe('embedded packets', () => {
  it.each([28, 40, 48, 100])('an error that quotes %i bytes still names the ports', (limit) => {
    const syn = SYN_FRAME.payload;
    if (syn.kind !== 'ipv4') throw new Error('setup');
    const inner = parseEmbedded(emitIpv4Start(syn, limit));
    expect(inner?.payload).toMatchObject({ kind: 'tcp', srcPort: 49186, dstPort: 80, seq: 1000 });
    expect(inner).toMatchObject({ src: ip('10.42.1.4'), dst: ip('10.42.0.8'), protocol: 6 });
  });
  it('a whole packet comes back whole', () => {
    const p = DNS_FRAME.payload;
    if (p.kind !== 'ipv4') throw new Error('setup');
    expect(parseEmbedded(emitIpv4(p))).toEqual(p);
  });
  it('less than a header is nothing', () => {
    expect(parseEmbedded(new Uint8Array(19))).toBeUndefined();
  });
});

describe('malformed', () => {
  it.each([
    ['runt', new Uint8Array(19), 'PKT_TOO_SMALL'], ['version 6', Uint8Array.of(0x65, ...new Uint8Array(30)), 'IP_INHDR'], ['header length 16', Uint8Array.of(0x44, 0, 0, 20, ...new Uint8Array(30)), 'IP_INHDR'],
    ['total below header', Uint8Array.of(0x45, 0, 0, 10, ...new Uint8Array(30)), 'IP_INHDR'], ['total beyond the bytes', Uint8Array.of(0x45, 0, 1, 0, ...new Uint8Array(30)), 'PKT_TOO_SMALL'],
  ] as const)('IPv4: %s', (_, b, error) => {
    expect(parseIpv4Packet(b)).toEqual({ ok: false, error });
  });
  it('TCP: an option that runs over the header', () => {
    const b = new Uint8Array(24);
    b[12] = 0x60;
    b[20] = 2;
    b[21] = 9;
    expect(parseTcp(b, ip('1.1.1.1'), ip('2.2.2.2'))).toEqual({ ok: false, error: 'PKT_TOO_SMALL' });
  });
  it('ARP: other hardware', () => {
    expect(parseArp(new Uint8Array(28))).toEqual({ ok: false, error: 'UNHANDLED_PROTO' });
    expect(parseArp(new Uint8Array(27))).toEqual({ ok: false, error: 'PKT_TOO_SMALL' });
  });
  it('ARP: parse(emit(x)) = x', () => {
    for (const s of SAMPLES) if (s.frame.payload.kind === 'arp') expect(parseArp(emitArp(s.frame.payload))).toEqual({ ok: true, value: s.frame.payload });
  });
});

const label = fc.stringMatching(/^[a-z0-9_-]{1,12}$/);
const name = fc.array(label, { maxLength: 5 }).map((l) => l.join('.'));
const data: fc.Arbitrary<readonly [number, DnsData]> = fc.oneof(
  address.map((a) => [1, { kind: 'A', address: a }] as const), fc.uint8Array({ minLength: 16, maxLength: 16 }).map((b) => [28, { kind: 'AAAA', bytes: b }] as const),
  name.map((target) => [5, { kind: 'CNAME', target }] as const), name.map((target) => [12, { kind: 'PTR', target }] as const), name.map((target) => [2, { kind: 'NS', target }] as const),
  fc.tuple(name, fc.nat(65535)).map(([target, p]) => [33, { kind: 'SRV', priority: 1, weight: 2, port: p, target }] as const),
  fc.array(fc.uint8Array({ maxLength: 20 }), { minLength: 1, maxLength: 3 }).map((strings) => [16, { kind: 'TXT', strings }] as const),
  fc.tuple(name, name, word).map(([mname, rname, serial]) => [6, { kind: 'SOA', mname, rname, serial, refresh: 1, retry: 2, expire: 3, minimum: 4 }] as const),
  bytes.map((b) => [99, { kind: 'unknown', bytes: b }] as const));
const record: fc.Arbitrary<DnsRecord> = fc.tuple(name, data, fc.nat(86400)).map(([n, [type, d], ttl]) => ({ name: n, type, class: 1, ttl, data: d }));
const message: fc.Arbitrary<DnsMessage> = fc.record({
  id: fc.nat(65535), response: fc.boolean(), opcode: fc.constant(0), authoritative: fc.boolean(), truncated: fc.boolean(), recursionDesired: fc.boolean(), recursionAvailable: fc.boolean(),
  authenticData: fc.boolean(), checkingDisabled: fc.boolean(), rcode: fc.nat(5), questions: fc.array(fc.record({ name, type: fc.nat(255), class: fc.constant(1) }), { maxLength: 2 }),
  answers: fc.array(record, { maxLength: 4 }), authority: fc.array(record, { maxLength: 2 }),
  additional: fc.oneof(fc.constant([]), fc.constant([{ name: '', type: 41, class: 1232, ttl: 0, data: { kind: 'OPT' as const, options: [{ code: 10, bytes: Uint8Array.of(1, 2) }] } }])),
});

describe('DNS', () => {
  it('decode(encode(x)) = x, compressed or not', () => {
    fc.assert(fc.property(message, fc.boolean(), (m, compress) => {
      const b = encodeDns(m, { compress });
      expect(decodeDns(b)).toEqual({ ok: true, value: m });
    }), RUN);
  });
  it('sizes of the transcript: the query 68, the answer without compression 123', () => {
    const p = DNS_FRAME.payload;
    expect(p.kind === 'ipv4' && p.payload.kind === 'udp' && p.payload.payload instanceof Uint8Array ? p.payload.payload.length : 0).toBe(68);
  });
  it('a name that points to itself is an error', () => {
    const loop = Uint8Array.of(0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1);
    expect(decodeDns(loop)).toEqual({ ok: false, error: 'bad name' });
  });
  it.each([['::', '00'.repeat(16)], ['2001:db8::1', `20010db8${'00'.repeat(11)}01`], ['1:0:1::', `000100000001${'00'.repeat(10)}`], ['fe80::1:0:0:1', `fe80${'00'.repeat(6)}0001000000000001`]])('IPv6 text %s', (text, digits) => {
    expect(formatIpv6(Uint8Array.from(digits.match(/../g) ?? [], (h) => Number.parseInt(h, 16)))).toBe(text);
  });
  it('reverse names', () => {
    expect(reverseName(ip('10.43.0.10'))).toBe('10.0.43.10.in-addr.arpa');
  });
  it('escaped dots stay inside their label', () => {
    const m = decodeDns(encodeDns({ id: 1, response: false, opcode: 0, authoritative: false, truncated: false, recursionDesired: true, recursionAvailable: false, authenticData: false, checkingDisabled: false, rcode: 0, questions: [{ name: 'a\\.b.c', type: 1, class: 1 }], answers: [], authority: [], additional: [] }));
    expect(m.ok && m.value.questions[0]?.name).toBe('a\\.b.c');
  });
});

describe('HTTP', () => {
  const token = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,10}$/).filter((t) => !/^(?:content-length|transfer-encoding)$/i.test(t));
  const value = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/);
  const http: fc.Arbitrary<HttpMessage> = fc.tuple(fc.array(fc.tuple(token, value), { maxLength: 4 }), bytes, fc.boolean()).map(([headers, body, request]) => {
    const all = [...headers, ['Content-Length', String(body.length)] as const];
    return request ? { kind: 'request', method: 'GET', target: '/', version: 'HTTP/1.1', headers: all, body } : { kind: 'response', version: 'HTTP/1.1', status: 200, reason: 'OK', headers: all, body };
  });
  it('parse(emit(x)) = x, and no prefix is a whole message', () => {
    fc.assert(fc.property(http, fc.nat(), (m, n) => {
      const b = emitHttp(m);
      expect(parseHttp(b)).toEqual({ ok: true, value: { message: m, length: b.length } });
      const cut = n % b.length;
      expect(parseHttp(b.subarray(0, cut))).toEqual({ ok: true, value: undefined });
    }), RUN);
  });
  it('chunked bodies', () => {
    const b = fromLatin1('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n');
    const parsed = parseHttp(b);
    expect(parsed.ok && parsed.value !== undefined && latin1(parsed.value.message.body)).toBe('hello world');
    expect(parseHttp(b.subarray(0, b.length - 3))).toEqual({ ok: true, value: undefined });
  });
  it('bodies until close, and answers to HEAD', () => {
    const b = fromLatin1('HTTP/1.0 200 OK\r\n\r\nhello');
    expect(parseHttp(b)).toEqual({ ok: true, value: undefined });
    const closed = parseHttp(b, { closed: true });
    expect(closed.ok && closed.value?.length).toBe(b.length);
    const head = parseHttp(fromLatin1('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n'), { noBody: true });
    expect(head.ok && head.value?.message.body.length).toBe(0);
  });
  it.each([['GARBAGE\r\n\r\n', 'bad start line'], ['GET / HTTP/1.1\r\nno colon\r\n\r\n', 'bad header'], ['HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n', 'bad length']])('%j', (text, error) => {
    expect(parseHttp(fromLatin1(text))).toEqual({ ok: false, error });
  });
});

describe('capture files', () => {
  it('pcap: parse(write(x)) = x', () => {
    const records = SAMPLES.map((s, i) => ({ micros: 1e15 + i, length: frameLength(s.frame), bytes: emitFrame(s.frame) }));
    const file = concatBytes([pcapHeader(1), ...records.map(pcapRecord)]);
    expect(parsePcap(file)).toEqual({ ok: true, value: { linkType: 1, snaplen: 262144, records, cut: false } });
    expect(parsePcap(fromLatin1(latin1(file)))).toMatchObject({ ok: true });
    expect(parsePcap(file.subarray(0, file.length - 1))).toMatchObject({ ok: true, value: { cut: true } });
    expect(parsePcap(new Uint8Array(30))).toEqual({ ok: false, error: 'unknown file format' });
  });
  it('pcapng: blocks are aligned and repeat their length', () => {
    const file = emitPcapng(['vm2/cni0', 'vm1/eth0'], [{ interface: 1, nanos: 1717679368510565123n, bytes: Uint8Array.of(1, 2, 3), direction: 'out', comment: 'é' }]);
    let at = 0;
    let blocks = 0;
    while (at < file.length) {
      const view = new DataView(file.buffer, file.byteOffset);
      const length = view.getUint32(at + 4);
      expect(length % 4).toBe(0);
      expect(view.getUint32(at + length - 4)).toBe(length);
      at += length;
      blocks++;
    }
    expect(blocks).toBe(4);
  });
  it('text as UTF-8', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (s) => {
      expect(utf8(s)).toEqual(new TextEncoder().encode(s));
      expect(fromUtf8(utf8(s))).toBe(s);
    }), RUN);
  });
});
