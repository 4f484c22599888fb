import { DropdownMenu } from 'radix-ui';
import { Check } from 'lucide-react';
import { useApp } from '../state/store.ts';
import type { ThemeChoice } from '../state/view-slice.ts';

const THEMES: readonly { readonly id: ThemeChoice; readonly text: string }[] = [{ id: 'system', text: 'As the system' }, { id: 'light', text: 'Light' }, { id: 'dark', text: 'Dark' }];

export function ViewMenu() {
  const theme = useApp((s) => s.theme);
  const projector = useApp((s) => s.projector);
  const showNoise = useApp((s) => s.showNoise);
  const setView = useApp((s) => s.setView);
  const setShowNoise = useApp((s) => s.setShowNoise);
  return (
    <DropdownMenu.Portal>
      <DropdownMenu.Content className="menu" align="end" sideOffset={6}>
        <DropdownMenu.Label className="menu-label section-title">Theme</DropdownMenu.Label>
        <DropdownMenu.RadioGroup value={theme} onValueChange={(v) => { const chosen = THEMES.find((t) => t.id === v); if (chosen !== undefined) setView({ theme: chosen.id }); }}>
          {THEMES.map((t) => (
            <DropdownMenu.RadioItem key={t.id} value={t.id} className="menu-item"><Tick />{t.text}</DropdownMenu.RadioItem>
          ))}
        </DropdownMenu.RadioGroup>
        <div className="menu-line" role="separator" />
        <DropdownMenu.CheckboxItem className="menu-item" checked={projector} onCheckedChange={(on) => { setView({ projector: on === true }); }}><Tick />Projector<span className="menu-key">P</span></DropdownMenu.CheckboxItem>
        <DropdownMenu.CheckboxItem className="menu-item" checked={showNoise} onCheckedChange={(on) => { setShowNoise(on === true); }}><Tick />Control-plane noise</DropdownMenu.CheckboxItem>
        <div className="menu-line" role="separator" />
        <DropdownMenu.Item className="menu-item" onSelect={() => { location.hash = '#/coverage'; }}><span />What is modelled</DropdownMenu.Item>
      </DropdownMenu.Content>
    </DropdownMenu.Portal>
  );
}

const Tick = () => <span><DropdownMenu.ItemIndicator><Check size={14} /></DropdownMenu.ItemIndicator></span>;
