import type { Endpoint, SocketInfo } from '../../uapi/sockets.ts';

/** A row of the journaled `sockets` table: plain values, changed by patch only. */
export interface SocketRow {
  readonly protocol: SocketInfo['protocol'];
  state: SocketInfo['state'];
  local: Endpoint;
  remote: Endpoint | undefined;
  recvQueue: number;
  sendQueue: number;
  process: string | undefined;
  pid: number | undefined;
  readonly v6only?: boolean | undefined;
}
