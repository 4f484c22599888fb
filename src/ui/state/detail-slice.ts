/** What the worker said about the step under the playhead. */
import type { StepDetail, TableView } from '../../worker/protocol.ts';

export interface NamespaceTables { readonly ns: number; readonly step: number; readonly list: readonly TableView[] }

export interface DetailSlice {
  readonly detail: StepDetail | undefined;
  readonly detailError: string | undefined;
  readonly tables: NamespaceTables | undefined;
  /** Base chains that exist per namespace: `nat/PREROUTING`. Draws the hooks of an open machine. */
  readonly chains: Readonly<Record<number, readonly string[]>>;
}

export const detailSlice = (): DetailSlice => ({ detail: undefined, detailError: undefined, tables: undefined, chains: {} });
