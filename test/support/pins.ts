/** Databases whose pins are looked at, and what becomes of those. */
import {
  type AnyColumnFamily,
  MemoryFileSystem,
  type OpenOptions,
  type PinReport,
  type RocksDB,
} from 'rocksdb-wasm';
import { expect } from 'vitest';
import { openTemp } from './open.js';

export type Text = RocksDB<'utf8', 'utf8'>;

export const TEXT = {
  keyEncoding: 'utf8',
  valueEncoding: 'utf8',
  createIfMissing: true,
  disableAutoCompactions: true,
  compression: 'none',
} as const;

export const open = (options: OpenOptions<'utf8', 'utf8'> = {}): Promise<Text> =>
  openTemp({ fileSystem: new MemoryFileSystem(), ...TEXT, ...options });

export function fill(
  db: Text,
  from: number,
  to: number,
  value = 'x'.repeat(200),
  family?: AnyColumnFamily,
): void {
  const options = family === undefined ? {} : { columnFamily: family };
  for (let i = from; i < to; i++) db.put(`key${String(i).padStart(6, '0')}`, value, options);
}

export const compact = (db: Text, family?: AnyColumnFamily) =>
  db.compactRange({
    bottommostLevelCompaction: 'force',
    ...(family === undefined ? {} : { columnFamily: family }),
  });

/** Bytes of each SST and blob file on disk, by path. */
export function filesOf(db: Text): Map<string, number> {
  const { fileSystem } = db.engine;
  const files = new Map<string, number>();
  for (const { name } of fileSystem.readDirectory(db.path)) {
    if (!/\.(sst|blob)$/.test(name)) continue;
    const path = `${db.path}/${name}`;
    files.set(path, Number(fileSystem.stat(path).size));
  }
  return files;
}

export function pinsOf(db: Text, handle: { id: number }): PinReport {
  const report = db.heap.pins(handle);
  if (report === undefined) throw new Error(`nothing is known of #${handle.id}`);
  return report;
}

/** What is there to be freed, in these column families, each with a cache of its own. */
function state(db: Text, families: readonly AnyColumnFamily[]) {
  const of = (property: string, columnFamily?: AnyColumnFamily) =>
    Number(db.getIntProperty(`rocksdb.${property}`, columnFamily && { columnFamily }));
  const all = families.length === 0 ? [db.defaultColumnFamily] : families;
  const total = (property: string) =>
    all.reduce((bytes, family) => bytes + of(property, family), 0);
  return {
    files: filesOf(db),
    // As RocksDB counts them: those in use and those that something pins.
    memtables: total('size-all-mem-tables'),
    cache: total('block-cache-pinned-usage'),
    heap: db.engine.heap.inUseBytes,
  };
}

/** Frees the handle of a report (or gives up what it holds): what goes must be exactly what it has as unique. */
export function freesExactly(
  db: Text,
  report: PinReport,
  free: () => void,
  ...families: AnyColumnFamily[]
): void {
  const before = state(db, families);
  free();
  const after = state(db, families);
  const gone = new Map([...before.files].filter(([path]) => !after.files.has(path)));
  const { memtables, sstFiles, blobFiles, cacheBlocks } = report;
  const files = [...sstFiles.unique, ...blobFiles.unique];
  expect(gone).toEqual(new Map(files.map(({ path, bytes }) => [path, bytes])));
  const bytes = [...gone.values()].reduce((a, b) => a + b, 0);
  expect(sstFiles.uniqueBytes + blobFiles.uniqueBytes).toBe(bytes);
  for (const [path, size] of after.files) {
    expect([path, before.files.get(path)]).toEqual([path, size]);
  }
  const used = memtables.unique.reduce((total, { usedBytes }) => total + usedBytes, 0);
  expect(before.memtables - after.memtables).toBe(used);
  expect(before.heap - after.heap).toBeGreaterThanOrEqual(memtables.uniqueBytes);
  if (report.handles.some((id) => db.heap.pins(id) !== undefined)) return;
  // With a file goes what its reader has in the cache: its range deletions.
  const unpinned = before.cache - after.cache;
  if (files.length === 0) expect(unpinned).toBe(cacheBlocks.uniqueBytes);
  else expect(unpinned).toBeGreaterThanOrEqual(cacheBlocks.uniqueBytes);
}
