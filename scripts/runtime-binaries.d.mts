export interface Runtime {
  readonly title: string;
  /** Arguments before the file that is to be run. */
  readonly run: readonly string[];
  /** Arguments before the file of tests for the runtime's own runner. */
  readonly test: readonly string[];
}

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
  readonly timedOut: boolean;
}

export const SYSTEM: string;
export const RUNTIMES: Readonly<Record<'node20' | 'node24' | 'node26' | 'deno' | 'bun', Runtime>>;

export const MORE_RUNTIMES: Readonly<Record<'node22', Runtime>>;

export function run(
  command: string,
  args: readonly string[],
  options?: {
    cwd?: string;
    env?: Readonly<Record<string, string | undefined>>;
    timeoutMs?: number;
    outputMax?: number;
  },
): Promise<Ended>;

/** The path of the binary; undefined where no package has it. */
export function provide(runtime: Runtime): Promise<string | undefined>;

export function environment(): Record<string, string | undefined>;
