import { useEffect, useState } from 'react';
import { BrokenLink } from './gallery/broken-link.tsx';
import { Coverage } from './gallery/coverage.tsx';
import { Home } from './gallery/home.tsx';
import { MainScreen } from './shell/main-screen.tsx';
import { parseHash } from './state/url.ts';
import { useTheme } from './theme/use-theme.ts';

export function App() {
  useTheme();
  // Counted: a link that is followed again is followed, though the address it left was rewritten meanwhile.
  const [{ hash, visit }, go] = useState({ hash: location.hash, visit: 0 });
  useEffect(() => {
    // Where the event says, not where the address stands by now.
    const changed = (event: HashChangeEvent): void => { const { hash } = new URL(event.newURL); go((s) => ({ hash, visit: s.visit + 1 })); };
    window.addEventListener('hashchange', changed);
    return () => { window.removeEventListener('hashchange', changed); };
  }, []);
  const route = parseHash(hash);
  switch (route.page) {
    case 'home': return <Home />;
    case 'coverage': return <Coverage />;
    case 'broken': return <BrokenLink why={route.why} scenario={route.scenario} />;
    case 'lab': return <MainScreen {...route} visit={visit} />;
  }
}
