/** Databases that native RocksDB writes for these tests, and what is done to them. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { native } from '../native/programs.js';
import { linesOf, openingOf, type Setup, type Step } from '../native/script.js';
import { tempFolder } from '../support/open.js';

export const PLAIN: Setup = { families: { default: {} } };

export const keyAt = (i: number) => `key${String(i).padStart(5, '0')}`;

export function puts(
  from: number,
  to: number,
  value = 'v'.repeat(100),
  family = 'default',
): Step[] {
  return Array.from({ length: to - from }, (_, i) => [
    'put',
    family,
    keyAt(from + i),
    `${value}${from + i}`,
  ]);
}

export const deletes = (from: number, to: number): Step[] =>
  Array.from({ length: to - from }, (_, i) => ['delete', 'default', keyAt(from + i)]);

export const FLUSH: Step = ['flush', 'default'];

/** A new folder with a database that native RocksDB wrote. */
export function nativeDatabase(steps: readonly Step[], setup: Setup = PLAIN): string {
  const folder = `${tempFolder()}/db`;
  native.write(folder, [...openingOf(setup), ...linesOf(steps)]);
  return folder;
}

/** Paths of the files whose names match, in the order of their names. */
export function filesOf(folder: string, pattern: RegExp): string[] {
  return fs
    .readdirSync(folder)
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => path.join(folder, name));
}

/** The only one. */
export function fileOf(folder: string, pattern: RegExp): string {
  const files = filesOf(folder, pattern);
  if (files.length !== 1) throw new Error(`${pattern}: ${files.length} files`);
  return files[0] as string;
}

/** Changes a byte; `at` below 0 counts from the end. */
export function flipByte(file: string, at: number): void {
  const bytes = fs.readFileSync(file);
  const index = at < 0 ? bytes.length + at : at;
  bytes[index] = (bytes[index] as number) ^ 0x55;
  fs.writeFileSync(file, bytes);
}

export function cutOff(file: string, bytes: number): void {
  fs.truncateSync(file, fs.statSync(file).size - bytes);
}

/** Every file with its content and time: to see that nothing was written. */
export function stateOf(folder: string): string[] {
  const names = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return names.map((name) => {
    const file = path.join(folder, name);
    const stat = fs.statSync(file, { bigint: true });
    const content = stat.isFile() ? fs.readFileSync(file).toString('base64') : '';
    return `${name} ${stat.size} ${stat.mtimeNs} ${content}`;
  });
}
