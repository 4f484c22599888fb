import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nanos } from '../../../sim/time.ts';
import type { TcpSocket } from '../../../uapi/sockets.ts';
import { ANY } from '../../../wire/addresses.ts';
import { B, twoHosts } from '../testing/two-hosts.ts';

const LATENCY = 50_000;
type Fault = 'pass' | 'drop' | 'twice' | 'late' | 'very late';
const DELAYS: Readonly<Record<Fault, readonly number[]>> = {
  pass: [LATENCY], drop: [], twice: [LATENCY, 3 * LATENCY], late: [5 * LATENCY], 'very late': [400e6],
};

const pattern = (n: number): Uint8Array => Uint8Array.from({ length: n }, (_, i) => (i * 7 + (i >> 8)) & 255);

/** Index of the first byte that differs; -1: equal. */
function difference(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) if (a[i] !== b[i]) return i;
  return -1;
}

interface Outcome {
  readonly received: Uint8Array;
  readonly eof: boolean;
  readonly clientEof: boolean;
  readonly errors: readonly string[];
  readonly leftover: number;
}

/** a sends `bytes` and shuts down; b reads all, slowly when `readSize` is small, answers one byte and closes. */
function transfer(bytes: Uint8Array, faults: readonly Fault[], readSize: number, seed: number): Outcome {
  const two = twoHosts({ seed, trace: false });
  two.spoil = (_packet, _from, n) => DELAYS[faults[n] ?? 'pass'];
  const soon = (fn: () => void): void => void two.world.scheduler.after(nanos(0), fn);
  const received: number[] = [];
  const errors: string[] = [];
  let eof = false;
  let clientEof = false;

  const listener = two.b.sockets.tcp();
  listener.bind({ address: ANY, port: 80 });
  listener.listen(1);
  const serve = (socket: TcpSocket): void => {
    for (;;) {
      const piece = socket.recv(readSize);
      if (piece === 'eof') {
        eof = true;
        socket.send(new Uint8Array(1));
        return socket.close();
      }
      if (piece === undefined) break;
      for (const byte of piece) received.push(byte);
    }
    const error = socket.takeError();
    if (error !== undefined) {
      errors.push(error);
      return socket.close();
    }
    socket.readable.add(() => soon(() => serve(socket)));
  };
  listener.readable.add(function ready() {
    soon(() => {
      const child = listener.accept();
      if (child !== undefined) serve(child);
    });
    listener.readable.add(ready);
  });

  const client = two.a.sockets.tcp();
  let sent = 0;
  const finish = (): void => {
    for (;;) {
      const piece = client.recv();
      if (piece === 'eof') {
        clientEof = true;
        return client.close();
      }
      if (piece === undefined) break;
    }
    const error = client.takeError();
    if (error !== undefined) {
      errors.push(error);
      return client.close();
    }
    client.readable.add(() => soon(finish));
  };
  const pump = (): void => {
    const error = client.takeError();
    if (error !== undefined) {
      errors.push(error);
      return client.close();
    }
    while (sent < bytes.length) {
      const answer = client.send(bytes.subarray(sent));
      if (!answer.ok) {
        errors.push(answer.error.errno);
        return client.close();
      }
      if (answer.value === 0) {
        client.writable.add(() => soon(pump));
        return;
      }
      sent += answer.value;
    }
    client.shutdown();
    finish();
  };
  client.writable.add(() => soon(pump));
  client.connect({ address: B, port: 80 });
  two.run();
  listener.close();
  two.run();
  return { received: Uint8Array.from(received), eof, clientEof, errors, leftover: two.a.sockets.list().length + two.b.sockets.list().length };
}

const fault = fc.constantFrom<Fault>('pass', 'pass', 'pass', 'pass', 'drop', 'twice', 'late', 'very late');

describe('TCP over a bad wire', () => {
  it('TCP60 any pattern of loss, duplication and reordering delivers the exact bytes, and everything is cleaned up', () => {
    fc.assert(fc.property(
      fc.nat(60_000), fc.array(fault, { maxLength: 120 }), fc.constantFrom(100_000, 1000, 37), fc.nat(1000),
      (size, faults, readSize, seed) => {
        const bytes = pattern(size);
        const outcome = transfer(bytes, faults, readSize, seed);
        expect(outcome.errors).toEqual([]);
        expect(difference(outcome.received, bytes)).toBe(-1);
        expect(outcome.eof).toBe(true);
        expect(outcome.clientEof).toBe(true);
        expect(outcome.leftover).toBe(0);
      },
    ), { numRuns: 300 });
  });

  it('TCP61 a wire that loses everything from some packet on gives errors, never wrong bytes, and ends', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 60 }), fc.nat(60_000), (from, size) => {
      const bytes = pattern(size);
      const outcome = transfer(bytes, [...Array<Fault>(from).fill('pass'), ...Array<Fault>(5000).fill('drop')], 100_000, 3);
      expect(difference(outcome.received, bytes.subarray(0, outcome.received.length))).toBe(-1);
      for (const error of outcome.errors) expect(error).toBe('ETIMEDOUT');
      expect(outcome.errors.length > 0 || outcome.leftover <= 2).toBe(true);
    }), { numRuns: 60 });
  });
});
