import './gallery.css';

export function BrokenLink({ why, scenario }: { readonly why: string; readonly scenario: string | undefined }) {
  return (
    <div className="page">
      <main className="page-body" role="alert">
        <p className="brand page-brand"><span aria-hidden="true" className="brand-mark" />Vethlab</p>
        <h1 className="page-title">This link is broken</h1>
        <p className="page-lead">{why} Nothing of it was used.</p>
        <p>{scenario !== undefined && <><a href={`#/${scenario}`}>Open {scenario}, untouched</a> · </>}<a href="#/">All scenarios</a></p>
      </main>
    </div>
  );
}
