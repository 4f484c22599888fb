/** Read first: bash(1), CONDITIONAL EXPRESSIONS: `[[ … ]]`. */
import type { Wait } from '../../engine/sim/process.ts';
import type { Condition } from './ast.ts';
import { arithmetic, expandPattern, expandText, matches, type Expander } from './expand.ts';
import { binaryTest, unaryTest } from './test.ts';
import { toJsRegex } from '../text/regex.ts';

export function* evaluateCondition(x: Expander, c: Condition): Generator<Wait, number, void> {
  return (yield* truth(x, c)) ? 0 : 1;
}

function* truth(x: Expander, c: Condition): Generator<Wait, boolean, void> {
  switch (c.kind) {
    case 'not': return !(yield* truth(x, c.operand));
    case 'and': return (yield* truth(x, c.left)) && (yield* truth(x, c.right));
    case 'or': return (yield* truth(x, c.left)) || (yield* truth(x, c.right));
    case 'unary': return unaryTest(x.state, c.op, yield* expandText(x, c.operand));
    case 'binary': {
      const left = yield* expandText(x, c.left);
      if (c.op === '=' || c.op === '==' || c.op === '!=') return matches(yield* expandPattern(x, c.right), left) === (c.op !== '!=');
      const right = yield* expandText(x, c.right);
      if (c.op === '=~') {
        const found = new RegExp(toJsRegex(right, 'extended')).exec(left);
        x.state.makeArray('BASH_REMATCH', false, (found ?? []).map((text, i) => [String(i), text ?? '']));
        return found !== null;
      }
      if (c.op === '<') return left < right;
      if (c.op === '>') return left > right;
      if (/^-(eq|ne|lt|le|gt|ge)$/.test(c.op)) return binaryTest(c.op, String(arithmetic(x.state, left)), String(arithmetic(x.state, right))) === true;
      return binaryTest(c.op, left, right) === true;
    }
  }
}
