import '@fontsource-variable/inter/index.css';
import '@fontsource-variable/jetbrains-mono/index.css';
import './ui/theme/tokens.css';
import './ui/theme/base.css';
import { createRoot } from 'react-dom/client';
import { must } from './base/assert.ts';
import { App } from './ui/app.tsx';
import { keepOffline } from './ui/shell/offline.ts';
import { LabContext } from './ui/state/lab-context.ts';
import { LabController } from './ui/state/lab-controller.ts';
import { fitToScreen } from './ui/state/narrow.ts';
import { store } from './ui/state/store.ts';
import { restoreView } from './ui/theme/use-theme.ts';
import { createLabClient, type WorkerLike } from './worker/client.ts';
import type { LabApi } from './worker/protocol.ts';

// `vite --mode fake` plays a recording; the branch is gone from a build.
const fake: { readonly local: LabApi } | undefined = import.meta.env.MODE === 'fake' ? { local: (await import('./ui/testing/fake-lab.ts')).createFakeLab() } : undefined;
const startWorker = (): WorkerLike => new Worker(new URL('./worker/lab-worker.ts', import.meta.url), { type: 'module', name: 'lab' });

if (import.meta.env.PROD) keepOffline(import.meta.url.split('/').at(-1) ?? '');
restoreView();
fitToScreen(store);
const lab = new LabController(store, createLabClient(() => fake ?? startWorker()));
createRoot(must(document.getElementById('root') ?? undefined, '#root')).render(<LabContext value={lab}><App /></LabContext>);
