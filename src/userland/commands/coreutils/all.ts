import type { Command } from '../../host.ts';
import { columnTools } from './columns.ts';
import { diffTools } from './diff.ts';
import { expr } from './expr.ts';
import { fileTools } from './files.ts';
import { listings } from './ls.ts';
import { readers } from './read.ts';
import { smallTools } from './small.ts';
import { sort } from './sort.ts';
import { tr } from './tr.ts';

export const coreutils: readonly Command[] = [...readers, ...columnTools, ...diffTools, sort, tr, expr, ...fileTools, ...listings, ...smallTools];
