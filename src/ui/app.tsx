import { useEffect, useState } from 'react';
import { BrokenLink } from './gallery/broken-link.tsx';
import { Coverage } from './gallery/coverage.tsx';
import { Home } from './gallery/home.tsx';
import { MainScreen } from './shell/main-screen.tsx';
import { parseHash } from './state/url.ts';
import { useTheme } from './theme/use-theme.ts';

export function App() {
  useTheme();
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const changed = (): void => { setHash(location.hash); };
    window.addEventListener('hashchange', changed);
    return () => { window.removeEventListener('hashchange', changed); };
  }, []);
  const route = parseHash(hash);
  switch (route.page) {
    case 'home': return <Home />;
    case 'coverage': return <Coverage />;
    case 'broken': return <BrokenLink why={route.why} scenario={route.scenario} />;
    case 'lab': return <MainScreen {...route} />;
  }
}
