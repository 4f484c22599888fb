import type { FieldView, LayerName, LayerView } from '../../worker/protocol.ts';

export const ROW = 16;
export interface Owner { readonly layer: LayerName; readonly field: FieldView | undefined }

/** For every byte, the innermost layer and the narrowest field it belongs to. */
export function ownersOf(length: number, layers: readonly LayerView[]): readonly (Owner | undefined)[] {
  const out: (Owner | undefined)[] = Array.from({ length });
  for (const layer of layers) for (let i = layer.offset; i < Math.min(length, layer.offset + layer.length); i++) out[i] = { layer: layer.layer, field: undefined };
  const fields = layers.flatMap((l) => l.fields.map((field) => ({ layer: l.layer, field }))).filter((f) => f.field.length > 0).sort((a, b) => b.field.length - a.field.length);
  for (const owner of fields) for (let i = owner.field.offset; i < Math.min(length, owner.field.offset + owner.field.length); i++) out[i] = owner;
  return out;
}

export const hex = (byte: number): string => byte.toString(16).padStart(2, '0');
export const ascii = (byte: number): string => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '·');
