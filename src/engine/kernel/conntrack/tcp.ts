/** Shape only: filled in next. */
export class TcpTrack {
  state = 'NONE';
}
