/**
 * The page's end of the line to the lab: starts the worker when it is first needed, notices when it dies, and opens the
 * same work again in a fresh one. A call that was under way when the worker died rejects; none ever hangs.
 */
import { proxy, wrap, type Remote } from 'comlink';
import type { Action, LabApi, LabError, LabEvent, OpenRequest, RunInfo } from './protocol.ts';

export interface WorkerLike {
  postMessage(message: unknown, transfer?: Transferable[]): void;
  addEventListener(type: string, listener: (event: Event) => void): void;
  removeEventListener(type: string, listener: (event: Event) => void): void;
  terminate(): void;
}

export interface LabClient {
  readonly api: LabApi;
  /** Told when the worker died by itself. */
  onCrash(listener: (error: LabError) => void): void;
  /** A fresh worker with the last opened scenario and everything done in it since. */
  reopen(actions?: readonly Action[]): Promise<RunInfo>;
}

interface Line { readonly worker: WorkerLike | undefined; readonly lab: Remote<LabApi> | LabApi; readonly dead: Promise<never>; die(error: LabError): void }

export function toLabError(reason: unknown): LabError {
  if (typeof reason === 'object' && reason !== null) {
    const title = 'title' in reason && typeof reason.title === 'string' ? reason.title : undefined;
    const detail = 'detail' in reason && typeof reason.detail === 'string' ? reason.detail : undefined;
    if (title !== undefined) return { title, detail: detail ?? '' };
    if (reason instanceof Error) return { title: reason.message || reason.name, detail: reason.stack ?? '' };
  }
  return { title: 'The lab failed', detail: String(reason) };
}

/** `start` makes the worker, or answers a LabApi that lives in the page (tests, fake mode). */
export function createLabClient(start: () => WorkerLike | { readonly local: LabApi }): LabClient {
  let line: Line | undefined;
  let last: { request: OpenRequest; onEvent: (event: LabEvent) => void } | undefined;
  const crashed: ((error: LabError) => void)[] = [];

  const connect = (): Line => {
    if (line !== undefined) return line;
    const made = start();
    let reject: (error: LabError) => void = () => undefined;
    const dead = new Promise<never>((_, no) => { reject = no; });
    dead.catch(() => undefined);
    if ('local' in made) line = { worker: undefined, lab: made.local, dead, die: reject };
    else {
      const mine: Line = { worker: made, lab: wrap<LabApi>(made), dead, die: reject };
      line = mine;
      made.addEventListener('error', (event) => {
        if (line !== mine) return;
        const message = 'message' in event && typeof event.message === 'string' ? event.message : 'The worker could not be started.';
        const error: LabError = { title: 'The lab stopped', detail: message };
        end(error);
        for (const tell of crashed) tell(error);
      });
    }
    return line;
  };
  const end = (error: LabError): void => {
    const old = line;
    line = undefined;
    old?.worker?.terminate();
    old?.die(error);
  };
  const call = <T>(use: (lab: Remote<LabApi> | LabApi) => Promise<T>): Promise<T> => {
    const to = connect();
    return Promise.race([use(to.lab), to.dead]);
  };

  const open = async (request: OpenRequest, onEvent: (event: LabEvent) => void): Promise<RunInfo> => {
    const mine = { request, onEvent };
    last = mine;
    const listen = (event: LabEvent): void => {
      if (last !== mine) return;
      if (event.kind === 'actions') mine.request = { ...mine.request, actions: event.actions };
      mine.onEvent(event);
    };
    const local = connect().worker === undefined;
    return call((lab) => lab.open(request, local ? listen : proxy(listen)));
  };

  return {
    api: {
      open,
      scenarios: () => call((l) => l.scenarios()),
      step: (step) => call((l) => l.step(step)),
      tables: (ns, step) => call((l) => l.tables(ns, step)),
      openTerminal: (on) => call((l) => l.openTerminal(on)),
      input: (terminal, text, at) => call((l) => l.input(terminal, text, at)),
      interrupt: (terminal) => call((l) => l.interrupt(terminal)),
      edited: (terminal, text) => call((l) => l.edited(terminal, text)),
      complete: (terminal, text, cursor) => call((l) => l.complete(terminal, text, cursor)),
      apply: (manifest, file) => call((l) => l.apply(manifest, file)),
      fingerprint: () => call((l) => l.fingerprint()),
      coverage: () => call((l) => l.coverage()),
      referee: () => call((l) => l.referee()),
      exportNetns: () => call((l) => l.exportNetns()),
      close: () => call((l) => l.close()),
    },
    onCrash: (listener) => { crashed.push(listener); },
    reopen: async (actions) => {
      if (last === undefined) throw new Error('nothing was open');
      end({ title: 'The lab was started again', detail: '' });
      return open(actions === undefined ? last.request : { ...last.request, actions }, last.onEvent);
    },
  };
}
