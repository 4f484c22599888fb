import { err, ok } from '../../../../../base/result.ts';
import { defineMatch } from '../../extension.ts';
import { found, quote, required } from '../../options.ts';

const MAX = 256; // XT_MAX_COMMENT_LEN, with its zero byte

/** Models: xt_comment.c. Always matches. */
export const comment = defineMatch<{ readonly text: string }>({
  name: 'comment', models: 'net/netfilter/xt_comment.c (v6.1), libxt_comment.c 1.8.9', notModelled: '',
  options: [{ name: 'comment', argument: 'comment', help: 'Attach a comment to a rule' }],
  parse(given) {
    const text = found(given, 'comment')?.value;
    if (text === undefined) return required('comment', 'comment');
    return text.length > MAX ? err(`comment: option "--comment" too long, ${MAX} characters at most`) : ok({ text: text.slice(0, MAX - 1) });
  },
  save: (o) => `--comment ${quote(o.text)}`,
  list: (o) => `/* ${o.text} */`,
  nft: () => ({ text: '' }),
  compile: () => () => true,
});
