import { readArgs, UsageError } from './arguments.ts';
import { kubeProxyTool, type Complaint } from '../lab/kube-proxy.ts';

const tell = (severity: string, { path, text }: Complaint): void => void process.stderr.write(`lab kube-proxy: ${severity}${path}: ${text}\n`);

/** The rules kube-proxy would write, from standard input to standard output. */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArgs(args, { json: { type: 'boolean' } });
  if (values.json !== true || positionals.length > 0) throw new UsageError('give --json and the input on standard input');
  let source = '';
  for await (const chunk of process.stdin) source += String(chunk);
  const answer = kubeProxyTool(source);
  if (!answer.ok) {
    for (const complaint of answer.error) tell('', complaint);
    return 1;
  }
  for (const complaint of answer.value.warnings) tell('warning: ', complaint);
  const { texts } = answer.value;
  process.stdout.write(typeof texts === 'string' ? texts : `${JSON.stringify(texts)}\n`);
  return 0;
}
