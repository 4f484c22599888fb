import { Tabs } from 'radix-ui';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { lazy, Suspense, useMemo, useState } from 'react';
import { FilesPanel } from '../editor/files-panel.tsx';
import { Guard } from '../shell/guard.tsx';
import { useApp } from '../state/store.ts';
import { storySteps } from './story.ts';
import './lesson.css';

const Markdown = lazy(() => import('./markdown.tsx'));

export function LessonPanel() {
  const files = useApp((s) => s.files.length);
  if (files === 0) return <section className="lesson" aria-label="Lesson"><Lesson /></section>;
  return (
    <section className="lesson" aria-label="Lesson">
      <Tabs.Root className="lesson-pane" defaultValue="lesson">
        <Tabs.List className="lesson-tabs" aria-label="Lesson"><Tabs.Trigger value="lesson">Lesson</Tabs.Trigger><Tabs.Trigger value="files">Files <span className="muted num">{files}</span></Tabs.Trigger></Tabs.List>
        <Tabs.Content value="lesson" className="lesson-pane" forceMount><Lesson /></Tabs.Content>
        <Tabs.Content value="files" className="lesson-pane"><FilesPanel /></Tabs.Content>
      </Tabs.Root>
    </section>
  );
}

function Lesson() {
  const story = useApp((s) => s.story);
  const phase = useApp((s) => s.phase);
  const title = useApp((s) => s.scenario?.title);
  const summary = useApp((s) => s.scenario?.summary);
  const steps = useMemo(() => storySteps(story), [story]);
  const [wanted, setAt] = useState(0);
  const at = Math.min(wanted, Math.max(0, steps.length - 1));
  const step = steps[at];
  return (
    <>
      {phase === 'opening' && story === '' ? <div className="skeleton" aria-hidden="true"><i /><i /><i /></div> : step === undefined ? (
        <div className="lesson-body"><h2>{title}</h2><p className="muted">{summary}</p></div>
      ) : (
        <>
          <div className="lesson-head">
            <p className="muted num">Step {at + 1} of {steps.length}</p>
            <div className="lesson-bar" role="progressbar" aria-label="Lesson" aria-valuemin={1} aria-valuemax={steps.length} aria-valuenow={at + 1}><i style={{ width: `${((at + 1) / steps.length) * 100}%` }} /></div>
          </div>
          <div className="lesson-body" tabIndex={0} role="group" aria-label={step.title} key={at}>
            {step.title !== '' && <h2>{step.title}</h2>}
            <Guard what="The lesson"><Suspense fallback={<div className="skeleton"><i /><i /></div>}><Markdown text={step.text} /></Suspense></Guard>
          </div>
          {steps.length > 1 && (
            <div className="lesson-foot">
              <button type="button" className="button" disabled={at === 0} onClick={() => { setAt(at - 1); }}><ChevronLeft size={14} />Back</button>
              <button type="button" className="button" data-kind={at < steps.length - 1 ? 'primary' : undefined} disabled={at === steps.length - 1} onClick={() => { setAt(at + 1); }}>Next<ChevronRight size={14} /></button>
            </div>
          )}
        </>
      )}
    </>
  );
}
