/** The cache plugin. Models: coredns 1.10.1 plugin/cache: answers live as long as their least TTL, between 5 s and the given maximum, an upstream's
 * SERVFAIL 5 s; hits count down and say AA. Not modelled: `disable`, `prefetch`, `serve_stale`. */
import { DNS_TYPES, NOERROR, NXDOMAIN, SERVFAIL, type DnsRecord } from '../../../engine/wire/dns.ts';
import type { Answer } from './kubernetes.ts';

const MIN_TTL = 5;

interface Item {
  readonly answer: Answer;
  readonly storedSeconds: number;
  readonly ttl: number;
}

const setTtl = (records: readonly DnsRecord[], ttl: number): DnsRecord[] => records.map((r) => (r.type === DNS_TYPES.OPT ? r : { ...r, ttl }));

const withTtl = (a: Answer, ttl: number): Answer => ({ ...a, answers: setTtl(a.answers, ttl), authority: setTtl(a.authority, ttl), additional: setTtl(a.additional, ttl) });

export class DnsCache {
  readonly #items = new Map<string, Item>();
  readonly #max: number;

  constructor(maxTtl: number) {
    this.#max = maxTtl;
  }

  get(name: string, type: number, nowSeconds: number): Answer | undefined {
    const key = `${name.toLowerCase()}/${type}`;
    const item = this.#items.get(key);
    if (item === undefined) return undefined;
    const left = item.ttl - Math.floor(nowSeconds - item.storedSeconds);
    if (left <= 0) {
      this.#items.delete(key);
      return undefined;
    }
    return { ...withTtl(item.answer, left), authoritative: true };
  }

  /** Keeps it and gives it back with the TTL it is kept for. */
  put(name: string, type: number, answer: Answer, nowSeconds: number): Answer {
    if (answer.unwritten === true || ![NOERROR, NXDOMAIN, SERVFAIL].includes(answer.rcode)) return answer;
    if (answer.rcode === SERVFAIL) {
      this.#items.set(`${name.toLowerCase()}/${type}`, { answer, storedSeconds: nowSeconds, ttl: MIN_TTL });
      return answer;
    }
    const records = [...answer.answers, ...answer.authority, ...answer.additional];
    if (records.length === 0) return answer;
    const least = Math.min(...records.map((r) => r.ttl));
    const ttl = Math.max(MIN_TTL, Math.min(this.#max, least));
    const kept = withTtl(answer, ttl);
    this.#items.set(`${name.toLowerCase()}/${type}`, { answer: kept, storedSeconds: nowSeconds, ttl });
    return kept;
  }
}
