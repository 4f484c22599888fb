import { describe, expect, it, test } from 'vitest';
import { emitFrame, parseFrame } from '../frame.ts';
import { SAMPLES, DNS_ANSWER_FRAME, DNS_FRAME, ipFrame, samplesPcap, SYN_FRAME, tcp } from '../testing/frames.ts';
import { realTcpdump, runTcpdump } from '../testing/real-tcpdump.ts';
import { asciiDump, hexDump } from './hexdump.ts';
import { DEFAULT_PRINTER, TcpdumpPrinter, tcpdumpLines, type PrinterOptions } from './printer.ts';

const printer = (options: Partial<PrinterOptions>): TcpdumpPrinter => new TcpdumpPrinter({ ...DEFAULT_PRINTER, noNames: true, ...options });

const OPTION_SETS: readonly (readonly [string, Partial<PrinterOptions>])[] = [
  ['', {}], ['-v', { verbose: 1 }], ['-vv', { verbose: 2 }], ['-vvv', { verbose: 3 }], ['-e', { link: true }], ['-q', { quiet: true }], ['-S', { absoluteSeq: true }],
  ['-ve', { verbose: 1, link: true }], ['-qe', { quiet: true, link: true }], ['-qv', { quiet: true, verbose: 1 }], ['-Kv', { verbose: 1, noChecksum: true }],
];

describe.skipIf(!realTcpdump)('the real tcpdump prints the same', () => {
  test.each(OPTION_SETS)('tcpdump %s', (flags, options) => {
    const ours = printer(options);
    const text = SAMPLES.map((s) => `${ours.frame(s.frame, { partialChecksum: s.partial })}\n`).join('');
    expect(text).toBe(runTcpdump(samplesPcap(), flags === '' ? [] : [flags]));
  });
  test.each([['-x', false], ['-X', true]] as const)('tcpdump %s', (flag, ascii) => {
    const ours = printer({});
    const known = SAMPLES.filter((s) => s.frame.payload.kind !== 'unknown' && s.frame.header.vlan === undefined);
    const text = known.map((s) => `${ours.frame(s.frame, { partialChecksum: s.partial })}${hexDump(emitFrame(s.frame, { partialChecksum: s.partial }).subarray(14), ascii)}\n`).join('');
    expect(text).toBe(runTcpdump(samplesPcap(), [flag, '(ip or arp) and not vlan']));
  });
  it('tcpdump -A', () => {
    const ours = printer({});
    const known = SAMPLES.filter((s) => s.frame.payload.kind !== 'unknown' && s.frame.header.vlan === undefined);
    const text = known.map((s) => `${ours.frame(s.frame, { partialChecksum: s.partial })}${asciiDump(emitFrame(s.frame, { partialChecksum: s.partial }).subarray(14))}\n`).join('');
    expect(text).toBe(runTcpdump(samplesPcap(), ['-A', '(ip or arp) and not vlan']));
  });
});

describe('pinned lines', () => {
  it('the query of the transcript', () => {
    expect(tcpdumpLines(DNS_FRAME, { verbose: 1 })).toEqual([
      'IP (tos 0x0, ttl 64, id 6023, offset 0, flags [DF], proto UDP (17), length 96)',
      '    10.42.1.4.60609 > 10.43.0.10.53: 44890+ [1au] A? nginx-service.default.svc.cluster.local. (68)']);
  });
  it('the answer of the transcript', () => {
    expect(tcpdumpLines(DNS_ANSWER_FRAME, { verbose: 1 })).toEqual([
      'IP (tos 0x0, ttl 62, id 51894, offset 0, flags [DF], proto UDP (17), length 151)',
      '    10.43.0.10.53 > 10.42.1.4.60609: 44890*- 1/0/1 nginx-service.default.svc.cluster.local. A 10.43.180.238 (123)']);
  });
  it('the seed of a partial checksum: 10.42.0.1 > 10.42.0.18 with 40 bytes is 0x1495, with 32 bytes 0x148d', () => {
    const syn = ipFrame('10.42.0.1', '10.42.0.18', 6, tcp(44884, 4191, 3515128348, 0, 2, new Uint8Array(0),
      [{ kind: 'mss', value: 1410 }, { kind: 'sackOK' }, { kind: 'timestamps', value: 117626344, echo: 0 }, { kind: 'nop' }, { kind: 'wscale', shift: 7 }], { window: 64860 }), { id: 16531 });
    expect(tcpdumpLines(syn, { verbose: 1, partialChecksum: true })[1]).toBe(
      '    10.42.0.1.44884 > 10.42.0.18.4191: Flags [S], cksum 0x1495 (incorrect -> 0x2e2f), seq 3515128348, win 64860, options [mss 1410,sackOK,TS val 117626344 ecr 0,nop,wscale 7], length 0');
    const ack = ipFrame('10.42.0.1', '10.42.0.18', 6, tcp(44884, 4191, 3515128349, 590629407, 0x10, new Uint8Array(0),
      [{ kind: 'nop' }, { kind: 'nop' }, { kind: 'timestamps', value: 117626344, echo: 3195154911 }], { window: 507 }));
    expect(tcpdumpLines(ack, { verbose: 1, partialChecksum: true })[1]).toContain('cksum 0x148d (incorrect -> 0xfa75), ack 590629407, win 507');
  });
  it('names ports and hosts without -n', () => {
    const named = printer({ noNames: false, hostName: () => 'nginx' });
    expect(named.frame(SYN_FRAME)).toMatch(/^IP nginx\.49186 > nginx\.http: Flags \[S\]/);
  });
  it('-i any: interface and direction', () => {
    expect(printer({}).frame(SYN_FRAME, { cooked: { dev: 'eth0', ifindex: 2, direction: 'Out' } })).toMatch(/^eth0 {2}Out IP 10\.42\.1\.4\.49186 > /);
    expect(printer({ link: true }).frame(SYN_FRAME, { cooked: { dev: 'eth0', ifindex: 2, direction: 'In' } })).toMatch(/^eth0 {2}In {2}ifindex 2 02:42:ac:11:00:03 ethertype IPv4 \(0x0800\), length 80: 10\.42/);
  });
  it('sequence numbers are relative once a segment with ACK was seen', () => {
    const p = printer({});
    p.frame(SYN_FRAME);
    expect(p.frame(ipFrame('10.42.0.8', '10.42.1.4', 6, tcp(80, 49186, 5000, 1001, 0x12)))).toContain('seq 5000, ack 1001,');
    expect(p.frame(ipFrame('10.42.1.4', '10.42.0.8', 6, tcp(49186, 80, 1001, 5001, 0x18, Uint8Array.of(120))))).toContain('seq 1:2, ack 1,');
  });
  it('printing what was emitted and parsed again is the same as printing the layers', () => {
    for (const s of SAMPLES) {
      const [a, b] = [printer({ verbose: 2, link: true }), printer({ verbose: 2, link: true })];
      expect(a.frame(parseFrame(emitFrame(s.frame, { partialChecksum: s.partial }))), s.name).toBe(b.frame(s.frame, { partialChecksum: s.partial }));
    }
  });
});
