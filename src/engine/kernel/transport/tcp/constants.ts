/** Read first: include/net/tcp.h (v6.1). Times are simulated nanoseconds. */
import { millis, seconds } from '../../../sim/time.ts';

export const TCP_MSS_DEFAULT = 536;
export const TCP_MIN_MSS = 88;
export const MAX_WSCALE = 14;
export const INIT_CWND = 10;
export const TIMESTAMP_OPTION = 12;
export const RTO_INITIAL = seconds(1);
export const RTO_MIN = millis(200);
export const RTO_MAX = seconds(120);
export const ATO_MIN = millis(40);
export const DELACK_MAX = millis(200);
export const MAX_QUICKACKS = 16;
/** icsk_ack.pingpong from which a session counts as interactive. */
export const PINGPONG_THRESHOLD = 1;
/** What tcp_orphan_retries 0 means. */
export const ORPHAN_RETRIES = 8;
export const TIMEWAIT = seconds(60);
/** net.ipv4.tcp_invalid_ratelimit */
export const CHALLENGE_INTERVAL = millis(500);
