import { Dialog } from 'radix-ui';
import { useMemo, useState } from 'react';
import type { PlaceId, Topology } from '../../worker/protocol.ts';
import { store, useApp } from '../state/store.ts';
import { canvasHandle } from './handle.ts';
import { firstAddress, machineOf } from './places.ts';
import './finder.css';

interface Entry { readonly id: PlaceId; readonly text: string; readonly detail: string }

const entries = (topology: Topology): readonly Entry[] => topology.machines.flatMap((m) => [
  { id: m.id, text: m.name, detail: `${m.roleText} ${m.address}` },
  ...m.namespaces.flatMap((n) => [
    ...(n.kind === 'root' ? [] : [{ id: n.id, text: n.name || n.label, detail: `on ${m.name} ${firstAddress(n.devices.find((d) => d.kind !== 'loopback'))}` }]),
    ...n.devices.filter((d) => d.kind !== 'loopback').map((d) => ({ id: d.id, text: `${n.kind === 'root' ? m.name : n.label} ${d.name}`, detail: [...d.addresses, d.mac].join(' ') })),
  ]),
]);

/** `/`: find an object by name, address or MAC. */
export function Finder() {
  const topology = useApp((s) => s.topology);
  const setView = useApp((s) => s.setView);
  const [query, setQuery] = useState('');
  const all = useMemo(() => (topology === undefined ? [] : entries(topology)), [topology]);
  const words = query.toLowerCase().split(/\s+/);
  const found = all.filter((e) => words.every((w) => `${e.text} ${e.detail}`.toLowerCase().includes(w))).slice(0, 9);
  const [at, setAt] = useState(0);
  const choose = (entry: Entry | undefined): void => {
    if (entry === undefined) return;
    const machine = machineOf(entry.id);
    const state = store.getState();
    if (entry.id !== machine && !state.openMachines.has(machine)) state.toggleMachine(machine);
    state.select(entry.id);
    setView({ finder: false });
    requestAnimationFrame(() => { canvasHandle.current?.focus(); });
  };
  return (
    <Dialog.Root open onOpenChange={() => { setView({ finder: false }); }}>
      <Dialog.Portal>
        <Dialog.Overlay className="dialog-overlay" />
        <Dialog.Content className="finder" aria-describedby={undefined}>
          <Dialog.Title className="visually-hidden">Find an object</Dialog.Title>
          <input
            className="finder-field" placeholder="Machine, pod, device, address or MAC" aria-label="Find an object" role="combobox" aria-expanded="true" aria-controls="finder-list" aria-activedescendant={`found-${at}`} value={query} autoFocus spellCheck={false}
            onChange={(e) => { setQuery(e.target.value); setAt(0); }}
            onKeyDown={(e) => {
              if (e.key === 'Enter') choose(found[at]);
              else if (e.key === 'ArrowDown') setAt(Math.min(found.length - 1, at + 1));
              else if (e.key === 'ArrowUp') setAt(Math.max(0, at - 1));
              else return;
              e.preventDefault();
            }} />
          <ul id="finder-list" role="listbox" aria-label="Objects" className="finder-list">
            {found.map((e, i) => <li key={e.id} id={`found-${i}`} role="option" aria-selected={i === at} onClick={() => { choose(e); }}><span>{e.text}</span><code className="muted ellipsis">{e.detail}</code></li>)}
            {found.length === 0 && <li className="muted" role="option" aria-selected="false">Nothing is called that.</li>}
          </ul>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
