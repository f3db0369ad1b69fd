export interface Result {
  readonly code?: number;
  readonly error?: string;
  readonly frames?: readonly string[];
  readonly timeout?: boolean;
}
/** What runBody needs of a Runner (pool.mjs). */
export interface ProgramRunner {
  run(
    module: unknown,
    args: readonly string[],
    place: string,
    seconds: number,
    onLine: (line: string) => boolean,
  ): Promise<Result>;
}
export interface BodyReport {
  readonly instances: number;
  readonly passed: number;
  readonly bypassed: number;
  readonly failures: readonly { readonly name: string; readonly what: string }[];
  readonly seconds: number;
}
export function bodyOf(fullName: string): string;
export function runBody(
  runner: ProgramRunner,
  module: unknown,
  body: string,
  names: readonly string[],
  place: string,
  seconds: number,
): Promise<BodyReport>;
