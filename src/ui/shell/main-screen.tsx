import { lazy, Suspense } from 'react';
import { EditorDialog } from '../editor/editor-dialog.tsx';
import { HelpDialog } from '../keys/help-dialog.tsx';
import { useKeys } from '../keys/use-keys.ts';
import { Inspector } from '../inspector/inspector.tsx';
import { LessonPanel } from '../lesson/lesson-panel.tsx';
import { useApp } from '../state/store.ts';
import type { Route } from '../state/url.ts';
import { TerminalDrawer } from '../terminal/terminal-drawer.tsx';
import { Timeline } from '../timeline/timeline.tsx';
import { Transport } from '../timeline/transport.tsx';
import { Failure } from './failure.tsx';
import { Guard } from './guard.tsx';
import { Header } from './header.tsx';
import { LiveRegion } from './live-region.tsx';
import { NarrowTabs } from './narrow-tabs.tsx';
import { Notice } from './notice.tsx';
import { Opening } from './opening.tsx';
import { useScenario } from './use-scenario.ts';
import { useResize } from './use-resize.ts';
import './main-screen.css';

const Canvas = lazy(async () => ({ default: (await import('../canvas/canvas.tsx')).Canvas }));
const Finder = lazy(async () => ({ default: (await import('../canvas/finder.tsx')).Finder }));

export function MainScreen({ scenario, t, seed, actions, z, visit }: Extract<Route, { page: 'lab' }> & { readonly visit: number }) {
  useScenario(scenario, t, seed, actions, z, visit);
  useKeys();
  const phase = useApp((s) => s.phase);
  const lesson = useApp((s) => s.lesson);
  const inspector = useApp((s) => s.inspector);
  const drawer = useApp((s) => s.drawer);
  const narrow = useApp((s) => s.narrow);
  const finder = useApp((s) => s.finder);
  const fingerprint = useApp((s) => (s.phase === 'ready' ? s.fingerprint : undefined));
  const resize = useResize();
  return (
    <div className="screen" data-narrow={narrow} data-lesson={lesson} data-inspector={inspector} data-drawer={drawer}>
      <Header />
      <NarrowTabs />
      <main className="panes" style={resize.style} data-fingerprint={fingerprint}>
        <LessonPanel />
        <section className="stage" aria-label="Network">
          {phase === 'failed' ? <Failure /> : <Guard what="The drawing"><Suspense fallback={<Opening />}>{phase === 'ready' ? <Canvas /> : <Opening />}</Suspense></Guard>}
          <Notice />
        </section>
        <section className="dock" aria-label="Time and terminals">
          <div className="dock-grip" {...resize.grip} />
          <Transport />
          <Timeline />
          <TerminalDrawer />
        </section>
        <Inspector />
      </main>
      <LiveRegion />
      <HelpDialog />
      <EditorDialog />
      {finder && <Guard what="The finder"><Suspense><Finder /></Suspense></Guard>}
    </div>
  );
}
