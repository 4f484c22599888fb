import { describe, expect, it } from 'vitest';
import { seconds } from '../../../sim/time.ts';
import type { TcpSocket } from '../../../uapi/sockets.ts';
import { B, twoHosts } from '../testing/two-hosts.ts';

const text = (s: string): Uint8Array => new TextEncoder().encode(s);

/** A server that answers one request and closes when the client does; a client that closes after the answer. */
function httpExchange(mtu: number): string[] {
  const two = twoHosts({ mtu });
  const listener = two.b.sockets.tcp();
  expect(listener.bind({ address: 0 as never, port: 80 }).ok).toBe(true);
  listener.listen(5);
  const serve = (socket: TcpSocket): void => {
    const bytes = socket.recv();
    if (bytes === 'eof') return socket.close();
    if (bytes !== undefined) socket.send(text('x'.repeat(44)));
    socket.readable.add(() => serve(socket));
  };
  listener.readable.add(function ready() {
    const child = listener.accept();
    if (child !== undefined) serve(child);
    listener.readable.add(ready);
  });
  const client = two.a.sockets.tcp();
  client.setOption('nodelay', 1);
  client.writable.add(() => {
    expect(client.state).toBe('ESTABLISHED');
    two.world.scheduler.after(0 as never, () => client.send(text('y'.repeat(72))));
    client.readable.add(() => {
      two.world.scheduler.after(0 as never, () => {
        expect(client.recv()).toHaveLength(44);
        client.close();
      });
    });
  });
  expect(client.connect({ address: B, port: 80 }).ok).toBe(true);
  two.run(seconds(10));
  return two.log;
}

/** As tcpdump printed it on this project's machines (6.18, tcp_rmem 4096 131072 6291456) for curl over a veth. */
const REAL = {
  1500: [
    'a [S] seq 0 win 64240', 'b [S.] seq 0 ack 1 win 65160', 'a [.] seq 1 ack 1 win 502', 'a [P.] seq 1:73 ack 1 win 502',
    'b [.] seq 1 ack 73 win 509', 'b [P.] seq 1:45 ack 73 win 509', 'a [.] seq 73 ack 45 win 502', 'a [F.] seq 73 ack 45 win 502',
    'b [F.] seq 45 ack 74 win 509', 'a [.] seq 74 ack 46 win 502',
  ],
  1450: [
    'a [S] seq 0 win 64860', 'b [S.] seq 0 ack 1 win 64308', 'a [.] seq 1 ack 1 win 507', 'a [P.] seq 1:73 ack 1 win 507',
    'b [.] seq 1 ack 73 win 502', 'b [P.] seq 1:45 ack 73 win 502', 'a [.] seq 73 ack 45 win 507', 'a [F.] seq 73 ack 45 win 507',
    'b [F.] seq 45 ack 74 win 502', 'a [.] seq 74 ack 46 win 507',
  ],
};

describe('an HTTP exchange on the wire', () => {
  it('TCP30 looks like the real kernel over an MTU of 1500', () => expect(httpExchange(1500)).toEqual(REAL[1500]));
  it('TCP31 looks like the real kernel over an MTU of 1450', () => expect(httpExchange(1450)).toEqual(REAL[1450]));
});
