import { Component, type ReactNode } from 'react';

interface Props { readonly what: string; readonly children: ReactNode }

/** A part of the page that breaks, or whose file does not come, must not take the terminal and the work with it. */
export class Guard extends Component<Props, { readonly broken: string | undefined }> {
  override state: { readonly broken: string | undefined } = { broken: undefined };
  static getDerivedStateFromError(error: unknown): { readonly broken: string } { return { broken: error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : String(error) }; }
  override render(): ReactNode {
    const { broken } = this.state;
    if (broken === undefined) return this.props.children;
    const missing = /dynamically imported module|Importing a module script failed/.test(broken);
    return (
      <div className="stage-note" role="alert">
        <h2>{this.props.what} {missing ? 'could not be loaded' : 'failed'}</h2>
        <p className="muted">{missing ? 'Is the network there? Your work is kept: reload the page when it is.' : 'This is a mistake of the lab, not yours. Your work is kept.'}</p>
        <button type="button" className="button" onClick={() => { location.reload(); }}>Reload the page</button>
        {!missing && <pre>{broken}</pre>}
      </div>
    );
  }
}
