/** A story is Markdown; every second-level heading starts a step of it. Pure. */
export interface StoryStep { readonly title: string; readonly text: string }

export function storySteps(markdown: string): readonly StoryStep[] {
  const steps: { title: string; text: string }[] = [];
  let fenced = false;
  for (const line of markdown.split('\n')) {
    if (/^(```|~~~)/.test(line)) fenced = !fenced;
    const heading = fenced ? null : /^(#{1,2}) +(.+?) *#*$/.exec(line);
    const last = steps.at(-1);
    if (heading !== null && (heading[1] === '##' || steps.length === 0)) steps.push({ title: heading[2] ?? '', text: '' });
    else if (last === undefined) { if (line.trim() !== '') steps.push({ title: '', text: `${line}\n` }); }
    else last.text += `${line}\n`;
  }
  return steps;
}

export interface RunLink { readonly on: string; readonly run: string }

/** `run:test-pod curl http://nginx-service`: a place and a command. Anything else is an ordinary link, or none. */
export function runLink(href: string): RunLink | undefined {
  if (!href.startsWith('run:')) return undefined;
  let text: string;
  try { text = decodeURIComponent(href.slice(4)); } catch { return undefined; }
  const match = /^([\w./-]+)[ :](.+)$/s.exec(text.trim());
  return match?.[1] === undefined || match[2] === undefined ? undefined : { on: match[1], run: match[2].trim() };
}

/**
 * Where a code block's lines run: the language is `run test-pod`. A last word `fails` says that it is meant to
 * (a link says it with its title: `[text](<run:…> "fails")`); it is not shown, tests read it.
 */
export function runBlock(language: string): { readonly on: string; readonly fails: boolean } | undefined {
  const match = /^run[ :]+(\S+)( +fails)?$/.exec(language);
  return match?.[1] === undefined ? undefined : { on: match[1], fails: match[2] !== undefined };
}

/** Links that may leave the page. */
export const safeLink = (href: string): boolean => /^(https?:\/\/|#)/i.test(href);
