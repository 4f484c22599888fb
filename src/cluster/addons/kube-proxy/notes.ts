/** What is wrong with an input, and what is passed over, each with its place. */
export interface Complaint {
  /** `[1].objects[3].spec.ports[0].port` */
  readonly path: string;
  readonly text: string;
}

export class Notes {
  readonly errors: Complaint[] = [];
  readonly warnings: Complaint[] = [];
  error(path: string, text: string): void {
    this.errors.push({ path, text });
  }
  warn(path: string, text: string): void {
    this.warnings.push({ path, text });
  }
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
