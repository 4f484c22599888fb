/** The text and the typed line of every open terminal, outside the store: output must not redraw the page. */
import { LineEditor } from './line-editor.ts';

const KEEP = 200_000;

/** What an attached screen is told. */
export interface Screen { write(text: string): void; prompt(): void; clear(): void }

export class Session {
  text = '';
  prompt: string;
  busy = false;
  readonly editor = new LineEditor();
  readonly id: string;
  readonly on: string;
  private screen: Screen | undefined;

  constructor(id: string, on: string, prompt: string) { this.id = id; this.on = on; this.prompt = prompt; }

  attach(screen: Screen): () => void {
    this.screen = screen;
    return () => { if (this.screen === screen) this.screen = undefined; };
  }
  output(text: string): void { this.keep(text); this.screen?.write(text); }
  /** The line was entered: what stands on the screen becomes part of the text. */
  entered(line: string): void { this.keep(`\u001b[32m${this.prompt}\u001b[0m${line}\n`); this.busy = true; }
  ready(prompt: string): void {
    this.prompt = prompt;
    this.busy = false;
    if (this.text !== '' && !this.text.endsWith('\n')) this.output('\n');
    this.screen?.prompt();
  }
  clear(): void { this.text = ''; this.screen?.clear(); }
  /** Types a command and presses Enter, as seen on the screen; who calls runs it. */
  enter(command: string): void {
    this.editor.set(command);
    this.screen?.prompt();
    this.editor.feed('\r');
    this.screen?.write('\n');
  }
  refresh(): void { this.screen?.prompt(); }

  private keep(text: string): void {
    this.text += text;
    if (this.text.length > KEEP) this.text = this.text.slice(this.text.indexOf('\n', this.text.length - KEEP) + 1);
  }
}

export class Sessions {
  private readonly all = new Map<string, Session>();
  get(id: string): Session | undefined { return this.all.get(id); }
  list(): readonly Session[] { return [...this.all.values()]; }
  add(session: Session): Session { this.all.set(session.id, session); return session; }
  delete(id: string): void { this.all.delete(id); }
  clear(): void { this.all.clear(); }
}
