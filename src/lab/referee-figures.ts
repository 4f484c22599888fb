/** What `npm run referee -- --report` wrote down: facts about this very code, shown on the coverage page. */
import type { RefereeFigures } from '../worker/protocol.ts';
import figures from './referee-figures.json' with { type: 'json' };

export const refereeFigures: RefereeFigures = figures;
