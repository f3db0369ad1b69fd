/** Reads all tables and compares their checksums, whether the database opens or not. */
import { setImmediate as immediate } from 'node:timers/promises';
import { Engine } from '../engine.js';
import { CorruptionError, IOError, RocksDBError } from '../errors.js';
import type { RocksDB } from '../rocksdb.js';
import { SstFileReader } from '../sst-file-reader.js';
import type { Examination } from './examination.js';
import { sizeText } from './examination.js';
import type { ManifestState, ManifestTable } from './manifest.js';

/** `db`: undefined when it does not open; then only tables in RocksDB's own order can be read. */
export async function examineTables(
  exam: Examination,
  manifest: ManifestState,
  db: RocksDB | undefined,
): Promise<void> {
  const paths = new Map(
    exam.dataFiles.filter(({ kind }) => kind === 'table').map(({ number, path }) => [number, path]),
  );
  const listed = [...manifest.families.values()].flatMap(({ tables }) => [...tables.values()]);
  const there = listed.filter(({ number }) => paths.has(number));
  const total = there.reduce((sum, { size }) => sum + size, 0);
  const engine = db?.engine ?? (await Engine.create(exam.engineOptions));
  let done = 0;
  try {
    for (const table of there) {
      exam.options.onProgress?.({ step: 'tables', done, total });
      await immediate();
      exam.options.signal?.throwIfAborted();
      verify(exam, engine, table, paths.get(table.number) as string, db);
      done += table.size;
    }
  } finally {
    if (db === undefined) engine.free();
  }
}

function verify(
  exam: Examination,
  engine: Engine,
  { family, level, number, size }: ManifestTable,
  path: string,
  db: RocksDB | undefined,
): void {
  const columnFamily = db?.columnFamily(family.name);
  let reader: SstFileReader | undefined;
  let keys = '';
  try {
    reader = new SstFileReader(engine, path, columnFamily === undefined ? {} : { columnFamily });
    reader.verifyChecksum();
  } catch (error) {
    if (error instanceof CorruptionError || error instanceof IOError) {
      const meta = db?.getLiveFilesMetaData().find(({ fileNumber }) => fileNumber === number);
      if (meta !== undefined) {
        const text = (key: Uint8Array) => Buffer.from(key).toString('hex');
        keys = `its keys are from 0x${text(meta.smallestKey)} to 0x${text(meta.largestKey)}`;
      }
      exam.add({
        code: 'TABLE_DAMAGED',
        severity: 'error',
        what: 'a table is damaged: a block is not what was written, so the disk or something that wrote to it changed it',
        evidence: [
          `${path}, level ${level}, ${sizeText(size)}: ${error.message}`,
          ...(keys === '' ? [] : [keys]),
        ],
        remedy:
          "restore a backup; 'rocksdb-wasm repair' keeps what is readable of this table and all others",
        columnFamily: family.name,
      });
    } else if (error instanceof RocksDBError) exam.skip(path, error.message);
    else throw error;
  } finally {
    reader?.free();
  }
}
