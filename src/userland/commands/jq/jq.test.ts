/** Every answer is the real jq 1.6's (Debian 12). */
import { describe, expect, it } from 'vitest';
import { fake } from '../../testing/fake-kernel.ts';

const CASES: readonly (readonly [input: string, args: string, stdout: string, stderr: string, code: number])[] = [
  ['{"a":{"b":[]},"c":{},"d":"\\u0001\\u007fé"}', '.', '{\n  "a": {\n    "b": []\n  },\n  "c": {},\n  "d": "\\u0001\\u007fé"\n}\n', '', 0],
  ['{"a":[1,{"b":2}]}', '-c .a[1].b', '2\n', '', 0],
  ['{"info":{"pid":6677}}', '.info.pid', '6677\n', '', 0],
  ['{"info":{"pid":1}}', '\'["info"].pid\'', '', 'jq: error (at <stdin>:1): Cannot index array with string "pid"\n', 5],
  ['{"b":1,"a":[true,null]}', '-c .', '{"b":1,"a":[true,null]}\n', '', 0],
  ['{"b":1,"a":[true,null]}', '-S .', '{\n  "a": [\n    true,\n    null\n  ],\n  "b": 1\n}\n', '', 0],
  ['{"b":1,"a":2}', '-c keys', '["a","b"]\n', '', 0],
  ['{"b":1,"a":2}', '-c \'to_entries\'', '[{"key":"b","value":1},{"key":"a","value":2}]\n', '', 0],
  ['[3,1,2]', '-c \'sort, (map(.*2)|add), length, .[1:], .[-1]\'', '[1,2,3]\n12\n3\n[1,2]\n2\n', '', 0],
  ['[{"n":"x","v":1},{"n":"y","v":2}]', '-r \'.[] | select(.v > 1) | "\\(.n)=\\(.v)"\'', 'y=2\n', '', 0],
  ['[{"n":"x","v":1},{"n":"y","v":2}]', '-c \'map({(.n): .v}) | add\'', '{"x":1,"y":2}\n', '', 0],
  ['{"a":null}', '\'.a // "none"\'', '"none"\n', '', 0],
  ['{"a":5}', '\'if .a > 3 then "big" elif .a > 1 then "mid" else "small" end\'', '"big"\n', '', 0],
  ['{"a":1}', '\'.a.b\'', '', 'jq: error (at <stdin>:1): Cannot index number with string "b"\n', 5],
  ['{"a":1}', '\'.a.b?\'', '', '', 0],
  ['{"a":1}', '\'try error("x") catch .\'', '"x"\n', '', 0],
  ['[1,[2,[3]]]', '-c \'flatten, [..|numbers]\'', '[1,2,3]\n[1,2,3]\n', '', 0],
  ['{"a":1}', '\'.[\'', '', 'jq: error: syntax error, unexpected $end (Unix shell quoting issues?) at <top-level>, line 1:\n.[ \njq: 1 compile error\n', 3],
  ['{"a":1}', '\'foo(1)\'', '', 'jq: error: foo/1 is not defined at <top-level>, line 1:\nfoo(1)\njq: 1 compile error\n', 3],
  ['{"a":1}', '\'.a, $x\'', '', 'jq: error: $x is not defined at <top-level>, line 1:\n.a, $x    \njq: 1 compile error\n', 3],
  ['{"a":1}', '--arg x 5 -r \'$x\'', '5\n', '', 0],
  ['"a,b"', '-c \'split(",")\'', '["a","b"]\n', '', 0],
  ['"abc"', '-c \'test("B";"i"), ascii_upcase, ltrimstr("a"), .[1:], length\'', 'true\n"ABC"\n"bc"\n"bc"\n3\n', '', 0],
  ['[1,2,3]', '-c \'[.[] | . as $x | $x * $x]\'', '[1,4,9]\n', '', 0],
  ['{"a":{"x":1},"b":{"x":2}}', '-r \'keys[] as $k | "\\($k) \\(.[$k].x)"\'', 'a 1\nb 2\n', '', 0],
  ['1 2 3', '-s -c .', '[1,2,3]\n', '', 0],
  ['"x"', '\'.[0]\'', '', 'jq: error (at <stdin>:1): Cannot index string with number\n', 5],
  ['5', '\'.[]\'', '', 'jq: error (at <stdin>:1): Cannot iterate over number (5)\n', 5],
  ['5', 'keys', '', 'jq: error (at <stdin>:1): number (5) has no keys\n', 5],
  ['{}', '\'.a.b.c\'', 'null\n', '', 0],
  ['[1,2', '.', '', 'parse error: Unfinished JSON term at EOF at line 2, column 0\n', 4],
  ['{"a":[1,2,2]}', '-c \'.a|unique, group_by(.), (min,max), first, last, any\'', '[1,2]\n[[1],[2,2]]\n1\n2\n1\n2\ntrue\n', '', 0],
  ['{"items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}]}', '-r \'.items[].metadata.name\'', 'a\nb\n', '', 0],
  ['{"items":[{"metadata":{"name":"a"}}]}', '-r \'.items[] | [.metadata.name, 1] | @tsv, @csv\'', 'a\t1\n"a",1\n', '', 0],
  ['null', '-c \'{a:1} * {a:{b:2}}, ({} | .a), ([] | add), ([1,2]-[2]), (7%3), (1,2|.+1)\'', '{"a":{"b":2}}\nnull\nnull\n[1]\n1\n2\n3\n', '', 0],
  ['{"a":"x"}', '\'{a, b: .a, "c d": 1}\'', '{\n  "a": "x",\n  "b": "x",\n  "c d": 1\n}\n', '', 0],
  ['{"a":1}', '-x .', '', 'jq: Unknown option -x\nUse jq --help for help with command-line options,\nor see the jq manpage, or online docs  at https://stedolan.github.io/jq\n', 2],
  ['{"a":1}', '\'has("a"), has("b")\'', 'true\nfalse\n', '', 0],
  ['{"a":[1]}', '\'.a[] + "x"\'', '', 'jq: error (at <stdin>:1): number (1) and string ("x") cannot be added\n', 5],
  ['"<&>"', '-r \'@html, @base64, @uri, @sh\'', '&lt;&amp;&gt;\nPCY+\n%3C%26%3E\n\'<&>\'\n', '', 0],
  ['1', '-e \'. > 2\'', 'false\n', '', 1],
];

describe('jq answers as the real one', () => {
  const world = fake();
  it.each(CASES)('%s | jq %s', (input, args, stdout, stderr, code) => {
    expect(world.run(`jq ${args}`, { stdin: `${input}\n` })).toEqual({ stdout, stderr, code });
  });

  it('what it knows of and has not, it names', () => {
    expect(world.run("jq '.a |= 1'", { stdin: '{}' })).toEqual({ stdout: '', stderr: 'jq: error: |= is not modelled in this lab\njq: 1 compile error\n', code: 3 });
    expect(world.run("jq 'gsub(\"a\";\"b\")'", { stdin: '{}' }).stderr).toContain('gsub/2 is not modelled in this lab');
  });
});
