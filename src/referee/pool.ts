/** Jobs side by side: what waits for real timers and deletes namespaces need not do so one after the other. */
import type { Report } from './report.ts';

/** Says on the console and in the report how a job ended. Answers how many failed. */
export type Told = (report: Report) => number;

/** Told in the order of the jobs, each as soon as those before it have been. The first job that throws ends it all. */
export async function together(jobs: readonly (() => Promise<Told>)[], atOnce: number, report: Report): Promise<number> {
  const ended = new Map<number, Told>();
  let [next, told, failed] = [0, 0, 0];
  const worker = async (): Promise<void> => {
    for (let i = next++; i < jobs.length; i = next++) {
      const tell = await jobs[i]?.();
      if (tell !== undefined) ended.set(i, tell);
      for (let ready = ended.get(told); ready !== undefined; ready = ended.get(told)) {
        ended.delete(told++);
        failed += ready(report);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return failed;
}
