/**
 * Markdown as React elements, made from marked's tokens: no HTML string is ever given to the page, so there is nothing to
 * sanitise. Raw HTML in a story is shown as text; links leave only to https and to places of this page.
 */
import { marked, type Token, type Tokens } from 'marked';
import { Fragment, type ReactNode } from 'react';
import { CornerDownLeft } from 'lucide-react';
import { useLab } from '../state/lab-context.ts';
import { runBlock, runLink, safeLink, type RunLink } from './story.ts';

export default function Markdown({ text }: { readonly text: string }) { return <div className="prose">{blocks(marked.lexer(text))}</div>; }

const blocks = (tokens: readonly Token[]): ReactNode => tokens.map((t, i) => <Fragment key={i}>{block(t)}</Fragment>);

function block(token: Token): ReactNode {
  const t = token as Tokens.Generic; // marked's own union of every token it makes
  switch (token.type) {
    case 'heading': return <h3>{inline(t.tokens)}</h3>;
    case 'paragraph': return onlyRun(t.tokens) ?? <p>{inline(t.tokens)}</p>;
    case 'text': return t.tokens === undefined ? t['text'] : inline(t.tokens);
    case 'list': {
      const items = (token as Tokens.List).items.map((item, i) => <li key={i}>{blocks(item.tokens)}</li>);
      return (token as Tokens.List).ordered ? <ol>{items}</ol> : <ul>{items}</ul>;
    }
    case 'blockquote': return <blockquote>{blocks(t.tokens ?? [])}</blockquote>;
    case 'code': {
      const { text, lang } = token as Tokens.Code;
      const on = runBlock(lang ?? '')?.on;
      return on === undefined ? <pre tabIndex={0}><code>{text}</code></pre> : <>{text.split('\n').filter((l) => l.trim() !== '').map((run) => <RunChip key={run} link={{ on, run }} />)}</>;
    }
    case 'table': {
      const table = token as Tokens.Table;
      return <div className="table-scroll" tabIndex={0}><table><thead><tr>{table.header.map((c, i) => <th key={i}>{inline(c.tokens)}</th>)}</tr></thead><tbody>{table.rows.map((r, i) => <tr key={i}>{r.map((c, j) => <td key={j}>{inline(c.tokens)}</td>)}</tr>)}</tbody></table></div>;
    }
    case 'hr': return <hr />;
    case 'space': case 'def': return null;
    default: return <p>{t.raw}</p>;
  }
}

const inline = (tokens: readonly Token[] | undefined): ReactNode => tokens === undefined ? undefined : closed(tokens).map((t, i) => <Fragment key={i}>{t.mark === '' ? span(t.token) : <span className="run-closed">{span(t.token)}{t.mark}</span>}</Fragment>);

/** A comma after a chip stays with it: it never begins a line. */
function closed(tokens: readonly Token[]): readonly { readonly token: Token; readonly mark: string }[] {
  const out: { token: Token; mark: string }[] = [];
  for (const token of tokens) {
    const before = out.at(-1);
    const [mark = ''] = before?.token.type === 'link' && token.type === 'text' && runLink(String((before.token as Tokens.Link).href)) !== undefined ? /^[,.;:?!)]+/.exec(token.raw) ?? [] : [];
    if (before !== undefined) before.mark = mark;
    out.push({ token: mark === '' ? token : { ...token, raw: token.raw.slice(mark.length), text: token.raw.slice(mark.length), tokens: undefined }, mark: '' });
  }
  return out;
}

function span(token: Token): ReactNode {
  const t = token as Tokens.Generic;
  switch (token.type) {
    case 'strong': return <strong>{inline(t.tokens)}</strong>;
    case 'em': return <em>{inline(t.tokens)}</em>;
    case 'del': return <del>{inline(t.tokens)}</del>;
    case 'codespan': return <code>{t['text']}</code>;
    case 'br': return <br />;
    case 'link': {
      const { href, tokens, text } = token as Tokens.Link;
      const run = runLink(href);
      if (run !== undefined) return <RunChip link={run} text={text} />;
      if (!safeLink(href)) return inline(tokens);
      return href.startsWith('#') ? <a href={href}>{inline(tokens)}</a> : <a href={href} target="_blank" rel="noreferrer noopener">{inline(tokens)}</a>;
    }
    case 'escape': case 'text': return t.tokens === undefined ? t['text'] : inline(t.tokens);
    default: return t.raw;
  }
}

/** A paragraph that is nothing but a command is a chip of its own. */
function onlyRun(tokens: readonly Token[] | undefined): ReactNode {
  const [only, more] = tokens ?? [];
  const link = more === undefined && only?.type === 'link' ? runLink((only as Tokens.Link).href) : undefined;
  return link === undefined ? undefined : <RunChip link={link} text={(only as Tokens.Link).text} />;
}

/** Runs its command in a terminal of that place, where it is seen. */
function RunChip({ link, text }: { readonly link: RunLink; readonly text?: string | undefined }) {
  const lab = useLab();
  return <button type="button" className="chip run-chip" title={`Run it in the terminal of ${link.on}`} onClick={() => { void lab.enter(link.on, link.run); }}><span className="run-on">{link.on}</span><span className="run-text">{text ?? link.run}</span><CornerDownLeft size={12} aria-hidden="true" /></button>;
}
