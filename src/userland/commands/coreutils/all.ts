import type { Command } from '../../host.ts';
import { columnTools } from './columns.ts';
import { fileTools } from './files.ts';
import { readers } from './read.ts';
import { smallTools } from './small.ts';

export const coreutils: readonly Command[] = [...readers, ...columnTools, ...fileTools, ...smallTools];
