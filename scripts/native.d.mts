/** Command lines, to be followed by arguments. */
export interface NativePrograms {
  readonly ldb: readonly string[];
  readonly sstDump: readonly string[];
  readonly driver: readonly string[];
}

export function provideNative(): Promise<NativePrograms>;
export function buildNative(): Promise<{ readonly bench: string }>;
