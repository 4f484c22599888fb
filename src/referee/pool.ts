/** Jobs side by side: what waits for real timers and deletes namespaces need not do so one after the other. */
import type { Report } from './report.ts';

/** Says on the console and in the report how a job ended. Answers how many failed. */
export type Told = (report: Report) => number;

export interface Job {
  readonly name: string;
  readonly run: () => Promise<Told>;
}

const broken = (name: string, error: unknown): Told => (report) => {
  const text = error instanceof Error ? error.stack ?? error.message : String(error);
  console.log(`BROKEN ${name}: ${text}`);
  report.broken(name, text);
  return 1;
};

/** Told in the order of the jobs, each as soon as those before it have been. A job that throws is one that failed: the others go on. */
export async function together(jobs: readonly Job[], atOnce: number, report: Report): Promise<number> {
  const ended = new Map<number, Told>();
  let [next, told, failed] = [0, 0, 0];
  const worker = async (): Promise<void> => {
    for (let i = next++; i < jobs.length; i = next++) {
      const job = jobs[i];
      if (job === undefined) return;
      ended.set(i, await job.run().catch((error: unknown) => broken(job.name, error)));
      for (let ready = ended.get(told); ready !== undefined; ready = ended.get(told)) {
        const { name } = jobs[told] ?? job;
        ended.delete(told++);
        try {
          failed += ready(report);
        } catch (error) {
          failed += broken(name, error)(report);
        }
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return failed;
}
