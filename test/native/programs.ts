/** Native RocksDB's programs, and what of them the tests call. */
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import type { TestContext } from 'vitest';
import { type NativePrograms, provideNative } from '../../scripts/native.mjs';

const provided: NativePrograms | Error = await provideNative().catch((error: Error) => error);
if (provided instanceof Error && process.env.CI === 'true') throw provided;

/** For beforeEach(): without native RocksDB nothing can be compared. */
export function skipWithoutNative(context: TestContext): void {
  if (provided instanceof Error) context.skip(`no native RocksDB: ${provided.message}`);
}

/** A command line, for what is to run beside the test. */
export function command(
  program: keyof NativePrograms,
  args: readonly string[],
): [program: string, ...args: string[]] {
  const [first = '', ...rest] = (provided as NativePrograms)[program];
  return [first, ...rest, ...args];
}

function run(program: keyof NativePrograms, args: readonly string[], input = ''): string {
  const [path, ...all] = command(program, args);
  const { status, signal, stdout, stderr } = spawnSync(path, all, {
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  if (status === 0) return stdout;
  throw new Error(
    `${program} ${args.join(' ')} ended with ${status ?? signal}:\n${stderr}${stdout}`,
  );
}

export const native = {
  write: (folder: string, lines: readonly string[]) =>
    run('driver', ['write', folder], `${lines.join('\n')}\n`),
  read: (folder: string) => run('driver', ['read', folder]).trimEnd().split('\n'),
  /** With columns and history: see driver.cc. */
  versions: (folder: string) => run('driver', ['versions', folder]).trimEnd().split('\n'),
  ldb: (folder: string, ...args: string[]) => run('ldb', [`--db=${folder}`, ...args]),
  sstProperties: (folder: string) =>
    run('sstDump', [`--file=${folder}`, '--command=none', '--show_properties']),
};
