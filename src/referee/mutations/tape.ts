/** What the real kernel did, kept: the arena makes the same requests in the same order, and the tape answers them. */
import type { Agent } from '../agent.ts';
import type { RealWorld } from '../real.ts';

/** Whatever can be asked of the agent, without its insides. */
export type AgentLike = { readonly [K in keyof Agent]: Agent[K] };
export type RealLike = Pick<RealWorld, 'up' | 'exec' | 'down'>;

export interface Answer {
  readonly request: string;
  readonly answer: unknown;
}

type Ask = (...args: readonly unknown[]) => Promise<unknown>;

const request = (method: string, args: readonly unknown[]): string => `${method} ${JSON.stringify(args)}`;

/** The same agent; its answers are written to `tape` as well. */
export function taping(agent: Agent, tape: Answer[]): AgentLike {
  return new Proxy<Agent>(agent, {
    get(_target, method): Ask {
      const name = String(method);
      return async (...args) => {
        const ask: unknown = Reflect.get(agent, name);
        if (typeof ask !== 'function') throw new Error(`the agent cannot ${name}`);
        const answer: unknown = await Reflect.apply(ask, agent, args);
        if (name !== 'end') tape.push({ request: request(name, args), answer });
        return answer;
      };
    },
  });
}

/** An agent that knows only the tape. Another request than the one that was taped is a mistake of the referee's, not of the lab's. */
export function playing(tape: readonly Answer[]): AgentLike {
  let at = 0;
  const next = (name: string, args: readonly unknown[]): Promise<unknown> => {
    if (name === 'end') return Promise.resolve();
    const taped = tape[at++];
    const asked = request(name, args);
    if (taped?.request !== asked) return Promise.reject(new Error(`the tape has ${taped?.request.slice(0, 200) ?? 'ended'}, asked was ${asked.slice(0, 200)}`));
    return Promise.resolve(taped.answer);
  };
  // Every method answers what taping() wrote for the same method.
  return new Proxy({} as AgentLike, { get: (_target, method): Ask => (...args) => next(String(method), args) });
}

/** Nobody is there. */
export const NO_WORLD: RealLike = { up: () => Promise.resolve(), exec: () => Promise.resolve({ stdout: '', stderr: '', code: 0 }), down: () => Promise.resolve() };
