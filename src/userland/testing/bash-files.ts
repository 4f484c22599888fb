/** Files that the recorded scripts find in their folder. */
export const FILES: Readonly<Record<string, string>> = { 'a.txt': 'alpha\nbeta\ngamma\n', 'b.txt': 'one 1\ntwo 2\nthree 3\n' };
