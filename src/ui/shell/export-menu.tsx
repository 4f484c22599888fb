import { DropdownMenu } from 'radix-ui';
import { Download, Terminal } from 'lucide-react';
import { toLabError } from '../../worker/client.ts';
import { useLab } from '../state/lab-context.ts';
import { store, useApp } from '../state/store.ts';

/** Takes the lab elsewhere. */
export function ExportMenu() {
  const lab = useLab();
  const ready = useApp((s) => s.phase === 'ready');
  const real = async (): Promise<void> => {
    try {
      const [exported, { download }] = await Promise.all([lab.client.api.exportNetns(), import('./download-lab.ts')]);
      download(exported);
      store.setState({ notice: `${exported.name}.tar: unpack it on Linux and run sudo ./up.sh` });
    } catch (error) {
      store.setState({ notice: `Not exported. ${toLabError(error).title}` });
    }
  };
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild><button type="button" className="button" aria-label="Export" disabled={!ready}><Download size={14} /><span className="button-text">Export</span></button></DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end" sideOffset={6}>
          <DropdownMenu.Label className="menu-label section-title">Run this lab for real</DropdownMenu.Label>
          <DropdownMenu.Item className="menu-item" onSelect={() => { void real(); }}><Terminal size={14} aria-hidden="true" />Linux network namespaces<span className="menu-key">.tar</span></DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
