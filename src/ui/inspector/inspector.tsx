import { Tabs } from 'radix-ui';
import { useApp } from '../state/store.ts';
import type { InspectorTab } from '../state/view-slice.ts';
import { BytesTab } from './bytes-tab.tsx';
import { PacketTab } from './packet-tab.tsx';
import { TablesTab } from './tables-tab.tsx';
import { WhyTab } from './why-tab.tsx';
import './inspector.css';

const TABS: readonly { readonly id: InspectorTab; readonly text: string }[] = [{ id: 'packet', text: 'Packet' }, { id: 'why', text: 'Why' }, { id: 'tables', text: 'Tables' }, { id: 'bytes', text: 'Bytes' }];

export function Inspector() {
  const tab = useApp((s) => s.tab);
  const setView = useApp((s) => s.setView);
  return (
    <aside className="inspector" aria-label="Inspector">
      <Tabs.Root className="inspector-root" value={tab} onValueChange={(v) => { const chosen = TABS.find((t) => t.id === v); if (chosen !== undefined) setView({ tab: chosen.id }); }}>
        <Tabs.List className="inspector-tabs" aria-label="Inspector">{TABS.map((t) => <Tabs.Trigger key={t.id} value={t.id}>{t.text}</Tabs.Trigger>)}</Tabs.List>
        <Tabs.Content value="packet" className="inspector-body"><PacketTab /></Tabs.Content>
        <Tabs.Content value="why" className="inspector-body"><WhyTab /></Tabs.Content>
        <Tabs.Content value="tables" className="inspector-body"><TablesTab /></Tabs.Content>
        <Tabs.Content value="bytes" className="inspector-body"><BytesTab /></Tabs.Content>
      </Tabs.Root>
    </aside>
  );
}
